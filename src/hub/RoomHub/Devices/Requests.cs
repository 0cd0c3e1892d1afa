using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace RoomAgent.Hub.Devices;

/// <summary>Reads what strangers send, bounded, without an exception.</summary>
internal static class Requests
{
    /// <summary>The largest body, in bytes.</summary>
    public const int MaxBody = 16 * 1024;

    private const int MaxParameters = 30;

    // RFC 7591 section 2: what is not understood is ignored. Nothing appears twice.
    private static readonly JsonSerializerOptions s_lenient = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        AllowDuplicateProperties = false,
        MaxDepth = 8,
        RespectNullableAnnotations = true,
    };

    // Our own calls: what is not understood is a mistake, and is said to be one.
    private static readonly JsonSerializerOptions s_strict = new(s_lenient) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    /// <summary>Who asks, for limits: an IPv4 address, or the /64 network of an IPv6 address, since that is what one household or attacker has.</summary>
    public static string SourceOf(HttpContext context)
    {
        IPAddress address = context.Connection.RemoteIpAddress ?? IPAddress.None;
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return address.AddressFamily == AddressFamily.InterNetworkV6 ? Convert.ToHexString(address.GetAddressBytes(), 0, 8) : address.ToString();
    }

    /// <summary>Reads a form (RFC 6749 appendix B): each parameter once, empty ones as if they were not there.</summary>
    public static async Task<(IReadOnlyDictionary<string, string>? Form, OAuthError? Error)> ReadFormAsync(HttpContext context)
    {
        if (!HasType(context, "application/x-www-form-urlencoded"))
            return (null, OAuthError.InvalidRequest("the content type is application/x-www-form-urlencoded"));
        if (await ReadBodyAsync(context) is not { } body)
            return (null, OAuthError.TooLarge);

        try
        {
            using var reader = new FormReader(Encoding.UTF8.GetString(body.Span)) { ValueCountLimit = MaxParameters, KeyLengthLimit = 100, ValueLengthLimit = MaxBody };
            Dictionary<string, StringValues> read = await reader.ReadFormAsync(context.RequestAborted);
            if (read.Values.Any(values => values.Count > 1))
                return (null, OAuthError.InvalidRequest("a parameter appears twice"));

            return (read.Where(parameter => parameter.Value.ToString().Length > 0).ToDictionary(parameter => parameter.Key, parameter => parameter.Value.ToString(), StringComparer.Ordinal), null);
        }
        catch (InvalidDataException)
        {
            return (null, OAuthError.InvalidRequest("it has more or longer parameters than any good request"));
        }
    }

    /// <summary>Reads a JSON object.</summary>
    /// <param name="context">The request.</param>
    /// <param name="ignoreUnknown">Whether members that are not known are ignored; else they make the request a bad one.</param>
    public static async Task<(T? Body, OAuthError? Error)> ReadJsonAsync<T>(HttpContext context, bool ignoreUnknown)
        where T : class
    {
        if (!HasType(context, "application/json"))
            return (null, OAuthError.InvalidRequest("the content type is application/json"));
        if (await ReadBodyAsync(context) is not { } body)
            return (null, OAuthError.TooLarge);
        if (CompactJws.ReadObject(body) is null)
            return (null, OAuthError.InvalidRequest("the body is one JSON object in UTF-8 without repeated members"));

        try
        {
            return JsonSerializer.Deserialize<T>(body.Span, ignoreUnknown ? s_lenient : s_strict) is { } read ? (read, null) : (null, OAuthError.InvalidRequest("there is nothing in it"));
        }
        catch (JsonException)
        {
            return (null, OAuthError.InvalidRequest("a member is missing, not known, or of another type"));
        }
    }

    /// <summary>Reads a body: <see langword="null"/> when it is larger than <paramref name="most"/>.</summary>
    public static async Task<ReadOnlyMemory<byte>?> ReadBodyAsync(HttpContext context, int most = MaxBody)
    {
        if (context.Request.ContentLength > most)
            return null;

        byte[] body = new byte[most + 1];
        int length = await context.Request.Body.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, context.RequestAborted);
        return length > most ? null : body.AsMemory(0, length);
    }

    /// <summary>A text about a device or by an administrator that can be kept and shown: trimmed, without control characters, not too long. <see langword="null"/> when it cannot.</summary>
    public static string? Label(string? text, int most = 100)
    {
        string trimmed = (text ?? "").Trim();
        bool isGood = trimmed.Length <= most && !trimmed.Any(letter => char.IsControl(letter) || char.IsSurrogate(letter) || IsInvisible(letter));
        return isGood ? trimmed : null;
    }

    /// <summary>The token of a header <c>Authorization</c> of that scheme: <see langword="null"/> when there is none, or more than one.</summary>
    public static string? Authorization(HttpContext context, string scheme) =>
        context.Request.Headers.Authorization is { Count: 1 } values && values[0] is { } value
        && value.Length > scheme.Length && value[scheme.Length] == ' ' && value.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)
            ? value[(scheme.Length + 1)..].Trim(' ')
            : null;

    // What turns the order of letters around or hides between them.
    private static bool IsInvisible(char letter) => letter is (>= '\u200b' and <= '\u200f') or (>= '\u202a' and <= '\u202e') or (>= '\u2060' and <= '\u206f') or '\ufeff' or '\u00ad';

    private static bool HasType(HttpContext context, string type) =>
        context.Request.ContentType is { } given && given.Split(';', 2)[0].Trim().Equals(type, StringComparison.OrdinalIgnoreCase);
}
