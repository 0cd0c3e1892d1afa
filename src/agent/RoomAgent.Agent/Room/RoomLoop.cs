using Microsoft.Extensions.Logging;
using RoomAgent.Agent.Calendar;
using RoomAgent.Agent.Devices;
using RoomAgent.Agent.Diagnostics;
using RoomAgent.Agent.Identity;
using RoomAgent.Agent.Media;
using RoomAgent.Agent.Meetings;
using RoomAgent.Agent.Ports;
using RoomAgent.Agent.Settings;
using RoomAgent.Hal;
using RoomAgent.Meetings;
using RoomAgent.Mls;
using RoomAgent.Wire;

namespace RoomAgent.Agent.Room;

/// <summary>
/// The room: owns what it is doing, does one thing after the other, and therefore needs no lock. It pairs, gets certificate and calendar, joins and leaves meetings by
/// its agenda, and says how it stands. What takes time happens elsewhere and comes back through the mailbox.
/// </summary>
/// <remarks>
/// <code>
/// account, signalling, devices, people -> mailbox -> what happened -> agenda: join, leave -> call -> status -> screen, sounds, local interface
/// </code>
/// </remarks>
public sealed partial class RoomLoop : ILoop, IRoom, IDisposable
{
    private static readonly TimeSpan s_endShown = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_leftShown = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_longestSleep = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_publish = TimeSpan.FromMilliseconds(50);

    private readonly RoomParts _parts;
    private readonly HardwareMode _hardware;
    private readonly IStatusBoard _board;
    private readonly ILogger _log;
    private readonly Mailbox<Action> _mailbox = new();
    private readonly ITimer _timer;
    private readonly Agenda _agenda;
    private CancellationToken _stopping;
    private MeetingCall? _call;
    private Occurrence? _next;
    private Occurrence? _beginning;
    private bool _isEnding;
    private MeetingStatus? _ended;
    private Instant _endedUntil = Instant.Never;
    private Instant _lookAt = Instant.Never;
    private Instant _publishAt = Instant.Never;
    private Instant _published;
    private bool _isMuted = true;
    private bool _isCameraOff = true;
    private bool _isSecurityShown;
    private volatile RoomStatus _status = new();

    /// <summary>A room that has not begun.</summary>
    /// <param name="hardware">What its devices are, for the journal.</param>
    /// <param name="parts">Whom it knows. They live longer.</param>
    /// <param name="board">What systemd is told.</param>
    /// <exception cref="IOException">The storage is broken.</exception>
    public RoomLoop(HardwareMode hardware, RoomParts parts, IStatusBoard board)
    {
        (_hardware, _parts, _board) = (hardware, parts, board);
        _log = parts.Logs.CreateLogger<RoomLoop>();
        _agenda = new Agenda(parts.Agenda);
        _identity = DeviceIdentity.Open(parts.Vault, parts.Trust.Suite.Crypto, parts.Trust.Random);
        _cache = new CalendarCache(parts.Vault);
        _memory = new AgendaMemory(parts.Vault);
        _noted = _agenda.Notes;
        _speaker = new RoomSpeaker(parts.Devices.Speaker);
        _timer = parts.Clock.CreateTimer(_ => _mailbox.Post(static () => { }), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public string Name => "room";

    /// <inheritdoc/>
    public RoomStatus Status => _status;

    /// <inheritdoc/>
    public event Action<RoomStatus>? Changed;

    private Instant Now => new(_parts.Clock.GetElapsedTime(0).Ticks);

    // The date is the hub's signed one, or that of a clock which NTP has set; without either there is none, and nothing is joined.
    private DateTimeOffset? Date => (_parts.Account.TrustedTime ?? (_parts.IsClockSet() ? _parts.Clock.GetUtcNow() : null)) is { } date && date >= _parts.ClockFloor() ? date : null;

    private GroupTime Time => new(Now, Date ?? GroupTime.NoDate);

    /// <inheritdoc/>
    public Task PingAsync() => _mailbox.PingAsync();

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken stopping)
    {
        _stopping = stopping;
        _log.RoomOpen(_hardware == HardwareMode.Simulated ? "simulated" : "real");
        _board.Post(StatusTopic.Room, _hardware == HardwareMode.Simulated ? "running with simulated hardware" : "running");
        Do(Begin);

        await foreach (Action what in _mailbox.ReadAllAsync(stopping).ConfigureAwait(false))
            Do(what);

        await EndAsync().ConfigureAwait(false);
        _log.RoomClosed();
    }

    /// <summary>Forgets keys. The loop has ended.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        _identity.Dispose();
    }

