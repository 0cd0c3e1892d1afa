using RoomAgent.Meetings;
using RoomAgent.Mls;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Meetings;

// How one comes in: hello, key packages, lobby, and the founding of the group.
public sealed partial class MeetingDesk
{
    private const double LongestLifetime = 24 * 60 * 60;

    private readonly HashSet<ByteString> _letInByService = [];
    private readonly HashSet<ByteString> _removedByService = [];
    private readonly HashSet<ConnectionId> _lapsed = [];
    private Lease? _lease;
    private bool _lobbyChanged;

    /// <summary>Lets somebody in from the lobby, from the hub's pages. Members see that the service did it.</summary>
    /// <param name="identity">Who.</param>
    /// <param name="now">The present.</param>
    /// <returns>Whether that is possible: not in a strict or locked meeting, nor for one whom a host put out.</returns>
    public bool AdmitByService(ByteString identity, Instant now)
    {
        Advance(now);
        if (_policy.IsStrict || _policy.IsLocked || _letInByService.Count >= Limits.Leaves)
            return false;

        _letInByService.Add(identity);
        _removedByService.Remove(identity);
        Settle();
        return true;
    }

    /// <summary>Who waits to be let in.</summary>
    public IEnumerable<ByteString> Waiting => _seats.Values.Where(seat => seat is { WantsIn: true, Told: JoinOutcome.Lobby }).Select(seat => seat.Identity);

    private void Greet(Seat seat, Hello hello)
    {
        if (hello.Instance != _settings.Policy.Name.Instance)
        {
            Refusals++;
            return;
        }

        // Key packages are for a key: with another key those of before are good for nothing.
        if (seat.SignatureKey != hello.SignatureKey)
        {
            if (PresenceOf(seat) is { } before && before.Seat == seat)
                (before.Seat, before.GoneSince) = (null, _now);
            seat.SignatureKey = hello.SignatureKey;
            seat.KeyPackages.Clear();
            seat.LastResort = null;
        }

        seat.LastSeq = hello.LastSeq;
        if (IsOpen)
            TellState(seat);
        else
            seat.IsWaitingForState = true;
    }

    private void TellState(Seat seat)
    {
        seat.IsWaitingForState = false;
        Presence? presence = PresenceOf(seat);
        if (presence is not null)
        {
            presence.Seat = seat;
            presence.GoneSince = null;
            presence.ClaimsMore = seat.LastSeq > Seq;
            _requestsChanged = true;
        }

        bool replayed = seat.LastSeq <= Seq && seat.LastSeq >= Seq - (ulong)_tail.Count;
        ulong epoch = _group?.Epoch ?? 0;
        Send(seat, new MeetingState(seat.LastSeq, Seq, Generation, _group is not null, epoch, replayed, presence is { HasLeft: false }, PolicyToFound()));
        if (!replayed || seat.LastSeq == 0)
            return;

        foreach (TailEntry entry in _tail)
        {
            if (entry.Entry.Seq > seat.LastSeq)
                Send(seat, entry.ToMessage());
        }
    }

    // The policy of the group that there is, or the one with which the next is to be founded.
    private RoomPolicy PolicyToFound() => _policy.Name.Generation == Generation ? _policy : JoinRules.NextGeneration(_policy, Generation);

    private void Publish(Seat seat, PublishKeyPackages message, DateTimeOffset date)
    {
        // A flood replaces its own packages and is not even looked at.
        if (seat.PublishedAt is { } last && _now - last < _settings.BetweenPublishings)
        {
            Refusals++;
            return;
        }

        seat.PublishedAt = _now;
        seat.KeyPackages.Clear();
        foreach (ByteString encoded in message.KeyPackages)
        {
            if (Accept(seat, encoded, date) is { IsLastResort: false } keyPackage)
                seat.KeyPackages.Enqueue(keyPackage);
            else
                Refusals++;
        }

        if (!message.LastResort.IsEmpty)
            seat.LastResort = Accept(seat, message.LastResort, date);
    }

    private KeyPackage? Accept(Seat seat, ByteString encoded, DateTimeOffset date)
    {
        if (MlsMessage.Decode(encoded)?.KeyPackage is not { } keyPackage || keyPackage.CipherSuite != _suite.Id)
            return null;

        LeafNode leaf = keyPackage.LeafNode;
        bool brief = leaf.Lifetime.NotAfter >= leaf.Lifetime.NotBefore && leaf.Lifetime.NotAfter - leaf.Lifetime.NotBefore <= LongestLifetime;
        if (leaf.SignatureKey != seat.SignatureKey || !brief || !leaf.Lifetime.Includes(date))
            return null;
        if (_identities.IdentityOf(leaf.Credential) != seat.Identity)
            return null;

        return _identities.IsValid(leaf.Credential, leaf.SignatureKey, IdentityRole.Joiner, GroupTime.NoDate) ? keyPackage : null;
    }

