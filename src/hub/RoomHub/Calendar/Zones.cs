using NodaTime;
using NodaTime.TimeZones;

namespace RoomAgent.Hub.Calendar;

/// <summary>Time zones by their IANA names, from the data that NodaTime carries, so that every hub has the same ones whatever its machine has installed.</summary>
internal static class Zones
{
    // Names of what strangers send are not looked at beyond this.
    private const int MostLetters = 200;

    private static readonly TzdbDateTimeZoneSource s_source = TzdbDateTimeZoneSource.Default;

    // A local time that is skipped is taken with the offset before the gap, one that comes twice is the first (RFC 5545 section 3.3.5).
    private static readonly ZoneLocalMappingResolver s_resolver = Resolvers.LenientResolver;

    /// <summary>The zones that have a name on Windows: one for each set of rules that calendars use.</summary>
    public static IReadOnlyList<DateTimeZone> Common { get; } = [.. s_source.WindowsToTzdbIds.Values.Distinct().Order(StringComparer.Ordinal).Select(id => DateTimeZoneProviders.Tzdb[id])];

    /// <summary>Whether it is the IANA name of a zone.</summary>
    public static bool IsKnown(string? id) => id is { Length: > 0 and <= MostLetters } && s_source.CanonicalIdMap.ContainsKey(id);

    /// <summary>
    /// The IANA name of a zone as calendars write it: <see langword="null"/> when it is none. Known are IANA names, those of Windows (which Outlook writes),
    /// and IANA names behind a prefix (which Thunderbird and Evolution write, such as <c>/mozilla.org/20050126_1/Europe/Berlin</c>).
    /// </summary>
    public static string? Find(string? name)
    {
        if (name is not { Length: > 0 and <= MostLetters })
            return null;
        if (IsKnown(name))
            return name;
        if (s_source.WindowsToTzdbIds.TryGetValue(name, out string? iana))
            return iana;

        // From the longest rest on, since a zone's name may have slashes itself. There are few of them in 200 letters.
        for (int slash = name.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = name.IndexOf('/', slash + 1))
        {
            if (IsKnown(name[(slash + 1)..]))
                return name[(slash + 1)..];
        }

        return null;
    }

    /// <summary>The moment of a local time in a zone.</summary>
    public static DateTimeOffset ToUtc(DateTime local, string zone) =>
        DateTimeZoneProviders.Tzdb[zone].ResolveLocal(LocalDateTime.FromDateTime(local), s_resolver).ToDateTimeOffset().ToUniversalTime();

    /// <summary>The local time of a moment in a zone.</summary>
    public static DateTime ToLocal(DateTimeOffset moment, string zone) =>
        Instant.FromDateTimeOffset(moment).InZone(DateTimeZoneProviders.Tzdb[zone]).ToDateTimeUnspecified();
}
