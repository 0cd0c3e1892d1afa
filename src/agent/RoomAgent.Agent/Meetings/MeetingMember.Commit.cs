using RoomAgent.Meetings;
using RoomAgent.Mls;
using RoomAgent.Wire;

namespace RoomAgent.Agent.Meetings;

// Committing, when it is our turn: what the service asks for, and what we refuse of it.
public sealed partial class MeetingMember
{
    private static readonly TimeSpan s_afterBusy = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan s_afterInvalid = TimeSpan.FromSeconds(5);

    // When each open request was first heard of, and which we have refused.
    private readonly Dictionary<ulong, (Instant Since, TimeSpan Jitter)> _heardOf = [];
    private readonly HashSet<ulong> _refused = [];
    private OpenRequests? _requests;
    private PendingUpload? _pending;
    private Instant _commitNotBefore = new(long.MinValue);

    private void TakeRequests(OpenRequests requests)
    {
        if (requests.Generation != _generation || Phase != MeetingPhase.InMeeting)
            return;
        if (_requests is { } newer && newer.Epoch > requests.Epoch)
            return;

        _requests = requests;
        HashSet<ulong> open = [.. requests.Requests.Select(request => request.Id)];
        foreach (ulong gone in _heardOf.Keys.Where(id => !open.Contains(id)).ToArray())
            _heardOf.Remove(gone);
        _refused.IntersectWith(open);
        foreach (ulong id in open)
            _heardOf.TryAdd(id, (_time.Now, NextJitter()));
    }

    private TimeSpan NextJitter()
    {
        Span<byte> drawn = stackalloc byte[2];
        _settings.Random.Fill(drawn);
        return _times.RankJitter * (BitConverter.ToUInt16(drawn) / 65536.0);
    }

    private void CommitWhenDue()
    {
        if (DueAt() is not { } due || due > _time.Now)
            return;

        MeetingRequest[] requests = [.. MyRequests()];
        while (requests.Length > 0)
        {
            Refusal? refusal = Build(requests, out PendingCommit? commit);
            if (refusal is null)
            {
                Upload(commit!, requests);
                return;
            }

            // One of them is bad. Which one shows alone.
            Note(refusal);
            MeetingRequest[] bad = requests.Length == 1 ? requests : [.. requests.Where(request => !IsGood(request))];
            if (bad.Length == 0)
            {
                _commitNotBefore = _time.Now + s_afterInvalid;
                return;
            }

            foreach (MeetingRequest request in bad)
                RefuseRequest(request, refusal);
            requests = [.. requests.Except(bad)];
        }
    }

    // When it is our turn: our rank in the service's order counts from when we heard of the first of what is to be done.
    private Instant? DueAt()
    {
        if (Phase != MeetingPhase.InMeeting || !_connected || _pending is not null || _requests is not { } open || open.Epoch != _group!.Epoch)
            return null;
        if (open.Requests.Any(request => request.Kind == RequestKind.Remove && request.Leaf == _group.Self.Value))
            return null;

        int rank = Rank(open);
        Instant? due = null;
        foreach (MeetingRequest request in MyRequests())
        {
            (Instant since, TimeSpan jitter) = _heardOf[request.Id];
            bool mine = request.Kind == RequestKind.Update || request.Actions.Any(action => _wanted.Any(wanted => wanted.Signed == action));
            TimeSpan turn = mine ? TimeSpan.Zero : (_times.RankStep * rank) + (rank == 0 ? TimeSpan.Zero : jitter);
            Instant at = since + TimeSpan.FromMilliseconds(request.NotBefore) + turn;
            due = due is { } earlier ? Instant.Min(earlier, at) : at;
        }

        return due is { } found && found < _commitNotBefore ? _commitNotBefore : due;
    }

    private int Rank(OpenRequests open)
    {
        for (int i = 0; i < open.Committers.Count; i++)
        {
            if (open.Committers[i] == _group!.Self.Value)
                return i;
        }

        return open.Committers.Count;
    }

    private IEnumerable<MeetingRequest> MyRequests() => _requests!.Requests.Where(request =>
        !_refused.Contains(request.Id) && (request.Kind != RequestKind.Update || request.Leaf == _group!.Self.Value));

    private bool IsGood(MeetingRequest request)
    {
        Refusal? refusal = Build([request], out PendingCommit? commit);
        commit?.Dispose();
        return refusal is null;
    }

    private void RefuseRequest(MeetingRequest request, Refusal rule)
    {
        _refused.Add(request.Id);
        ClientCode code = rule.Reason == RefusalReason.Policy ? ClientCode.Policy : ClientCode.Unprocessable;
        Send(new Refuse(request.Id, code));
    }

