using System.Globalization;
using Ical.Net;
using Ical.Net.DataTypes;
using Ical.Net.Evaluation;

namespace RoomAgent.Hub.Calendar;

/// <summary>
/// How a meeting repeats: the part of RRULE (RFC 5545 section 3.3.10) that calendars use for meetings. FREQ from DAILY to YEARLY, INTERVAL, COUNT or UNTIL,
/// BYDAY, BYMONTHDAY, BYMONTH, BYSETPOS, WKST. Ical.Net works out the dates; what is here keeps a stranger's rule from keeping it busy.
/// </summary>
internal sealed class RepeatRule
{
    /// <summary>The longest rule that is read, in letters.</summary>
    public const int MaxLength = 500;

    /// <summary>What COUNT may be: years of working days.</summary>
    public const int MaxCount = 2_000;

    private const int MaxInterval = 1_000;
    private const int MaxValues = 100;

    // A rule that gives nothing for so many of its steps gives nothing any more. Days between two 29 February around 2100: 2,921.
    private const int MostBarrenSteps = 3_000;

    // A step of a year may be 366 days to look at, and those before the time that is asked for count as well.
    private const int MostBarrenYears = 400;

    private static readonly DateTime s_farthest = new(2300, 1, 1);

    private readonly RecurrenceRule _rule;

    private RepeatRule(RecurrenceRule rule, string text)
    {
        _rule = rule;
        Text = text;
    }

    /// <summary>The rule as it was written.</summary>
    public string Text { get; }

    /// <summary>Whether it ends by a number of occurrences, so that they can only be counted from the first one.</summary>
    public bool IsCounted => _rule.Count is not null;

    /// <summary>Reads a rule.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="zone">The zone of the meeting, in which an UNTIL in UTC is meant.</param>
    /// <param name="problem">What is wrong, for whoever wrote it.</param>
    /// <returns><see langword="null"/> when something is wrong.</returns>
    public static RepeatRule? Read(string text, string zone, out string? problem)
    {
        problem = "the rule is longer than any good one";
        if (text.Length > MaxLength)
            return null;

        var rule = new RecurrenceRule();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string part in text.Split(';'))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            string name = equals < 0 ? "" : part[..equals].ToUpperInvariant();
            problem = "a part of the rule is not NAME=VALUE, or is there twice";
            if (equals < 0 || !seen.Add(name))
                return null;

