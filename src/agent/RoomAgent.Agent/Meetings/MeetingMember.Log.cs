using RoomAgent.Crypto;
using RoomAgent.Meetings;
using RoomAgent.Mls;
using RoomAgent.SFrame;

namespace RoomAgent.Agent.Meetings;

// Following the log: what an entry is to us, and what a new epoch brings.
public sealed partial class MeetingMember
{
    private static ReadOnlySpan<byte> BaseKeyLabel => "SFrame 1.0 Base Key"u8;

    private void TakeLogged(Logged logged)
    {
        if (Phase == MeetingPhase.ServiceBehind || logged.Generation != _generation)
        {
            if (logged.Generation > _generation)
                AskForReplay();
            return;
        }

        // 1. Our own founding or return, come back.
        if (_founding is not null && logged.Commit.IsEmpty && _group is null)
        {
            // Whether it is ours the answer tells; here we only learn that there is a group.
            return;
        }

        if (_return is { } returned && logged.Commit == returned.Upload.Commit)
        {
            EnterReturned(logged.Seq);
            return;
        }

        if (_group is null || Phase != MeetingPhase.InMeeting || logged.Seq <= _lastSeq)
            return;
        if (logged.Seq > _lastSeq + 1)
        {
            _codes.HandlePending(true, _time.Now);
            AskForReplay();
            return;
        }

        // 2. The next entry.
        if (_pending is { } own && logged.Commit == own.Upload.Commit)
            MergeOwn(own, logged);
        else
            Follow(logged);
    }

    private void MergeOwn(PendingUpload own, Logged logged)
    {
        _pending = null;
        StagedCommit staged = own.Commit.Staged;
        RoomPolicy policy = RoomPolicy.Find(staged.Context.Extensions)!;
        Merge(staged, policy, isResync: false, logged);
    }

    private void Follow(Logged logged)
    {
        Refusal? refusal = Stage(logged, out StagedCommit? staged, out AdmissibleCommit? admissible);
        if (refusal is not null)
        {
            Note(refusal);
            staged?.Dispose();

            // What breaks a rule that everyone has is no accident: the service and the committer have agreed on it.
            if (refusal.Rule.StartsWith("meeting.", StringComparison.Ordinal))
            {
                Send(new Report(logged.Seq, ClientCode.Inadmissible));
                LeaveBecause(LeaveReason.Refused, refusal);
                return;
            }

            ReturnAfterFailure(logged.Seq, refusal);
            return;
        }

        if (staged!.RemovesUs)
        {
            BePutOut(logged, staged, admissible!);
            return;
        }

        foreach ((_, KeyPackage keyPackage) in staged.Added)
        {
            if (_settings.Judge.Judge(keyPackage.LeafNode.Credential, keyPackage.LeafNode.SignatureKey, _time.Date) is not { } unwanted)
                continue;

            staged.Dispose();
            Send(new Report(logged.Seq, ClientCode.Policy));
            LeaveBecause(LeaveReason.Policy, unwanted);
            return;
        }

        DropPending();
        Merge(staged, admissible!.Policy, admissible.IsResync, logged);
        _returnedForFailure = false;
    }

    private Refusal? Stage(Logged logged, out StagedCommit? staged, out AdmissibleCommit? admissible)
    {
        staged = null;
        admissible = null;
        if (MlsMessage.Decode(logged.Commit) is not { ContentType: ContentType.Commit } message)
            return Rules.MessageKind;
        if (_group!.Receive(message, Timeless, out Received? received) is { } refusal)
            return refusal;
        if (received is not CommitMessage commit)
            return Rules.OwnMessage;

        staged = commit.Staged;
        if (staged.Epoch + 1 <= Highest(_group.GroupId))
            return MeetingRules.Rollback;

        return CommitRules.Check(_suite, staged, _group.Context, _group.Members, _settings.Identities, out admissible);
    }

    private void BePutOut(Logged logged, StagedCommit staged, AdmissibleCommit admissible)
    {
        bool ejected = admissible.Actions.Any(action => action.Action.Kind == HostActionKind.Eject
            && (action.Action.Target!.Value.KeyHash == _self.KeyHash || action.Action.Target.Value.Name == _self.Name));
        uint self = _group!.Self.Value;
        RosterCause cause = logged.Causes.Where(entry => entry.Leaf == self).Select(entry => entry.Cause).FirstOrDefault(RosterCause.Lost);
        _former = admissible.Policy;
        _highest[_group.GroupId] = Math.Max(Highest(_group.GroupId) ?? 0, staged.Epoch);
        staged.Dispose();
        if (ejected)
            LeaveBecause(LeaveReason.Ejected, null);
        else if (cause is RosterCause.Service or RosterCause.Host) // a host's would be proven
            LeaveBecause(LeaveReason.RemovedByService, null);
        else
            GoOut();
    }

