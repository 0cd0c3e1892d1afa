using System.Net.Http.Headers;
using RoomAgent.Agent.Ports;
using RoomAgent.Cloud.Calls;

namespace RoomAgent.Cloud.Account;

// Calls in the name of the account, from any thread.
public sealed partial class Membership
{
    private static readonly TimeSpan s_forcedRenewals = TimeSpan.FromMinutes(1);
    private const int MostSocketAttempts = 4;

    private volatile Usable? _usable;
    private long? _forcedAt;

    /// <inheritdoc/>
    public async Task<HubAnswer> CallAsync(HubRequest request, CancellationToken cancel)
    {
        for (int attempt = 1; ; attempt++)
        {
            if (await TokenAsync(cancel) is not { } usable)
                return new HubAnswer(HubFault.NoToken);

            HubAnswer answer = await usable.Line.CallAsync(
                new HubCall(request.Method, request.Path)
                {
                    Content = request.Content is { } content ? () => new ReadOnlyMemoryContent(content) { Headers = { ContentType = new MediaTypeHeaderValue(request.ContentType) } } : null,
                    Key = usable.Key,
                    Token = usable.Token,
                    IfNoneMatch = request.IfNoneMatch,
                    MaxAnswer = request.MaxAnswer,
                },
                cancel);
            if (answer.Fault == HubFault.NotTheHub)
                await MeetAgainAsync(cancel);
            if (attempt > 1 || answer is not { Status: 401, Error: "invalid_token" } || !await RenewAsync(usable.Token, cancel))
                return answer;
        }
    }

    /// <inheritdoc/>
    public async Task<HubSocket> OpenSocketAsync(string path, CancellationToken cancel)
    {
        bool wasRenewed = false;
        for (int attempt = 1; ; attempt++)
        {
            if (await TokenAsync(cancel) is not { } usable)
                return new HubSocket(null, HubFault.NoToken, 0);

            (HubSocket opened, bool isTokenRefused) = await usable.Line.OpenSocketAsync(usable.Key, usable.Token, path, cancel);
            if (opened.Fault == HubFault.NotTheHub)
                await MeetAgainAsync(cancel);
            if (opened.Status != 401 || attempt == MostSocketAttempts)
                return opened;
            if (isTokenRefused)
            {
                if (wasRenewed || !await RenewAsync(usable.Token, cancel))
                    return opened;
                wasRenewed = true;
            }
        }
    }

    private async Task<Usable?> TokenAsync(CancellationToken cancel)
    {
        if (_usable is not { } usable)
            return null;
        if (_clock.Now < usable.Until)
            return usable;
        return await RenewAsync(usable.Token, cancel) ? _usable : null;
    }

    // One at a time, and not more often than once a minute: a call that is always refused must not wear out the tokens.
    private async Task<bool> RenewAsync(string refused, CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        try
        {
            if (_usable is not { } usable || usable.Token != refused)
                return _usable is not null;
            if (_record is not { Tokens: { } tokens, Account: { } account, NextKey: null, IsLeaving: false } || (_forcedAt is { } at && _clock.Device.GetElapsedTime(at) < s_forcedRenewals))
                return false;

            _forcedAt = _clock.Device.GetTimestamp();
            await RefreshAsync(account, tokens, cancel);
            return _usable is { } now && now.Token != refused;
        }
        catch (IOException problem)
        {
            // Not the caller's business: the loop says that the storage has failed, and tries again.
            _log.NotWritten(s_firstPause, problem);
            return false;
        }
        finally
        {
            _turn.Release();
            Wake();
        }
    }

    private async Task MeetAgainAsync(CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        _hub = null;
        _turn.Release();
        Wake();
    }

    // Once the hub was met and there are tokens, calls can be made.
    private void Refill() =>
        _usable = _hub is not null && _line is not null && _key is not null && _record is { Tokens: { } tokens, IsLeaving: false }
            ? new Usable(_line, _key, tokens.Access, tokens.Until)
            : null;

    private sealed record Usable(HubLine Line, IDeviceKey Key, string Token, DateTimeOffset Until)
    {
        public override string ToString() => "(token)";
    }
}
