using RoomAgent.Agent.Calendar;
using RoomAgent.Agent.Identity;
using RoomAgent.Agent.Ports;
using RoomAgent.Wire;

namespace RoomAgent.Agent.Room;

// The hub: account, connection, certificate, calendar.
public sealed partial class RoomLoop
{
    private static readonly TimeSpan s_readEvery = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_firstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestRetry = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_afterEnd = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_lookForDue = TimeSpan.FromMinutes(10);

    private readonly DeviceIdentity _identity;
    private readonly CalendarCache _cache;
    private readonly AgendaMemory _memory;
    private AgendaNotes _noted;
    private CloudState _account = new CloudState.NoHub();
    private DevicePhase _phase;
    private ISignalling? _signalling;
    private bool _isConnected;
    private bool _wasConnected;
    private bool _hasAuthorities;
    private string? _tag;
    private string _roomName = "";
    private bool _isWithoutRoom;
    private bool _isReading;
    private bool _isCertifying;
    private int _certifyFailures;
    private Instant _connectAt = Instant.Never;
    private Instant _readAt = Instant.Never;
    private Instant _certifyAt = Instant.Never;

    private Instant HubTimeout => Instant.Min(_connectAt, Instant.Min(_isReading ? Instant.Never : _readAt, _isCertifying ? Instant.Never : _certifyAt));

    private bool IsMember => _parts.Account.DnsName is not null && _account is not CloudState.Unpaired;

    // Only a device that belongs to nobody looks at what its configuration says.
    private async Task PairAsConfiguredAsync()
    {
        if (await PairAsync(_parts.ConfiguredHub).ConfigureAwait(false) is { IsDone: false, Problem: var problem })
            _log.HubNotUsed(problem);
    }

    private void HandleAccount(CloudState state)
    {
        _account = state;
        if (_signalling is null && _connectAt == Instant.Never && IsMember && state is (CloudState.Paired or CloudState.Claimed or CloudState.Unreachable { IsPaired: true }))
            Connect();
        else if (_signalling is not null && !IsMember)
            Disconnect();
        if (state is CloudState.Unpaired)
            Wipe();
    }

    private void Connect()
    {
        ISignalling signalling = _parts.Hub.OpenSignalling();
        (_signalling, _connectAt) = (signalling, Instant.Never);
        signalling.Changed += state => _mailbox.Post(() => HandleConnection(signalling, state == SignallingState.Connected));
        signalling.Start();
        _ = PumpAsync(signalling);
        _certifyAt = Now;
    }

    private void Disconnect()
    {
        ISignalling signalling = _signalling!;
        GiveUpCall();
        (_signalling, _isConnected, _wasConnected, _hasAuthorities) = (null, false, false, false);
        (_readAt, _certifyAt) = (Instant.Never, Instant.Never);
        _ = signalling.DisposeAsync().AsTask();
    }

    // What was the organisation's does not stay on a device that is not its any more.
    private void Wipe()
    {
        (_tag, _roomName) = (null, "");
        _agenda.HandleCalendar([], Time);
        try
        {
            _identity.Forget();
            _cache.Forget();
            _memory.Forget();
            _noted = _agenda.Notes;
        }
        catch (IOException problem)
        {
            _log.NotKept(problem.Message);
        }
    }

    private async Task PumpAsync(ISignalling signalling)
    {
        await foreach (SignallingEvent happened in signalling.Events.ReadAllAsync().ConfigureAwait(false))
            _mailbox.Post(() => HandleSignalling(signalling, happened));
    }

    private void HandleConnection(ISignalling signalling, bool isConnected)
    {
        if (signalling != _signalling || isConnected == _isConnected)
            return;

        _isConnected = isConnected;
        _wasConnected |= isConnected;
        if (!isConnected)
            return;

        // Whatever was announced while nobody listened.
        _readAt = Now;
        if (!_hasAuthorities)
            _ = LearnAuthoritiesAsync();
    }

    private void HandleSignalling(ISignalling signalling, SignallingEvent happened)
    {
        if (signalling != _signalling)
            return;

        switch (happened)
        {
            case CalendarChanged:
                _readAt = Now;
                break;
            case AccessEnded:
                // Nothing is believed that anybody may have said on a connection: if it is not so, there will be another.
                _parts.Account.DoubtAccess();
                Disconnect();
                _connectAt = Now + s_afterEnd;
                break;
            default:
                _call?.HandleSignalling(happened);
                break;
        }
    }

    private void HandleHubTimeout(Instant now)
    {
        if (_connectAt <= now)
        {
            _connectAt = Instant.Never;
            if (_signalling is null && IsMember)
                Connect();
        }

        if (_readAt <= now && !_isReading && IsMember)
        {
            (_isReading, _readAt) = (true, Instant.Never);
            _ = ReadCalendarAsync();
        }

        if (_certifyAt <= now && !_isCertifying && IsMember)
            CertifyWhenDue(now);
    }

