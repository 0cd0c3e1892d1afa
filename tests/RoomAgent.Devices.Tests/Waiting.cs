using System.Diagnostics;

namespace RoomAgent.Devices.Tests;

/// <summary>Waits for what other threads do.</summary>
internal static class Waiting
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <summary>Waits until something is so.</summary>
    public static void Until(Func<bool> isSo, string what)
    {
        for (long begun = Stopwatch.GetTimestamp(); !isSo(); Thread.Sleep(2))
            Assert.True(Stopwatch.GetElapsedTime(begun) < s_patience, $"{what}: not in {s_patience.TotalSeconds} s");
    }
}
