namespace RoomAgent.Hub.Devices;

/// <summary>When devices take new versions (I16).</summary>
public enum UpdateCadence
{
    /// <summary>The newest, as soon as nobody meets in the room.</summary>
    Latest = 0,

    /// <summary>The newest, at the times of the policy.</summary>
    Schedule = 1,

    /// <summary>None: what a device runs it goes on running, and what is wrong with it stays.</summary>
    Hold = 2,
}

/// <summary>When the devices of an organisation take new versions, which the organisation decides (I16, L08). Never while somebody meets in the room.</summary>
/// <param name="Cadence">In general.</param>
/// <param name="Days">On which days, one bit each, that of <see cref="DayOfWeek.Sunday"/> being 1; of a schedule only, and then at least one.</param>
/// <param name="From">From when on, by the clock of the room.</param>
/// <param name="Until">Until when; before <paramref name="From"/> it is on the day after.</param>
public sealed record UpdatePolicy(UpdateCadence Cadence, byte Days = 0, TimeOnly From = default, TimeOnly Until = default)
{
    /// <summary>The least time that a schedule leaves: a device has to load, check and start the new version in it.</summary>
    public static TimeSpan ShortestWindow { get; } = TimeSpan.FromMinutes(30);

    /// <summary>All days.</summary>
    public const byte EveryDay = 0x7f;

    /// <summary>What holds until somebody decides otherwise.</summary>
    public static UpdatePolicy Default { get; } = new(UpdateCadence.Latest);

    /// <summary>Whether it says one thing: a schedule has days and a window, in whole minutes and at least <see cref="ShortestWindow"/> long, and nothing else has.</summary>
    public bool IsReasonable => Cadence switch
    {
        UpdateCadence.Schedule => Days is > 0 and <= EveryDay && Until - From >= ShortestWindow && IsWholeMinute(From) && IsWholeMinute(Until),
        UpdateCadence.Latest or UpdateCadence.Hold => this == new UpdatePolicy(Cadence),
        _ => false,
    };

    /// <summary>The days by name, in lower case, Monday first.</summary>
    public IReadOnlyList<string> DayNames => [.. Week.Where(day => (Days & BitOf(day)) != 0).Select(NameOf)];

    /// <summary>All days, Monday first.</summary>
    public static IReadOnlyList<DayOfWeek> Week { get; } =
        [DayOfWeek.Monday, DayOfWeek.Tuesday, DayOfWeek.Wednesday, DayOfWeek.Thursday, DayOfWeek.Friday, DayOfWeek.Saturday, DayOfWeek.Sunday];

    /// <summary>What a day is called in the API.</summary>
    public static string NameOf(DayOfWeek day) => day.ToString().ToLowerInvariant();

    /// <summary>Reads days by their names.</summary>
    /// <returns><see langword="null"/> when one is not known or comes twice.</returns>
    public static byte? ReadDays(IReadOnlyList<string?> names)
    {
        byte days = 0;
        foreach (string? name in names)
        {
            byte bit = 0;
            foreach (DayOfWeek day in Week)
                bit |= NameOf(day) == name ? BitOf(day) : (byte)0;
            if (bit == 0 || (days & bit) != 0)
                return null;
            days |= bit;
        }

        return days;
    }

    private static byte BitOf(DayOfWeek day) => (byte)(1 << (int)day);

    private static bool IsWholeMinute(TimeOnly time) => time.Ticks % TimeSpan.TicksPerMinute == 0;
}
