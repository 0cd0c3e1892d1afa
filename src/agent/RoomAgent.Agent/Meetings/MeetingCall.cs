using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using RoomAgent.Agent.Calendar;
using RoomAgent.Agent.Identity;
using RoomAgent.Agent.Media;
using RoomAgent.Agent.Ports;
using RoomAgent.Agent.Room;
using RoomAgent.Hal;
using RoomAgent.Meetings;
using RoomAgent.Mls;
using RoomAgent.SFrame;
using RoomAgent.Wire;

namespace RoomAgent.Agent.Meetings;

/// <summary>What a call is made of.</summary>
internal sealed record CallParts
{
    /// <summary>The connection to the hub, which lives longer.</summary>
    public required ISignalling Signalling { get; init; }

    /// <summary>Who is who.</summary>
    public required IMeetingTrust Trust { get; init; }

    /// <summary>Who we are; certified.</summary>
    public required DeviceIdentity Identity { get; init; }

    /// <summary>What media needs.</summary>
    public required CallMediaParts Media { get; init; }

    /// <summary>Has something done on the room's loop. From anywhere.</summary>
    public required Action<Action> Post { get; init; }

    /// <summary>The time on the loop's clock, and the date.</summary>
    public required Func<GroupTime> Time { get; init; }

    /// <summary>The machine's clock.</summary>
    public required TimeProvider Clock { get; init; }

    /// <summary>The journal.</summary>
    public required ILoggerFactory Logs { get; init; }
}

/// <summary>
/// The room in one meeting, from the wish to join to the end: it carries what the member of the group says to the hub's desk and back, gives the media its keys,
/// and says how things stand. Everything here happens on the room's loop.
/// </summary>
/// <remarks>The member decides, the hub orders, this carries. A call ends once and is not used again.</remarks>
internal sealed class MeetingCall : IAsyncDisposable
{
    private static readonly TimeSpan s_tooEarly = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_judgedFor = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_decisionTakes = TimeSpan.FromSeconds(10);

    private readonly CallParts _parts;
    private readonly Occurrence _what;
    private readonly MeetingMember _member;
    private readonly CallMedia _media;
    private readonly ILogger _log;
    private readonly Channel<Said> _says = Channel.CreateUnbounded<Said>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Task _saying;
    private readonly Queue<RosterChange> _changes = new();
    private readonly Dictionary<LeafIndex, (ByteString Key, Instant At, MemberOpinion Opinion)> _opinions = [];
    private IReadOnlyList<(Participant Who, Credential Credential)> _waiting = [];
    private int _seat;
    private bool _isSeated;
    private bool _isEarly;
    private bool _isForked;
    private bool _isLeaving;
    private PolicyDifferences _differences;
    private Trouble? _trouble;
    private Instant _enterAgain = Instant.Never;

    /// <summary>Begins to join.</summary>
    /// <param name="parts">What it is made of.</param>
    /// <param name="what">The meeting, which has a policy.</param>
    /// <param name="state">Whether we can be heard and seen.</param>
    public MeetingCall(CallParts parts, Occurrence what, MemberState state)
    {
        (_parts, _what) = (parts, what);
        _log = parts.Logs.CreateLogger<MeetingCall>();
        RoomPolicy policy = what.Policy!;
        _member = new MeetingMember(new MemberSettings
        {
            Invitation = new Invitation { Policy = policy },
            Suite = parts.Trust.Suite,
            Credential = parts.Identity.Credential!,
            SigningKey = parts.Identity.Key!,
            Random = parts.Trust.Random,
            Identities = parts.Trust.IdentitiesOf(policy),
            Judge = new Judgement(parts.Trust),
        });
        _media = new CallMedia(parts.Media, new MediaKeys(parts.Media.Crypto, new KeyringSettings()), parts.Signalling.OfferAsync, parts.Post, parts.Clock, parts.Logs);
        _saying = SayAsync();
        _log.Joining();
        _member.ShowState(state, parts.Time());
        _member.Join(parts.Time());
        parts.Signalling.Enter(Name.MeetingId, Name.Instance);
        Settle();
    }

    /// <summary>Which meeting it is.</summary>
    public OccurrenceName Name => _what.Name;

