using System.Runtime.InteropServices;

namespace RoomAgent.Benchmarks;

/// <summary>The processor time of the thread that measures, as clock_gettime(CLOCK_THREAD_CPUTIME_ID) tells it.</summary>
/// <remarks>Others on the machine do not count, the compiler's thread does not, and the collector's work does: it is done on the thread that allocates.</remarks>
internal static partial class ThreadTime
{
    private const int ClockThreadCpuTime = 3;

    public static TimeSpan Now
    {
        get
        {
            if (ClockGetTime(ClockThreadCpuTime, out Timespec time) != 0)
                throw new InvalidOperationException("This system has no CLOCK_THREAD_CPUTIME_ID.");

            return new TimeSpan((time.Seconds * TimeSpan.TicksPerSecond) + (time.Nanoseconds / TimeSpan.NanosecondsPerTick));
        }
    }

    /// <summary>The median time of one call.</summary>
    /// <param name="prepare">Makes what a call works on; not measured.</param>
    /// <param name="call">What is measured.</param>
    /// <param name="cleanUp">Not measured.</param>
    public static TimeSpan Median<TState, TResult>(Func<TState> prepare, Func<TState, TResult> call, Action<TState, TResult> cleanUp)
    {
        // Twice to get warm, then for a quarter of a second, at least five times, at most five hundred.
        List<TimeSpan> times = [];
        TimeSpan sum = TimeSpan.Zero;
        for (int i = 0; i < 2 + 5 || (sum < TimeSpan.FromMilliseconds(250) && times.Count < 500); i++)
        {
            TState state = prepare();
            TimeSpan before = Now;
            TResult result = call(state);
            TimeSpan time = Now - before;
            cleanUp(state, result);
            if (i < 2)
                continue;

            times.Add(time);
            sum += time;
        }

        times.Sort();
        return times[times.Count / 2];
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
