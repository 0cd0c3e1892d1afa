using RoomAgent.Meetings;
using RoomAgent.Mls;
using RoomAgent.Wire;

namespace RoomAgent.Agent.Meetings;

// How we come in: hello, key packages, Welcome, founding, and coming back by an external commit.
public sealed partial class MeetingMember
{
    private static readonly TimeSpan s_betweenReplays = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<ByteString, OwnKeyPackage> _keyPackages = [];
    private OwnKeyPackage? _lastResort;
    private Instant? _greetedAt;
    private bool _greeted;
    private Instant? _askedAt;
    private MeetingState? _state;
    private Founding? _founding;
    private Return? _return;
    private Instant? _returnAt;
    private bool _returnedForFailure;

    private void Greet()
    {
        _greetedAt = _time.Now;
        Send(new Hello(_settings.Invitation.Policy.Name.Instance, _lastSeq, 0, _signatureKey));
    }

    private void AskForReplay()
    {
        if (_greetedAt is not { } last || _time.Now - last >= s_betweenReplays)
            Greet();
    }

    private void PublishKeyPackages()
    {
        long now = _time.Date.ToUnixTimeSeconds();
        var lifetime = new Lifetime((ulong)Math.Max(0, now - 60), (ulong)Math.Max(0, now - 60 + (long)_settings.KeyPackageLife.TotalSeconds));
        while (_keyPackages.Count < Math.Min(_settings.SpareKeyPackages, Limits.KeyPackages))
        {
            OwnKeyPackage made = _client.CreateKeyPackage(lifetime);
            _keyPackages.Add(made.KeyPackage.Reference(_suite), made);
        }

        _lastResort ??= _client.CreateKeyPackage(lifetime, isLastResort: true);
        Send(new PublishKeyPackages([.. _keyPackages.Values.Select(own => Encode(own.KeyPackage))], Encode(_lastResort.KeyPackage)));
    }

    private static ByteString Encode(KeyPackage keyPackage) => ByteString.Owning(MlsMessage.Of(keyPackage).Encode());

    private void DropKeyPackages()
    {
        foreach (OwnKeyPackage own in _keyPackages.Values)
            own.Dispose();
        _keyPackages.Clear();
        _lastResort?.Dispose();
        _lastResort = null;
    }

    private void TakeState(MeetingState state)
    {
        if (state.Generation < _generation)
            return;

        _greeted = true;
        _state = state;
        if (state.Generation > _generation)
        {
            GoToGeneration(state.Generation, greet: false);
        }
        else if (_group is not null && state.Since > state.Seq)
        {
            // It says itself that it has less than we told it we have.
            StopForServiceBehind();
            return;
        }

        if (!_wantsIn || Phase is MeetingPhase.ServiceBehind)
            return;

        if (_group is null)
        {
            ComeIn(state);
            return;
        }

        // What is replayed tells by itself what became of us.
        bool misses = Phase == MeetingPhase.InMeeting && !state.IsReplayed && state.Seq > _lastSeq;
        if (!misses && Phase != MeetingPhase.Returning)
            return;

        if (state.IsPresent)
            ComeBack();
        else
            GoOut();
    }

    private void ComeIn(MeetingState state)
    {
        if (state.HasGroup && state.IsPresent)
            ComeBack();
        else
            AskToJoin();
    }

    private void AskToJoin()
    {
        if (Phase is not (MeetingPhase.Lobby or MeetingPhase.Pending or MeetingPhase.Founding))
            Phase = MeetingPhase.Greeting;
        DropReturn();
        _askedAt = _time.Now;
        Send(new JoinRequest(OwnAdmission()));
    }

    // A host lets itself in where somebody must.
    private IReadOnlyList<SignedHostAction> OwnAdmission()
    {
        bool isHost = _settings.Invitation.Policy.Hosts.Any(host => host.Name == _self.Name);
        if (!isHost || _state is not { HasGroup: true } state || state.Policy is { IsStrict: false, IsLocked: false })
            return [];

        ByteString groupId = GroupNameOf(state.Generation).ComputeGroupId(_suite.Crypto);
        HostAction action = HostAction.Create(groupId, HostActionKind.Admit, _self, state.Epoch, _settings.Random);
        return [SignedHostAction.Sign(_suite, action, _settings.Credential, _settings.SigningKey)];
    }

    private GroupName GroupNameOf(uint generation) => _settings.Invitation.Policy.Name with { Generation = generation };

    private void TakeJoinAnswer(JoinAnswer answer)
    {
        if (!_wantsIn || _group is not null || Phase is MeetingPhase.Returning or MeetingPhase.ServiceBehind)
            return;

        switch (answer.Outcome)
        {
            case JoinOutcome.Lobby:
                Phase = MeetingPhase.Lobby;
                break;
            case JoinOutcome.Pending when Phase != MeetingPhase.Founding:
                Phase = MeetingPhase.Pending;
                break;
            case JoinOutcome.Create:
                FoundGroup(answer);
                break;
            case JoinOutcome.Refused:
                LeaveBecause(LeaveReason.NotLetIn, null);
                break;
        }
    }

