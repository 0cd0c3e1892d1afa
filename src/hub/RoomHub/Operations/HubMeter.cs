using System.Diagnostics.Metrics;

namespace RoomAgent.Hub.Operations;

/// <summary>
/// What every part of the hub makes its instruments of, beside what they measure: an instrument of this meter appears at <c>/metrics</c> by itself.
/// Labels are words of a closed list of ours, never anything that came in, and never what tells people or rooms apart. README.md lists them all.
/// </summary>
internal static class HubMeter
{
    /// <summary>The name of the meter, for parts that make one of an <see cref="IMeterFactory"/>, since what they show belongs to one hub of several in a process.</summary>
    public const string Name = "RoomHub";

    /// <summary>The meter.</summary>
    public static Meter Meter { get; } = new(Name);
}