    /// <summary>How far it has come.</summary>
    public MeetingStage Stage { get; private set; } = MeetingLife.Table.Next(MeetingStage.Scheduled, MeetingEvent.Due)!.Value;

    /// <summary>Members but us; 0 outside.</summary>
    public int Others => Math.Max(_member.MemberCount - 1, 0);

    /// <summary>When <see cref="HandleTimeout"/> wants to be called.</summary>
    public Instant PollTimeout => Instant.Min(Instant.Min(_member.PollTimeout(), _media.PollTimeout), _enterAgain);

    private GroupTime Time => _parts.Time();

    /// <summary>The signalling said something.</summary>
    public void HandleSignalling(SignallingEvent happened)
    {
        switch (happened)
        {
            case SeatTaken:
                (_isSeated, _isEarly) = (true, false);
                _seat++;
                _member.HandleConnected(Time);
                break;
            case SeatLost:
                _isSeated = false;
                _member.HandleDisconnected(Time);
                _media.HandleDisconnected();
                break;
            case SeatRefused refused:
                HandleRefused(refused.Outcome);
                break;
            case Heard heard:
                _member.HandleMessage(heard.Message, Time);
                break;
            case OfferWanted:
                _media.HandleOfferWanted();
                break;
        }

        Settle();
    }

    public void HandleTimeout(Instant now)
    {
        if (_enterAgain <= now)
        {
            _enterAgain = Instant.Never;
            _parts.Signalling.Enter(Name.MeetingId, Name.Instance);
        }

        _member.HandleTimeout(Time);
        _media.HandleTimeout(now);
        Settle();
    }

    /// <summary>Leaves, for good.</summary>
    public void Leave()
    {
        _isLeaving = true;
        _member.Leave(Time);
        Settle();
    }

    /// <summary>Tells the others whether they can hear and see us.</summary>
    public void ShowState(MemberState state)
    {
        _member.ShowState(state, Time);
        Settle();
    }

    public bool Admit(Participant who) => Decide(_member.Admit(who, Time));

    public bool Eject(Participant who) => Decide(_member.Eject(who, Time));

    public bool Lock(bool isLocked) => Decide(_member.Lock(isLocked, Time));

    /// <summary>Holds the code that is shown, so that people can read it out.</summary>
    public void FreezeCode()
    {
        _member.DemandCode();
        _member.FreezeCode(Time.Now);
        Settle();
    }

    /// <summary>How things stand.</summary>
    public MeetingStatus Describe()
    {
        RoomPolicy policy = _member.Policy ?? _what.Policy!;
        return new MeetingStatus
        {
            Name = Name,
            Title = _what.Title,
            Stage = Stage,
            IsEndToEnd = policy.Class == MeetingClass.EndToEnd,
            Trouble = _trouble,
            IsTooEarly = _isEarly,
            Issuer = _member.Leaf is { } own ? OpinionOf(own).Issuer : "",
            Generation = _member.Generation,
            Epoch = _member.Epoch,
            Code = _member.ShowCode(Time.Now),
            Authenticator = Convert.ToHexStringLower(_member.EpochAuthenticator),
            Members = [.. _member.Roster.Select(entry => Describe(entry.Leaf, entry.Who, policy))],
            Waiting = [.. _waiting.Select(entry => Describe(entry.Who, entry.Credential))],
            IsHost = _member.IsHost,
            IsLocked = policy.IsLocked,
            IsStrict = policy.IsStrict,
            Differences = _differences,
            IsForked = _isForked,
            IsDecisionOpen = Time.Now - _member.DecisionOpenSince >= s_decisionTakes,
            IsServiceBehind = _member.Phase == MeetingPhase.ServiceBehind,
            Changes = [.. _changes],
            Media = _media.Status,
        };
    }

