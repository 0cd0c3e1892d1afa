using RoomAgent.Hub.Meetings;

namespace RoomAgent.MeetingSimulator;

/// <summary>A store that keeps the promises of <see cref="IMeetingStore"/> in memory.</summary>
public sealed class SimulatedStore
{
    private readonly List<LogEntry> _entries = [];
    private uint _floor;
    private MeetingSnapshot? _snapshot;

    public IReadOnlyList<LogEntry> Entries => _entries;

    /// <summary>Does what is asked and says what came of it.</summary>
    public StoreAnswer Perform(StoreRequest request)
    {
        switch (request)
        {
            case OpenMeeting open:
                return new MeetingOpened(open.Id, new StoredMeeting(_floor, _snapshot, Read(_snapshot?.Seq ?? 0, int.MaxValue)));

            case AppendEntry append:
                LogEntry entry = append.Entry;
                LogEntry? last = _entries.LastOrDefault();
                bool isNext = entry.Seq == (last?.Seq ?? 0) + 1
                    && !_entries.Exists(other => other.Generation == entry.Generation && other.Epoch == entry.Epoch)
                    && entry.Generation >= (last?.Generation ?? 0)
                    && entry.Generation >= _floor;
                if (isNext)
                    _entries.Add(entry);
                return new EntryAppended(append.Id, isNext ? AppendOutcome.Appended : AppendOutcome.Conflict);

            case ReadEntries read:
                return new EntriesRead(read.Id, Read(read.After, read.Most));

            case RaiseFloor raise:
                _floor = Math.Max(_floor, raise.Generation);
                return new FloorRaised(raise.Id, _floor);

            case SaveSnapshot save:
                if (save.Snapshot.Seq > (_snapshot?.Seq ?? 0))
                    _snapshot = save.Snapshot;
                return new SnapshotSaved(save.Id);

            default:
                throw new ArgumentException("Unknown request.", nameof(request));
        }
    }

    /// <summary>The store as it was: to be restored later, as from a backup.</summary>
    public SimulatedStore Backup()
    {
        var copy = new SimulatedStore { _floor = _floor, _snapshot = _snapshot };
        copy._entries.AddRange(_entries);
        return copy;
    }

    private LogEntry[] Read(ulong after, int most) => [.. _entries.Where(entry => entry.Seq > after).Take(most)];
}
