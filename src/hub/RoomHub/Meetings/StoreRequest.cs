namespace RoomAgent.Hub.Meetings;

/// <summary>What a desk asks of its <see cref="IMeetingStore"/>. There is never more than one unanswered.</summary>
/// <param name="Id">By which the answer names it.</param>
public abstract record StoreRequest(long Id);

/// <summary>To be done by <see cref="IMeetingStore.OpenAsync"/>.</summary>
public sealed record OpenMeeting(long Id) : StoreRequest(Id);

/// <summary>To be done by <see cref="IMeetingStore.AppendAsync"/>.</summary>
public sealed record AppendEntry(long Id, LogEntry Entry) : StoreRequest(Id);

/// <summary>To be done by <see cref="IMeetingStore.ReadAsync"/>.</summary>
public sealed record ReadEntries(long Id, ulong After, int Most) : StoreRequest(Id);

/// <summary>To be done by <see cref="IMeetingStore.RaiseFloorAsync"/>.</summary>
public sealed record RaiseFloor(long Id, uint Generation) : StoreRequest(Id);

/// <summary>To be done by <see cref="IMeetingStore.SaveSnapshotAsync"/>.</summary>
public sealed record SaveSnapshot(long Id, MeetingSnapshot Snapshot) : StoreRequest(Id);

/// <summary>What became of a <see cref="StoreRequest"/>.</summary>
/// <param name="Id">Which one.</param>
public abstract record StoreAnswer(long Id);

/// <summary>Answers <see cref="OpenMeeting"/>.</summary>
public sealed record MeetingOpened(long Id, StoredMeeting Meeting) : StoreAnswer(Id);

/// <summary>Answers <see cref="AppendEntry"/>.</summary>
public sealed record EntryAppended(long Id, AppendOutcome Outcome) : StoreAnswer(Id);

/// <summary>Answers <see cref="ReadEntries"/>.</summary>
public sealed record EntriesRead(long Id, IReadOnlyList<LogEntry> Entries) : StoreAnswer(Id);

/// <summary>Answers <see cref="RaiseFloor"/>.</summary>
public sealed record FloorRaised(long Id, uint Floor) : StoreAnswer(Id);

/// <summary>Answers <see cref="SaveSnapshot"/>.</summary>
public sealed record SnapshotSaved(long Id) : StoreAnswer(Id);

/// <summary>The store did not answer, or said that it could not. Nobody knows whether it was done.</summary>
public sealed record StoreFailed(long Id) : StoreAnswer(Id);
