using RoomAgent.Meetings;
using RoomAgent.Mls;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Meetings;

// The log: what is asked of the store, and what an entry changes.
public sealed partial class MeetingDesk
{
    private const int ReadAtOnce = 64;

    private readonly Queue<TailEntry> _tail = new();
    private readonly Dictionary<Participant, SignedHostAction> _admissions = [];

    private Instant _now;
    private PublicGroup? _group;
    private RoomPolicy _policy;
    private ByteString _groupInfo;
    private ulong _snapshotSeq;

    private StoreRequest? _toStore;
    private StoreRequest? _unanswered;
    private long _storeIds;
    private Instant _retryAt = Instant.Never;
    private Func<StoreRequest>? _retry;
    private Work? _appending;
    private Instant _ejectHeldUntil = new(long.MinValue);

    private bool IsStoreBusy => _unanswered is not null || _retry is not null;

    /// <summary>Other hubs have appended to the log, or may have: read what is new.</summary>
    public void HandleAppendedElsewhere(Instant now)
    {
        Advance(now);
        if (IsOpen && !IsStoreBusy)
            Ask(new ReadEntries(NextStoreId(), Seq, ReadAtOnce));
    }

    /// <summary>The store answered.</summary>
    /// <param name="answer">The answer to the last request; one to another is left alone.</param>
    /// <param name="now">The present.</param>
    public void HandleStored(StoreAnswer answer, Instant now)
    {
        Advance(now);
        if (_unanswered is not { } request || request.Id != answer.Id)
            return;

        _unanswered = null;
        switch (answer)
        {
            case MeetingOpened opened:
                Open(opened.Meeting);
                break;
            case EntryAppended { Outcome: AppendOutcome.Appended } when request is AppendEntry append && _appending is { } work:
                _appending = null;
                Apply(append.Entry, work.Body, work.Next, work.Commit);
                break;
            case EntryAppended:
                Ask(new ReadEntries(NextStoreId(), Seq, ReadAtOnce));
                break;
            case EntriesRead read:
                CatchUp(read.Entries);
                break;
            case FloorRaised raised:
                GiveUpGroup(raised.Floor);
                break;
            case StoreFailed:
                Retry(request);
                break;
        }

        Settle();
    }

    /// <summary>Gives the group up: a new generation is founded. For a meeting whose log was restored from a backup, and by an administrator.</summary>
    public void StartNewGeneration(Instant now)
    {
        Advance(now);
        if (IsOpen && !IsStoreBusy)
            Ask(new RaiseFloor(NextStoreId(), Generation + 1));
    }

    private long NextStoreId() => ++_storeIds;

    private void Ask(StoreRequest request)
    {
        _toStore = request;
        _unanswered = request;
    }

    private void Append(Work work)
    {
        _appending = work;
        Ask(new AppendEntry(NextStoreId(), new LogEntry(Seq + 1, Generation, work.Epoch, work.Body.Encode())));
    }

    // Nobody knows whether it was done. What may be done twice is done again; of what may not the log tells.
    private void Retry(StoreRequest failed)
    {
        _retryAt = _now + _settings.StoreRetry;
        _retry = failed switch
        {
            OpenMeeting => () => new OpenMeeting(NextStoreId()),
            RaiseFloor floor => () => new RaiseFloor(NextStoreId(), floor.Generation),
            SaveSnapshot => null,
            _ => () => new ReadEntries(NextStoreId(), Seq, ReadAtOnce),
        };
        if (_retry is null)
            _retryAt = Instant.Never;
    }

    private void RetryWhenDue()
    {
        if (_retry is not { } retry || _now < _retryAt)
            return;

        _retry = null;
        _retryAt = Instant.Never;
        Ask(retry());
    }

    private void Open(StoredMeeting meeting)
    {
        if (meeting.Snapshot is { } snapshot)
            Restore(snapshot);
        foreach (LogEntry entry in meeting.Entries)
            Follow(entry);
        if (meeting.Floor > Generation)
            CloseGroup(meeting.Floor);

        IsOpen = true;
        foreach (Presence presence in _presences.Values)
            (presence.GoneSince, presence.Since) = (_now, _now);
        foreach (Seat seat in _seats.Values.Where(seat => seat.IsWaitingForState).ToArray())
            TellState(seat);
    }

    private void Restore(MeetingSnapshot snapshot)
    {
        Seq = snapshot.Seq;
        _snapshotSeq = snapshot.Seq;
        if (SnapshotBody.Decode(snapshot.Body) is not { } body || MlsMessage.Decode(body.GroupInfo)?.GroupInfo is not { } info)
            return;
        if (PublicGroup.Follow(_suite, info, body.Tree, _identities, GroupTime.NoDate, out PublicGroup? group) is not null)
            return;

        Enter(body.Generation, group!, body.GroupInfo);
    }