    private void Begin()
    {
        _parts.Account.Changed += state => _mailbox.Post(() => HandleAccount(state));
        if (_memory.Read() is { } notes)
        {
            _agenda.Recall(notes);
            _noted = notes;
        }

        if (_cache.Read() is var (known, tag))
        {
            _tag = tag;
            TakeCalendar(known);
        }

        HandleAccount(_parts.Account.State);
        if (_parts.Account.DnsName is null && _parts.ConfiguredHub.Length > 0)
            _ = PairAsConfiguredAsync();
    }

    // 1. what happened   2. what is due   3. what follows from the agenda   4. how things stand now   5. when to look again
    private void Do(Action what)
    {
        try
        {
            what();
            LiveOn();
            _publishAt = Instant.Min(_publishAt, _published + s_publish);
            HandleTimeout(Now);
            FollowAgenda();
            KeepNotes();
            if (_publishAt <= Now)
                Publish();
            HandleSoundTimeout(Now);
            Instant next = Instant.Min(Instant.Min(_agenda.PollTimeout, _call?.PollTimeout ?? Instant.Never), Instant.Min(Instant.Min(Instant.Min(_lookAt, _publishAt), Instant.Min(_endedUntil, SoundTimeout)), HubTimeout));
            _timer.Change(next == Instant.Never ? Timeout.InfiniteTimeSpan : Wait(next - Now), Timeout.InfiniteTimeSpan);
        }
#pragma warning disable CA1031 // one meeting is worth less than the room: it is given up, and the room goes on
        catch (Exception mistake) when (_call is not null || _beginning is not null)
#pragma warning restore CA1031
        {
            _log.RoomMistaken(mistake);
            if (_beginning is { } failed)
                _agenda.HandleRefused(failed.Name, Time);
            _beginning = null;
            GiveUpCall();
            _timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }

    private static TimeSpan Wait(TimeSpan wait) => wait <= TimeSpan.Zero ? TimeSpan.FromMilliseconds(1) : wait < s_longestSleep ? wait : s_longestSleep;

    private void HandleTimeout(Instant now)
    {
        if (_lookAt <= now)
            _lookAt = now + s_look;
        if (_endedUntil <= now)
            (_ended, _endedUntil) = (null, Instant.Never);
        HandleHubTimeout(now);
        if (Date is not null)
            _agenda.HandleTimeout(Time);
        if (_call is not { } call)
            return;

        call.HandleTimeout(now);
        if (call.Stage == MeetingStage.Ended)
            EndCall();
    }

    // What the agenda wants, and what it is told of the meeting.
    private void FollowAgenda()
    {
        if (Date is null)
            return;

        _agenda.IsReady = _signalling is not null && IsMember && _identity.IsGood(_parts.Account.DnsName!, Time.Date);
        _agenda.HandleMeeting(_call?.Name ?? _next?.Name, _call?.Others ?? 0, Time);
        while (_agenda.TryPoll(out AgendaDeed? deed))
        {
            switch (deed)
            {
                case JoinNow join:
                    BeginCall(join.What);
                    break;
                case LeaveNow:
                    _call?.Leave();
                    break;
            }
        }

        if (_call?.Stage == MeetingStage.Ended)
            EndCall();
    }

    private void BeginCall(Occurrence what)
    {
        _next = null;
        if (what.Policy is null || _signalling is null || _parts.Account.DnsName is not { } name || !_identity.IsGood(name, Time.Date))
        {
            // The agenda sees that the room is in no meeting, and tries again.
            return;
        }

        if (_call is not null)
            GiveUpCall();
        if (_isEnding)
        {
            // One seat at a time: what the call before still has to say must not be said at the desk of this one.
            _next = what;
            return;
        }

        (_ended, _endedUntil) = (null, Instant.Never);
        if (_parts.Trust.IdentitiesOf(what.Policy).AnchorOf(_identity.Credential!, ByteString.CopyOf(_identity.Key!.PublicKey)) is null)
        {
            // By the hub's own word nobody there would take us for who we are.
            _log.NotOurMeeting();
            Refuse(new MeetingStatus { Name = what.Name, Title = what.Title, Stage = MeetingStage.Ended, Trouble = Trouble.MeetingNotSecure });
            return;
        }

        _beginning = what;
        _call = new MeetingCall(PartsOfCall(_signalling), what, OwnState);
        _beginning = null;
        _lookAt = Now;
        _speaker.HandleMeetingBegun();
        Switch(isMuted: !_parts.JoinsUnmuted, isCameraOff: !_parts.JoinsUnmuted);
    }

    private CallParts PartsOfCall(ISignalling signalling) => new()
    {
        Signalling = signalling,
        Trust = _parts.Trust,
        Identity = _identity,
        Media = new CallMediaParts
        {
            Devices = _parts.Devices,
            Paths = _parts.Paths,
            Crypto = _parts.Trust.Suite.Crypto,
            Random = _parts.Trust.Random,
            Shown = ShowPicture,
        },
        Post = _mailbox.Post,
        Time = () => Time,
        Clock = _parts.Clock,
        Logs = _parts.Logs,
    };

    private void EndCall()
    {
        MeetingStatus ended = _call!.Describe();
        if (ended.Trouble is not null)
            Refuse(ended);
        else
            (_ended, _endedUntil) = (ended, Now + s_leftShown);
        GiveUpCall();
    }

    // It is shown what happened, and not tried again by itself.
    private void Refuse(MeetingStatus ended)
    {
        (_ended, _endedUntil) = (ended, Now + s_endShown);
        _agenda.HandleRefused(ended.Name, Time);
    }

    private void GiveUpCall()
    {
        if (_call is not { } call)
            return;

        _call = null;
        _isSecurityShown = false;
        _lookAt = Instant.Never;
        Switch(isMuted: true, isCameraOff: true);
        _speaker.HandleMeetingEnded(Now);
        _isEnding = true;
        _ = EndAsync(call);
    }

    private async Task EndAsync(MeetingCall call)
    {
        await call.DisposeAsync().AsTask().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _mailbox.Post(() =>
        {
            _isEnding = false;
            if (_next is { } next)
                BeginCall(next);
        });
    }

    private async Task EndAsync()
    {
        if (_call is { } call)
        {
            // The others learn at once that we are gone, and do not wait for us.
            call.Leave();
            _call = null;
            await call.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(2)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _parts.Devices.Camera?.Close();
        _parts.Devices.Microphones?.Close();
        _parts.Devices.Speaker?.Close();
        if (_signalling is { } signalling)
            await signalling.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(2)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private MemberState OwnState => (_isMuted ? MemberState.Muted : MemberState.None) | (_isCameraOff ? MemberState.CameraOff : MemberState.None);

    // Off is closed: it stops at the source (REQUIREMENTS B28). The others are told what is so, not what was wished.
    private void Switch(bool isMuted, bool isCameraOff)
    {
        if (isMuted != _isMuted && _parts.Devices.Microphones is { } microphones)
        {
            if (isMuted)
                microphones.Close();
            else
                microphones.Open();
            _isMuted = isMuted;
        }

        if (isCameraOff != _isCameraOff && _parts.Devices.Camera is { } camera)
        {
            if (isCameraOff)
                camera.Close();
            else
                camera.Open();
            _isCameraOff = isCameraOff;
        }

        _call?.ShowState(OwnState);
    }

    private void ShowPicture(SFrame.KeyId sender, VideoFrame picture)
    {
        if (_parts.Screen is { } screen)
            screen.ShowPicture(RoomScenes.TileOf(sender.Leaf, sender.Context), picture);
        else
            picture.Dispose();
    }

    private void Publish()
    {
        if (Date is { } date)
            _parts.Screen?.SetTime(date);
        var status = new RoomStatus
        {
            Phase = _phase,
            Account = _account,
            RoomName = _roomName,
            DnsName = _parts.Account.DnsName,
            CertifiedUntil = _identity.Certificate?.NotAfter,
            IsTimeKnown = Date is not null,
            IsWithoutRoom = _isWithoutRoom,
            Calendar = _agenda.Entries,
            Countdown = _agenda.Countdown,
            JoinsUnmuted = _parts.JoinsUnmuted,
            DoNotDisturbUntil = _agenda.DoNotDisturbUntil,
            NextBookingInMinutes = _agenda.NextBookingInMinutes,
            Meeting = _call?.Describe() ?? _ended,
            IsMuted = _isMuted,
            IsCameraOff = _isCameraOff,
            IsSecurityShown = _isSecurityShown,
        };
        (_published, _publishAt) = (Now, Instant.Never);
        RoomStatus before = _status;
        _status = status;
        SoundOf(before, status);
        _parts.Notices?.Show(RoomScenes.Of(status, _parts.Look));
        Changed?.Invoke(status);
    }
}
