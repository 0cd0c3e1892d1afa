using System.Diagnostics;

namespace RoomAgent.Whole.Tests;

/// <summary>Waits for what is not a room's state.</summary>
internal static class Eventually
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    public static async Task SoAsync(Func<bool> isSo, string what, TimeSpan? patience = null)
    {
        var watch = Stopwatch.StartNew();
        while (!isSo())
        {
            if (watch.Elapsed > (patience ?? s_patience))
                Assert.Fail($"Waited in vain until {what}.");
            await Task.Delay(20);
        }
    }
}
