namespace RoomAgent.Testing;

/// <summary>Counts what code allocates.</summary>
public static class Allocations
{
    /// <summary>How many rounds are measured.</summary>
    public const int Rounds = 5;

    /// <summary>
    /// The fewest bytes that one of <see cref="Rounds"/> rounds allocated on this thread. A collection that another test sets off counts the rest
    /// of this thread's allocation block as used, so a single round may show bytes that nobody asked for; all of them in a row do not.
    /// </summary>
    public static long FewestOf(Action round) => FewestOf(_ => round(), static () => { });

    /// <summary>Likewise; the round is told its number, from 0: for packets that can be used only once.</summary>
    public static long FewestOf(Action<int> round) => FewestOf(round, static () => { });

    /// <summary>Likewise; what <paramref name="between"/> does behind each round does not count.</summary>
    public static long FewestOf(Action<int> round, Action between)
    {
        long fewest = long.MaxValue;
        for (int number = 0; number < Rounds; number++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            round(number);
            fewest = Math.Min(fewest, GC.GetAllocatedBytesForCurrentThread() - before);
            between();
        }

        return fewest;
    }

    /// <summary>The packets of a round: each has as many, one behind the other, and none has those of another.</summary>
    public static ReadOnlySpan<T> Share<T>(T[] packets, int round) => packets.AsSpan(round * (packets.Length / Rounds), packets.Length / Rounds);
}
