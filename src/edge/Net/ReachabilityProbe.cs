using System.Net;
using System.Threading.Channels;
using RoomAgent.Crypto;
using RoomAgent.Stun;
using RoomAgent.Wire;

namespace RoomAgent.Net;

/// <summary>How to probe.</summary>
public sealed record ProbeSettings
{
    /// <summary>Sockets, proxy and trust.</summary>
    public TransportSettings Transport { get; init; } = new();

    /// <summary>How long a transport may take in all. 3 s.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How often each one is asked. 3.</summary>
    public int Samples { get; init; } = 3;

    /// <summary>Nodes at most; what the hub names beyond is not probed. 16.</summary>
    public int MostNodes { get; init; } = 16;
}

/// <summary>Finds out by STUN which media nodes can be reached over which transports (requirements G10, G15).</summary>
public sealed class ReachabilityProbe
{
    private static readonly BindingSettings s_binding = new() { FirstTimeout = TimeSpan.FromMilliseconds(300), Requests = 5, LastWait = 2 };

    private readonly ProbeSettings _settings;
    private readonly IRandom _random;
    private readonly TimeProvider _time;

    /// <summary>A probe.</summary>
    public ReachabilityProbe(ProbeSettings settings, IRandom random, TimeProvider? time = null)
    {
        _settings = settings;
        _random = random;
        _time = time ?? TimeProvider.System;
    }

    /// <summary>Asks all nodes over all transports at once; takes no longer than <see cref="ProbeSettings.Limit"/>.</summary>
    /// <param name="nodes">The nodes, by the hub's names.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<ReachabilityReport> RunAsync(IReadOnlyList<(string Name, MediaNodeAddress Address)> nodes, CancellationToken cancel)
    {
        NodeReachability[] found = await Task.WhenAll(nodes.Take(_settings.MostNodes).Select(async node => new NodeReachability(
            node.Name, await Task.WhenAll(node.Address.Kinds.Select(kind => ProbeAsync(node.Address, kind, cancel))).ConfigureAwait(false)))).ConfigureAwait(false);
        return new ReachabilityReport(_time.GetUtcNow(), found);
    }

    private async Task<TransportReachability> ProbeAsync(MediaNodeAddress node, TransportKind kind, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(_settings.Limit);
        var client = new BindingClient(_random, reliable: kind is TransportKind.Tcp or TransportKind.Tls, settings: s_binding);
        List<TimeSpan> roundTrips = [];
        bool answered = false;
        try
        {
            Channel<byte[]> answers = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(8) { FullMode = BoundedChannelFullMode.DropWrite });
            IMediaTransport transport = await node.OpenAsync(
                kind, _settings.Transport, (_, datagram) => answers.Writer.TryWrite(datagram.ToArray()), (_, _) => answers.Writer.TryComplete(), limit.Token).ConfigureAwait(false);
            await using (transport.ConfigureAwait(false))
            {
                for (int i = 0; i < _settings.Samples && await AskAsync(client, transport, answers.Reader, limit.Token).ConfigureAwait(false); i++)
                {
                    answered = true;
                    if (client.RoundTrip is { } roundTrip)
                        roundTrips.Add(roundTrip);
                }
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ChannelClosedException)
        {
            cancel.ThrowIfCancellationRequested();
        }

        roundTrips.Sort();
        return new TransportReachability(
            kind, answered, roundTrips.Count > 0 ? roundTrips[roundTrips.Count / 2].TotalMilliseconds : null, answered ? TextOf(client.MappedAddress) : null);
    }

    private async Task<bool> AskAsync(BindingClient client, IMediaTransport transport, ChannelReader<byte[]> answers, CancellationToken cancel)
    {
        byte[] request = new byte[BindingClient.LargestRequest];
        client.Start(Now());
        while (client.State == BindingState.Waiting)
        {
            if (client.TryPollTransmit(request, out int length))
                transport.Send(request.AsSpan(0, length));

            await WaitAsync(answers, client.PollTimeout() - Now(), cancel).ConfigureAwait(false);
            while (answers.TryRead(out byte[]? answer))
            {
                if (StunMessage.TryRead(answer, out StunMessage message))
                    client.HandleMessage(Now(), message);
            }

            client.HandleTimeout(Now());
        }

        return client.State == BindingState.Succeeded;
    }

    private static async Task WaitAsync(ChannelReader<byte[]> answers, TimeSpan wait, CancellationToken cancel)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        enough.CancelAfter(wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
        try
        {
            if (!await answers.WaitToReadAsync(enough.Token).ConfigureAwait(false))
                throw new ChannelClosedException();
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // Time for the next request.
        }
    }

    private Instant Now() => new(_time.GetElapsedTime(0).Ticks);

    private static string TextOf(StunAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        return new IPEndPoint(new IPAddress(bytes[..address.CopyTo(bytes)]), address.Port).ToString();
    }
}