    private Refusal? Build(IReadOnlyList<MeetingRequest> requests, out PendingCommit? commit)
    {
        commit = null;
        Group group = _group!;
        var actions = new List<SignedHostAction>();
        var adds = new List<AddProposal>();
        var removed = new HashSet<uint>();
        foreach (MeetingRequest request in requests)
        {
            if (request.Leaf != MeetingRequest.NoLeaf && request.Kind is RequestKind.Add or RequestKind.Remove)
                removed.Add(request.Leaf);
            foreach (SignedHostAction action in request.Actions)
            {
                if (!actions.Contains(action))
                    actions.Add(action);
            }

            if (request.Kind != RequestKind.Add)
                continue;
            if (MlsMessage.Decode(request.KeyPackage)?.KeyPackage is not { } keyPackage)
                return Rules.MessageKind;
            if (_settings.Judge.Judge(keyPackage.LeafNode.Credential, keyPackage.LeafNode.SignatureKey, _time.Date) is { } unwanted)
                return unwanted;

            adds.Add(new AddProposal(keyPackage));
        }

        removed.RemoveWhere(leaf => group.MemberAt(new LeafIndex(leaf)) is null);
        List<Proposal> proposals = [.. removed.Order().Select(leaf => new RemoveProposal(new LeafIndex(leaf))), .. adds];
        RoomPolicy after = CommitRules.PolicyAfter(_policy!, actions, group.Epoch);
        if (!after.Equals(_policy))
            proposals.Add(new GroupContextExtensionsProposal(after.ToExtensions()));

        var options = new CommitOptions
        {
            Proposals = proposals,
            CoverReceived = false,
            ForcePath = true,
            TreeInWelcome = false,
            AuthenticatedData = SignedHostAction.EncodeList(actions),
        };
        if (group.Commit(options, _time, out commit) is { } refusal)
            return refusal;

        // As all the others will look at it: the service may have asked for what nobody should do.
        if (CommitRules.Check(_suite, commit!.Staged, group.Context, group.Members, _settings.Identities, out _) is { } inadmissible)
        {
            commit.Dispose();
            commit = null;
            return inadmissible;
        }

        return null;
    }

    private void Upload(PendingCommit commit, IReadOnlyList<MeetingRequest> covered)
    {
        var upload = new CommitUpload(
            ++_messageIds,
            _generation,
            _group!.Epoch,
            ByteString.Owning(commit.Message.Encode()),
            commit.Welcome is null ? default : ByteString.Owning(MlsMessage.Of(commit.Welcome).Encode()),
            ByteString.Owning(MlsMessage.Of(commit.CreateGroupInfo(withTree: false)).Encode()),
            [.. covered.Select(request => request.Id)],
            IsExternal: false);
        _pending = new PendingUpload(commit, upload) { SentAt = _time.Now };
        _codes.HandlePending(true, _time.Now);
        Send(upload);
    }

    private void DropPending()
    {
        if (_pending is null)
            return;

        _pending.Commit.Dispose();
        _pending = null;
        _codes.HandlePending(false, _time.Now);
    }

    private void TakeAnswer(Answer answer)
    {
        if (_founding is { } founding && founding.Message.MessageId == answer.MessageId)
            TakeFoundingAnswer(answer);
        else if (_return is { } returned && returned.Upload.MessageId == answer.MessageId)
            TakeReturnAnswer(answer);
        else if (_pending is { } pending && pending.Upload.MessageId == answer.MessageId)
            TakeCommitAnswer(answer);
        else
            TakeActionAnswer(answer);
    }

    private void TakeFoundingAnswer(Answer answer)
    {
        switch (answer.Outcome)
        {
            case AnswerOutcome.Accepted when _group is null:
                EnterFounded(answer.Seq);
                break;
            case AnswerOutcome.Stale or AnswerOutcome.Invalid:
                DropFounding();
                Phase = MeetingPhase.Greeting;
                Greet();
                break;
        }
    }

    private void TakeReturnAnswer(Answer answer)
    {
        if (answer.Outcome == AnswerOutcome.Accepted)
        {
            EnterReturned(answer.Seq);
            return;
        }

        // Somebody was faster, or it is too early: later, with the group as it is then.
        DropReturn();
        _returnAt = _time.Now + (answer.Outcome == AnswerOutcome.Invalid ? _times.Retry : s_afterBusy);
    }

    private void TakeCommitAnswer(Answer answer)
    {
        switch (answer.Outcome)
        {
            // It is merged when it comes back in the log; if it does not come, the log is asked for.
            case AnswerOutcome.Accepted:
                _pending!.AcceptedAs = answer.Seq;
                _pending.SentAt = _time.Now;
                break;
            case AnswerOutcome.Stale:
                DropPending();
                AskForReplay();
                break;
            case AnswerOutcome.Invalid:
                DropPending();
                _commitNotBefore = _time.Now + s_afterInvalid;
                break;
            default:
                DropPending();
                _commitNotBefore = _time.Now + s_afterBusy;
                break;
        }
    }

    private sealed class PendingUpload(PendingCommit commit, CommitUpload upload)
    {
        public PendingCommit Commit { get; } = commit;

        public CommitUpload Upload { get; } = upload;

        public Instant? SentAt { get; set; }

        public ulong? AcceptedAs { get; set; }
    }
}