    private async Task LearnAuthoritiesAsync()
    {
        IReadOnlyList<ReadOnlyMemory<byte>> authorities = await _parts.Hub.ReadAuthoritiesAsync(_stopping).ConfigureAwait(false);
        _mailbox.Post(() =>
        {
            _hasAuthorities = authorities.Count > 0;
            _parts.Trust.LearnAuthorities(authorities);
        });
    }

    // 1. Not in a meeting: the group knows us by the key that we have.   2. A key that is kept.   3. A certificate, which is kept before it is used.
    private void CertifyWhenDue(Instant now)
    {
        _certifyAt = now + s_firstRetry;
        if (_call is not null || _parts.Account.DnsName is not { } name || Date is not { } date)
            return;
        if (!_identity.IsDue(name, date))
        {
            _certifyAt = now + s_lookForDue;
            return;
        }

        try
        {
            IIdentityKey key = _identity.PrepareKey();
            _isCertifying = true;
            _ = CertifyAsync(key);
        }
        catch (IOException problem)
        {
            _log.NotKept(problem.Message);
        }
    }

    private async Task CertifyAsync(IIdentityKey key)
    {
        DeviceCertificate? certificate;
        using (key)
            certificate = await _parts.Hub.CertifyAsync(key, _stopping).ConfigureAwait(false);
        _mailbox.Post(() => TakeCertificate(certificate));
    }

    private void TakeCertificate(DeviceCertificate? certificate)
    {
        _isCertifying = false;
        TimeSpan pause = s_firstRetry * Math.Pow(2, Math.Min(_certifyFailures++, 10));
        _certifyAt = Now + (pause < s_longestRetry ? pause : s_longestRetry);
        if (certificate is null || !IsMember || Date is not { } date)
            return;

        try
        {
            _identity.Take(certificate, date);
            (_certifyFailures, _certifyAt) = (0, Now + s_lookForDue);
            _log.Certified(certificate.NotAfter);
        }
        catch (IOException problem)
        {
            _log.NotKept(problem.Message);
        }
    }

    private async Task ReadCalendarAsync()
    {
        CalendarAnswer answer = await _parts.Hub.ReadCalendarAsync(_tag, _stopping).ConfigureAwait(false);
        _mailbox.Post(() => TakeCalendar(answer));
    }

    private void TakeCalendar(CalendarAnswer answer)
    {
        _isReading = false;
        _readAt = Instant.Min(_readAt, Now + (answer.Outcome == CalendarOutcome.Unreachable ? s_firstRetry * 10 : s_readEvery));
        if (!IsMember)
            return;

        switch (answer.Outcome)
        {
            case CalendarOutcome.New when CalendarText.Read(answer.Content.Span) is { } calendar:
                _tag = answer.Tag;
                _isWithoutRoom = false;
                TakeCalendar(calendar);
                Keep(() => _cache.Write(answer.Content.Span, answer.Tag));
                break;
            case CalendarOutcome.New:
                _log.CalendarUnreadable();
                break;
            case CalendarOutcome.NoRoom:
                (_isWithoutRoom, _tag, _roomName) = (true, null, "");
                _agenda.HandleCalendar([], Time);
                Keep(_cache.Forget);
                break;
        }
    }

    private void TakeCalendar(RoomCalendar calendar)
    {
        _roomName = calendar.RoomName;
        _agenda.HandleCalendar(calendar.Entries, Time);
        _log.CalendarRead(calendar.Entries.Count);
    }

    private void KeepNotes()
    {
        if (_agenda.Notes == _noted || !IsMember)
            return;

        _noted = _agenda.Notes;
        Keep(() => _memory.Write(_agenda.Notes));
    }

    private void Keep(Action write)
    {
        try
        {
            write();
        }
        catch (IOException problem)
        {
            _log.NotKept(problem.Message);
        }
    }

    // What is so now, as the table of a device's life has it.
    private void LiveOn()
    {
        DeviceEvent found = _account switch
        {
            CloudState.Unpaired { Why: UnpairedReason.Left } => DeviceEvent.Left,
            CloudState.Unpaired => DeviceEvent.AccessLost,
            _ when IsMember && _isConnected => _identity.IsGood(_parts.Account.DnsName!, Time.Date) ? DeviceEvent.Certified : DeviceEvent.Connected,
            _ when IsMember => _wasConnected || _account is CloudState.Unreachable ? DeviceEvent.HubLost : DeviceEvent.AccountGained,
            CloudState.NoHub => DeviceEvent.HubNeeded,
            _ => DeviceEvent.HubFound,
        };
        DevicePhase? next = DeviceLife.Table.Next(_phase, found);
        if (next is null)
            _log.Unexpected(found, _phase);
        next ??= DeviceLife.Table.Next(DevicePhase.Starting, found);
        if (next == _phase)
            return;

        _phase = next!.Value;
        _log.PhaseChanged(_phase);
    }
}
