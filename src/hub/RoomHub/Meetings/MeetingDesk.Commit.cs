using RoomAgent.Meetings;
using RoomAgent.Mls;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Meetings;

// Commits: what is checked before one is offered to the store, and what is answered.
public sealed partial class MeetingDesk
{
    // By sender, so that nobody makes us forget what another was told.
    private readonly Dictionary<ByteString, Queue<(ByteString Hash, Answer Answer)>> _answers = [];
    private readonly Queue<Instant> _began = new();
    private readonly Dictionary<ByteString, HashSet<ByteString>> _reports = [];

    // The last commit of each that came while another was on its way to the store.
    private readonly Dictionary<ConnectionId, (CommitUpload Commit, ByteString Hash)> _waiting = [];

    private void Commit(Seat seat, CommitUpload commit, ByteString hash)
    {
        if (IsRepeat(seat, commit.MessageId, hash))
            return;
        if (!IsOpen)
        {
            Reply(seat, commit.MessageId, AnswerOutcome.Busy, ServiceCode.None);
            return;
        }

        if (IsStoreBusy)
        {
            _waiting[seat.Id] = (commit, hash);
            return;
        }

        // 1. Is it for now?
        if (_group is null || commit.Generation != Generation || commit.Epoch != _group.Epoch)
        {
            Answer(seat, commit.MessageId, hash, AnswerOutcome.Stale, ServiceCode.None);
            return;
        }

        // 2. May this one commit at all, and now?
        if (PresenceOf(seat) is not { } presence)
        {
            Answer(seat, commit.MessageId, hash, AnswerOutcome.Invalid, ServiceCode.NotYours);
            return;
        }

        if (IsBarred(presence))
        {
            Answer(seat, commit.MessageId, hash, AnswerOutcome.Invalid, ServiceCode.Barred);
            return;
        }

        if (IsTooFast())
        {
            Reply(seat, commit.MessageId, AnswerOutcome.Busy, ServiceCode.TooMany);
            return;
        }

        // 3. Does MLS allow it, and do the rules of meetings?
        ServiceCode code = Check(presence, commit, out FollowedCommit? followed, out AdmissibleCommit? admissible);
        if (code == ServiceCode.None)
            code = CheckAttachments(commit, followed!);
        if (code != ServiceCode.None)
        {
            Answer(seat, commit.MessageId, hash, AnswerOutcome.Invalid, code);
            return;
        }

        // 4. Does it leave out what must come first?
        AnswerOutcome? blocked = FindBlock(presence, followed!.Commit, admissible!, out IReadOnlyList<ulong> missing);
        if (blocked is { } outcome)
        {
            Reply(seat, commit.MessageId, outcome, ServiceCode.None, missing);
            return;
        }

        // 5. Does it do only what was asked for?
        if (!admissible!.IsResync && !IsAskedFor(followed.Commit, admissible))
        {
            Answer(seat, commit.MessageId, hash, AnswerOutcome.Invalid, ServiceCode.Unasked);
            return;
        }

        if (admissible.IsResync)
            presence.LastResync = _now;
        LeafCause[] causes = [.. followed.Commit.Removed.Select(removed => new LeafCause(removed.Index.Value, CauseOf(removed.Leaf, admissible)))];
        var body = new LogBody
        {
            Origin = seat.Identity,
            MessageId = commit.MessageId,
            Hash = hash,
            Commit = commit.Commit,
            Welcome = commit.Welcome,
            GroupInfo = commit.GroupInfo,
            Causes = causes,
        };
        Append(new Work(seat, commit.MessageId, hash, followed.Next, followed, body, followed.Next.Epoch));
    }

