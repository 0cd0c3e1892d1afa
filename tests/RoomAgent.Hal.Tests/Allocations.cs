namespace RoomAgent.Hal.Tests;

/// <summary>Counts what code allocates.</summary>
internal static class Allocations
{
    /// <summary>
    /// The fewest bytes that one of three rounds allocated. A collection that another test sets off counts the rest of this thread's
    /// allocation block as used, so a single round may show bytes that nobody asked for; three in a row do not.
    /// </summary>
    public static long FewestOf(Action round) => Enumerable.Range(0, 3).Min(_ =>
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        round();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    });
}
