using System.Runtime.InteropServices;

namespace RoomAgent.Hal.Tests;

/// <summary>The machine's monotonic clock.</summary>
internal static partial class Monotonic
{
    private const int ClockMonotonic = 1;

    public static TimeSpan Now
    {
        get
        {
            Assert.Equal(0, ClockGetTime(ClockMonotonic, out Timespec time));
            return new TimeSpan((time.Seconds * TimeSpan.TicksPerSecond) + (time.Nanoseconds / TimeSpan.NanosecondsPerTick));
        }
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ClockGetTime(int clock, out Timespec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
