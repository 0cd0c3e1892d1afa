using RoomAgent.Agent.Ports;
using RoomAgent.Cloud.Calls;
using RoomAgent.Cloud.Trust;
using RoomAgent.Enrolment;

namespace RoomAgent.Cloud.Account;

// Who the hub is, where it is, and how late it is there.
public sealed partial class Membership
{
    private static readonly TimeSpan s_acquaintance = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_beforeAskingAgain = TimeSpan.FromMinutes(1);

    private HubLine? _line;
    private HubKey? _hub;
    private long _metAt;

    // The key whose words are shown, until somebody vouches for it.
    private byte[]? _seen;

    /// <summary>
    /// Makes sure that who answers is the hub and nobody else.
    /// </summary>
    /// <remarks>
    /// 1. who does it say it is   2. is that the one we know   3. has it that key, now, and how late is it there   4. has it moved   5. is it the one whom TLS is spoken with
    /// 6. does anybody vouch for it, when it is the first time
    /// </remarks>
    /// <returns><see langword="null"/> when it is; else how long to wait.</returns>
    private async Task<TimeSpan?> MeetAsync(CancellationToken cancel)
    {
        if (_hub is not null && _clock.Device.GetElapsedTime(_metAt) < s_acquaintance)
            return null;

        // Read back from what was checked when it was written.
        HubAddress address = HubAddress.Read(_record.Hub) ?? throw new InvalidOperationException("The record has an address that is none.");
        _line ??= new HubLine(address, _settings, _clock);
        using HubDoor.Introduction introduction = _line.Door.Introduce();

        // 1.
        (HubDescription? said, HubAnswer answer) = await _line.AskWhoAsync(introduction, cancel);
        if (said is not { } description)
            return Retry(answer);

        // 2.
        if (_record.HubKeyHash is { } known && !known.AsSpan().SequenceEqual(description.Key.Hash))
            return Refuse(RefusedHub.OtherIdentity);

        // 3.
        (DateTimeOffset? signed, answer) = await _line.AskTimeAsync(introduction, description.Key, cancel);
        if (answer.Status != 200)
            return Retry(answer);
        if (signed is not { } time)
            return Refuse(RefusedHub.NotSigned);

        DateTimeOffset before = _clock.Now;
        if (_record.HubKeyHash is not null)
            _clock.Trust(time);
        else
            _clock.Correct(time);
        TimeSpan correction = _clock.Now - before;
        if (correction.Duration() > HubClock.Slack)
            _log.ClockCorrected(correction);

        // 4. Only a hub that is known may send us elsewhere.
        if (_record.HubKeyHash is not null && description.Move is { } move && move.Number > _record.Move)
        {
            Write(_record with { Hub = move.Address.Url, Move = move.Number });
            if (move.Address != address)
            {
                _log.HubMoved(move.Address.Url, move.Number);
                ForgetHub();
                return NextPause();
            }
        }

        if (description.Address != address)
            return Refuse(RefusedHub.OtherAddress);

        // 5.
        HubTlsKey? tls = HubLine.TlsKeyOf(introduction, description, _clock.Now);
        if (tls is null && !(_settings.TrustsAuthorities && introduction.IsPublic))
            return Refuse(RefusedHub.OtherTlsKey);

        // 6. A public authority vouches for a name that somebody has entered. Else a person compares the words.
        if (_record.HubKeyHash is null)
        {
            if (!introduction.IsPublic)
            {
                // The authority is asked again: until the board's clock is set, every certificate looks too new or too old.
                _seen = description.Key.Hash;
                Show(new CloudState.HubUnknown(description.Key.Words));
                return s_beforeAskingAgain;
            }

            Write(_record with { HubKeyHash = description.Key.Hash, Move = description.Move?.Number ?? 0 });
            _clock.Trust(time);
        }

        _line.Door.Welcome(tls);
        _line.Learn(answer.Nonce, date: null);
        if (_hub is null)
            _log.HubMet(address.Url, description.Key.Words);
        _hub = description.Key;
        _metAt = _clock.Device.GetTimestamp();
        return null;
    }

    private TimeSpan Refuse(RefusedHub why)
    {
        // Tokens are for the hub that was met before; nothing goes to this one.
        _hub = null;
        _usable = null;
        _line!.Door.Welcome(null);
        TimeSpan pause = NextPause();
        _log.HubRefused(_line.Address.Url, why);
        Show(new CloudState.HubRefused(why));
        return pause;
    }

    private void ForgetHub()
    {
        _usable = null;
        _hub = null;
        _seen = null;
        _line?.Dispose();
        _line = null;
    }
}