    private void Join(Seat seat, JoinRequest join)
    {
        seat.WantsIn = true;
        seat.OwnActions = join.Actions.Count <= 1 ? join.Actions : [];
        seat.IsAsking = true;

        // Its Welcome may have been lost on the way; then it would wait for ever.
        if (PresenceOf(seat) is { Welcome: { } welcome })
            Send(seat, welcome);
    }

    // Decides again where one stands who wants in. What it was told before it is not told again.
    private void Consider(Seat seat)
    {
        if (seat.SignatureKey.IsEmpty || seat.NextKeyPackage is not { } keyPackage)
        {
            if (seat is { SignatureKey.IsEmpty: false, IsAsking: true } && PresenceOf(seat)?.Welcome is null)
            {
                seat.IsAsking = false;
                Send(seat, new KeyPackagesWanted());
            }

            return;
        }

        Tell(seat, Decide(seat, keyPackage));
    }

    private void Tell(Seat seat, JoinOutcome outcome)
    {
        if (seat.Told == outcome && !seat.IsAsking)
            return;

        _lobbyChanged |= seat.Told != outcome && (seat.Told == JoinOutcome.Lobby || outcome == JoinOutcome.Lobby);
        seat.Told = outcome;
        seat.IsAsking = false;
        Send(seat, outcome == JoinOutcome.Create
            ? new JoinAnswer(outcome, Generation, (uint)(_lease!.Until - _now).TotalMilliseconds, PolicyToFound())
            : new JoinAnswer(outcome));
    }

    private JoinOutcome Decide(Seat seat, KeyPackage keyPackage)
    {
        Participant who = Participant.Of(_suite.Crypto, keyPackage.LeafNode)!.Value;
        if (_group is null)
            return DecideFounder(seat, keyPackage, who);

        Presence? own = PresenceOf(seat);
        if (own is { HasLeft: false } and ({ Welcome: not null } or { ReadyEpoch: not null }))
            return JoinOutcome.Pending;

        SignedHostAction[] admissions = [.. AdmissionsOf(seat, who)];
        bool mayEnter = CommitRules.NeedsAdmission(who, _policy)
            ? admissions.Length > 0
            : IsWelcome(seat) || admissions.Length > 0 || _letInByService.Contains(seat.Identity);
        if (!mayEnter)
        {
            _requestsChanged |= _requests.RemoveAll(request => request.Seat == seat) > 0;
            return JoinOutcome.Lobby;
        }

        if (_group.MemberCount >= Limits.Leaves)
            return JoinOutcome.Refused;

        AskForAdd(seat, own, keyPackage, admissions);
        return JoinOutcome.Pending;
    }

    private JoinOutcome DecideFounder(Seat seat, KeyPackage keyPackage, Participant who)
    {
        RoomPolicy policy = PolicyToFound();
        bool isHost = IsHost(policy, keyPackage.LeafNode, who);
        bool mayFound = policy.IsStrict ? isHost : policy.EjectedAt(who) is null && (!policy.IsLocked || isHost) && (isHost || (IsWelcome(seat) && !_settings.WaitsForHost));
        if (_lease is { } lease && lease.Until > _now)
            return lease.Holder == seat ? JoinOutcome.Create : JoinOutcome.Pending;
        if (!mayFound)
            return JoinOutcome.Lobby;
        if (_lease is { } over)
        {
            _lapsed.Add(over.Holder.Id);
            _lease = null;
        }

        // A host first, since it may know what the service has lost; and not again one that did not do it, as long as there is another.
        bool better = _seats.Values.Any(other => other != seat && IsBetterFounder(policy, other, isHost, _lapsed.Contains(seat.Id)));
        if (IsStoreBusy || better)
            return JoinOutcome.Pending;

        _lapsed.Remove(seat.Id);
        seat.IsAsking = true; // told again, though it was told before
        _lease = new Lease(seat, _now + _times.CreateLease);
        return JoinOutcome.Create;
    }

    private bool IsBetterFounder(RoomPolicy policy, Seat other, bool thanHost, bool thanLapsed)
    {
        if (other is not { WantsIn: true, NextKeyPackage.LeafNode: { } leaf } || _lapsed.Contains(other.Id))
            return false;

        Participant who = Participant.Of(_suite.Crypto, leaf)!.Value;
        bool isHost = IsHost(policy, leaf, who);
        return thanLapsed ? isHost || (!policy.IsStrict && !policy.IsLocked && other.IsInvited && policy.EjectedAt(who) is null) : isHost && !thanHost;
    }

    // Invited, and nothing to wait for. Whoever came in while a host was there stays when it goes.
    private bool IsWelcome(Seat seat) =>
        seat.IsInvited && !_removedByService.Contains(seat.Identity) && (!_settings.WaitsForHost || _group is null || IsHostThere());