    private void FoundGroup(JoinAnswer answer)
    {
        if (answer.Generation > _generation)
            GoToGeneration(answer.Generation, greet: false);
        if (answer.Generation < _generation || answer.Policy!.Name != GroupNameOf(_generation))
            return;

        Phase = MeetingPhase.Founding;
        if (_founding is { } begun && begun.Generation == _generation)
        {
            SendFounding(begun);
            return;
        }

        // A group that we were in is not founded again: its keys would be new and its name old.
        RoomPolicy policy = PolicyToFound(answer.Policy);
        ByteString groupId = policy.Name.ComputeGroupId(_suite.Crypto);
        PolicyDifferences differences = PolicyDifferences.None;
        Refusal? refusal = _highest.ContainsKey(groupId) ? MeetingRules.Rollback : CheckPolicy(policy, out differences);
        if (refusal is null && policy.IsStrict && !policy.Hosts.Any(host => host.Name == _self.Name))
            refusal = MeetingRules.Founder;
        Group? founded = null;
        if (refusal == MeetingRules.Generation)
        {
            // The service has forgotten what we know. We do not found that, and wait for a host who knows it too.
            Note(refusal);
            Phase = MeetingPhase.Pending;
            return;
        }

        refusal ??= Group.Create(_client, groupId, policy.ToExtensions(), new GroupSettings(), Timeless, null, out founded);
        if (refusal is not null)
        {
            LeaveBecause(LeaveReason.Refused, refusal);
            return;
        }

        ByteString info = ByteString.Owning(MlsMessage.Of(founded!.CreateGroupInfo()).Encode());
        _founding = new Founding(founded, policy, differences, _generation, new Found(++_messageIds, _generation, info));
        SendFounding(_founding);
    }

    // A host remembers what a service may have lost: who was put out, and that it was locked.
    private RoomPolicy PolicyToFound(RoomPolicy offered)
    {
        bool forgets = _former is { } former && former.Name.Generation < offered.Name.Generation && JoinRules.CheckSuccessor(former, offered) is not null;
        return forgets && IsHost ? JoinRules.NextGeneration(_former!, offered.Name.Generation) : offered;
    }

    private void SendFounding(Founding founding)
    {
        founding.SentAt = _time.Now;
        Send(founding.Message);
    }

    private void DropFounding()
    {
        _founding?.Group.Dispose();
        _founding = null;
    }

    private void EnterFounded(ulong seq)
    {
        Founding founding = _founding!;
        _founding = null;
        if (founding.Differences != PolicyDifferences.None)
            _events.Enqueue(new InvitationDiffers(founding.Differences));
        Enter(founding.Group, founding.Policy, seq, []);
    }

    private void TakeWelcome(WelcomeDelivery delivery)
    {
        if (!_wantsIn || _group is not null || Phase == MeetingPhase.ServiceBehind || delivery.Generation != _generation)
            return;
        if (MlsMessage.Decode(delivery.Welcome)?.Welcome is not { } welcome || FindKeyPackage(welcome) is not { } own)
            return;

        Refusal? refusal = Group.Join(_client, welcome, own, delivery.Tree, new GroupSettings(), Timeless, null, out Group? group);
        Spend(own);
        if (refusal is not null)
        {
            // Our leaf is in the tree all the same: we come back to it, once.
            Note(refusal);
            PublishKeyPackages();
            ReturnAfterFailure(delivery.Seq, refusal);
            return;
        }

        refusal = CheckGroup(group!.Context, out RoomPolicy? policy, out PolicyDifferences differences);
        refusal ??= JoinRules.CheckAdmission(_suite, group.Context, policy!, _self, delivery.Actions, _settings.Identities);
        refusal ??= group.Epoch <= Highest(group.GroupId) ? MeetingRules.Rollback : null;
        if (refusal is not null)
        {
            group.Dispose();
            LeaveBecause(LeaveReason.Refused, refusal);
            return;
        }

        if (differences != PolicyDifferences.None)
            _events.Enqueue(new InvitationDiffers(differences));
        DropReturn();
        Enter(group, policy!, delivery.Seq, []);
    }

    private OwnKeyPackage? FindKeyPackage(Welcome welcome)
    {
        foreach (ByteString reference in welcome.NewMembers)
        {
            if (_keyPackages.TryGetValue(reference, out OwnKeyPackage? own))
                return own;
            if (_lastResort is not null && _lastResort.KeyPackage.Reference(_suite) == reference)
                return _lastResort;
        }

        return null;
    }

    // A key package of one use is used once, whatever came of it; so is the last one, as soon as there is another.
    private void Spend(OwnKeyPackage own)
    {
        if (own == _lastResort)
            _lastResort = null;
        else
            _keyPackages.Remove(own.KeyPackage.Reference(_suite));
        own.Dispose();
    }

    private Refusal? CheckGroup(GroupContext context, out RoomPolicy? policy, out PolicyDifferences differences)
    {
        Refusal? refusal = JoinRules.Check(_suite, context, _settings.Invitation, _former, _settings.Identities, out policy, out differences);
        if (refusal is null && policy!.Name.Generation != _generation)
            refusal = MeetingRules.Name;
        return refusal;
    }

