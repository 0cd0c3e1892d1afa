using System.Text.Json;

namespace RoomAgent.Cloud.Calls;

/// <summary>Reads JSON that a stranger wrote: bounded, nothing twice, never an exception.</summary>
internal static class Json
{
    /// <summary>The longest signature in DER that P-256 has, and a little.</summary>
    public const int MaxSignature = 80;

    private static readonly JsonDocumentOptions s_strict = new() { MaxDepth = 8, AllowDuplicateProperties = false };

    /// <summary>One object: <see langword="null"/> when it is something else.</summary>
    public static JsonElement? Object(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, s_strict);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A text that is not empty and not longer than <paramref name="most"/>.</summary>
    public static string? Text(JsonElement of, string name, int most)
    {
        if (of.ValueKind != JsonValueKind.Object || !of.TryGetProperty(name, out JsonElement member) || member.ValueKind != JsonValueKind.String)
            return null;

        try
        {
            return member.GetString() is { Length: > 0 } text && text.Length <= most ? text : null;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, which the grammar of JSON allows.
            return null;
        }
    }

    /// <summary>A text of printable ASCII, such as tokens, codes and addresses are.</summary>
    public static string? Ascii(JsonElement of, string name, int most) =>
        Text(of, name, most) is { } text && !text.AsSpan().ContainsAnyExceptInRange('!', '~') ? text : null;

    /// <summary>A text that people read: on one line, without what turns the order of letters around or hides between them.</summary>
    public static string? Label(JsonElement of, string name, int most = 100) =>
        Text(of, name, most)?.Trim() is { Length: > 0 } text && !text.Any(letter => char.IsControl(letter) || char.IsSurrogate(letter) || IsInvisible(letter)) ? text : null;

    /// <summary>A whole number from 0.</summary>
    public static ulong? Number(JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out JsonElement member) && member.ValueKind == JsonValueKind.Number && member.TryGetUInt64(out ulong number)
            ? number
            : null;

    /// <summary>A moment in seconds since 1970, up to the year 9999.</summary>
    public static DateTimeOffset? Seconds(JsonElement of, string name) =>
        Number(of, name) is { } seconds and <= 253_402_300_799 ? DateTimeOffset.FromUnixTimeSeconds((long)seconds) : null;

    /// <summary>Bytes in base64, at most so many.</summary>
    public static byte[]? Bytes(JsonElement of, string name, int most)
    {
        if (Text(of, name, ((most + 2) / 3) * 4) is not { } text)
            return null;

        byte[] room = new byte[(text.Length / 4 * 3) + 3];
        return Convert.TryFromBase64String(text, room, out int length) && length <= most ? room[..length] : null;
    }

    private static bool IsInvisible(char letter) =>
        letter is (>= '\u200b' and <= '\u200f') or (>= '\u202a' and <= '\u202e') or (>= '\u2060' and <= '\u206f') or '\u2028' or '\u2029' or '\ufeff' or '\u00ad';
}