            problem = ReadPart(rule, name, part[(equals + 1)..].ToUpperInvariant(), zone);
            if (problem is not null)
                return null;
        }

        problem = Check(rule, seen);
        return problem is null ? new RepeatRule(rule, text) : null;
    }

    /// <summary>Whether it may have occurrences from a local time on.</summary>
    public bool GoesOn(DateTime start, DateTime from) => IsCounted ? Between(start, from, DateTime.MaxValue).Any() : _rule.Until is not { } until || until.Value >= from;

    /// <summary>The local times at which it has an occurrence, in order, from <paramref name="from"/> on and before <paramref name="to"/>.</summary>
    /// <param name="start">The first occurrence (DTSTART), which the rule is meant to match.</param>
    /// <param name="from">The begin of the window.</param>
    /// <param name="to">Its end.</param>
    public IEnumerable<DateTime> Between(DateTime start, DateTime from, DateTime to)
    {
        // The library needs to know where to stop, else it looks for the next one until the end of time.
        var rule = new RecurrenceRule();
        rule.CopyFrom(_rule);
        if (!IsCounted && (rule.Until is not { } until || until.Value > to))
            rule.Until = Local(to < s_farthest ? to : s_farthest);
        var evaluator = new RecurrencePatternEvaluator(rule);
        var options = new EvaluationOptions { MaxUnmatchedIncrementsLimit = _rule.Frequency == FrequencyType.Yearly ? MostBarrenYears : MostBarrenSteps };
        using IEnumerator<Period> periods = evaluator.Evaluate(Local(Skip(start, from)), IsCounted ? null : Local(from), options).GetEnumerator();
        while (true)
        {
            DateTime next;
            try
            {
                if (!periods.MoveNext())
                    yield break;
                next = periods.Current.StartTime.Value;
            }
            catch (EvaluationException)
            {
                // Nothing for long, or the end of the calendar.
                yield break;
            }

            if (next >= to || next >= s_farthest)
                yield break;
            if (next >= from)
                yield return DateTime.SpecifyKind(next, DateTimeKind.Unspecified);
        }
    }

    // The library walks there step by step, which takes a while from 1970. Whole steps of days and weeks fall on the same days; the others are few.
    private DateTime Skip(DateTime start, DateTime from)
    {
        int step = _rule.Frequency switch { FrequencyType.Daily => 1, FrequencyType.Weekly => 7, _ => 0 } * _rule.Interval;
        if (IsCounted || step == 0 || from <= start)
            return start;

        int steps = (int)((from - start).TotalDays / step) - 1;
        return steps > 0 ? start.AddDays((double)steps * step) : start;
    }

    private static CalDateTime Local(DateTime time) => new(DateTime.SpecifyKind(time, DateTimeKind.Unspecified), tzId: null, hasTime: true);

    private static string? ReadPart(RecurrenceRule rule, string name, string value, string zone)
    {
        switch (name)
        {
            case "FREQ":
                FrequencyType? frequency = value switch { "DAILY" => FrequencyType.Daily, "WEEKLY" => FrequencyType.Weekly, "MONTHLY" => FrequencyType.Monthly, "YEARLY" => FrequencyType.Yearly, _ => null };
                rule.Frequency = frequency ?? FrequencyType.Daily;
                return frequency is null ? "FREQ is DAILY, WEEKLY, MONTHLY or YEARLY" : null;
            case "INTERVAL":
                bool isInterval = Number(value, 1, MaxInterval, out int interval);
                rule.Interval = isInterval ? interval : 1;
                return isInterval ? null : $"INTERVAL is 1 to {MaxInterval}";
            case "COUNT":
                bool isCount = Number(value, 1, MaxCount, out int count);
                rule.Count = count;
                return isCount ? null : $"COUNT is 1 to {MaxCount}";
            case "UNTIL":
                DateTime? until = Until(value, zone);
                rule.Until = until is { } end ? Local(end) : null;
                return until is null ? "UNTIL is a date, or a date and time" : null;
            case "WKST":
                bool isDay = Weekday(value, out DayOfWeek first);
                rule.FirstDayOfWeek = first;
                return isDay ? null : "WKST is a day of the week";
            case "BYDAY":
                return Days(value, rule.ByDay) ? null : "BYDAY is a list of days, with numbers from -53 to 53 before them";
            case "BYMONTHDAY":
                return Numbers(value, 31, mayBeNegative: true, rule.ByMonthDay) ? null : "BYMONTHDAY is a list of days from 1 to 31 or -31 to -1";
            case "BYMONTH":
                return Numbers(value, 12, mayBeNegative: false, rule.ByMonth) ? null : "BYMONTH is a list of months";
            case "BYSETPOS":
                return Numbers(value, 366, mayBeNegative: true, rule.BySetPosition) ? null : "BYSETPOS is a list of numbers from 1 to 366 or -366 to -1";
            default:
                return "there is a part that meetings do not need: FREQ, INTERVAL, COUNT, UNTIL, BYDAY, BYMONTHDAY, BYMONTH, BYSETPOS and WKST are known";
        }
    }

    // What RFC 5545 section 3.3.10 forbids beside each other.
    private static string? Check(RecurrenceRule rule, HashSet<string> seen)
    {
        bool isLong = rule.Frequency is FrequencyType.Monthly or FrequencyType.Yearly;
        if (!seen.Contains("FREQ"))
            return "there is no FREQ";
        if (seen.Contains("COUNT") && seen.Contains("UNTIL"))
            return "COUNT and UNTIL are not there together";
        if (!isLong && rule.ByDay.Any(day => day.Offset is not null))
            return "a number before a day is for MONTHLY and YEARLY";
        if (rule.Frequency == FrequencyType.Weekly && rule.ByMonthDay.Count > 0)
            return "BYMONTHDAY is not for WEEKLY";
        return rule.BySetPosition.Count > 0 && rule.ByDay.Count + rule.ByMonthDay.Count + rule.ByMonth.Count == 0 ? "BYSETPOS needs another BY part" : null;
    }

    private static DateTime? Until(string value, string zone)
    {
        const DateTimeStyles plain = DateTimeStyles.None;
        if (DateTime.TryParseExact(value, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, plain, out DateTime utc))
            return utc.Year is > 1 and < 9999 ? Zones.ToLocal(new DateTimeOffset(utc, TimeSpan.Zero), zone) : null;
        if (DateTime.TryParseExact(value, "yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture, plain, out DateTime local))
            return local;

        // A date is meant with its whole day, as calendars that write it so mean it.
        return DateTime.TryParseExact(value, "yyyyMMdd", CultureInfo.InvariantCulture, plain, out DateTime date) ? date.AddDays(1).AddSeconds(-1) : null;
    }

    private static bool Days(string value, List<WeekDay> days)
    {
        foreach (string item in value.Split(','))
        {
            if (item.Length < 2 || days.Count == MaxValues || !Weekday(item[^2..], out DayOfWeek day))
                return false;

            string number = item[..^2];
            int place = 0;
            if (number.Length > 0 && !(Signed(number, 53, out place) && place != 0))
                return false;
            days.Add(number.Length > 0 ? new WeekDay(day, place) : new WeekDay(day));
        }

        return true;
    }

    private static bool Numbers(string value, int most, bool mayBeNegative, List<int> numbers)
    {
        foreach (string item in value.Split(','))
        {
            if (numbers.Count == MaxValues || !Signed(item, most, out int number) || number == 0 || (number < 0 && !mayBeNegative))
                return false;
            numbers.Add(number);
        }

        return true;
    }

    private static bool Signed(string text, int most, out int number) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number) && number >= -most && number <= most;

    private static bool Number(string text, int least, int most, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= least && number <= most;

    private static bool Weekday(string text, out DayOfWeek day)
    {
        int index = Array.IndexOf(s_days, text);
        day = (DayOfWeek)Math.Max(index, 0);
        return index >= 0;
    }

    private static readonly string[] s_days = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"];
}
