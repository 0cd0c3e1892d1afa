using RoomAgent.Agent.Calendar;
using RoomAgent.Agent.Meetings;
using RoomAgent.Enrolment;
using RoomAgent.Meetings;

namespace RoomAgent.Agent.Room;

// What people in the room want.
public sealed partial class RoomLoop
{
    private static readonly RoomAnswer s_notInMeeting = new(false, "The room is in no meeting.");
    private static readonly RoomAnswer s_notHost = new(false, "Only a host's device that is in the meeting can do that.");
    private static readonly RoomAnswer s_storage = new(false, "What has to be kept could not be written: free the storage, or mend it.");
    private static readonly TimeSpan s_longestQuiet = TimeSpan.FromDays(7);

    /// <inheritdoc/>
    public async Task<RoomAnswer> PairAsync(string text)
    {
        text = text.Trim();
        try
        {
            if (SetupCode.Read(text, _parts.Trust.Suite.Crypto) is { } setup)
                return await _parts.Account.UseSetupCodeAsync(setup).ConfigureAwait(false) ? RoomAnswer.Done : Member();
            if (HubAddress.Read(text) is { } address)
                return await _parts.Account.UseHubAsync(address).ConfigureAwait(false) ? RoomAnswer.Done : Member();
        }
        catch (IOException)
        {
            return s_storage;
        }

        return new RoomAnswer(false, "That is neither a setup code nor the address of a hub. `roomhub setup-code` prints a setup code; an address looks like https://hub.example.");

        static RoomAnswer Member() => new(false, "The device belongs to an organisation already: unpair it first.");
    }

    /// <inheritdoc/>
    public Task<RoomAnswer> ConfirmHubAsync(string words) =>
        AccountAsync(_parts.Account.TrustHubAsync(words.Trim()), "These are not the words of the hub that waits to be confirmed. Compare them with the hub's page again.");

    /// <inheritdoc/>
    public Task<RoomAnswer> PairAnewAsync() => AccountAsync(_parts.Account.PairAnewAsync(), "The device is not waiting to be paired anew.");

    /// <inheritdoc/>
    public Task<RoomAnswer> UnpairAsync() => AccountAsync(_parts.Account.LeaveAsync(), "The device belongs to no organisation.");

    /// <inheritdoc/>
    public Task<RoomAnswer> StopCountdownAsync() => AskAsync(() =>
        _agenda.StopCountdown(Time) ? RoomAnswer.Done : new RoomAnswer(false, "No countdown runs."));

    /// <inheritdoc/>
    public Task<RoomAnswer> JoinAsync(OccurrenceName? name) => AskAsync(() =>
    {
        if (NotReady() is { } why)
            return why;

        return _agenda.Join(name, Time) ? RoomAnswer.Done : new RoomAnswer(false, "The calendar has no such meeting that this room can join now.");
    });

    /// <inheritdoc/>
    public async Task<RoomAnswer> JoinAddressAsync(string address)
    {
        string name = address.Trim().TrimEnd('/');
        name = name[(name.LastIndexOf('/') + 1)..];
        if (name.Length is 0 or > 50 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_'))
            return new RoomAnswer(false, "That is not the address of a personal room.");
        if (await AskAsync(() => NotReady() ?? RoomAnswer.Done).ConfigureAwait(false) is { IsDone: false } notReady)
            return notReady;
        if (await _parts.Hub.EnterPersonalAsync(name, _stopping).ConfigureAwait(false) is not { } content || CalendarText.ReadEntry(content.Span) is not { } entered)
            return new RoomAnswer(false, "There is no personal room at that address, or the hub is not reached.");

        return await AskAsync(() => _agenda.JoinAdHoc(entered, Time) ? RoomAnswer.Done : new RoomAnswer(false, "The room is about to be needed for its next booking.")).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<RoomAnswer> LeaveAsync() => AskAsync(() =>
    {
        if (_call is null)
            return s_notInMeeting;

        _agenda.Leave(Time);
        return RoomAnswer.Done;
    });

    /// <inheritdoc/>
    public Task<RoomAnswer> MuteAsync(bool isMuted) => SwitchAsync(isMuted, null, "microphone", _parts.Devices.Microphones is not null);

    /// <inheritdoc/>
    public Task<RoomAnswer> SwitchCameraAsync(bool isOff) => SwitchAsync(null, isOff, "camera", _parts.Devices.Camera is not null);

    /// <inheritdoc/>
    public Task<RoomAnswer> AdmitAsync(Participant who) => HostAsync(call => call.Admit(who));

    /// <inheritdoc/>
    public Task<RoomAnswer> EjectAsync(Participant who) => HostAsync(call => call.Eject(who));

    /// <inheritdoc/>
    public Task<RoomAnswer> LockAsync(bool isLocked) => HostAsync(call => call.Lock(isLocked));

    /// <inheritdoc/>
    public Task<RoomAnswer> DoNotDisturbAsync(TimeSpan howLong) => AskAsync(() =>
    {
        if (howLong < TimeSpan.Zero || howLong > s_longestQuiet)
            return new RoomAnswer(false, "That is not between nothing and seven days.");
        if (Date is null)
            return new RoomAnswer(false, "The time is not known yet.");

        _agenda.DoNotDisturb(howLong, Time);
        return RoomAnswer.Done;
    });

    /// <inheritdoc/>
    public Task<RoomAnswer> ShowSecurityAsync(bool isShown) => AskAsync(() =>
    {
        if (_call is not { } call)
            return s_notInMeeting;

        _isSecurityShown = isShown;
        if (isShown)
            call.FreezeCode();
        return RoomAnswer.Done;
    });

    // Nobody is heard or seen outside a meeting: there is nobody to hear and see them.
    private Task<RoomAnswer> SwitchAsync(bool? isMuted, bool? isCameraOff, string device, bool isThere) => AskAsync(() =>
    {
        if (!isThere)
            return new RoomAnswer(false, $"The room has no {device}.");
        if (_call is null && (isMuted == false || isCameraOff == false))
            return s_notInMeeting;

        Switch(isMuted ?? _isMuted, isCameraOff ?? _isCameraOff);
        return RoomAnswer.Done;
    });

    private Task<RoomAnswer> HostAsync(Func<MeetingCall, bool> deed) => AskAsync(() => _call is not { } call ? s_notInMeeting : deed(call) ? RoomAnswer.Done : s_notHost);

    private RoomAnswer? NotReady()
    {
        if (!IsMember)
            return new RoomAnswer(false, "The device is not paired with a hub.");
        if (Date is not { } date)
            return new RoomAnswer(false, "The time is not known yet: connect the device to its hub or to a time server.");
        if (!_identity.IsGood(_parts.Account.DnsName!, date))
            return new RoomAnswer(false, "The device has no certificate yet. It gets one as soon as it reaches its hub.");

        return null;
    }

    private static async Task<RoomAnswer> AccountAsync(Task<bool> change, string refusal)
    {
        try
        {
            return await change.ConfigureAwait(false) ? RoomAnswer.Done : new RoomAnswer(false, refusal);
        }
        catch (IOException)
        {
            return s_storage;
        }
    }

    private Task<RoomAnswer> AskAsync(Func<RoomAnswer> what)
    {
        var answer = new TaskCompletionSource<RoomAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        _mailbox.Post(() =>
        {
            try
            {
                answer.SetResult(what());
            }
            catch
            {
                answer.TrySetResult(new RoomAnswer(false, "The room made a mistake, which is in the journal."));
                throw;
            }
        });
        return answer.Task;
    }
}