    private bool IsHostThere() => _presences.Values.Any(presence =>
        presence.IsConnected && _group!.MemberAt(presence.Leaf) is { } leaf && Participant.Of(_suite.Crypto, leaf) is { } who && IsHost(_policy, leaf, who));

    private bool IsHost(RoomPolicy policy, LeafNode leaf, Participant who) =>
        policy.Hosts.Any(host => host.Name == who.Name)
        && _identities.AnchorOf(leaf.Credential, leaf.SignatureKey) is { } anchor
        && policy.Hosts.Contains(new MeetingHost(who.Name, anchor));

    private IEnumerable<SignedHostAction> AdmissionsOf(Seat seat, Participant who)
    {
        if (_admissions.TryGetValue(who, out SignedHostAction? kept) && kept.Admits(who, _policy))
            return [kept];

        ulong epoch = _group!.Epoch;
        return seat.OwnActions.Where(action =>
            action.Admits(who, _policy) && action.Action.SignedEpoch <= epoch && action.Verify(_suite, _group.Context.GroupId, _policy, _identities) is null);
    }

    private void FoundGroup(Seat seat, Found found, ByteString hash)
    {
        if (IsRepeat(seat, found.MessageId, hash))
            return;
        if (!IsOpen || IsStoreBusy)
        {
            Reply(seat, found.MessageId, AnswerOutcome.Busy, ServiceCode.None);
            return;
        }

        if (found.Generation != Generation || _group is not null)
        {
            Answer(seat, found.MessageId, hash, AnswerOutcome.Stale, ServiceCode.None);
            return;
        }

        // A lease that is over harms nobody as long as no other runs.
        if (_lease?.Holder != seat)
        {
            Answer(seat, found.MessageId, hash, AnswerOutcome.Invalid, ServiceCode.NoLease);
            return;
        }

        ServiceCode code = CheckFounding(seat, found, out PublicGroup? group);
        if (code != ServiceCode.None)
        {
            _lease = null;
            Answer(seat, found.MessageId, hash, AnswerOutcome.Invalid, code);
            return;
        }

        var body = new LogBody { Origin = seat.Identity, MessageId = found.MessageId, Hash = hash, Commit = default, GroupInfo = found.GroupInfo };
        Append(new Work(seat, found.MessageId, hash, group!, null, body, 0));
    }

    private ServiceCode CheckFounding(Seat seat, Found found, out PublicGroup? group)
    {
        group = null;
        if (MlsMessage.Decode(found.GroupInfo)?.GroupInfo is not { } info)
            return ServiceCode.Malformed;
        if (info.GroupContext.Epoch != 0 || JoinRules.CheckContext(_suite, info.GroupContext, out RoomPolicy? policy) is not null)
            return ServiceCode.Inadmissible;
        if (PublicGroup.Follow(_suite, info, default, _identities, GroupTime.NoDate, out group) is not null)
            return ServiceCode.Unprocessable;

        LeafNode? leaf = group!.MemberCount == 1 ? group.MemberAt(info.Signer) : null;
        if (leaf is null || leaf.SignatureKey != seat.SignatureKey || _identities.IdentityOf(leaf.Credential) != seat.Identity)
            return ServiceCode.NotYours;

        // A host may remember more than a service whose log was restored: who was put out, and that it was locked.
        RoomPolicy expected = PolicyToFound();
        bool isHost = IsHost(expected, leaf, Participant.Of(_suite.Crypto, leaf)!.Value);
        bool continues = isHost ? policy!.Name == expected.Name && JoinRules.CheckSuccessor(expected, policy) is null : policy!.Equals(expected);
        return continues && (isHost || !policy.IsStrict) ? ServiceCode.None : ServiceCode.Inadmissible;
    }

    private void Present(Seat seat)
    {
        if (!IsOpen || _group is null || _groupInfo.IsEmpty || PresenceOf(seat) is null)
            return;

        Send(seat, new GroupDelivery(Seq, Generation, _groupInfo, _group.EncodeTree()));
    }

    private void ShowLobby()
    {
        if (!_lobbyChanged || _group is null)
            return;

        _lobbyChanged = false;
        Lobby lobby = DescribeLobby();
        foreach (Presence presence in _presences.Values)
        {
            if (presence is { Seat: { } host } && IsHostPresent(presence))
                Send(host, lobby);
        }
    }

    private Lobby DescribeLobby() => new(
    [
        .. _seats.Values.Where(seat => seat is { WantsIn: true, Told: JoinOutcome.Lobby, NextKeyPackage: not null })
            .Take(Limits.Lobby)
            .Select(seat => new LobbyEntry(seat.NextKeyPackage!.LeafNode.Credential.Certificates)),
    ]);

    private bool IsHostPresent(Presence presence) =>
        _group!.MemberAt(presence.Leaf) is { } leaf && Participant.Of(_suite.Crypto, leaf) is { } who && IsHost(_policy, leaf, who);

    private sealed record Lease(Seat Holder, Instant Until);
}
