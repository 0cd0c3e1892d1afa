using System.Runtime.InteropServices;

namespace RoomAgent.Benchmarks;

/// <summary>The processor that a thread runs on.</summary>
internal static partial class Processor
{
    /// <summary>Has the calling thread run on processor <paramref name="number"/> alone, 0 to 63.</summary>
    /// <returns><see langword="false"/>, and it runs where it may, when the process may not use that one.</returns>
    public static bool Tie(int number) => SetAffinity(0, sizeof(ulong), 1UL << number) == 0;

    /// <summary>Sleeps as shortly as the system can: less than 0.1 ms.</summary>
    public static void Rest() => _ = MicroSleep(1);

    [LibraryImport("libc", EntryPoint = "usleep")]
    private static partial int MicroSleep(uint microseconds);

    [LibraryImport("libc", EntryPoint = "sched_setaffinity")]
    private static partial int SetAffinity(int thread, nuint size, in ulong mask);
}
