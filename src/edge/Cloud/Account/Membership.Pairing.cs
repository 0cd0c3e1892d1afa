using RoomAgent.Agent.Ports;
using RoomAgent.Cloud.Calls;

namespace RoomAgent.Cloud.Account;

// Becoming a member: a code that is shown or one that was brought, registering, the first tokens.
public sealed partial class Membership
{
    private static readonly TimeSpan s_claimedFor = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_afterDenial = TimeSpan.FromSeconds(30);
    private const int SlowDownSeconds = 5;
    private const int LongestPauseSeconds = 60;

    private long? _askedAt;
    private long? _claimedAt;

    private async Task<TimeSpan> StartShowingAsync(CancellationToken cancel)
    {
        HubAnswer answer = await _line!.CallAsync(HubEndpoints.StartShowing(_key!, _settings), cancel);
        if (HubEndpoints.ReadShown(answer, _key!, _clock.Now) is not { } shown)
            return Retry(answer);

        // Kept before it is shown: whoever types it in after a power cut must not have done so in vain.
        Write(_record with { Shown = shown });
        _failures = 0;
        _askedAt = _clock.Device.GetTimestamp();
        _log.CodeShown();
        ShowCode(shown);
        return TimeSpan.FromSeconds(shown.PauseSeconds);
    }

    // RFC 8628 sections 3.3 to 3.5.
    private async Task<TimeSpan> PollAsync(ShownCode shown, CancellationToken cancel)
    {
        if (_clock.Now >= shown.ExpiresAt)
            return AnotherCode();

        // Neither a verb nor a restart is a reason to ask sooner.
        _askedAt ??= _clock.Device.GetTimestamp();
        TimeSpan rest = TimeSpan.FromSeconds(shown.PauseSeconds) - _clock.Device.GetElapsedTime(_askedAt.Value);
        ShowCode(shown);
        if (rest > TimeSpan.Zero)
            return rest;

        HubAnswer answer = await _line!.CallAsync(HubEndpoints.Poll(_key!, shown.DeviceCode), cancel);
        _askedAt = _clock.Device.GetTimestamp();
        if (HubEndpoints.ReadRight(answer) is { } right)
        {
            Write(_record with { Right = right, Shown = null });
            _failures = 0;
            Show(new CloudState.Registering());
            return TimeSpan.Zero;
        }

        switch (answer.Error)
        {
            case "authorization_pending":
                _failures = 0;
                return TimeSpan.FromSeconds(shown.PauseSeconds);
            case "slow_down":
                _failures = 0;
                int seconds = Math.Min(shown.PauseSeconds + SlowDownSeconds, LongestPauseSeconds);
                Write(_record with { Shown = shown with { PauseSeconds = seconds } });
                return TimeSpan.FromSeconds(seconds);
            case "expired_token" or "invalid_grant":
                return AnotherCode();
            case "access_denied":
                AnotherCode();
                return s_afterDenial;
            default:
                return Retry(answer);
        }
    }

    // 1. an account    2. it is kept, and what led to it forgotten    3. who has claimed us is shown
    private async Task<TimeSpan> RegisterAsync(string scheme, string token, CancellationToken cancel)
    {
        Show(new CloudState.Registering());
        HubAnswer answer = await _line!.CallAsync(HubEndpoints.Register(_key!, _settings, scheme, token), cancel);
        if (HubEndpoints.ReadAccount(answer) is var (account, grant))
        {
            Write(_record with { Account = account, PairingGrant = grant, ActivationCode = null, Right = null, Shown = null });
            _failures = 0;
            _log.Registered(account.Client, account.OrganisationId);
            _claimedAt = _clock.Device.GetTimestamp();
            Show(new CloudState.Claimed(account.Organisation));
            return TimeSpan.Zero;
        }

        if (answer is not { Status: 401, Error: "invalid_token" })
            return Retry(answer);
        return _record.Right is null ? End(UnpairedReason.CodeRefused) : AnotherCode();
    }

    private async Task<TimeSpan> FirstTokensAsync(MachineAccount account, string grant, CancellationToken cancel)
    {
        HubAnswer answer = await _line!.CallAsync(HubEndpoints.FirstTokens(_line, _key!, account.Client, grant), cancel);
        if (HubEndpoints.ReadTokens(answer, previous: null, _clock.Now) is { } tokens)
            return Take(tokens);
        if (answer.Error == "invalid_grant")
            return End(UnpairedReason.TokensRefused);
        return await JudgeAsync(account, answer, cancel);
    }

    private TimeSpan AnotherCode()
    {
        Write(_record with { Shown = null, Right = null });
        _askedAt = null;
        return TimeSpan.Zero;
    }

    private void ShowCode(ShownCode shown) =>
        Show(new CloudState.Pairing(shown.UserCode, shown.Page, shown.PageWithCode, shown.Digits, _hub!.Words, shown.ExpiresAt));
}
