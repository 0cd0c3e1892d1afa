using RoomAgent.Wire;

namespace RoomAgent.Hub.Meetings;

/// <summary>Keeps the logs of meetings. A port: SQLite on one machine, PostgreSQL for many hubs.</summary>
/// <remarks>
/// <para>What every implementation promises, whoever else writes to the same store at the same time:</para>
/// <list type="number">
/// <item>An entry that was answered <see cref="AppendOutcome.Appended"/> is durable, and is in every later answer of this store at its <see cref="LogEntry.Seq"/>.</item>
/// <item><see cref="LogEntry.Seq"/> of an instance runs 1, 2, 3 without a gap. No two entries have the same one.</item>
/// <item>No two entries of an instance have the same <see cref="LogEntry.Generation"/> and <see cref="LogEntry.Epoch"/>. This is the fence: of all who want to begin an epoch one wins.</item>
/// <item>No entry's generation is below that of the entry before it, or below the floor at the time it was appended.</item>
/// <item>A floor never falls.</item>
/// <item>A snapshot replaces only an older one.</item>
/// </list>
/// <para>
/// The bodies are opaque to the store. A method that fails, by an exception, may or may not have done its work: whoever called it reads again to find out.
/// Calls may come from several threads. An instance that nobody has written to is an empty log.
/// </para>
/// </remarks>
public interface IMeetingStore
{
    /// <summary>Everything a hub needs to take a meeting up.</summary>
    /// <param name="instance">The occurrence.</param>
    /// <param name="cancellation">Gives the call up, not necessarily its effect.</param>
    Task<StoredMeeting> OpenAsync(MeetingInstance instance, CancellationToken cancellation);

    /// <summary>
    /// Appends an entry if it is the next one: <see cref="LogEntry.Seq"/> is one more than the last, its generation and epoch are new, and its generation is
    /// neither below the last entry's nor below the floor. All this is decided and written in one transaction.
    /// </summary>
    /// <param name="instance">The occurrence.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="cancellation">Gives the call up, not necessarily its effect.</param>
    Task<AppendOutcome> AppendAsync(MeetingInstance instance, LogEntry entry, CancellationToken cancellation);

    /// <summary>The entries after <paramref name="after"/>, in order.</summary>
    /// <param name="instance">The occurrence.</param>
    /// <param name="after">The last <see cref="LogEntry.Seq"/> that is known already; 0 for none.</param>
    /// <param name="most">No more entries than this, from the oldest on: 1 or more.</param>
    /// <param name="cancellation">Gives the call up.</param>
    Task<IReadOnlyList<LogEntry>> ReadAsync(MeetingInstance instance, ulong after, int most, CancellationToken cancellation);

    /// <summary>
    /// Sees to it that no entry of a generation below <paramref name="generation"/> is ever appended again. That is how a group is closed whose state was lost:
    /// also by the restoring of a backup, for each instance in it, to one more than the last entry's generation and the floor.
    /// </summary>
    /// <param name="instance">The occurrence.</param>
    /// <param name="generation">The new floor, without effect when it is not above the present one.</param>
    /// <param name="cancellation">Gives the call up, not necessarily its effect.</param>
    /// <returns>The floor afterwards, at least <paramref name="generation"/>.</returns>
    Task<uint> RaiseFloorAsync(MeetingInstance instance, uint generation, CancellationToken cancellation);

    /// <summary>Keeps a snapshot, from which <see cref="OpenAsync"/> starts instead of the first entry. Losing one costs only time.</summary>
    /// <param name="instance">The occurrence.</param>
    /// <param name="snapshot">The snapshot; without effect when its <see cref="MeetingSnapshot.Seq"/> is not above that of the one that is kept, or no such entry exists.</param>
    /// <param name="cancellation">Gives the call up, not necessarily its effect.</param>
    Task SaveSnapshotAsync(MeetingInstance instance, MeetingSnapshot snapshot, CancellationToken cancellation);
}

/// <summary>One occurrence of a meeting, which has one log.</summary>
/// <param name="MeetingId">The meeting: 1 to 255 bytes.</param>
/// <param name="Instance">The occurrence: 16 random bytes.</param>
public readonly record struct MeetingInstance(ByteString MeetingId, ByteString Instance);

/// <summary>One entry of a log: the beginning of an epoch.</summary>
/// <param name="Seq">Its place: 1 for the first.</param>
/// <param name="Generation">How often the group was founded before: 0 for the first group.</param>
/// <param name="Epoch">The epoch that begins: 0 for the founding of a group, one more than the epoch that ends for a commit.</param>
/// <param name="Body">What happened: handshake, Welcome and what else a hub needs. Opaque to the store; up to 4 MiB.</param>
public sealed record LogEntry(ulong Seq, uint Generation, ulong Epoch, ByteString Body);

/// <summary>What became of an entry.</summary>
public enum AppendOutcome
{
    /// <summary>It is in the log for good.</summary>
    Appended = 1,

    /// <summary>It is not: another entry was faster, or its generation is over.</summary>
    Conflict = 2,
}

/// <summary>The public state of a group after an entry, so that the entries before it need not be read.</summary>
/// <param name="Seq">The entry.</param>
/// <param name="Body">The state. Opaque to the store; up to 4 MiB.</param>
public sealed record MeetingSnapshot(ulong Seq, ByteString Body);

/// <summary>A meeting as it stands in the store.</summary>
/// <param name="Floor">The lowest generation that may be appended: 0 at first.</param>
/// <param name="Snapshot">The newest snapshot, when there is one.</param>
/// <param name="Entries">All entries after the snapshot, or from the first on when there is none.</param>
public sealed record StoredMeeting(uint Floor, MeetingSnapshot? Snapshot, IReadOnlyList<LogEntry> Entries);
