using System.Diagnostics.CodeAnalysis;
using RoomAgent.Meetings;
using RoomAgent.Mls;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Meetings;

/// <summary>
/// The delivery service of one occurrence of a meeting: lobby, requests, and the order of commits. It has no sockets, clock, threads or database: messages,
/// answers of the store and time come in; messages, requests to the store and events go out. It holds no key of the meeting.
/// </summary>
/// <remarks>
/// <para>
/// After each call of a Handle method or a verb take what there is from <see cref="TryPollMessage"/>, <see cref="TryPollStore"/> and <see cref="TryPollEvent"/>,
/// and ask <see cref="PollTimeout"/> when to call <see cref="HandleTimeout"/>. One caller at a time.
/// </para>
/// <para>
/// Whatever it forgets by a crash it learns again: the log from the store, the rest from clients that connect anew. Two desks for one occurrence harm nobody:
/// of two commits that end the same epoch the store takes one, and the other desk reads what it missed.
/// </para>
/// </remarks>
public sealed partial class MeetingDesk
{
    private readonly CipherSuite _suite;
    private readonly IMeetingIdentities _identities;
    private readonly DeskSettings _settings;
    private readonly MeetingTimes _times;

    private readonly Dictionary<ConnectionId, Seat> _seats = [];
    private readonly Dictionary<ByteString, Presence> _presences = [];
    private readonly Queue<(ConnectionId To, ServiceMessage Message)> _messages = new();
    private readonly Queue<DeskEvent> _events = new();

    /// <summary>Sets up a desk. It begins by asking the store for the log.</summary>
    /// <param name="suite">The suite of the group.</param>
    /// <param name="identities">Who decides on chains, with the anchors of the policy.</param>
    /// <param name="settings">How the meeting is run.</param>
    /// <param name="now">The present.</param>
    /// <exception cref="ArgumentException">The policy is not that of a generation 0, or its anchors are not those of <paramref name="identities"/>.</exception>
    public MeetingDesk(CipherSuite suite, IMeetingIdentities identities, DeskSettings settings, Instant now)
    {
        if (!settings.Policy.Name.IsValid || settings.Policy.Name.Generation != 0 || !identities.Anchors.SequenceEqual(settings.Policy.Anchors))
            throw new ArgumentException("The policy is that of generation 0, and its anchors decide who may be in the group.", nameof(settings));

        _suite = suite;
        _identities = identities;
        _settings = settings;
        _times = settings.Times;
        _now = now;
        _policy = settings.Policy;
        Ask(new OpenMeeting(NextStoreId()));
    }

    /// <summary>Whether the log was read and clients are served.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>The generation of the group, or of the one that is to be founded.</summary>
    public uint Generation { get; private set; }

    /// <summary>The present epoch: <see langword="null"/> when there is no group.</summary>
    public ulong? Epoch => _group?.Epoch;

    /// <summary>The last entry of the log.</summary>
    public ulong Seq { get; private set; }

    /// <summary>Who is in the group, as its public tree says.</summary>
    public IEnumerable<Participant> Members => _group is null
        ? []
        : _group.Members.Select(member => Participant.Of(_suite.Crypto, member.Leaf)).OfType<Participant>();

    /// <summary>The identities of those in the group, such as <c>dns:room1.example.org</c>.</summary>
    internal IEnumerable<ByteString> MemberIdentities => _presences.Values.Select(presence => presence.Identity);

    /// <summary>The policy in force.</summary>
    public RoomPolicy Policy => _policy;

    /// <summary>Things that were refused, of all clients together.</summary>
    public long Refusals { get; private set; }

    /// <summary>A client connected. A connection of the same identity before it is taken for closed.</summary>
    /// <param name="id">A number that no connection had before.</param>
    /// <param name="identity">Who it is, as the hub authenticated it: kind and name, such as <c>dns:room1.example.org</c>.</param>
    /// <param name="isInvited">Whether it may enter a meeting that is neither strict nor locked without anybody's help.</param>
    /// <param name="now">The present.</param>
    /// <returns>Whether there was room.</returns>
    public bool HandleConnected(ConnectionId id, ByteString identity, bool isInvited, Instant now)
    {
        Advance(now);
        foreach (Seat older in _seats.Values.Where(seat => seat.Identity == identity).ToArray())
            Close(older);
        if (_seats.Count >= _settings.Seats)
        {
            Refusals++;
            return false;
        }

        _seats.Add(id, new Seat(id, identity, isInvited) { LastHeard = now });
        return true;
    }

    /// <summary>A connection closed.</summary>
    public void HandleDisconnected(ConnectionId id, Instant now)
    {
        Advance(now);
        if (_seats.TryGetValue(id, out Seat? seat))
            Close(seat);
        Settle();
    }

