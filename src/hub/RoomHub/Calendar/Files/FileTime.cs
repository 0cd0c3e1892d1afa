using System.Globalization;

namespace RoomAgent.Hub.Calendar.Files;

/// <summary>A date, or date and time, as a file has it (RFC 5545 sections 3.3.4, 3.3.5).</summary>
/// <param name="Value">The local time; the begin of the day for a date.</param>
/// <param name="Zone">The IANA name of its zone.</param>
/// <param name="IsDate">Whether it is a whole day.</param>
internal readonly record struct FileTime(DateTime Value, string Zone, bool IsDate)
{
    private const string Utc = "Etc/UTC";

    /// <summary>Reads one.</summary>
    /// <param name="text">The value.</param>
    /// <param name="zone">The zone that it is in when it does not say UTC.</param>
    public static FileTime? Read(string text, string zone)
    {
        const DateTimeStyles plain = DateTimeStyles.None;
        FileTime? read = null;
        if (DateTime.TryParseExact(text, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, plain, out DateTime utc))
            read = new FileTime(utc, Utc, IsDate: false);
        else if (DateTime.TryParseExact(text, "yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture, plain, out DateTime local))
            read = new FileTime(local, zone, IsDate: false);
        else if (DateTime.TryParseExact(text, "yyyyMMdd", CultureInfo.InvariantCulture, plain, out DateTime date))
            read = new FileTime(date, zone, IsDate: true);
        return read is { } time && MeetingPlan.IsReasonable(time.Value) ? time : null;
    }

    /// <summary>The moment.</summary>
    public DateTimeOffset Moment => Zones.ToUtc(Value, Zone);

    /// <summary>The local time in another zone. A date is the same day everywhere.</summary>
    public DateTime In(string zone) => IsDate || zone == Zone ? Value : Zones.ToLocal(Moment, zone);

    /// <summary>Reads a duration (RFC 5545 section 3.3.6) that is not negative: <c>PT1H30M</c>, <c>P2D</c>, <c>P1W</c>.</summary>
    public static TimeSpan? Duration(string text)
    {
        ReadOnlySpan<char> rest = text.AsSpan().TrimStart('+');
        if (rest.Length < 3 || rest[0] != 'P')
            return null;

        rest = rest[1..];
        bool isTime = false;
        long seconds = 0;
        while (!rest.IsEmpty)
        {
            if (rest[0] == 'T' && !isTime)
            {
                isTime = true;
                rest = rest[1..];
            }

            int end = rest.IndexOfAnyExceptInRange('0', '9');
            if (end is < 1 or > 6)
                return null;

            int unit = (rest[end], isTime) switch { ('W', false) => 604_800, ('D', false) => 86_400, ('H', true) => 3_600, ('M', true) => 60, ('S', true) => 1, _ => 0 };
            if (unit == 0)
                return null;
            seconds += long.Parse(rest[..end], NumberStyles.None, CultureInfo.InvariantCulture) * unit;
            rest = rest[(end + 1)..];
        }

        return TimeSpan.FromSeconds(seconds);
    }
}
