using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using RoomAgent.Hub.Meetings;

namespace RoomAgent.Hub.Store;

/// <summary>Tells a hub what any hub appends to the logs of meetings. A port: within one process, or between many.</summary>
public interface ILogFeed
{
    /// <summary>
    /// The entries of a meeting after <paramref name="after"/>: each once, in order, without a gap, those that are there and those to come, whichever hub appends them.
    /// It goes on by itself after the database was away, and ends only by <paramref name="cancellation"/>.
    /// </summary>
    /// <param name="instance">The occurrence.</param>
    /// <param name="after">The last <see cref="LogEntry.Seq"/> that is known already; 0 for none.</param>
    /// <param name="cancellation">Stops following.</param>
    /// <exception cref="StoreException">The database is damaged or refuses us; waiting would not help.</exception>
    IAsyncEnumerable<LogEntry> FollowAsync(MeetingInstance instance, ulong after, CancellationToken cancellation);
}

/// <summary>Hands entries to those who follow a meeting in this process.</summary>
/// <remarks>
/// What arrives here is only a hint that is usually complete: an entry may come twice, late, or never. Followers count, and read from the store what they miss.
/// </remarks>
internal sealed class LogFeed(IMeetingStore store) : ILogFeed
{
    // A follower that is slower than this reads the rest from the store, where it costs no memory.
    private const int MostWaiting = 16;
    private const int MostReadAtOnce = 64;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(200);

    private readonly ConcurrentDictionary<MeetingInstance, List<Follower>> _followers = [];

    /// <summary>Whether somebody here follows a meeting.</summary>
    public bool IsFollowed(MeetingInstance instance) => _followers.ContainsKey(instance);

    /// <summary>An entry that is durable.</summary>
    public void Deliver(MeetingInstance instance, LogEntry entry) => Tell(instance, entry);

    /// <summary>Something may have been missed: everybody reads the store.</summary>
    public void ReadAgain()
    {
        foreach (MeetingInstance instance in _followers.Keys)
            Tell(instance, null);
    }

    public async IAsyncEnumerable<LogEntry> FollowAsync(MeetingInstance instance, ulong after, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var follower = new Follower();
        Add(instance, follower);
        try
        {
            // Listening first, so that nothing falls between what is there and what is to come.
            ulong known = after;
            bool mayMiss = true;
            while (true)
            {
                while (mayMiss)
                {
                    IReadOnlyList<LogEntry> missed = await ReadPatientlyAsync(instance, known, cancellation).ConfigureAwait(false);
                    mayMiss = missed.Count == MostReadAtOnce;
                    foreach (LogEntry entry in missed)
                    {
                        known = entry.Seq;
                        yield return entry;
                    }
                }

                LogEntry? next = await follower.Arriving.Reader.ReadAsync(cancellation).ConfigureAwait(false);
                mayMiss = follower.TakeMayMiss() || next?.Seq > known + 1;
                if (next is not null && next.Seq == known + 1)
                {
                    known = next.Seq;
                    yield return next;
                }
            }
        }
        finally
        {
            Remove(instance, follower);
        }
    }

    private async Task<IReadOnlyList<LogEntry>> ReadPatientlyAsync(MeetingInstance instance, ulong known, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return await store.ReadAsync(instance, known, MostReadAtOnce, cancellation).ConfigureAwait(false);
            }
            catch (StoreException problem) when (problem.Fault is StoreFault.Unavailable or StoreFault.Busy)
            {
                await Task.Delay(s_pause, cancellation).ConfigureAwait(false);
            }
        }
    }

    private void Tell(MeetingInstance instance, LogEntry? entry)
    {
        if (!_followers.TryGetValue(instance, out List<Follower>? followers))
            return;

        lock (followers)
        {
            foreach (Follower follower in followers)
                follower.Tell(entry);
        }
    }

    private void Add(MeetingInstance instance, Follower follower)
    {
        while (true)
        {
            List<Follower> followers = _followers.GetOrAdd(instance, _ => []);
            lock (followers)
            {
                // It may have been taken out, empty, before we held it.
                if (!_followers.TryGetValue(instance, out List<Follower>? present) || present != followers)
                    continue;
                followers.Add(follower);
                return;
            }
        }
    }

    private void Remove(MeetingInstance instance, Follower follower)
    {
        if (!_followers.TryGetValue(instance, out List<Follower>? followers))
            return;

        lock (followers)
        {
            followers.Remove(follower);
            if (followers.Count == 0)
                _followers.TryRemove(new KeyValuePair<MeetingInstance, List<Follower>>(instance, followers));
        }
    }

    private sealed class Follower
    {
        private int _mayMiss;

        // The oldest of what waits gives way, and whoever finds that one is missing reads the store. Null only wakes.
        public Channel<LogEntry?> Arriving { get; } = Channel.CreateBounded<LogEntry?>(
            new BoundedChannelOptions(MostWaiting) { SingleReader = true, FullMode = BoundedChannelFullMode.DropOldest });

        public void Tell(LogEntry? entry)
        {
            if (entry is null)
                Volatile.Write(ref _mayMiss, 1);
            Arriving.Writer.TryWrite(entry);
        }

        public bool TakeMayMiss() => Interlocked.Exchange(ref _mayMiss, 0) == 1;
    }
}