    private void Merge(StagedCommit staged, RoomPolicy policy, bool isResync, Logged logged)
    {
        IReadOnlyList<SignedHostAction> actions = SignedHostAction.DecodeList(staged.AuthenticatedData) ?? [];
        (LeafIndex, RosterCause)[] came = [.. staged.Added.Select(added => (added.Index, CauseOf(added.KeyPackage.LeafNode, actions)))];
        int[] removed = [.. staged.Removed.Select(entry => (int)entry.Index.Value)];
        (LeafIndex, Participant, RosterCause)[] went =
        [
            .. staged.Removed.Select(entry => (entry.Index, Participant.Of(_suite.Crypto, entry.Leaf)!.Value, CauseOf(entry.Leaf, entry.Index, policy, staged.Epoch, logged))),
        ];
        if (_group!.Merge(staged, _time.Now) is { } refusal)
        {
            ReturnAfterFailure(logged.Seq, refusal);
            return;
        }

        if (removed.Length > 0 && !isResync)
            _group.ForgetPastEpochs();
        _lastSeq = logged.Seq;
        _policy = policy;
        BeginEpoch(removed, isResync);
        _events.Enqueue(new EpochMerged(_generation, _group.Epoch, came, went));
    }

    private RosterCause CauseOf(LeafNode leaf, IReadOnlyList<SignedHostAction> actions)
    {
        Participant? who = Participant.Of(_suite.Crypto, leaf);
        return actions.Any(action => action.Action.Kind == HostActionKind.Admit && action.Action.Target == who) ? RosterCause.Host : RosterCause.Service;
    }

    // What a host did it has signed: whatever the service says.
    private RosterCause CauseOf(LeafNode leaf, LeafIndex index, RoomPolicy policy, ulong epoch, Logged logged)
    {
        if (Participant.Of(_suite.Crypto, leaf) is { } who && policy.EjectedAt(who) == epoch)
            return RosterCause.Host;

        RosterCause said = logged.Causes.Where(entry => entry.Leaf == index.Value).Select(entry => entry.Cause).FirstOrDefault(RosterCause.Service);
        return said == RosterCause.Host ? RosterCause.Service : said;
    }

    private void Enter(Group group, RoomPolicy policy, ulong seq, IReadOnlyList<LeafIndex> replaced)
    {
        _group = group;
        _policy = policy;
        _lastSeq = seq;
        Phase = MeetingPhase.InMeeting;
        _founding?.Group.Dispose();
        _founding = null;
        BeginEpoch([.. replaced.Select(leaf => (int)leaf.Value)], isResync: replaced.Count == 1);
        PublishKeyPackages();
        _events.Enqueue(new EpochMerged(_generation, group.Epoch, [], []));
    }

    private void BeginEpoch(IReadOnlyList<int> removed, bool isResync)
    {
        Group group = _group!;
        _former = _policy;
        _highest[group.GroupId] = group.Epoch;
        var baseKey = new Secret(SFrameCipherSuite.Aes256GcmSha512.Key());
        group.Export(BaseKeyLabel, [], baseKey.Buffer);
        _keys.Enqueue(new EpochBegan(
            new FrameEpoch
            {
                Generation = _generation,
                Number = group.Epoch,
                OwnLeaf = (int)group.Self.Value,
                LeafCount = (int)group.Members.Max(member => member.Index.Value) + 1,
                RemovedLeaves = removed,
                IsResync = isResync,
            },
            baseKey,
            _time.Now));

        _heard.Clear();
        foreach (int leaf in removed)
            _states.Remove(new LeafIndex((uint)leaf));
        _epochSince = _time.Now;
        _heartbeatAt = _time.Now;
        _codes.HandleEpoch(group.GroupId, group.Epoch, group.MemberCount, _time.Now);
        Send(new Ready(_generation, group.Epoch));
        SignWantedAgain();
    }

    private void Note(Refusal rule) => _events.Enqueue(new SomethingRefused(rule));
}