    private Refusal? CheckPolicy(RoomPolicy policy, out PolicyDifferences differences) =>
        JoinRules.Check(
            _suite,
            new GroupContext(_suite.Id, policy.Name.ComputeGroupId(_suite.Crypto), 0, default, default, policy.ToExtensions()),
            _settings.Invitation,
            _former,
            _settings.Identities,
            out _,
            out differences);

    private ulong? Highest(ByteString groupId) => _highest.TryGetValue(groupId, out ulong highest) ? highest : null;

    private void ReturnAfterFailure(ulong seq, Refusal rule)
    {
        Send(new Report(seq, rule.Rule.StartsWith("meeting.", StringComparison.Ordinal) ? ClientCode.Inadmissible : ClientCode.Unprocessable));
        if (_returnedForFailure)
        {
            LeaveBecause(LeaveReason.Broken, rule);
            return;
        }

        _returnedForFailure = true;
        ComeBack();
    }

    // Asks for the group as it is now, to come back to our leaf in it.
    private void ComeBack()
    {
        DropPending();
        Phase = MeetingPhase.Returning;
        if (_return is { } underWay)
        {
            // It may have been accepted already. Only its answer can tell.
            Send(underWay.Upload);
            return;
        }

        _returnAt = _time.Now + _times.Retry;
        Send(new AskGroup());
    }

    private void TakeGroup(GroupDelivery delivery)
    {
        if (Phase != MeetingPhase.Returning || _return is not null || delivery.Generation != _generation)
            return;
        if (MlsMessage.Decode(delivery.GroupInfo)?.GroupInfo is not { } info)
            return;

        Refusal? refusal = CheckGroup(info.GroupContext, out RoomPolicy? policy, out PolicyDifferences differences);
        if (refusal is null && Highest(info.GroupContext.GroupId) > info.GroupContext.Epoch)
        {
            // An older epoch than one that we were in: a delayed answer, or a service that lost state. Hello tells which.
            Note(MeetingRules.Rollback);
            return;
        }

        PublicGroup? seen = null;
        refusal ??= PublicGroup.Follow(_suite, info, delivery.Tree, _settings.Identities, GroupTime.NoDate, out seen);
        if (refusal is not null)
        {
            LeaveBecause(LeaveReason.Refused, refusal);
            return;
        }

        if (seen!.Find(_signatureKey) is not { } leaf)
        {
            GoOut();
            return;
        }

        refusal = Group.JoinExternally(_client, info, delivery.Tree, leaf, new GroupSettings(), Timeless, null, [], out ExternalJoin? joined);
        if (refusal is not null)
        {
            LeaveBecause(LeaveReason.Refused, refusal);
            return;
        }

        if (differences != PolicyDifferences.None)
            _events.Enqueue(new InvitationDiffers(differences));
        var upload = new CommitUpload(
            ++_messageIds,
            _generation,
            info.GroupContext.Epoch,
            ByteString.Owning(joined!.Message.Encode()),
            default,
            ByteString.Owning(MlsMessage.Of(joined.Group.CreateGroupInfo(withTree: false)).Encode()),
            [],
            IsExternal: true);
        _return = new Return(joined.Group, policy!, leaf, upload);
        _returnAt = _time.Now + _times.Retry;
        Send(upload);
    }

    private void DropReturn()
    {
        _return?.Group.Dispose();
        _return = null;
        _returnAt = null;
    }

    private void EnterReturned(ulong seq)
    {
        Return returned = _return!;
        _return = null;
        _returnAt = null;
        _group?.Dispose();
        _group = null;
        Enter(returned.Group, returned.Policy, seq, [returned.Replaced]);
    }

    // The group is not ours any more; we may ask to be let in again.
    private void GoOut()
    {
        DropGroup();
        Phase = MeetingPhase.Greeting;
        _lastSeq = 0;
        if (_wantsIn)
            Greet();
    }

    private void GoToGeneration(uint generation, bool greet = true)
    {
        _generation = generation;
        _lastSeq = 0;
        DropGroup();
        if (Phase is MeetingPhase.Outside or MeetingPhase.Left)
            return;

        Phase = MeetingPhase.Greeting;
        if (greet)
            Greet();
    }

    private void StopForServiceBehind()
    {
        if (Phase == MeetingPhase.ServiceBehind)
            return;

        DropPending();
        DropReturn();
        Phase = MeetingPhase.ServiceBehind;
        _events.Enqueue(new ServiceLostState());
    }

    private sealed class Founding(Group group, RoomPolicy policy, PolicyDifferences differences, uint generation, Found message)
    {
        public Group Group { get; } = group;

        public RoomPolicy Policy { get; } = policy;

        public PolicyDifferences Differences { get; } = differences;

        public uint Generation { get; } = generation;

        public Found Message { get; } = message;

        public Instant SentAt { get; set; }
    }

    private sealed record Return(Group Group, RoomPolicy Policy, LeafIndex Replaced, CommitUpload Upload);
}