    private ServiceCode Check(Presence presence, CommitUpload upload, out FollowedCommit? commit, out AdmissibleCommit? admissible)
    {
        commit = null;
        admissible = null;
        if (MlsMessage.Decode(upload.Commit) is not { ContentType: ContentType.Commit } message)
            return ServiceCode.Malformed;
        if (_group!.Receive(message, GroupTime.NoDate, out Followed? followed) is not null || followed is not FollowedCommit next)
            return ServiceCode.Unprocessable;

        commit = next;
        PublicCommitSummary summary = next.Commit;
        if (summary.IsExternal != upload.IsExternal)
            return ServiceCode.Inadmissible;

        // Signed by the one on whose connection it came, or else somebody replays for another.
        ByteString? signer = summary.IsExternal ? summary.CommitterLeaf?.SignatureKey : _group.MemberAt(summary.Committer)?.SignatureKey;
        if (signer != presence.SignatureKey)
            return ServiceCode.NotYours;
        if (CommitRules.Check(_suite, summary, _group.Context, _group.Members, _identities, out admissible) is not null)
            return ServiceCode.Inadmissible;
        if (summary.IsExternal && presence.LastResync is { } last && _now - last < _times.BetweenResyncs)
            return ServiceCode.TooMany;

        return summary.Added.All(added => added.Index.Value < Limits.Leaves) ? ServiceCode.None : ServiceCode.TooMany;
    }

    // The Welcome is for those who are added, the GroupInfo presents the epoch that begins: nobody can say more without its secrets.
    private ServiceCode CheckAttachments(CommitUpload upload, FollowedCommit followed)
    {
        if (MlsMessage.Decode(upload.GroupInfo)?.GroupInfo is not { } info || !followed.Next.IsPresentedBy(info))
            return ServiceCode.Attachments;
        if (followed.Commit.Added.Count == 0)
            return upload.Welcome.IsEmpty ? ServiceCode.None : ServiceCode.Attachments;
        if (MlsMessage.Decode(upload.Welcome)?.Welcome is not { } welcome || welcome.CipherSuite != _suite.Id)
            return ServiceCode.Attachments;

        HashSet<ByteString> added = [.. followed.Commit.Added.Select(entry => entry.KeyPackage.Reference(_suite))];
        return added.SetEquals(welcome.NewMembers) ? ServiceCode.None : ServiceCode.Attachments;
    }

    // Only removals block.
    private AnswerOutcome? FindBlock(Presence committer, PublicCommitSummary commit, AdmissibleCommit admissible, out IReadOnlyList<ulong> missing)
    {
        missing = [];
        if (admissible.IsResync && !_presences.Values.Any(CanCommit))
            return null; // nobody else is there who could do what is due

        if (_requests.Any(request => request.IsEject && !admissible.Actions.Contains(request.Request.Actions[0])))
            return AnswerOutcome.Busy;
        if (_now < _ejectHeldUntil && !admissible.Actions.Any(action => action.Action.Kind == HostActionKind.Eject))
            return AnswerOutcome.Busy;

        // Who is to go does not decide about others; one who only seemed lost is back by what it sent.
        if (committer.HasLeft || _requests.Any(request => request.Request is { Kind: RequestKind.Remove, Cause: not RosterCause.Lost } && request.Target == committer.SignatureKey))
            return AnswerOutcome.Busy;
        if (admissible.IsResync)
            return null;

        HashSet<ByteString> removed = [.. commit.Removed.Select(entry => entry.Leaf.SignatureKey)];
        missing =
        [
            .. _requests.Where(request => request.Request.Kind == RequestKind.Remove
                    && request.Target != committer.SignatureKey
                    && request.DeliveredAt is { } delivered && _now - delivered >= _times.RemovalDue
                    && !removed.Contains(request.Target))
                .Select(request => request.Request.Id),
        ];
        return missing.Count > 0 ? AnswerOutcome.MissingRequired : null;
    }

    private bool IsAskedFor(PublicCommitSummary commit, AdmissibleCommit admissible)
    {
        foreach ((_, KeyPackage keyPackage) in commit.Added)
        {
            ByteString encoded = keyPackage.Encoded;
            if (!_requests.Any(request => request.KeyPackage?.Encoded == encoded))
                return false;
        }

        foreach ((_, LeafNode leaf) in commit.Removed)
        {
            ByteString key = leaf.SignatureKey;
            bool asked = _requests.Any(request => request.Request.Kind is RequestKind.Remove or RequestKind.Add && request.Target == key);
            if (!asked)
                return false;
        }

        // Ejects and locks came to us before, so that we could stop all others.
        return admissible.Actions.All(action => action.Action.Kind == HostActionKind.Admit || _requests.Any(request => request.Request.Actions.Contains(action)));
    }

    private RosterCause CauseOf(LeafNode leaf, AdmissibleCommit admissible)
    {
        if (admissible.IsResync)
            return RosterCause.Own;

        return _requests.FirstOrDefault(request => request.Target == leaf.SignatureKey && request.Request.Kind == RequestKind.Remove)?.Request.Cause ?? RosterCause.Own;
    }

