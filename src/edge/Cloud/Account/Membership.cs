using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using RoomAgent.Agent.Ports;
using RoomAgent.Cloud.Calls;

namespace RoomAgent.Cloud.Account;

/// <summary>
/// This device's membership in an organisation, from the first setup code to leaving: it knows its hub, becomes a member, keeps its tokens fresh,
/// and answers for how things stand (<see cref="State"/>).
/// </summary>
/// <remarks>
/// <para>One loop (<see cref="RunAsync"/>) takes one step after the other. Which one is next follows from the record alone, which is written before anything is done with what a step has given;
/// so a power cut, a crash or a verb in the middle of a step is nothing special: the next step finds a record that makes sense, and the hub answers a repeated call as it did the first.</para>
/// <code>
/// record has            next step                            what can end it
/// no hub                wait for a setup code or an address
/// hub                   who is it, how late is it there      other identity, other TLS key: refused, again later
///   unpaired            wait for somebody to pair anew
///   leaving             DELETE the registration              -> unpaired
///   next key            PUT the registration                 refused by both keys: -> unpaired
///   tokens              wait, refresh at 75 % of their life  refused: -> unpaired
///   pairing grant       the first pair of tokens             refused: -> unpaired
///   right               register (RFC 7591)                  refused: -> another code
///   activation code     register (RFC 7591)                  refused: -> unpaired
///   shown code          ask whether it was entered           expired, refused: -> another code
///   none of these       get a code to show (RFC 8628)
/// </code>
/// </remarks>
public sealed partial class Membership : IHubAccount, IHubCalls, IDisposable
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMinutes(5);
    private const int MostDoublings = 9;

    private readonly CloudSettings _settings;
    private readonly CloudMemory _memory;
    private readonly IDeviceKeys _keys;
    private readonly HubClock _clock;
    private readonly ILogger _log;

    // Whoever reads or changes what is below has the turn. Verbs interrupt a step rather than wait for a slow hub.
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly SemaphoreSlim _news = new(0, 1);
    private readonly Lock _interruption = new();
    private CancellationTokenSource? _step;
    private CloudRecord _record;
    private IDeviceKey? _key;
    private int _failures;

    private volatile CloudState _state = new CloudState.NoHub();

    private Membership(CloudSettings settings, CloudMemory memory, CloudRecord record, IDeviceKeys keys, TimeProvider clock, ILogger log)
    {
        _settings = settings;
        _memory = memory;
        _record = record;
        _keys = keys;
        _clock = new HubClock(clock);
        _log = log;
    }

    /// <summary>How things stand.</summary>
    public CloudState State => _state;

    /// <summary>Tells how things stand whenever that changes, in order, on whatever thread. Listeners are quick.</summary>
    public event Action<CloudState>? Changed;

    /// <summary>The hub's time, once the hub has signed one: good for judging certificates. <see langword="null"/> before.</summary>
    public DateTimeOffset? TrustedTime => _clock.IsTrusted ? _clock.Now : null;

    /// <summary>The name that the hub has given this device, by which certificates name it; <see langword="null"/> while it is no member.</summary>
    public string? DnsName => Volatile.Read(ref _record).Account?.DnsName;

    /// <summary>Whether a TLS certificate is the hub's, for connections that others make to it. Any thread.</summary>
    public bool IsHub(X509Certificate? presented, SslPolicyErrors errors) => _line is { } line && line.Door.IsWelcome(presented, errors);

    /// <summary>Takes up what is in a vault.</summary>
    /// <param name="settings">What the host says.</param>
    /// <param name="vault">Where record and tokens are kept.</param>
    /// <param name="keys">Where the device's keys are kept.</param>
    /// <param name="clock">The device's clock, right or wrong.</param>
    /// <param name="log">The log.</param>
    /// <exception cref="IOException">The storage is broken.</exception>
    public static Membership Open(CloudSettings settings, IVault vault, IDeviceKeys keys, TimeProvider clock, ILogger<Membership> log)
    {
        var memory = new CloudMemory(vault);
        CloudRecord record = memory.Read(out bool isUnreadable);
        if (isUnreadable)
            log.RecordUnreadable();
        return new Membership(settings, memory, record, keys, clock, log);
    }

    /// <summary>Takes step after step until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                TimeSpan pause = await StepAsync(stopping);
                await RestAsync(pause, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
            {
                // Full or broken storage. Nothing has changed, in memory or at the hub, that the next attempt could not find.
                TimeSpan pause = NextPause();
                _log.NotWritten(pause, problem);
                Show(new CloudState.StorageFailed());
                await RestAsync(pause, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Forgets keys and connections; what is kept stays. The loop has ended.</summary>
    public void Dispose()
    {
        _usable = null;
        _line?.Dispose();
        _key?.Dispose();
        _turn.Dispose();
        _news.Dispose();
    }

    /// <summary>Takes one step.</summary>
    /// <returns>How long nothing is to be done.</returns>
    internal async Task<TimeSpan> StepAsync(CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        using var step = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        lock (_interruption)
            _step = step;
        try
        {
            return await NextAsync(step.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // A verb has come between. Whatever the hub has done of this step, it does again.
            return TimeSpan.Zero;
        }
        finally
        {
            lock (_interruption)
                _step = null;
            _turn.Release();
        }
    }

    private async Task<TimeSpan> NextAsync(CancellationToken cancel)
    {
        if (_record.Hub is null)
            return Wait(new CloudState.NoHub());
        if (_record.Unpaired is { } reason)
            return Wait(new CloudState.Unpaired(reason));

        // Between two refreshes the hub is not asked for anything.
        if (_record is { Tokens: { } tokens, IsLeaving: false, NextKey: null } && _key is not null && _hub is not null && IsFresh(tokens))
            return Stay(tokens);
        if (await MeetAsync(cancel) is { } pause)
            return pause;
        if (!HasKey())
            return End(UnpairedReason.KeyLost);

        Refill();
        return _record switch
        {
            { IsLeaving: true, Account: { } account } => await LeaveAsync(account, cancel),
            { NextKey: { } next, Account: { } account } => await ReplaceKeyAsync(account, next, cancel),
            { Tokens: { } pair } when IsFresh(pair) => Stay(pair),
            { Tokens: { } pair, Account: { } account } => await RefreshAsync(account, pair, cancel),
            { PairingGrant: { } grant, Account: { } account } => await FirstTokensAsync(account, grant, cancel),
            { Right: { } right } => await RegisterAsync("DPoP", right.Token, cancel),
            { ActivationCode: { } code } => await RegisterAsync("Bearer", code, cancel),
            { Shown: { } shown } => await PollAsync(shown, cancel),
            _ => await StartShowingAsync(cancel),
        };
    }

    // The device's key; made when there is none and nothing hangs on one. Whether there is one now.
    private bool HasKey()
    {
        _key ??= _record.Key > 0 ? _keys.Open(_record.Key) : null;
        if (_key is not null)
            return true;
        if (_record.Account is not null)
            return false;

        // What was shown or entered belongs to a key that was there before.
        int number = Math.Max(1, _record.Key);
        IDeviceKey made = _keys.Create(number);
        Write(_record with { Key = number, Shown = null, Right = null });
        _key = made;
        return true;
    }

    /// <summary>The account is over; somebody has to pair the device.</summary>
    private TimeSpan End(UnpairedReason why)
    {
        Write(_record.WithoutAccount() with { Unpaired = why });
        _usable = null;
        _claimedAt = null;
        _isDoubted = false;
        _failures = 0;
        _log.Unpaired(why);
        return Wait(new CloudState.Unpaired(why));
    }

    // One that stays by mistake is of no use to anybody.
    private void Forget(int key)
    {
        try
        {
            _keys.Remove(key);
        }
        catch (IOException problem)
        {
            _log.KeyNotRemoved(problem);
        }
    }

    // Memory follows the storage, never the other way round.
    private void Write(CloudRecord record)
    {
        _memory.Write(record);
        _record = record;
    }

    private TimeSpan Wait(CloudState state)
    {
        Show(state);
        return Timeout.InfiniteTimeSpan;
    }

    /// <summary>The hub did not answer, or not as it should: again later, each time later, unless it says when.</summary>
    private TimeSpan Retry(HubAnswer answer)
    {
        if (answer.Fault == HubFault.NotTheHub)
            _hub = null;

        TimeSpan pause = NextPause();
        if (answer.RetryAfter is { } wish && wish > pause)
            pause = wish + (pause / 10);
        _log.NotReached(answer.Fault, answer.Status, answer.Error, pause);

        // One lost answer does not take a code off the screen that somebody is typing in.
        if (_failures > 2 || _state is not CloudState.Pairing)
            Show(new CloudState.Unreachable(answer.Fault, _record.Account is not null));
        return pause;
    }

    private TimeSpan NextPause()
    {
        TimeSpan pause = s_firstPause * (1 << Math.Min(_failures, MostDoublings));
        _failures++;
        return (pause < s_longestPause ? pause : s_longestPause) * (0.5 + (Random.Shared.NextDouble() / 2));
    }

    private void Show(CloudState state)
    {
        if (_state == state)
            return;

        _state = state;
        try
        {
            Changed?.Invoke(state);
        }
        catch (Exception problem)
        {
            // The listener's own mistake; the membership goes on.
            _log.ListenerFailed(problem);
        }
    }

    private async Task RestAsync(TimeSpan pause, CancellationToken stopping)
    {
        if (pause == TimeSpan.Zero)
            return;

        using var end = new CancellationTokenSource(pause, _clock.Device);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, end.Token);
        try
        {
            await _news.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            // The pause is over.
        }
    }

    private void Wake()
    {
        try
        {
            _news.Release();
        }
        catch (SemaphoreFullException)
        {
            // Somebody has woken it already.
        }
    }
}
