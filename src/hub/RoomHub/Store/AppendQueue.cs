using System.Threading.Channels;
using RoomAgent.Hub.Meetings;

namespace RoomAgent.Hub.Store;

/// <summary>
/// Appends what is waiting in one transaction, so that one wait for the storage does for all of it. While nothing waits an entry goes alone, at once.
/// </summary>
/// <remarks>
/// PostgreSQL has several lanes, so that one transaction is prepared while another is on its way to the storage; a meeting always takes the same lane.
/// Within a transaction meetings come in the order of their names, in every hub, so that two hubs never wait for each other.
/// </remarks>
internal sealed class AppendQueue : IAsyncDisposable
{
    private const int MostEntries = 256;
    private const int MostBytes = 8 << 20;
    private const int MostWaiting = 4096;
    private const int LanesOfPostgreSql = 2;
    private const int MostDoubts = 5;

    private readonly Database _database;
    private readonly Action<MeetingInstance, LogEntry> _appended;
    private readonly Channel<Append>[] _lanes;
    private readonly Task _running;

    /// <summary>Starts the lanes.</summary>
    /// <param name="database">Where to.</param>
    /// <param name="appended">Is told of each entry once it is durable.</param>
    public AppendQueue(Database database, Action<MeetingInstance, LogEntry> appended)
    {
        _database = database;
        _appended = appended;
        int lanes = database.Dialect == Dialect.Sqlite ? 1 : LanesOfPostgreSql;
        _lanes = [.. Enumerable.Range(0, lanes).Select(_ => Channel.CreateBounded<Append>(new BoundedChannelOptions(MostWaiting) { SingleReader = true }))];
        _running = Task.WhenAll(_lanes.Select(lane => Task.Run(() => RunAsync(lane.Reader))));
    }

    /// <summary>Appends an entry when its turn comes.</summary>
    public async Task<AppendOutcome> AppendAsync(MeetingInstance instance, LogEntry entry, CancellationToken cancellation)
    {
        var append = new Append(instance, entry);
        Channel<Append> lane = _lanes[(uint)instance.GetHashCode() % (uint)_lanes.Length];
        await lane.Writer.WriteAsync(append, cancellation).ConfigureAwait(false);
        return await append.Done.Task.WaitAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Takes no more, and ends when all is done that was taken.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (Channel<Append> lane in _lanes)
            lane.Writer.TryComplete();
        await _running.ConfigureAwait(false);
    }

    private async Task RunAsync(ChannelReader<Append> waiting)
    {
        var batch = new List<Append>();
        while (await waiting.WaitToReadAsync().ConfigureAwait(false))
        {
            Take(waiting, batch);
            await FinishAsync(batch).ConfigureAwait(false);
            batch.Clear();
        }
    }

    // Two that want the same epoch do not go together: the second would break the unique key instead of finding the meeting further on.
    private static void Take(ChannelReader<Append> waiting, List<Append> batch)
    {
        var epochs = new HashSet<(MeetingInstance, uint, ulong)>();
        int bytes = 0;
        while (batch.Count < MostEntries
            && waiting.TryPeek(out Append? next)
            && (batch.Count == 0 || bytes + next.Entry.Body.Length <= MostBytes)
            && epochs.Add((next.Instance, next.Entry.Generation, next.Entry.Epoch)))
        {
            waiting.TryRead(out _);
            bytes += next.Entry.Body.Length;
            batch.Add(next);
        }
    }

