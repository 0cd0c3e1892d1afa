using System.Diagnostics.CodeAnalysis;
using RoomAgent.Meetings;
using RoomAgent.Mls;
using RoomAgent.Wire;

namespace RoomAgent.Agent.Meetings;

/// <summary>
/// One participant's side of a meeting: it joins or founds the group, follows the log, commits when it is its turn, and gives the media its keys.
/// No sockets, clock or threads: messages of the service and time come in, messages and events go out.
/// </summary>
/// <remarks>
/// <para>
/// After each call of a Handle method or a verb take what there is from <see cref="TryPollMessage"/>, <see cref="TryPollEvent"/>, <see cref="TryPollKeys"/> and <see cref="TryPollCodeWork"/>,
/// and ask <see cref="PollTimeout"/> when to call <see cref="HandleTimeout"/>. One caller at a time.
/// </para>
/// <para>Nothing of it is stored. A participant that lost its state makes a new one, which comes back to its place in the group by an external commit.</para>
/// </remarks>
public sealed partial class MeetingMember : IDisposable
{
    private readonly MemberSettings _settings;
    private readonly MeetingTimes _times;
    private readonly CipherSuite _suite;
    private readonly MlsClient _client;
    private readonly Participant _self;
    private readonly ByteString _signatureKey;
    private readonly CodeBoard _codes;
    private readonly Queue<ClientMessage> _messages = new();
    private readonly Queue<MemberEvent> _events = new();
    private readonly Queue<KeyChange> _keys = new();

    // The highest epoch merged, of each group that we were in.
    private readonly Dictionary<ByteString, ulong> _highest = [];

    private Group? _group;
    private RoomPolicy? _policy;
    private RoomPolicy? _former;
    private uint _generation;
    private ulong _lastSeq;
    private GroupTime _time;
    private bool _connected;
    private Instant _lastHeard;
    private ulong _messageIds;
    private bool _wantsIn;

    /// <summary>Sets up a member, outside the meeting.</summary>
    /// <param name="settings">Who we are and what we know.</param>
    /// <exception cref="ArgumentException">Our own credential has no name, or is not for our key.</exception>
    public MeetingMember(MemberSettings settings)
    {
        _settings = settings;
        _times = settings.Times;
        _suite = settings.Suite;
        _signatureKey = ByteString.CopyOf(settings.SigningKey.PublicKey);
        if (ParticipantName.Of(settings.Credential) is not { } name || settings.Identities.AnchorOf(settings.Credential, _signatureKey) is null)
            throw new ArgumentException("Our own credential leads from our key and name to an anchor of the meeting.", nameof(settings));

        _self = new Participant(Participant.HashOfKey(_suite.Crypto, _signatureKey), name);
        _client = new MlsClient(_suite, settings.Identities, settings.Random, settings.SigningKey, settings.Credential)
        {
            SupportedExtensions = [(ushort)RoomPolicy.ExtensionType],
            SupportedCredentials = [(ushort)CredentialType.X509],
        };
        _codes = new CodeBoard(_times);
        Span<byte> start = stackalloc byte[sizeof(ulong)];
        settings.Random.Fill(start);
        _messageIds = BitConverter.ToUInt64(start);
    }

    /// <summary>Where we stand.</summary>
    public MeetingPhase Phase { get; private set; }

    /// <summary>Why we left, when we did.</summary>
    public LeaveReason? LeftBecause { get; private set; }

    /// <summary>The rule by which we left, when it was one.</summary>
    public Refusal? LeftByRule { get; private set; }

    /// <summary>Who we are.</summary>
    public Participant Self => _self;

    /// <summary>The generation of the group.</summary>
    public uint Generation => _generation;

    /// <summary>The present epoch: <see langword="null"/> outside the meeting.</summary>
    public ulong? Epoch => _group?.Epoch;

    /// <summary>Our leaf: <see langword="null"/> outside the meeting.</summary>
    public LeafIndex? Leaf => _group?.Self;

