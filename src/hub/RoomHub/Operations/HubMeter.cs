using System.Diagnostics.Metrics;

namespace RoomAgent.Hub.Operations;

/// <summary>
/// What every part of the hub makes its instruments of, beside what they measure: an instrument of this meter appears at <c>/metrics</c> by itself.
/// Labels are words of a closed list of ours, never anything that came in, and never what tells people or rooms apart. README.md lists them all.
/// </summary>
internal static class HubMeter
{
    /// <summary>The meter.</summary>
    public static Meter Meter { get; } = new("RoomHub");
}