    /// <summary>A client said something.</summary>
    /// <param name="from">On which connection; one that is closed or silent too long is not listened to.</param>
    /// <param name="bytes">What it said; anything.</param>
    /// <param name="time">The present.</param>
    public void HandleMessage(ConnectionId from, ReadOnlySpan<byte> bytes, GroupTime time)
    {
        Advance(time.Now);
        if (!_seats.TryGetValue(from, out Seat? seat))
            return;
        if (ClientMessage.Decode(bytes) is not { } message)
        {
            Refusals++;
            return;
        }

        seat.LastHeard = time.Now;
        if (seat.SignatureKey.IsEmpty && message is not (Hello or LeaveMeeting))
            return;

        switch (message)
        {
            case Hello hello:
                Greet(seat, hello);
                break;
            case PublishKeyPackages packages:
                Publish(seat, packages, time.Date);
                break;
            case JoinRequest join:
                Join(seat, join);
                break;
            case Found found:
                FoundGroup(seat, found, HashOf(bytes));
                break;
            case CommitUpload commit:
                Commit(seat, commit, HashOf(bytes));
                break;
            case AskGroup:
                Present(seat);
                break;
            case Relay relay:
                PassOn(seat, relay);
                break;
            case Ready ready:
                MarkReady(seat, ready.Generation, ready.Epoch);
                break;
            case Refuse refuse:
                TakeRefusal(seat, refuse);
                break;
            case Report report:
                TakeReport(seat, report);
                break;
            case LeaveMeeting:
                TakeLeave(seat);
                break;
            case HostActionUpload action:
                TakeHostAction(seat, action, HashOf(bytes));
                break;
            case Ping ping:
                TakePing(seat, ping);
                break;
        }

        Settle();
    }

    /// <summary>Does what is due.</summary>
    public void HandleTimeout(Instant now)
    {
        Advance(now);
        Settle();
    }

    /// <summary>The next message to a client. What goes to a connection keeps its order.</summary>
    public bool TryPollMessage(out ConnectionId to, [NotNullWhen(true)] out ServiceMessage? message)
    {
        bool any = _messages.TryDequeue(out (ConnectionId To, ServiceMessage Message) next);
        (to, message) = next;
        return any;
    }

    /// <summary>The next request to the store. It is answered by <see cref="HandleStored"/>, in any case and once.</summary>
    public bool TryPollStore([NotNullWhen(true)] out StoreRequest? request)
    {
        request = _toStore;
        _toStore = null;
        return request is not null;
    }

    /// <summary>The next event for the hub around the desk.</summary>
    public bool TryPollEvent([NotNullWhen(true)] out DeskEvent? happened) => _events.TryDequeue(out happened);

    /// <summary>Whether somebody is in the group and has not said that it goes.</summary>
    internal bool HasMember(ByteString identity) => _presences.Values.Any(presence => presence.Identity == identity && !presence.HasLeft);

    private void Send(Seat seat, ServiceMessage message) => _messages.Enqueue((seat.Id, message));

    private void SendToMembers(ServiceMessage message)
    {
        foreach (Presence presence in _presences.Values)
        {
            if (presence.Seat is { } seat)
                Send(seat, message);
        }
    }

    private void Advance(Instant now)
    {
        if (now > _now)
            _now = now;
    }

    private void Close(Seat seat)
    {
        _seats.Remove(seat.Id);
        _lapsed.Remove(seat.Id);
        if (_lease?.Holder == seat)
            _lease = null;
        if (PresenceOf(seat) is { } presence && presence.Seat == seat)
        {
            presence.Seat = null;
            presence.GoneSince = _now;
        }

        if (_requests.RemoveAll(request => request.Seat == seat) > 0)
            _requestsChanged = true;
        if (seat.Told == JoinOutcome.Lobby)
            _lobbyChanged = true;
    }

    /// <summary>The member that a connection speaks for.</summary>
    private Presence? PresenceOf(Seat seat) =>
        !seat.SignatureKey.IsEmpty && _presences.TryGetValue(seat.SignatureKey, out Presence? presence) && presence.Identity == seat.Identity ? presence : null;

    private ByteString HashOf(ReadOnlySpan<byte> bytes) => Participant.HashOfKey(_suite.Crypto, bytes);

    // Everything that follows from what just happened or from time.
    private void Settle()
    {
        RetryWhenDue();
        if (!IsOpen)
            return;

        WatchPresences();
        WatchRequests();
        WatchGroup();
        foreach (Seat seat in _seats.Values)
        {
            if (seat.WantsIn)
                Consider(seat);
        }

        WorkOnCommits();
        ShowLobby();
        PublishRequests();
        SwitchWhenReady();
    }
}
