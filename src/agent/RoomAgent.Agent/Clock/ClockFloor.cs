namespace RoomAgent.Agent.Clock;

/// <summary>
/// The earliest moment that it can be now. A board without a battery wakes up in 1970 or where it was switched off;
/// a clock that stands before this floor is wrong for certain, and nothing may be judged by it.
/// </summary>
/// <param name="Moment">The later of the release's date and the moment saved last.</param>
public readonly record struct ClockFloor(DateTimeOffset Moment)
{
    /// <summary>
    /// How long after its release a moment is believable. A clock that was once wrong by a century would otherwise leave
    /// a floor behind that no right clock ever reaches.
    /// </summary>
    private const int BelievableYears = 20;

    /// <summary>How far a right clock may be set back without alarm: time servers correct by seconds.</summary>
    private static readonly TimeSpan s_slack = TimeSpan.FromMinutes(1);

    /// <summary>The floor from the date of this release and the moment saved last, if there is one.</summary>
    public static ClockFloor From(DateTimeOffset released, DateTimeOffset? saved)
    {
        if (saved is not { } moment || moment > released.AddYears(BelievableYears))
            return new ClockFloor(released);
        return new ClockFloor(moment > released ? moment : released);
    }

    /// <summary>
    /// The first day of the month in which <paramref name="version"/> was released: year - 1980 . month . release . build.
    /// Read from the version, because a time of build would make every build different.
    /// </summary>
    public static DateTimeOffset ReleaseOf(Version version) =>
        new(1980 + version.Major, Math.Clamp(version.Minor, 1, 12), 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Whether a clock that says <paramref name="now"/> can be right.</summary>
    public bool Allows(DateTimeOffset now) => now >= Moment - s_slack;

    /// <summary>The floor once it was <paramref name="now"/>; it never sinks.</summary>
    public ClockFloor RaisedTo(DateTimeOffset now) => now > Moment ? new ClockFloor(now) : this;
}