    private void CatchUp(IReadOnlyList<LogEntry> entries)
    {
        foreach (LogEntry entry in entries)
            Follow(entry);
        if (entries.Count >= ReadAtOnce)
        {
            Ask(new ReadEntries(NextStoreId(), Seq, ReadAtOnce));
            return;
        }

        // Another was faster, or the store lost it. Had it been taken, following it would have answered it.
        if (_appending is { Seat: { } seat } work && _seats.ContainsKey(seat.Id))
        {
            bool over = _group is null || work.Epoch != _group.Epoch + 1;
            if (over && work.Commit is not null)
                Answer(seat, work.MessageId, work.Hash, AnswerOutcome.Stale, ServiceCode.None);
            else
                Reply(seat, work.MessageId, AnswerOutcome.Busy, ServiceCode.None);
        }

        _appending = null;
        foreach (Presence presence in _presences.Values)
            presence.ClaimsMore &= presence.Seat?.LastSeq > Seq;
        if (_presences.Values.Count(presence => presence.ClaimsMore) is var more and > 0 && more * 3 >= _presences.Count)
            Ask(new RaiseFloor(NextStoreId(), Generation + 1));
    }

    // An entry as it stands in the log, whoever wrote it.
    private void Follow(LogEntry entry)
    {
        if (entry.Seq != Seq + 1)
            return;

        PublicGroup? next = null;
        FollowedCommit? commit = null;
        if (LogBody.Decode(entry.Body) is { } body)
        {
            if (body.IsFounding)
            {
                if (MlsMessage.Decode(body.GroupInfo)?.GroupInfo is { } info)
                    PublicGroup.Follow(_suite, info, default, _identities, GroupTime.NoDate, out next);
            }
            else if (_group is not null && entry.Generation == Generation && MlsMessage.Decode(body.Commit) is { } message
                && _group.Receive(message, GroupTime.NoDate, out Followed? followed) is null)
            {
                commit = followed as FollowedCommit;
                next = commit?.Next;
            }

            if (next is not null)
            {
                if (_appending is { } work && work.Hash == body.Hash && work.MessageId == body.MessageId)
                    _appending = null;
                Apply(entry, body, next, commit);
                return;
            }
        }

        // An entry that nobody can follow is the end of its generation. A restart comes to the same.
        Seq = entry.Seq;
        CloseGroup(Math.Max(Generation, entry.Generation));
    }

    private void Apply(LogEntry entry, LogBody body, PublicGroup next, FollowedCommit? followed)
    {
        Seq = entry.Seq;
        if (followed is null)
            Begin(entry, body, next);
        else
            Continue(entry, body, next, followed.Commit);

        Remember(body.Origin, body.MessageId, body.Hash, new Answer(body.MessageId, AnswerOutcome.Accepted, ServiceCode.None, next.Epoch, Seq, []));
        if (_seats.Values.FirstOrDefault(seat => seat.Identity == body.Origin) is { } sender)
            Send(sender, new Answer(body.MessageId, AnswerOutcome.Accepted, ServiceCode.None, next.Epoch, Seq, []));

        _began.Enqueue(_now);
        _switched = false;
        _requestsChanged = true;
        _lobbyChanged = true;
        _events.Enqueue(new EpochBegan(Generation, next.Epoch, next.MemberCount));
        if (IsOpen && Seq - _snapshotSeq >= (ulong)_settings.SnapshotEvery && !IsStoreBusy)
        {
            _snapshotSeq = Seq;
            Ask(new SaveSnapshot(NextStoreId(), new MeetingSnapshot(Seq, new SnapshotBody(Generation, _groupInfo, next.EncodeTree()).Encode())));
        }
    }

    private void Begin(LogEntry entry, LogBody body, PublicGroup next)
    {
        CloseGroup(entry.Generation);
        Enter(entry.Generation, next, body.GroupInfo);
        Record(entry, body, default);

        // A host that lets somebody in again signs for it in a later epoch than the first: this brings one.
        if (Generation > 0 && _policy.Ejected.Count > 0 && _presences.Values.FirstOrDefault() is { } founder)
        {
            Open(new OpenRequest(new MeetingRequest { Id = ++_requestIds, Kind = RequestKind.Update, Leaf = founder.Leaf.Value }, _now)
            {
                Target = founder.SignatureKey,
                ExpiresAt = _now + _times.RequestDeadline,
            });
        }

        foreach (Seat seat in _seats.Values)
        {
            if (PresenceOf(seat) is { } presence)
            {
                (presence.Seat, presence.GoneSince, presence.ReadyEpoch) = (seat, null, 0);
                seat.WantsIn = false;
                Send(seat, new Logged(Seq, Generation, 0, default, []));
            }

            seat.Told = null;
        }
    }