    private async Task FinishAsync(IReadOnlyList<Append> batch)
    {
        try
        {
            await CommitAsync(batch).ConfigureAwait(false);
        }
        catch (StoreException problem) when (batch.Count > 1 && problem.Fault is StoreFault.Constraint or StoreFault.Unsuitable)
        {
            // One that the database cannot bear must not take the others with it.
            foreach (Append append in batch)
                await FinishAsync([append]).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever it is, it belongs to those who wait for an answer; the lane goes on.
        catch (Exception problem)
#pragma warning restore CA1031
        {
            foreach (Append append in batch)
                append.Done.TrySetException(problem);
        }
    }

    private async Task CommitAsync(IReadOnlyList<Append> batch)
    {
        Append[] sorted = [.. batch.Order(MeetingOrder.Comparer)];
        bool[] won = await DecideAsync(sorted).ConfigureAwait(false);
        for (int i = 0; i < sorted.Length; i++)
        {
            if (won[i])
                _appended(sorted[i].Instance, sorted[i].Entry);
            StoreMeter.Decided(won[i]);
            sorted[i].Done.TrySetResult(won[i] ? AppendOutcome.Appended : AppendOutcome.Conflict);
        }
    }

    private async Task<bool[]> DecideAsync(Append[] sorted)
    {
        bool isInDoubt = false;
        for (int doubts = 0; ; doubts++)
        {
            try
            {
                return await _database.WriteAsync(transaction => AppendAllAsync(transaction, sorted, isInDoubt), Isolation.ReadCommitted).ConfigureAwait(false);
            }
            catch (StoreException problem) when (problem.Fault == StoreFault.Unknown && doubts < MostDoubts)
            {
                isInDoubt = true;
            }
        }
    }

    // 1. In doubt: what is there already with the same content is ours (or might as well be).
    // 2. Move each meeting from the entry before to this one. This is the fence.
    // 3. Write the entries of those who could.
    private static async Task<bool[]> AppendAllAsync(Transaction transaction, Append[] sorted, bool isInDoubt)
    {
        bool[] won = new bool[sorted.Length];
        if (isInDoubt)
        {
            List<LogEntry>[] present = await transaction.EachAsync([.. sorted.Select(SamePlace)], ReadEntry).ConfigureAwait(false);
            for (int i = 0; i < sorted.Length; i++)
                won[i] = present[i].Contains(sorted[i].Entry);
        }

        int[] open = [.. Enumerable.Range(0, sorted.Length).Where(i => !won[i])];
        var moves = new List<Sql>();
        foreach (int i in open)
        {
            if (sorted[i].Entry.Seq == 1)
                moves.Add(Begin(sorted[i]));
            moves.Add(Move(sorted[i]));
        }

        List<long>[] moved = await transaction.EachAsync(moves, row => row.Long(0)).ConfigureAwait(false);
        int at = 0;
        foreach (int i in open)
        {
            if (sorted[i].Entry.Seq == 1)
                at++;
            won[i] = moved[at++].Count == 1;
        }

        await transaction.EachAsync([.. open.Where(i => won[i]).Select(i => Write(sorted[i]))], row => row.Long(0)).ConfigureAwait(false);
        return won;
    }

    private static Sql SamePlace(Append append) =>
        $"""
        SELECT seq, generation, epoch, body FROM meeting_entry
        WHERE meeting_id = {append.Instance.MeetingId} AND instance = {append.Instance.Instance} AND seq = {(long)append.Entry.Seq}
        """;

    private static Sql Begin(Append append) =>
        $"""
        INSERT INTO meeting (meeting_id, instance, last_seq, last_generation, floor) VALUES ({append.Instance.MeetingId}, {append.Instance.Instance}, 0, 0, 0)
        ON CONFLICT (meeting_id, instance) DO NOTHING RETURNING last_seq
        """;

    private static Sql Move(Append append)
    {
        (MeetingInstance instance, LogEntry entry) = (append.Instance, append.Entry);
        return
            $"""
            UPDATE meeting SET last_seq = last_seq + 1, last_generation = {entry.Generation}
            WHERE meeting_id = {instance.MeetingId} AND instance = {instance.Instance} AND last_seq = {(long)entry.Seq - 1}
                AND last_generation <= {entry.Generation} AND floor <= {entry.Generation} AND over_at IS NULL
                AND NOT EXISTS (
                    SELECT 1 FROM meeting_entry WHERE meeting_id = {instance.MeetingId} AND instance = {instance.Instance}
                        AND generation = {entry.Generation} AND epoch = {unchecked((long)entry.Epoch)})
            RETURNING last_seq
            """;
    }

    private static Sql Write(Append append) =>
        $"""
        INSERT INTO meeting_entry (meeting_id, instance, seq, generation, epoch, body)
        VALUES ({append.Instance.MeetingId}, {append.Instance.Instance}, {(long)append.Entry.Seq}, {append.Entry.Generation}, {unchecked((long)append.Entry.Epoch)}, {append.Entry.Body})
        RETURNING seq
        """;

    private static LogEntry ReadEntry(Row row) => new((ulong)row.Long(0), (uint)row.Long(1), unchecked((ulong)row.Long(2)), row.ByteString(3));

    private sealed record Append(MeetingInstance Instance, LogEntry Entry)
    {
        public TaskCompletionSource<AppendOutcome> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    // By name, then by seq: those of one meeting follow each other.
    private static class MeetingOrder
    {
        public static IComparer<Append> Comparer { get; } = Comparer<Append>.Create(Compare);

        private static int Compare(Append left, Append right)
        {
            int order = left.Instance.MeetingId.Span.SequenceCompareTo(right.Instance.MeetingId.Span);
            if (order == 0)
                order = left.Instance.Instance.Span.SequenceCompareTo(right.Instance.Instance.Span);
            return order != 0 ? order : left.Entry.Seq.CompareTo(right.Entry.Seq);
        }
    }
}
