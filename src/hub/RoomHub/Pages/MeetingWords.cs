using System.Globalization;
using RoomAgent.Hub.Calendar;
using RoomAgent.Meetings;

namespace RoomAgent.Hub.Pages;

/// <summary>From when to when something is, as clocks in a zone show it.</summary>
internal sealed record TimeSpanIn(DateTimeOffset From, DateTimeOffset To, string Zone);

/// <summary>How pages speak of meetings.</summary>
internal static class MeetingWords
{
    /// <summary>The choice of an own rule, in the words of iCalendar.</summary>
    public const string OwnRule = "own";

    private const string DayFormat = "ddd d MMM yyyy, HH:mm";

    /// <summary>How meetings usually repeat: the word for it in a form, what people read, the rule.</summary>
    public static IReadOnlyList<(string Word, string Name, string? Rule)> Repeats { get; } =
    [
        ("never", "Does not repeat", null),
        ("daily", "Every day", "FREQ=DAILY"),
        ("working-days", "Every working day, Monday to Friday", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        ("weekly", "Every week", "FREQ=WEEKLY"),
        ("fortnightly", "Every two weeks", "FREQ=WEEKLY;INTERVAL=2"),
        ("monthly", "Every month, on the same date", "FREQ=MONTHLY"),
        (OwnRule, "By the rule below", null),
    ];

    /// <summary>Time zones that a form offers.</summary>
    public static IReadOnlyList<string> Zones { get; } = [.. Calendar.Zones.Common.Select(zone => zone.Id)];

    /// <summary>The rule of a form: of a choice and its last day, or the one that was written.</summary>
    public static string? RuleOf(string? choice, string? own, DateOnly? last)
    {
        if (choice == OwnRule)
            return own?.Trim() ?? "";

        string? rule = Repeats.FirstOrDefault(repeat => repeat.Word == choice).Rule;
        return rule is not null && last is { } day ? string.Create(CultureInfo.InvariantCulture, $"{rule};UNTIL={day:yyyyMMdd}T235959") : rule;
    }

    /// <summary>What makes a rule in a form: the choice, its last day, or the rule itself where no choice makes it.</summary>
    public static (string Choice, string? Last, string? Own) ChoiceOf(string? rule)
    {
        if (rule is null)
            return (Repeats[0].Word, null, null);

        string[] parts = rule.Split(";UNTIL=", 2);
        string? word = Repeats.FirstOrDefault(repeat => repeat.Rule == parts[0]).Word;
        DateOnly? last = parts.Length == 2 && DateOnly.TryParseExact(parts[1].Split('T')[0], "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly day) ? day : null;
        return word is not null && RuleOf(word, own: null, last) == rule ? (word, last?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), null) : (OwnRule, null, rule);
    }

    /// <summary>A rule as people read it.</summary>
    public static string NameOf(string rule)
    {
        (string choice, string? last, string? own) = ChoiceOf(rule);
        return own ?? $"{Repeats.First(repeat => repeat.Word == choice).Name}{(last is null ? "" : $", until {last}")}";
    }

    /// <summary>A time and how long it lasts.</summary>
    public static string SpanOf(TimeSpanIn span)
    {
        DateTime from = Calendar.Zones.ToLocal(span.From, span.Zone), to = Calendar.Zones.ToLocal(span.To, span.Zone);
        string end = to.ToString(to.Date == from.Date ? "HH:mm" : DayFormat, CultureInfo.InvariantCulture);
        return $"{from.ToString(DayFormat, CultureInfo.InvariantCulture)} to {end} ({span.Zone})";
    }

    /// <summary>A local time as inputs of the type <c>datetime-local</c> have it.</summary>
    public static string InputOf(DateTime local) => local.ToString("yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture);

    /// <summary>A class.</summary>
    public static string NameOf(MeetingClass meetingClass) => meetingClass == MeetingClass.EndToEnd ? "End-to-end encrypted" : "Encrypted";

    /// <summary>What is wrong with what was sent, as a sentence.</summary>
    public static string SentenceOf(BodyFault fault) => $"{char.ToUpperInvariant(fault.Sentence[0])}{fault.Sentence[1..]}.";

    /// <summary>What went wrong with a calendar that is polled.</summary>
    public static string NameOfFault(string fault) => fault switch
    {
        FeedFaults.Unreachable => "The server cannot be reached",
        FeedFaults.PrivateAddress => "The address is inside the hub's own network",
        FeedFaults.Refused => "The server refused",
        FeedFaults.TooManyRedirects => "The server leads around too often",
        FeedFaults.TooLarge => "The file is too large",
        FeedFaults.TooSlow => "The server is too slow",
        FeedFaults.NotACalendar => "It is no calendar",
        FeedFaults.TooMuch => "It has too many meetings",
        FeedFaults.LeftOut => "Some events could not be understood",
        _ => "The hub could not cope with it; its log says why",
    };
}