    private void Continue(LogEntry entry, LogBody body, PublicGroup next, PublicCommitSummary commit)
    {
        ByteString committer = commit.IsExternal ? commit.CommitterLeaf!.SignatureKey : _group!.MemberAt(commit.Committer)!.SignatureKey;
        IReadOnlyList<SignedHostAction> actions = SignedHostAction.DecodeList(commit.AuthenticatedData) ?? [];
        TailEntry recorded = Record(entry, body, committer);

        // Those who go hear of it too, and those who come do not: they have it behind them.
        SendToMembers(recorded.ToMessage());
        _group = next;
        _groupInfo = body.GroupInfo;
        _policy = RoomPolicy.Find(next.Context.Extensions) ?? _policy;
        foreach ((_, LeafNode leaf) in commit.Removed)
        {
            bool stays = commit.IsExternal && leaf.SignatureKey == committer;
            if (!stays)
                _presences.Remove(leaf.SignatureKey);
        }

        if (commit.IsExternal && _presences.TryGetValue(committer, out Presence? back))
            (back.Leaf, back.Welcome, back.Since, back.ReadyEpoch) = (commit.Committer, null, _now, back.Seat is null ? null : next.Epoch);

        foreach (SignedHostAction action in actions)
        {
            if (action.Action is { Kind: HostActionKind.Admit, Target: { } target })
                Keep(target, action);
        }

        LetIn(body, commit, actions);
        CloseRequests(next, actions);
    }

    private void LetIn(LogBody body, PublicCommitSummary commit, IReadOnlyList<SignedHostAction> actions)
    {
        if (commit.Added.Count == 0)
            return;

        ByteString tree = _group!.EncodeTree();
        foreach ((LeafIndex index, KeyPackage keyPackage) in commit.Added)
        {
            LeafNode leaf = keyPackage.LeafNode;
            var presence = new Presence(leaf.SignatureKey, _identities.IdentityOf(leaf.Credential)!.Value, index, _now)
            {
                Welcome = new WelcomeDelivery(Seq, Generation, _group.Epoch, body.Welcome, tree, actions),
            };
            _presences[leaf.SignatureKey] = presence;
            if (_seats.Values.FirstOrDefault(seat => seat.SignatureKey == leaf.SignatureKey && seat.Identity == presence.Identity) is not { } seat)
                continue;

            presence.Seat = seat;
            presence.GoneSince = null;
            seat.WantsIn = false;
            seat.Told = null;
            Spend(seat, keyPackage);
            Send(seat, presence.Welcome);
        }
    }

    private static void Spend(Seat seat, KeyPackage keyPackage)
    {
        if (seat.KeyPackages.TryPeek(out KeyPackage? next) && next.Encoded == keyPackage.Encoded)
            seat.KeyPackages.Dequeue();
    }

    private void Keep(Participant target, SignedHostAction admission)
    {
        if (_admissions.Count < Limits.Leaves * 2 || _admissions.ContainsKey(target))
            _admissions[target] = admission;
    }

    private TailEntry Record(LogEntry entry, LogBody body, ByteString committerKey)
    {
        var recorded = new TailEntry(entry with { Body = default }, body with { Welcome = default, GroupInfo = default }, committerKey);
        _tail.Enqueue(recorded);
        while (_tail.Count > _settings.Replay)
            _tail.Dequeue();
        return recorded;
    }

    private void Enter(uint generation, PublicGroup group, ByteString groupInfo)
    {
        Generation = generation;
        _group = group;
        _groupInfo = groupInfo;
        _policy = RoomPolicy.Find(group.Context.Extensions) ?? _policy;
        _lease = null;
        _presences.Clear();
        foreach ((LeafIndex index, LeafNode leaf) in group.Members)
            _presences[leaf.SignatureKey] = new Presence(leaf.SignatureKey, _identities.IdentityOf(leaf.Credential)!.Value, index, _now);
    }

    private void GiveUpGroup(uint floor)
    {
        if (floor <= Generation)
            return;

        // Who was to go goes with the group: what a host decided the next policy says, and whom the service removed waits in the lobby.
        foreach (OpenRequest request in _requests.Where(request => request.Request.Kind is RequestKind.Remove or RequestKind.Policy))
        {
            if (request.IsEject)
                _policy = _policy.WithEjected(request.Request.Actions[0].Action.Target!.Value, 0);
            else if (request.Request.Cause == RosterCause.Service && _presences.TryGetValue(request.Target, out Presence? removed))
                _removedByService.Add(removed.Identity);
        }

        CloseGroup(floor);
        _events.Enqueue(new GroupGivenUp(floor));
        foreach (Seat seat in _seats.Values)
        {
            seat.Told = null;
            Send(seat, new Reset(floor));
        }
    }

    private void CloseGroup(uint generation)
    {
        Generation = generation;
        _group = null;
        _groupInfo = default;
        _presences.Clear();
        _requests.Clear();
        _admissions.Clear();
        _reports.Clear();
        _deadSince = null;
        _lease = null;
    }

    /// <summary>A commit or founding on its way to the store.</summary>
    private sealed record Work(Seat? Seat, ulong MessageId, ByteString Hash, PublicGroup Next, FollowedCommit? Commit, LogBody Body, ulong Epoch);

    /// <summary>An entry that can be replayed.</summary>
    private sealed record TailEntry(LogEntry Entry, LogBody Body, ByteString CommitterKey)
    {
        public Logged ToMessage() => new(Entry.Seq, Entry.Generation, Entry.Epoch, Body.Commit, Body.Causes);
    }
}
