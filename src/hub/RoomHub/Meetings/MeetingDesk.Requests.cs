using RoomAgent.Meetings;
using RoomAgent.Mls;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Meetings;

// What the members are asked for, who is there to do it, and when.
public sealed partial class MeetingDesk
{
    private static readonly TimeSpan s_ejectHold = TimeSpan.FromSeconds(1);

    private readonly List<OpenRequest> _requests = [];
    private readonly List<Instant> _sparseUpdates = [];

    private ulong _requestIds;
    private bool _requestsChanged;
    private bool _switched;
    private Instant? _lastJoin;
    private Instant _joinWindowEnds = new(long.MinValue);
    private Instant _joinWindowLimit;
    private Instant? _deadSince;
    private Instant _pathUpdateAt = Instant.Never;
    private LeafIndex _lastUpdated = new(uint.MaxValue);

    /// <summary>Removes somebody, from the hub's pages. Members see that the service did it.</summary>
    /// <param name="identity">Who.</param>
    /// <param name="now">The present.</param>
    /// <returns>Whether that is possible: not in a strict meeting, and only for a member.</returns>
    public bool RemoveByService(ByteString identity, Instant now)
    {
        Advance(now);
        if (_policy.IsStrict || _presences.Values.FirstOrDefault(presence => presence.Identity == identity) is not { } member)
            return false;

        _letInByService.Remove(identity);
        AskForRemoval(member, RosterCause.Service, []);
        _events.Enqueue(new MediaCut(identity));
        Settle();
        return true;
    }

    /// <summary>When <see cref="HandleTimeout"/> wants to be called next; <see cref="Instant.Never"/> when nothing waits.</summary>
    public Instant PollTimeout()
    {
        Instant next = Instant.Never;
        void consider(Instant? at)
        {
            if (at is { } moment && moment > _now)
                next = Instant.Min(next, moment);
        }

        consider(_retryAt);
        consider(_lease?.Until);
        foreach (OpenRequest request in _requests)
        {
            consider(request.VisibleAt);
            consider(request.ExpiresAt);
        }

        foreach (Presence presence in _presences.Values)
        {
            consider(presence.GoneSince + _times.Suspect);
            consider(presence.GoneSince + _times.Lost);
            consider(presence.Since + _times.JoinerReady);
            consider(presence.Seat?.LastHeard + _times.Silence);
        }

        foreach (Seat seat in _seats.Values)
            consider(seat.LastHeard + _times.Silence);
        consider(_deadSince + _times.Lost);
        consider(_pathUpdateAt);
        foreach (Instant update in _sparseUpdates)
            consider(update);
        return next;
    }

    private void WatchPresences()
    {
        foreach (Presence presence in _presences.Values)
        {
            bool heard = presence.Seat is { } seat && _now - seat.LastHeard < _times.Silence;
            if (!heard)
                presence.GoneSince ??= _now;
            else
                presence.GoneSince = null;

            bool lost = presence.GoneSince is { } gone && _now - gone >= _times.Lost;
            bool neverReady = presence is { ReadyEpoch: null, GoneSince: null } && _now - presence.Since >= _times.JoinerReady;
            if (presence.HasLeft)
                AskForRemoval(presence, RosterCause.Own, []);
            else if (lost || neverReady)
                AskForRemoval(presence, RosterCause.Lost, []);
            else if (presence.GoneSince is null && _requests.RemoveAll(request => request.Request is { Kind: RequestKind.Remove, Cause: RosterCause.Lost } && request.Target == presence.SignatureKey) > 0)
                _requestsChanged = true;
        }
    }

    private void WatchRequests()
    {
        foreach (OpenRequest expired in _requests.Where(request => request.ExpiresAt <= _now).ToArray())
            Withdraw(expired);
    }

    private void WatchGroup()
    {
        if (_group is null)
            return;

        // 1. A group in which nobody is left who could add anybody is given up for those who wait.
        bool alive = _presences.Values.Any(CanCommit);
        _deadSince = alive ? null : _deadSince ?? _now;
        if (_deadSince is { } dead && _now - dead >= _times.Lost && !IsStoreBusy && _seats.Values.Any(seat => seat.WantsIn))
        {
            Ask(new RaiseFloor(NextStoreId(), Generation + 1));
            return;
        }

        // 2. New keys, in turn.
        if (_pathUpdateAt == Instant.Never)
            _pathUpdateAt = _now + _times.PathUpdate;
        if (_pathUpdateAt <= _now)
        {
            _pathUpdateAt = _now + _times.PathUpdate;
            AskForUpdate();
        }

        if (_sparseUpdates.RemoveAll(at => at <= _now) > 0)
            AskForUpdate();

        // 3. A desk that seems to be behind reads the log before it believes it.
        if (!IsStoreBusy && _presences.Values.Any(presence => presence.ClaimsMore))
            Ask(new ReadEntries(NextStoreId(), Seq, ReadAtOnce));
    }