    /// <summary>The policy that all have agreed on: <see langword="null"/> outside the meeting.</summary>
    public RoomPolicy? Policy => _group is null ? null : _policy;

    /// <summary>Who is in the meeting, as the group proves it.</summary>
    public IEnumerable<(LeafIndex Leaf, Participant Who)> Roster => _group is null
        ? []
        : _group.Members.Select(member => (member.Index, Participant.Of(_suite.Crypto, member.Leaf)!.Value));

    /// <summary>A member's leaf, with its credential: <see langword="null"/> when there is none.</summary>
    public LeafNode? FindLeaf(LeafIndex leaf) => _group?.MemberAt(leaf);

    /// <summary>How many are in the meeting, we included; 0 outside.</summary>
    public int MemberCount => _group?.MemberCount ?? 0;

    /// <summary>The epoch's authenticator (RFC 9420 section 8.7), for the local interface; empty outside the meeting.</summary>
    public ReadOnlySpan<byte> EpochAuthenticator => _group is null ? [] : _group.EpochAuthenticator;

    /// <summary>Whether we may send media: in the meeting, and the service still answers.</summary>
    public bool MaySend { get; private set; }

    /// <summary>What we tell the others of ourselves.</summary>
    public MemberState OwnState { get; private set; } = MemberState.Unseen;

    /// <summary>The service is reached.</summary>
    public void HandleConnected(GroupTime time)
    {
        Advance(time);
        if (Phase == MeetingPhase.Left)
            return;

        _connected = true;
        _greeted = false;
        _lastHeard = time.Now;
        _pingAt = time.Now + _times.Ping;
        foreach (WantedAction wanted in _wanted)
            wanted.SentAt = null;
        if (_pending is { } pending)
            pending.SentAt = null;
        Greet();
        PublishKeyPackages();
        Settle();
    }

    /// <summary>The service is not reached any more. We stay in the meeting as long as it lets us.</summary>
    public void HandleDisconnected(GroupTime time)
    {
        Advance(time);
        _connected = false;
        _messages.Clear();
        Settle();
    }

    /// <summary>The service said something.</summary>
    /// <param name="bytes">What; anything.</param>
    /// <param name="time">The present.</param>
    public void HandleMessage(ReadOnlySpan<byte> bytes, GroupTime time)
    {
        Advance(time);
        if (!_connected || Phase == MeetingPhase.Left || ServiceMessage.Decode(bytes) is not { } message)
            return;

        _lastHeard = time.Now;
        switch (message)
        {
            case MeetingState state:
                TakeState(state);
                break;
            case JoinAnswer answer:
                TakeJoinAnswer(answer);
                break;
            case Answer answer:
                TakeAnswer(answer);
                break;
            case Logged logged:
                TakeLogged(logged);
                break;
            case WelcomeDelivery welcome:
                TakeWelcome(welcome);
                break;
            case GroupDelivery group:
                TakeGroup(group);
                break;
            case OpenRequests requests:
                TakeRequests(requests);
                break;
            case RoomAgent.Meetings.Lobby lobby:
                TakeLobby(lobby);
                break;
            case Relayed relayed:
                TakeRelayed(relayed);
                break;
            case SwitchKeys keys:
                if (keys.Generation == _generation)
                    _keys.Enqueue(new AllReady(keys.Epoch));
                break;
            case Reset reset:
                if (reset.Generation > _generation)
                    GoToGeneration(reset.Generation);
                break;
            case Pong pong:
                if (Phase == MeetingPhase.InMeeting && pong.Seq > _lastSeq)
                    AskForReplay();
                break;
            case KeyPackagesWanted:
                PublishKeyPackages();
                break;
        }

        Settle();
    }

    /// <summary>Does what is due.</summary>
    public void HandleTimeout(GroupTime time)
    {
        Advance(time);
        Settle();
    }

    /// <summary>Wants to take part.</summary>
    public void Join(GroupTime time)
    {
        Advance(time);
        if (Phase != MeetingPhase.Outside)
            return;

        _wantsIn = true;
        Phase = MeetingPhase.Greeting;
        if (_connected)
            Greet();
        Settle();
    }

