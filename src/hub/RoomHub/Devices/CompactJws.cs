using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Devices;

/// <summary>
/// The envelope of a JWT that a stranger signed (RFC 7515 section 7.1): <c>header.claims.signature</c>, both JSON objects, ES256. Nothing in it was verified yet.
/// </summary>
/// <remarks>
/// Our own tokens are the business of Microsoft.IdentityModel. What strangers send is read here first, strictly: bounded, one spelling of everything,
/// no member twice, no algorithm but the one, no extension (<c>crit</c>), nothing that would have to be fetched. It never throws.
/// </remarks>
internal sealed class CompactJws
{
    /// <summary>The longest one, in characters.</summary>
    public const int MaxLength = 4096;

    private const int SignatureSize = 64;
    private const int MaxDepth = 6;

    private static readonly JsonDocumentOptions s_strict = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    private readonly byte[] _signed;
    private readonly byte[] _signature;

    private CompactJws(JsonElement header, JsonElement claims, byte[] signed, byte[] signature)
    {
        Header = header;
        Claims = claims;
        _signed = signed;
        _signature = signature;
    }

    /// <summary>The header.</summary>
    public JsonElement Header { get; }

    /// <summary>The claims.</summary>
    public JsonElement Claims { get; }

    /// <summary>Reads an envelope: <see langword="null"/> when it is not of that form.</summary>
    public static CompactJws? Read(string? text)
    {
        if (text is null || text.Length > MaxLength)
            return null;

        string[] parts = text.Split('.', 4);
        if (parts.Length != 3
            || ReadObject(parts[0]) is not { } header
            || ReadObject(parts[1]) is not { } claims
            || Base64UrlText.Decode(parts[2]) is not { Length: SignatureSize } signature
            || Text(header, "alg") != "ES256"
            || header.TryGetProperty("crit", out _))
        {
            return null;
        }

        return new CompactJws(header, claims, Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), signature);
    }

    /// <summary>Whether the key signed it.</summary>
    public bool IsSignedBy(DeviceKey key) => key.Verify(_signed, _signature);

    /// <summary>A text among the members of an object: <see langword="null"/> when there is none of that name or it is something else.</summary>
    public static string? Text(JsonElement of, string name) =>
        of.TryGetProperty(name, out JsonElement member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;

    /// <summary>A NumericDate (RFC 7519 section 2): <see langword="null"/> when there is none of that name, or none of this era.</summary>
    public DateTimeOffset? Date(string name)
    {
        const double endOfTime = 253_402_300_799;
        return Claims.TryGetProperty(name, out JsonElement member) && member.ValueKind == JsonValueKind.Number
            && member.TryGetDouble(out double seconds) && seconds is >= 0 and <= endOfTime
            ? DateTimeOffset.UnixEpoch.AddSeconds(Math.Floor(seconds))
            : null;
    }

    /// <summary>An object from JSON that a stranger wrote: <see langword="null"/> when it is none.</summary>
    public static JsonElement? ReadObject(ReadOnlyMemory<byte> json)
    {
        // Halves of surrogate pairs cannot be told as text, and nothing here has a use for whole ones.
        if (!Utf8.IsValid(json.Span) || json.Span.IndexOf("\\ud"u8) >= 0 || json.Span.IndexOf("\\uD"u8) >= 0)
            return null;

        try
        {
            using var document = JsonDocument.Parse(json, s_strict);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonElement? ReadObject(string part) => Base64UrlText.Decode(part) is { } json ? ReadObject(json) : null;
}