    private void AskForUpdate()
    {
        Presence[] able = [.. _presences.Values.Where(presence => presence is { IsConnected: true, ReadyEpoch: not null }).OrderBy(presence => presence.Leaf.Value)];
        if (able.Length < 2)
            return;

        Presence next = able.FirstOrDefault(presence => presence.Leaf.Value > _lastUpdated.Value) ?? able[0];
        _lastUpdated = next.Leaf;
        if (_requests.Any(request => request.Request.Kind == RequestKind.Update && request.Target == next.SignatureKey))
            return;

        Open(new OpenRequest(new MeetingRequest { Id = ++_requestIds, Kind = RequestKind.Update, Leaf = next.Leaf.Value }, _now)
        {
            Target = next.SignatureKey,
            ExpiresAt = _now + _times.RequestDeadline,
        });
    }

    private void AskForAdd(Seat seat, Presence? own, KeyPackage keyPackage, SignedHostAction[] admissions)
    {
        // One with another key under the same name goes first, by a commit of its own.
        if (_presences.Values.FirstOrDefault(presence => presence.Identity == seat.Identity && presence != own) is { } other)
        {
            AskForRemoval(other, RosterCause.Own, []);
            return;
        }

        if (_requests.FirstOrDefault(request => request.Seat == seat) is { } open)
        {
            if (open.KeyPackage!.Encoded == keyPackage.Encoded)
                return;
            _requests.Remove(open);
        }

        // Whoever is being put out waits until that is in force, and for a host who lets them in again.
        if (_requests.Count >= Limits.Requests || _requests.Any(request => request.IsEject && IsTarget(keyPackage.LeafNode, request.Request.Actions[0].Action.Target!.Value)))
            return;

        Open(new OpenRequest(
            new MeetingRequest
            {
                Id = ++_requestIds,
                Kind = RequestKind.Add,
                Cause = admissions.Length > 0 ? RosterCause.Host : _letInByService.Contains(seat.Identity) ? RosterCause.Service : RosterCause.Own,
                Leaf = own?.Leaf.Value ?? MeetingRequest.NoLeaf,
                KeyPackage = ByteString.Owning(MlsMessage.Of(keyPackage).Encode()),
                Actions = CommitRules.NeedsAdmission(Participant.Of(_suite.Crypto, keyPackage.LeafNode)!.Value, _policy) ? [admissions[0]] : [],
            },
            NextJoinWindow())
        {
            Target = seat.SignatureKey,
            Seat = seat,
            KeyPackage = keyPackage,
            ExpiresAt = _now + _times.LongestJoinWindow + _times.RequestDeadline,
        });
    }

    private Instant NextJoinWindow()
    {
        bool quiet = _lastJoin is not { } last || _now - last >= _times.QuietBeforeJoin;
        _lastJoin = _now;
        if (quiet)
            return _now;

        if (_joinWindowEnds <= _now)
        {
            _joinWindowEnds = _now + _times.JoinWindow;
            _joinWindowLimit = _now + _times.LongestJoinWindow;
            return _joinWindowEnds;
        }

        Instant before = _joinWindowEnds;
        _joinWindowEnds = Instant.Min(_now + _times.JoinWindow, _joinWindowLimit);
        foreach (OpenRequest request in _requests.Where(request => request.Request.Kind == RequestKind.Add && request.VisibleAt == before))
            request.VisibleAt = _joinWindowEnds;
        return _joinWindowEnds;
    }

    private void AskForRemoval(Presence member, RosterCause cause, IReadOnlyList<SignedHostAction> actions)
    {
        OpenRequest? open = _requests.FirstOrDefault(request => request.Request.Kind == RequestKind.Remove && request.Target == member.SignatureKey);
        if (open is not null && (open.Request.Cause == cause || open.IsEject || cause == RosterCause.Lost))
            return;
        if (open is not null)
            _requests.Remove(open);

        // Leaves and losses are collected; what somebody decided is not kept waiting.
        Instant visible = _now;
        if (cause is RosterCause.Own or RosterCause.Lost)
        {
            visible = _requests.Where(request => request.Request.Kind == RequestKind.Remove && request.VisibleAt > _now)
                .Select(request => request.VisibleAt)
                .DefaultIfEmpty(_now + _times.RemovalWindow)
                .Min();
        }

        Open(new OpenRequest(new MeetingRequest { Id = ++_requestIds, Kind = RequestKind.Remove, Cause = cause, Leaf = member.Leaf.Value, Actions = actions }, visible)
        {
            Target = member.SignatureKey,
        });
    }

