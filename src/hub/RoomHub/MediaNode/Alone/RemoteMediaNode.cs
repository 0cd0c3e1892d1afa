using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text;
using RoomAgent.Crypto;

namespace RoomAgent.Hub.MediaNode.Alone;

/// <summary>A media node that runs alone, as the hub sees it: calls become messages. When the node is lost all calls end, and no more succeed.</summary>
/// <remarks>What the node says is bounded and checked: a wrong message ends the connection, an answer to no call is dropped.</remarks>
#pragma warning disable CA1001 // Nothing but a flag that callers who come late still ask: there is nothing to dispose of in it.
internal sealed class RemoteMediaNode(string name, NodeSocket socket, ILogger log) : IMediaNode
#pragma warning restore CA1001
{
    // Calls end within milliseconds. Whoever has so many open has not heard from the node for long.
    private const int MostCalls = 1_000;
    private const int LongestReason = 200;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<uint, Call> _calls = new();
    private readonly CancellationTokenSource _lost = new();
    private NodeLoad _load = new(0, 0, 0, [new ShardLoad(0, 0, 0, 0, 0)]);
    private TimeSpan? _lease;
    private int _lastCall;

    /// <summary>What it is called in its certificate.</summary>
    public string Name => name;

    /// <summary>Whether it has said what it takes.</summary>
    public bool IsReady => _lease is not null && _load.MostLegs > 0 && !_lost.IsCancellationRequested;

    /// <summary>How long its legs live after their last renewal.</summary>
    public TimeSpan Lease => _lease ?? TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public NodeLoad Load => Volatile.Read(ref _load);

    /// <summary>Reads what the node says until it is gone; then every call ends.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, _lost.Token);
        try
        {
            if (!await socket.ReceiveAsync(message => new ValueTask<bool>(See(message.Span)), either.Token))
                NodeLog.WrongMessage(log, name);
        }
        catch (Exception end) when (end is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The network, the process, or the one below that took the place.
        }
        finally
        {
            End();
            socket.Dispose();
        }
    }

    /// <summary>Gives the node up: its certificate was revoked, or it came again.</summary>
    public void End()
    {
        _lost.Cancel();
        foreach (uint number in _calls.Keys)
        {
            if (_calls.TryRemove(number, out Call? call))
                call.Done.TrySetResult(null);
        }
    }

    /// <inheritdoc/>
    public async Task<OfferResult> OfferAsync(LegId leg, ConferenceId conference, ReadOnlyMemory<byte> offer) =>
        await TryOfferAsync(leg, conference, offer) ?? new OfferResult(null, "The media node is lost: ask again.");

    /// <inheritdoc/>
    public async Task<Renewal> RenewAsync(LegId leg) => await TryRenewAsync(leg) ?? Renewal.Unknown;

    /// <inheritdoc/>
    public async Task<bool> RevokeAsync(LegId leg) => await TryRevokeAsync(leg) ?? false;

    /// <summary>The same as <see cref="OfferAsync"/>, with <see langword="null"/> when the node is lost.</summary>
    public async Task<OfferResult?> TryOfferAsync(LegId leg, ConferenceId conference, ReadOnlyMemory<byte> offer)
    {
        if (offer.Length > RoomAgent.Rtp.SessionDescription.LongestText)
            return new OfferResult(null, "The offer is too long.");

        Result? result = await AskAsync(NodeMessage.Answer, call => NodeMessage.OfOffer(call, leg, conference, offer.Span));
        if (result is null)
            return null;
        if (result.Value == 1)
            return new OfferResult(result.Text, null);

        using Secret reason = result.Text!;
        return new OfferResult(null, Printable(reason.Bytes));
    }

    /// <summary>The same as <see cref="RenewAsync"/>, with <see langword="null"/> when the node is lost.</summary>
    public async Task<Renewal?> TryRenewAsync(LegId leg) => (Renewal?)(await AskAsync(NodeMessage.Renewed, call => NodeMessage.OfLeg(NodeMessage.Renew, call, leg)))?.Value;

    /// <summary>The same as <see cref="RevokeAsync"/>, with <see langword="null"/> when the node is lost: the leg lives on until its lease is over.</summary>
    public async Task<bool?> TryRevokeAsync(LegId leg) => await AskAsync(NodeMessage.Revoked, call => NodeMessage.OfLeg(NodeMessage.Revoke, call, leg)) is { } result ? result.Value == 1 : null;

    private async Task<Result?> AskAsync(byte expected, Func<uint, byte[]> write)
    {
        if (_calls.Count >= MostCalls || _lost.IsCancellationRequested)
            return null;

        uint number = (uint)Interlocked.Increment(ref _lastCall);
        var call = new Call(expected);
        _calls[number] = call;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_lost.Token);
        limit.CancelAfter(s_patience);
        try
        {
            await socket.SendAsync(write(number), limit.Token);
            return await call.Done.Task.WaitAsync(limit.Token);
        }
        catch (Exception lost) when (lost is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // A node that does not answer in time is as good as gone, and a call that was cut off leaves the socket useless.
            End();
            // What came while we gave up is nobody's.
            if (!call.Done.TrySetResult(null))
                (await call.Done.Task)?.Text?.Dispose();
            return null;
        }
        finally
        {
            _calls.TryRemove(number, out _);
        }
    }

    private bool See(ReadOnlySpan<byte> message)
    {
        if (message.IsEmpty)
            return false;
        if (_lease is null)
            return (_lease = NodeMessage.ReadHello(message)) is not null;
        if (message[0] == NodeMessage.Load)
        {
            if (NodeMessage.ReadLoad(message) is not { } load)
                return false;
            Volatile.Write(ref _load, load);
            return true;
        }

        if (!NodeMessage.TryReadResult(message, out byte kind, out uint number, out byte value, out ReadOnlySpan<byte> text))
            return false;
        if (!_calls.TryRemove(number, out Call? call))
            return true;
        if (call.Expected != kind)
        {
            call.Done.TrySetResult(null);
            return false;
        }

        Secret? kept = kind == NodeMessage.Answer ? Secret.CopyOf(text) : null;
        if (!call.Done.TrySetResult(new Result(value, kept)))
            kept?.Dispose();
        return true;
    }

    // It goes into a log and to whoever offered.
    private static string Printable(ReadOnlySpan<byte> reason)
    {
        string text = Encoding.ASCII.GetString(reason[..Math.Min(reason.Length, LongestReason)]);
        return string.Concat(text.Select(letter => letter is >= ' ' and <= '~' ? letter : '?'));
    }

    private sealed record Result(byte Value, Secret? Text);

    private sealed class Call(byte expected)
    {
        public byte Expected => expected;

        public TaskCompletionSource<Result?> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