    private bool IsTooFast()
    {
        while (_began.TryPeek(out Instant first) && _now - first >= TimeSpan.FromSeconds(1))
            _began.Dequeue();
        return _began.Count >= _times.EpochsPerSecond;
    }

    // After the store has answered: those that waited for it.
    private void WorkOnCommits()
    {
        while (!IsStoreBusy && _waiting.Count > 0)
        {
            ConnectionId first = _waiting.Keys.Min(Comparer<ConnectionId>.Create((a, b) => a.Value.CompareTo(b.Value)));
            _waiting.Remove(first, out (CommitUpload Commit, ByteString Hash) next);
            if (_seats.TryGetValue(first, out Seat? seat))
                Commit(seat, next.Commit, next.Hash);
        }
    }

    // A repeat gets the same answer; another message under the same id gets none of it.
    private bool IsRepeat(Seat seat, ulong messageId, ByteString hash)
    {
        if (_appending is { } work && work.Seat?.Identity == seat.Identity && work.MessageId == messageId && work.Hash == hash)
            return true;
        if (!_answers.TryGetValue(seat.Identity, out Queue<(ByteString Hash, Answer Answer)>? own))
            return false;

        (ByteString Hash, Answer Answer) known = own.FirstOrDefault(entry => entry.Answer.MessageId == messageId);
        if (known.Answer is null)
            return false;
        if (known.Hash == hash)
            Send(seat, known.Answer);
        else
            Reply(seat, messageId, AnswerOutcome.Invalid, ServiceCode.MessageIdReused);
        return true;
    }

    // An answer that is final.
    private void Answer(Seat seat, ulong messageId, ByteString hash, AnswerOutcome outcome, ServiceCode code)
    {
        var answer = new Answer(messageId, outcome, code, _group?.Epoch ?? 0, Seq, []);
        Remember(seat.Identity, messageId, hash, answer);
        Send(seat, answer);
        if (outcome == AnswerOutcome.Invalid)
            Refusals++;
    }

    // An answer that may be another one when the same is asked again.
    private void Reply(Seat seat, ulong messageId, AnswerOutcome outcome, ServiceCode code, IReadOnlyList<ulong>? missing = null)
    {
        if (outcome == AnswerOutcome.Invalid)
            Refusals++;
        Send(seat, new Answer(messageId, outcome, code, _group?.Epoch ?? 0, Seq, missing ?? []));
    }

    private void Remember(ByteString identity, ulong messageId, ByteString hash, Answer answer)
    {
        if (!_answers.TryGetValue(identity, out Queue<(ByteString Hash, Answer Answer)>? own))
        {
            // Of those who are gone for good nobody asks again.
            if (_answers.Count >= _settings.Seats)
                _answers.Clear();
            _answers.Add(identity, own = new());
        }

        if (own.Any(entry => entry.Answer.MessageId == messageId))
            return;

        own.Enqueue((hash, answer));
        if (own.Count > _settings.RememberedAnswers)
            own.Dequeue();
    }

    private void TakeReport(Seat seat, Report report)
    {
        if (_group is null || PresenceOf(seat) is null || _tail.FirstOrDefault(entry => entry.Entry.Seq == report.Seq) is not { CommitterKey.IsEmpty: false } entry)
            return;
        if (entry.CommitterKey == seat.SignatureKey)
            return;

        if (!_reports.TryGetValue(entry.CommitterKey, out HashSet<ByteString>? reporters))
            _reports.Add(entry.CommitterKey, reporters = []);
        _requestsChanged |= reporters.Add(seat.SignatureKey);
    }

    private bool CanCommit(Presence presence) =>
        presence is { IsConnected: true, ReadyEpoch: not null }
        && !_requests.Any(request => request.Request.Kind == RequestKind.Remove && request.Target == presence.SignatureKey)
        && !IsBarred(presence);

    // By a third of the members, of whom those count who are still there: else the last one to complain would leave the others unable to remove it.
    private bool IsBarred(Presence committer) =>
        _reports.TryGetValue(committer.SignatureKey, out HashSet<ByteString>? reporters)
        && reporters.Count(key => _presences.TryGetValue(key, out Presence? reporter) && reporter.IsConnected) * 3 >= _group!.MemberCount;
}
