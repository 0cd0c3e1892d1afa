using System.Buffers.Binary;
using RoomAgent.Hub.Meetings;
using RoomAgent.Wire;

namespace RoomAgent.Hub.StoreLab;

/// <summary>How a contest ended in one process.</summary>
/// <param name="Claimed">How many epochs its writers were told that they had won.</param>
/// <param name="Stored">How many of those are in the log under the name of the writer that was told so.</param>
public readonly record struct ContestResult(int Claimed, int Stored);

/// <summary>Writers that all want to begin every epoch of every meeting.</summary>
/// <remarks>
/// A body holds its writer's number, and the log has one body an epoch: when all claims of all processes are stored as claimed and there are as many claims
/// as epochs, each epoch had exactly one winner.
/// </remarks>
public static class Contest
{
    private const int LogPart = 1000;

    /// <summary>The meeting with a number: the same in every process.</summary>
    public static MeetingInstance Meeting(int number)
    {
        byte[] instance = new byte[16];
        BinaryPrimitives.WriteInt32BigEndian(instance, number);
        return new MeetingInstance(ByteString.CopyOf("contest"u8), ByteString.Owning(instance));
    }

    /// <summary>Lets writers with the numbers from <paramref name="firstWriter"/> on try every epoch, in all meetings at once.</summary>
    public static async Task<ContestResult> RunAsync(IMeetingStore store, int firstWriter, int writers, int meetings, int epochs)
    {
        List<ulong>[] claims = await Task.WhenAll(
            from writer in Enumerable.Range(firstWriter, writers)
            from meeting in Enumerable.Range(0, meetings)
            select Task.Run(() => TryAllAsync(store, writer, meeting, epochs)));

        int claimed = 0, stored = 0;
        for (int meeting = 0; meeting < meetings; meeting++)
        {
            Dictionary<ulong, int> winners = (await LogAsync(store, Meeting(meeting))).ToDictionary(entry => entry.Seq, entry => BinaryPrimitives.ReadInt32BigEndian(entry.Body));
            for (int writer = 0; writer < writers; writer++)
            {
                List<ulong> claim = claims[writer * meetings + meeting];
                claimed += claim.Count;
                stored += claim.Count(seq => winners.TryGetValue(seq, out int winner) && winner == firstWriter + writer);
            }
        }

        return new ContestResult(claimed, stored);
    }

    /// <summary>How many epochs have begun; throws when a log has a gap or an epoch twice.</summary>
    /// <exception cref="InvalidDataException">A log is not what it should be.</exception>
    public static async Task<int> CountAsync(IMeetingStore store, int meetings)
    {
        int count = 0;
        for (int meeting = 0; meeting < meetings; meeting++)
        {
            List<LogEntry> log = await LogAsync(store, Meeting(meeting));
            if (log.Where((entry, i) => entry.Seq != (ulong)i + 1 || entry.Epoch != (ulong)i).Any())
                throw new InvalidDataException($"The log of meeting {meeting} has a gap or an epoch twice.");
            count += log.Count;
        }

        return count;
    }

    // An answer, whichever, says that the epoch has begun; so on to the next.
    private static async Task<List<ulong>> TryAllAsync(IMeetingStore store, int writer, int meeting, int epochs)
    {
        byte[] body = new byte[500];
        BinaryPrimitives.WriteInt32BigEndian(body, writer);
        var claims = new List<ulong>();
        for (int epoch = 0; epoch < epochs; epoch++)
        {
            var entry = new LogEntry((ulong)epoch + 1, 0, (ulong)epoch, ByteString.Owning(body));
            if (await store.AppendAsync(Meeting(meeting), entry, CancellationToken.None) == AppendOutcome.Appended)
                claims.Add(entry.Seq);
        }

        return claims;
    }

    private static async Task<List<LogEntry>> LogAsync(IMeetingStore store, MeetingInstance meeting)
    {
        var log = new List<LogEntry>();
        while (await store.ReadAsync(meeting, (ulong)log.Count, LogPart, CancellationToken.None) is { Count: > 0 } part)
            log.AddRange(part);
        return log;
    }
}
