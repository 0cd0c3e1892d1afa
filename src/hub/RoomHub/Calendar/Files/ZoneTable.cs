using System.Globalization;
using NodaTime;

namespace RoomAgent.Hub.Calendar.Files;

/// <summary>
/// What the names of zones in a file mean. A name that is known stands for itself, whatever the file says of it. Of another one (Outlook's "Customized Time Zone")
/// the file's own rules are compared with those of the zones that there are, in the year in which it is read.
/// </summary>
internal sealed class ZoneTable(string fallback, int year)
{
    private const int MostZones = 100;
    private const int MostParts = 200;

    private readonly Dictionary<string, Definition> _definitions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string?> _found = new(StringComparer.Ordinal);

    /// <summary>The zone of times that name none.</summary>
    public string Fallback { get; set; } = fallback;

    /// <summary>A VTIMEZONE of the file; nothing when there are too many.</summary>
    public void Add(string? id, string? location, IReadOnlyList<Part> parts)
    {
        if (id is not null && _definitions.Count < MostZones)
            _definitions.TryAdd(id, new Definition(location, [.. parts.Take(MostParts)]));
    }

    /// <summary>The IANA name: <see langword="null"/> when nobody knows what is meant.</summary>
    public string? Find(string? id)
    {
        if (id is null)
            return Fallback;
        if (_found.TryGetValue(id, out string? known))
            return known;

        string? zone = Zones.Find(id);
        if (zone is null && _definitions.TryGetValue(id, out Definition? definition))
            zone = Zones.Find(definition.Location) ?? Match(definition.Parts);
        if (_found.Count < MostZones)
            _found.Add(id, zone);
        return zone;
    }

    // Each change of the year leads from one offset to another; without any it is one offset all the year.
    private string? Match(IReadOnlyList<Part> parts)
    {
        var changes = new List<(DateTime Local, TimeSpan From, TimeSpan To)>();
        foreach (Part part in parts)
        {
            if (part.Rule is null || RepeatRule.Read(part.Rule, "Etc/UTC", out _) is not { } rule)
                continue;
            foreach (DateTime local in rule.Between(new DateTime(year, 1, 1).Add(part.Start.TimeOfDay), new DateTime(year, 1, 1), new DateTime(year + 1, 1, 1)).Take(4))
                changes.Add((local, part.From, part.To));
        }

        TimeSpan? always = changes.Count == 0 && parts.Count > 0 ? parts.MaxBy(part => part.Start)!.To : null;
        if (changes.Count == 0 && always is null)
            return null;

        return Zones.Common.FirstOrDefault(zone => changes.All(change => Fits(zone, change.Local, change.From, change.To)) && (always is null ? HasChanges(zone) : IsAlways(zone, always.Value)))?.Id;
    }

    // Half an hour before and after, so that it is the same change.
    private static bool Fits(DateTimeZone zone, DateTime local, TimeSpan from, TimeSpan to)
    {
        Instant moment = Instant.FromDateTimeOffset(new DateTimeOffset(local, TimeSpan.Zero)) - Duration.FromTimeSpan(from);
        return OffsetAt(zone, moment - Duration.FromMinutes(30)) == from && OffsetAt(zone, moment + Duration.FromMinutes(30)) == to;
    }

    private bool HasChanges(DateTimeZone zone) => OffsetAt(zone, Middle(1)) != OffsetAt(zone, Middle(7));

    private bool IsAlways(DateTimeZone zone, TimeSpan offset) => OffsetAt(zone, Middle(1)) == offset && OffsetAt(zone, Middle(7)) == offset;

    private Instant Middle(int month) => Instant.FromUtc(year, month, 15, 0, 0);

    private static TimeSpan OffsetAt(DateTimeZone zone, Instant moment) => zone.GetUtcOffset(moment).ToTimeSpan();

    /// <summary>A STANDARD or DAYLIGHT part of a VTIMEZONE.</summary>
    internal sealed record Part(DateTime Start, TimeSpan From, TimeSpan To, string? Rule)
    {
        /// <summary>Reads one: <see langword="null"/> when something is missing or wrong.</summary>
        public static Part? Read(string? start, string? from, string? to, string? rule) =>
            DateTime.TryParseExact(start, "yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTime begin) && Offset(from) is { } before && Offset(to) is { } after
                ? new Part(begin, before, after, rule)
                : null;

        // ("+" / "-") hhmm[ss]
        private static TimeSpan? Offset(string? text)
        {
            if (text is not { Length: 5 or 7 } || text[0] is not ('+' or '-') || !int.TryParse(text.AsSpan(1, 4), NumberStyles.None, CultureInfo.InvariantCulture, out int digits) || digits >= 1_800 || digits % 100 >= 60)
                return null;

            var offset = new TimeSpan(digits / 100, digits % 100, 0);
            return text[0] == '-' ? -offset : offset;
        }
    }

    private sealed record Definition(string? Location, IReadOnlyList<Part> Parts);
}