    /// <summary>Ends everything of it, and zeroes its keys.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_member.Phase != MeetingPhase.Left)
            Leave();
        _says.Writer.TryComplete();
        await _media.DisposeAsync().ConfigureAwait(false);
        await _saying.ConfigureAwait(false);
        _member.Dispose();
    }

    private bool Decide(bool mayDecide)
    {
        Settle();
        return mayDecide;
    }

    private void HandleRefused(EnterOutcome outcome)
    {
        if (outcome == EnterOutcome.TooEarly)
        {
            _isEarly = true;
            _enterAgain = Time.Now + s_tooEarly;
            return;
        }

        // Who sits there in our place is we ourselves, from another connection that is newer.
        _log.NotEntered(outcome);
        _trouble = outcome switch
        {
            EnterOutcome.Full => Trouble.MeetingFull,
            _ => Trouble.MeetingEnded,
        };
        _member.Leave(Time);
    }

    // Carries everything that the member has, until it has no more.
    private void Settle()
    {
        while (_member.TryPollMessage(out ClientMessage? message))
            _says.Writer.TryWrite(new Said(_seat, message));
        while (_member.TryPollKeys(out KeyChange? change))
            _media.HandleKeys(change);
        while (_member.TryPollEvent(out MemberEvent? happened))
            Take(happened);
        while (_member.TryPollCodeWork(out CodeWork? work))
            _ = DeriveAsync(work);

        LiveOn();
        if (_member.Phase == MeetingPhase.InMeeting && _isSeated)
            _media.Want();
        if (_member.Phase == MeetingPhase.Left && !_says.Reader.Completion.IsCompleted)
        {
            // Behind the good-bye.
            _says.Writer.TryWrite(new Said(_seat, null));
            _says.Writer.TryComplete();
        }
    }

    // What is so now, as the table of a meeting's life has it.
    private void LiveOn()
    {
        MeetingEvent found = _member.Phase switch
        {
            MeetingPhase.Left => _trouble switch
            {
                null or Trouble.MeetingEnded => MeetingEvent.Over,
                Trouble.RemovedFromMeeting => MeetingEvent.PutOut,
                _ => MeetingEvent.Refused,
            },
            _ when _isLeaving => MeetingEvent.LeaveWanted,
            MeetingPhase.Lobby => MeetingEvent.Waiting,
            MeetingPhase.Pending => MeetingEvent.Admitted,
            MeetingPhase.InMeeting => _isSeated ? MeetingEvent.Merged : MeetingEvent.ConnectionLost,
            MeetingPhase.Returning or MeetingPhase.ServiceBehind => MeetingEvent.ConnectionLost,
            _ => _isEarly ? MeetingEvent.TooEarly : MeetingEvent.Approaching,
        };
        MeetingStage? next = MeetingLife.Table.Next(Stage, found);
        if (next is null)
            _log.Unexpected(found, Stage);
        Stage = next ?? MeetingLife.Table.Next(MeetingStage.Joining, found)!.Value;
    }

    private void Take(MemberEvent happened)
    {
        switch (happened)
        {
            case EpochMerged merged:
                Remember(merged);
                _log.Epoch(merged.Generation, merged.Epoch, _member.MemberCount);
                break;
            case LobbyChanged lobby:
                _waiting = lobby.Waiting;
                break;
            case InvitationDiffers differs:
                _differences = differs.Differences;
                break;
            case ForkSeen:
                _isForked = true;
                _log.Forked();
                break;
            case SomethingRefused refused:
                _log.Refused(refused.Rule.Rule);
                break;
            case MeetingLeft left:
                _trouble ??= TroubleOf(left.Reason);
                _log.Left(left.Reason, left.Rule?.Rule ?? "");
                break;
        }
    }

    private void Remember(EpochMerged merged)
    {
        // Who is gone has no certificate here any more: they are called what they were shown as.
        var names = new Dictionary<Participant, string>();
        foreach ((LeafIndex leaf, Participant who, _) in merged.Went)
        {
            if (_opinions.Remove(leaf, out (ByteString Key, Instant At, MemberOpinion Opinion) known))
                names[who] = known.Opinion.Name;
            _media.Forget(leaf);
        }

        foreach ((LeafIndex leaf, _) in merged.Came)
            _opinions.Remove(leaf);

        // One that only has another leaf now has neither come nor gone.
        Dictionary<LeafIndex, Participant> present = _member.Roster.ToDictionary(entry => entry.Leaf, entry => entry.Who);
        HashSet<Participant> had = [.. merged.Went.Select(gone => gone.Who)];
        foreach ((_, Participant who, RosterCause cause) in merged.Went.Where(gone => !present.ContainsValue(gone.Who)))
            Remember(who, names.GetValueOrDefault(who) ?? Encoding.ASCII.GetString(who.Name.Value), hasCome: false, cause, merged.Epoch);
        foreach ((LeafIndex leaf, RosterCause cause) in merged.Came.Where(come => present.TryGetValue(come.Leaf, out Participant who) && !had.Contains(who)))
            Remember(present[leaf], OpinionOf(leaf).Name, hasCome: true, cause, merged.Epoch);
    }

    private void Remember(Participant who, string name, bool hasCome, RosterCause cause, ulong epoch)
    {
        if (_changes.Count == MeetingStatus.MostChanges)
            _changes.Dequeue();
        _changes.Enqueue(new RosterChange(who, name, hasCome, cause, epoch));
    }

    private static Trouble? TroubleOf(LeaveReason reason) => reason switch
    {
        LeaveReason.Ejected or LeaveReason.RemovedByService => Trouble.RemovedFromMeeting,
        LeaveReason.NotLetIn => Trouble.NotAdmitted,
        LeaveReason.Refused or LeaveReason.Policy or LeaveReason.Broken => Trouble.MeetingNotSecure,
        _ => null,
    };

    // Beside the loop: it takes a good part of a second on a small board.
    private async Task DeriveAsync(CodeWork work)
    {
        using (work)
        {
            RoomAgent.Meetings.SecurityCode code = await Task.Run(() => work.Derive(_parts.Media.Crypto)).ConfigureAwait(false);
            _parts.Post(() =>
            {
                _member.HandleCode(work, code);
                Settle();
            });
        }
    }

    private async Task SayAsync()
    {
        await foreach (Said said in _says.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            // What was meant for a seat that is lost is lost with it; the member says it again.
            if (said.Message is null)
                _parts.Signalling.Exit();
            else if (said.Seat == Volatile.Read(ref _seat))
                await _parts.Signalling.SayAsync(said.Message).ConfigureAwait(false);
        }
    }

    private MemberStatus Describe(LeafIndex leaf, Participant who, RoomPolicy policy)
    {
        MemberOpinion opinion = OpinionOf(leaf);
        MemberState state = _member.StateOf(leaf);
        return new MemberStatus(leaf, who, opinion.Name, opinion.Verdict)
        {
            Reason = opinion.Reason,
            IsSelf = leaf == _member.Leaf,
            IsHost = policy.Hosts.Any(host => host.Name == who.Name),
            IsMuted = state.HasFlag(MemberState.Muted),
            IsCameraOff = state.HasFlag(MemberState.CameraOff),
            IsSpeaking = _media.Status.Streams.Any(stream => stream.Leaf == leaf.Value && stream.IsSpeaking),
            IsConfirmed = _member.IsConfirmed(leaf),
            IsSilent = _member.IsSilent(leaf, isAlarm: false),
            IsSilentForLong = _member.IsSilent(leaf, isAlarm: true),
        };
    }

    private WaitingStatus Describe(Participant who, Credential credential)
    {
        MemberOpinion opinion = _parts.Trust.Judge(credential, KeyOf(credential), Time.Date);
        return new WaitingStatus(who, opinion.Name, opinion.Verdict);
    }

    // Judged anew every minute, since certificates expire while people talk.
    private MemberOpinion OpinionOf(LeafIndex leaf)
    {
        LeafNode node = _member.FindLeaf(leaf)!;
        if (_opinions.TryGetValue(leaf, out (ByteString Key, Instant At, MemberOpinion Opinion) known) && known.Key == node.SignatureKey && Time.Now - known.At < s_judgedFor)
            return known.Opinion;

        MemberOpinion opinion = _parts.Trust.Judge(node.Credential, node.SignatureKey, Time.Date);
        _opinions[leaf] = (node.SignatureKey, Time.Now, opinion);
        return opinion;
    }

    private static ByteString KeyOf(Credential credential) =>
        CertificateChain.Read(credential, out CertificateChain? chain) is null ? chain!.Leaf.PublicKey : default;

    private readonly record struct Said(int Seat, ClientMessage? Message);

    // Whether this room would rather not be with somebody, as the member asks it.
    private sealed class Judgement(IMeetingTrust trust) : IMemberJudge
    {
        public Refusal? Judge(Credential credential, ByteString signatureKey, DateTimeOffset date) => trust.Judge(credential, signatureKey, date).Refusal;
    }
}