    /// <summary>Leaves the meeting, for good.</summary>
    public void Leave(GroupTime time)
    {
        Advance(time);
        LeaveBecause(LeaveReason.Own, null);
    }

    /// <summary>Tells the others, at once, whether they can hear and see us.</summary>
    public void ShowState(MemberState state, GroupTime time)
    {
        Advance(time);
        if (state == OwnState)
            return;

        OwnState = state;
        _heartbeatAt = time.Now;
        Settle();
    }

    /// <summary>The next message to the service. They are to arrive in their order.</summary>
    public bool TryPollMessage([NotNullWhen(true)] out ClientMessage? message) => _messages.TryDequeue(out message);

    /// <summary>What happened.</summary>
    public bool TryPollEvent([NotNullWhen(true)] out MemberEvent? happened) => _events.TryDequeue(out happened);

    /// <summary>What changes with the keys of media, in order: for whoever seals and opens frames, on whatever thread. It is theirs then, the secret in it too.</summary>
    public bool TryPollKeys([NotNullWhen(true)] out KeyChange? change) => _keys.TryDequeue(out change);

    /// <summary>A security code to work out; its result goes to <see cref="HandleCode"/>.</summary>
    public bool TryPollCodeWork([NotNullWhen(true)] out CodeWork? work)
    {
        work = null;
        if (_group is null || !_codes.IsDue(_time.Now))
            return false;

        work = new CodeWork(_suite.Id, _group.Epoch, _group.GroupId, _group.EpochAuthenticator);
        return true;
    }

    /// <summary>A security code was worked out.</summary>
    public void HandleCode(CodeWork work, SecurityCode code) => _codes.HandleCode(work.GroupId, code);

    /// <summary>The code to show now.</summary>
    public ShownCode ShowCode(Instant now) => _codes.Show(now);

    /// <summary>Wants to see the present code without waiting for the epoch to be stable.</summary>
    public void DemandCode() => _codes.Demand();

    /// <summary>Holds the code that is shown, so that people can read it out.</summary>
    /// <returns>Whether there is a present one to hold.</returns>
    public bool FreezeCode(Instant now) => _codes.Freeze(now);

    /// <summary>The code of an epoch of this group, while it is remembered.</summary>
    public SecurityCode? FindCode(ulong epoch) => _codes.Find(epoch);

    /// <summary>Zeroes all keys.</summary>
    public void Dispose()
    {
        DropGroup();
        DropKeyPackages();
        foreach (EpochBegan begun in _keys.OfType<EpochBegan>())
            begun.BaseKey.Dispose();
        _keys.Clear();
    }

    private void Send(ClientMessage message)
    {
        if (_connected)
            _messages.Enqueue(message);
    }

    private void Advance(GroupTime time)
    {
        if (time.Now >= _time.Now)
            _time = time;
    }

    // What everyone must decide alike is decided without a date.
    private GroupTime Timeless => _time with { Date = GroupTime.NoDate };

    private void LeaveBecause(LeaveReason reason, Refusal? rule)
    {
        if (Phase == MeetingPhase.Left)
            return;

        Send(new LeaveMeeting());
        DropGroup();
        DropKeyPackages();
        _wanted.Clear();
        _wantsIn = false;
        Phase = MeetingPhase.Left;
        LeftBecause = reason;
        LeftByRule = rule;
        SetMaySend(false);
        _keys.Enqueue(new KeysEnded());
        _events.Enqueue(new MeetingLeft(reason, rule));
    }

    private void SetMaySend(bool maySend)
    {
        if (maySend != MaySend)
            _keys.Enqueue(new SendingChanged(maySend));
        MaySend = maySend;
    }

    private void DropGroup()
    {
        DropPending();
        DropReturn();
        DropFounding();
        _group?.Dispose();
        _group = null;
        _codes.HandleGroupEnded();
        _heard.Clear();
        _states.Clear();
        _requests = null;
        _lobby = null;
    }
}
