using RoomAgent.Agent.Ports;
using RoomAgent.Cloud.Calls;

namespace RoomAgent.Cloud.Account;

// Staying a member: tokens, another key, leaving.
public sealed partial class Membership
{
    // 75 % of a token's life, 5 % more or less, so that devices that were switched on together do not come together for ever.
    private const double UsualShare = 0.75;
    private const double ShareSpread = 0.05;

    private double _share = UsualShare;

    private volatile bool _isDoubted;

    private DateTimeOffset DueAt(TokenPair tokens) => tokens.From + ((tokens.Until - tokens.From) * _share);

    // Unless the hub said that they are worth nothing any more.
    private bool IsFresh(TokenPair tokens) => !_isDoubted && _clock.Now < DueAt(tokens);

    private TimeSpan Stay(TokenPair tokens)
    {
        _failures = 0;
        TimeSpan due = DueAt(tokens) - _clock.Now;
        TimeSpan pause = due > TimeSpan.Zero ? due : TimeSpan.Zero;
        MachineAccount account = _record.Account!;
        if (_claimedAt is { } at && _clock.Device.GetElapsedTime(at) is var elapsed && elapsed < s_claimedFor)
        {
            Show(new CloudState.Claimed(account.Organisation));
            TimeSpan rest = s_claimedFor - elapsed;
            return rest < pause ? rest : pause;
        }

        _claimedAt = null;
        Show(new CloudState.Paired(account.Organisation, account.Client));
        return pause;
    }

    private async Task<TimeSpan> RefreshAsync(MachineAccount account, TokenPair held, CancellationToken cancel)
    {
        HubAnswer answer = await _line!.CallAsync(HubEndpoints.Refresh(_line, _key!, account.Client, held.Refresh), cancel);
        if (HubEndpoints.ReadTokens(answer, held.Refresh, _clock.Now) is { } tokens)
            return Take(tokens);

        // The one before is good until the new one was used (a hub that came back from a backup does not know the new one).
        if (answer.Error == "invalid_grant" && held.Previous is { } previous)
        {
            _log.PreviousTried();
            answer = await _line.CallAsync(HubEndpoints.Refresh(_line, _key!, account.Client, previous), cancel);
            if (HubEndpoints.ReadTokens(answer, previous, _clock.Now) is { } others)
                return Take(others);
        }

        if (answer.Error == "invalid_grant")
            return End(UnpairedReason.TokensRefused);
        return await JudgeAsync(account, answer, cancel);
    }

    // On the storage first, then in use: a new token whose successor the hub would see while we have only the old one would look like a copy.
    private TimeSpan Take(TokenPair tokens)
    {
        Write(_record with { Tokens = tokens, PairingGrant = null });
        _isDoubted = false;
        _share = UsualShare * (1 - ShareSpread + (Random.Shared.NextDouble() * 2 * ShareSpread));
        _log.Refreshed(tokens.Until);
        Refill();
        return Stay(tokens);
    }

    // invalid_client can also mean that the hub is too busy to check us. Before anything is given up, the registration itself is asked for.
    private async Task<TimeSpan> JudgeAsync(MachineAccount account, HubAnswer answer, CancellationToken cancel)
    {
        if (answer.Error != "invalid_client")
            return Retry(answer);

        HubAnswer registration = await _line!.CallAsync(HubEndpoints.ReadRegistration(_key!, account), cancel);
        return registration is { Status: 401, Error: "invalid_token" } ? End(UnpairedReason.AccessEnded) : Retry(answer);
    }

    // 1. the new key is there and named in the record (see the verb)    2. the hub takes it, proven by the old key    3. or has taken it before a power cut: then the new one proves itself
    // 4. the new one is ours, tokens of the old one are void
    private async Task<TimeSpan> ReplaceKeyAsync(MachineAccount account, int number, CancellationToken cancel)
    {
        if (_keys.Open(number) is not { } next)
        {
            Write(_record with { NextKey = null });
            return TimeSpan.Zero;
        }

        HubAnswer answer = await _line!.CallAsync(HubEndpoints.ReplaceKey(_line, _key!, next, account, _settings), cancel);
        if (answer is { Status: 401, Error: "invalid_token" })
            answer = await _line.CallAsync(HubEndpoints.ReadRegistration(next, account), cancel);
        if (answer.Status != 200)
        {
            next.Dispose();
            switch (answer.Error)
            {
                case "invalid_token" when answer.Status == 401:
                    return End(UnpairedReason.AccessEnded);
                case "invalid_request" or "invalid_client_metadata":
                    // The hub knows the key that we have and does not want the other one.
                    Write(_record with { NextKey = null });
                    Forget(number);
                    _log.KeyNotReplaced(answer.Error);
                    return TimeSpan.Zero;
                default:
                    return Retry(answer);
            }
        }

        int before = _record.Key;
        DateTimeOffset now = _clock.Now;
        Write(_record with { Key = number, NextKey = null, Tokens = _record.Tokens is { } tokens ? tokens with { From = now, Until = now } : null });
        _usable = null;
        _failures = 0;

        // Not disposed of: a call that began with it may be signing. It is closed when nobody has it any more.
        _key = next;
        Forget(before);
        _log.KeyReplaced();
        return TimeSpan.Zero;
    }

    private async Task<TimeSpan> LeaveAsync(MachineAccount account, CancellationToken cancel)
    {
        _usable = null;
        HubAnswer answer = await _line!.CallAsync(HubEndpoints.Remove(_key!, account), cancel);
        return answer.IsGood || answer is { Status: 401, Error: "invalid_token" } ? End(UnpairedReason.Left) : Retry(answer);
    }
}