    private void Open(OpenRequest request)
    {
        _requests.Add(request);
        _requestsChanged = true;
    }

    // Its key package may be what is wrong: the next one is another.
    private void Withdraw(OpenRequest request)
    {
        _requests.Remove(request);
        _requestsChanged = true;
        if (request is not { Seat: { } seat, KeyPackage: { } keyPackage })
            return;

        Spend(seat, keyPackage);
        seat.Told = null;
    }

    // After an epoch began: what is done, and what it made void.
    private void CloseRequests(PublicGroup next, IReadOnlyList<SignedHostAction> inForce)
    {
        foreach (OpenRequest request in _requests.ToArray())
        {
            bool present = _presences.TryGetValue(request.Target, out Presence? member);
            bool over = request.Request.Kind switch
            {
                RequestKind.Add => present && next.MemberAt(member!.Leaf) is { } leaf && leaf.EncryptionKey == request.KeyPackage!.LeafNode.EncryptionKey,
                RequestKind.Remove => !present || request.IsEject,
                RequestKind.Update => true,
                _ => true,
            };
            if (over)
                _requests.Remove(request);

            // The host signs it again for this epoch. Until then nobody else moves on.
            if (request.IsEject && !inForce.Contains(request.Request.Actions[0]))
                _ejectHeldUntil = _now + s_ejectHold;
        }

        // A tree that was filled by one commit is sparse until its members bring keys.
        int added = next.Members.Count(member => member.Leaf.Source == LeafNodeSource.KeyPackage);
        if (added >= _times.LeavesPerSparseUpdate && _sparseUpdates.Count == 0)
        {
            int updates = added / _times.LeavesPerSparseUpdate;
            for (int i = 1; i <= updates; i++)
                _sparseUpdates.Add(_now + (_times.SparseUpdates * i / updates));
        }
    }

    private void PublishRequests()
    {
        if (_group is null)
            return;

        OpenRequest[] visible = [.. _requests.Where(request => request.VisibleAt <= _now)];
        if (!_requestsChanged && visible.All(request => request.DeliveredAt is not null))
            return;

        _requestsChanged = false;
        OpenRequests message = Describe(visible);
        foreach (OpenRequest request in visible)
            request.DeliveredAt ??= _now;
        SendToMembers(message);
    }

    private OpenRequests Describe(IEnumerable<OpenRequest> visible)
    {
        var described = new List<MeetingRequest>();
        ByteString ejector = default;
        foreach (OpenRequest open in visible)
        {
            uint leaf = open.Request.Kind == RequestKind.Policy ? MeetingRequest.NoLeaf
                : _presences.TryGetValue(open.Target, out Presence? target) ? target.Leaf.Value : MeetingRequest.NoLeaf;
            uint deadline = open.ExpiresAt == Instant.Never ? 0 : (uint)Math.Max(1, (open.ExpiresAt - _now).TotalMilliseconds);
            described.Add(open.Request with { Leaf = leaf, Deadline = deadline });
            if (open.Request.Actions is [{ Action.Kind: not HostActionKind.Admit, Chain: [var own, ..] }] && CertificateChain.Read(Credential.X509([own]), out CertificateChain? chain) is null)
                ejector = chain!.Leaf.PublicKey;
        }

        uint[] committers =
        [
            .. _presences.Values.Where(CanCommit)
                .OrderBy(presence => presence.SignatureKey == ejector ? 0 : 1)
                .ThenBy(presence => presence.Leaf.Value)
                .Take(Limits.Committers)
                .Select(presence => presence.Leaf.Value),
        ];
        return new OpenRequests(Generation, _group!.Epoch, committers, described);
    }

    private void SwitchWhenReady()
    {
        if (_switched || _group is null)
            return;

        ulong epoch = _group.Epoch;
        bool all = _presences.Values.All(presence => presence.ReadyEpoch == epoch || presence.HasLeft || (presence.GoneSince is { } gone && _now - gone >= _times.Suspect));
        if (!all)
            return;

        _switched = true;
        SendToMembers(new SwitchKeys(Generation, epoch));
    }
}
