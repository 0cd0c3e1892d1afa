using System.Buffers.Text;
using System.Text.Json;
using RoomAgent.Meetings;
using RoomAgent.Wire;

namespace RoomAgent.Agent.Calendar;

/// <summary>A room's calendar as the hub tells it.</summary>
/// <param name="RoomName">What people call the room.</param>
/// <param name="Entries">What is in it, soonest first.</param>
public sealed record RoomCalendar(string RoomName, IReadOnlyList<Occurrence> Entries);

/// <summary>Reads what the hub says of calendars: JSON of bounded size, which anybody may have changed. What is not as it should be is no calendar.</summary>
/// <remarks>
/// <code>
/// { "name": "Library", "entries": [ { "meeting_id": base64url, "instance": base64url of 16 bytes, "title": "...", "organiser": "...",
///   "starts_at": ..., "ends_at": ..., "opens_at": ..., "policy": base64, "elsewhere": "Microsoft Teams" or null } ] }
/// </code>
/// An entry elsewhere has no policy. Members that are not known are passed over.
/// </remarks>
public static class CalendarText
{
    /// <summary>The most entries; what is beyond is left out.</summary>
    public const int MostEntries = 2_000;

    /// <summary>The most bytes; more is no calendar.</summary>
    public const int MaximumBytes = 4 * 1024 * 1024;

    private const int LongestName = 200;
    private const int LongestTitle = 1_000;
    private const int LargestPolicy = 64 * 1024;

    // Dates outside are mistakes, and would not bear being reckoned with.
    private static readonly DateTimeOffset s_first = new(1970, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset s_last = new(2200, 1, 2, 0, 0, 0, TimeSpan.Zero);
    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = 8 };

    /// <summary>Reads the answer to <c>GET /calendar</c>.</summary>
    /// <returns><see langword="null"/> when it is none.</returns>
    public static RoomCalendar? Read(ReadOnlySpan<byte> json) => Read(json, Calendar);

    /// <summary>Reads one entry, as for a personal room.</summary>
    /// <returns><see langword="null"/> when it is none.</returns>
    public static Occurrence? ReadEntry(ReadOnlySpan<byte> json) => Read(json, Entry);

    // The platform's reader says by exceptions what is no JSON, and later what is no text: the escape of half a letter, in a name too.
    private static T? Read<T>(ReadOnlySpan<byte> json, Func<JsonElement, T?> read)
        where T : class
    {
        if (json.Length > MaximumBytes)
            return null;

        try
        {
            using var document = JsonDocument.Parse(json.ToArray(), s_options);
            return read(document.RootElement);
        }
        catch (Exception refusal) when (refusal is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static RoomCalendar? Calendar(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || Text(root, "name", LongestName) is not { } name)
            return null;
        if (!root.TryGetProperty("entries", out JsonElement list) || list.ValueKind != JsonValueKind.Array)
            return null;

        var entries = new List<Occurrence>();
        foreach (JsonElement item in list.EnumerateArray().Take(MostEntries))
        {
            if (Entry(item) is not { } entry)
                return null;
            entries.Add(entry);
        }

        return new RoomCalendar(name, [.. entries.OrderBy(entry => entry.StartsAt)]);
    }

    private static Occurrence? Entry(JsonElement item)
    {
        if (item.ValueKind != JsonValueKind.Object)
            return null;
        if (Bytes(item, "meeting_id", Limits.MeetingId) is not { Length: > 0 } meeting || Bytes(item, "instance", Limits.Instance) is not { Length: Limits.Instance } instance)
            return null;
        if (Date(item, "starts_at") is not { } start || Date(item, "ends_at") is not { } end || end < start)
            return null;

        var name = new OccurrenceName(meeting, instance);
        string? elsewhere = Text(item, "elsewhere", LongestName) is { Length: > 0 } service ? service : null;
        RoomPolicy? policy = elsewhere is null ? Policy(item) : null;
        if (elsewhere is null && (policy is null || policy.Name.MeetingId != meeting || policy.Name.Instance != instance))
            return null;

        return new Occurrence(name, start, end)
        {
            Title = Text(item, "title", LongestTitle) ?? "",
            Organiser = Text(item, "organiser", LongestTitle) ?? "",
            OpensAt = Date(item, "opens_at") ?? start,
            Policy = policy,
            Elsewhere = elsewhere,
        };
    }

    private static RoomPolicy? Policy(JsonElement item)
    {
        if (Text(item, "policy", LargestPolicy) is not { } text)
            return null;

        byte[] bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out int length) ? RoomPolicy.Decode(bytes.AsSpan(0, length)) : null;
    }

    private static ByteString? Bytes(JsonElement item, string name, int most)
    {
        if (Text(item, name, 2 * most) is not { } text || !Base64Url.IsValid(text, out int length) || length > most)
            return null;

        return ByteString.Owning(Base64Url.DecodeFromChars(text));
    }

    private static string? Text(JsonElement item, string name, int longest) =>
        item.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String && value.GetString() is { } text && text.Length <= longest ? text : null;

    private static DateTimeOffset? Date(JsonElement item, string name) =>
        item.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String && value.TryGetDateTimeOffset(out DateTimeOffset date) && date >= s_first && date < s_last
            ? date.ToUniversalTime()
            : null;
}
