using System.Net;
using System.Numerics;
using RoomAgent.Crypto;
using RoomAgent.Native.Linux;
using RoomAgent.Net;
using RoomAgent.Rtp;
using RoomAgent.Stun;

namespace RoomAgent.Hub.MediaNode;

/// <summary>The media node: loops with their sockets, a TCP listener, and the answers to offers.</summary>
/// <remarks>It forwards what it cannot read. Of a meeting it has hop keys and the readable parts of packets, and nothing of it is stored.</remarks>
public sealed class MediaNode : IMediaNode, IMediaConnectionHandler, IAsyncDisposable
{
    private readonly NodeSettings _settings;
    private readonly IRandom _random;
    private readonly MediaShard[] _shards;
    private readonly TcpMediaListener[] _listeners;
    private readonly IReadOnlyList<TransportAddress> _doors;
    private readonly Placement _placement;

    // Offers and revocations of one leg must not overtake one another; they are few, and each takes a moment of one loop.
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private int _disposed;

    private MediaNode(
        NodeSettings settings, IRandom random, MediaShard[] shards, Placement placement, IReadOnlyList<IPEndPoint> udp, MediaConnectionSettings connections)
    {
        _placement = placement;
        _settings = settings;
        _random = random;
        _shards = shards;
        Udp = udp;
        Connections = new MediaConnections(connections, this);
        _listeners = Listen();
        _doors = [.. Doors()];
    }

    /// <summary>Where it takes datagrams.</summary>
    public IReadOnlyList<IPEndPoint> Udp { get; }

    /// <summary>Where it takes TCP connections.</summary>
    public IEnumerable<IPEndPoint> Tcp => _listeners.Select(listener => listener.Local);

    /// <summary>The connections it has, for <see cref="WebSocketMedia.MapMedia"/>.</summary>
    public MediaConnections Connections { get; }

    /// <inheritdoc/>
    public NodeLoad Load => new(_shards.Sum(shard => shard.Load.Legs), _settings.MostLegs, Connections.Count, [.. _shards.Select(shard => shard.Load)]);

    /// <summary>Opens the sockets and starts the loops.</summary>
    /// <param name="settings">Everything that can be set.</param>
    /// <param name="crypto">The provider of the primitives.</param>
    /// <param name="random">Where keys and sources come from.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="connections">The limits of TCP connections and WebSockets.</param>
    /// <exception cref="System.Net.Sockets.SocketException">A port is taken, or needs rights.</exception>
    public static MediaNode Start(NodeSettings settings, ICryptoProvider crypto, IRandom random, TimeProvider clock, MediaConnectionSettings? connections = null)
    {
        // A power of two, so that the source of a retransmission leads to the same loop as its stream's (Ssrc.Retransmission).
        int loops = (int)BitOperations.RoundUpToPowerOf2((uint)(settings.Loops > 0 ? settings.Loops : Environment.ProcessorCount));
        var opened = new List<UdpBatchSocket[]>();
        try
        {
            foreach (IPAddress address in settings.Listen)
            {
                foreach (int port in settings.UdpPorts)
                    opened.Add(UdpBatchSocket.Open(new IPEndPoint(address, port), loops));
            }
        }
        catch
        {
            foreach (UdpBatchSocket socket in opened.SelectMany(sockets => sockets))
                socket.Dispose();
            throw;
        }

        IPEndPoint[] udp = [.. opened.Select(sockets => sockets[0].LocalEndPoint)];
        var placement = new Placement(loops, settings.MostLegs);
        var shards = new MediaShard[loops];
        for (int i = 0; i < loops; i++)
            shards[i] = new MediaShard(settings, crypto, random, i, loops, [.. opened.Select(sockets => sockets[i])], clock, placement.Free);
        try
        {
            return new MediaNode(settings, random, shards, placement, udp, connections ?? new MediaConnectionSettings());
        }
        catch
        {
            foreach (MediaShard shard in shards)
                shard.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<OfferResult> OfferAsync(LegId leg, ConferenceId conference, ReadOnlyMemory<byte> offer)
    {
        if (!SessionDescription.TryParse(offer.Span, out SessionDescription? offered, out SdpRefusal? refusal))
            return new OfferResult(null, $"{refusal}");

        using (offered)
        {
            SFrameMode mode = offered!.Media.FirstOrDefault(medium => medium.Kind == "video")?.SFrame ?? SFrameMode.PerFrame;
            var policy = new AnswerPolicy(offered.Origin, MeetingMedia.Support(mode), new SuitePolicy(AllowAesCm: _settings.AllowAesCm)) { Transports = _doors };
            OfferRefusal outcome = OfferAnswer.TryAnswer(offered, policy, _random, out SessionDescription? answer);
            if (answer is null)
                return new OfferResult(null, $"The offer cannot be answered: {outcome}.");

            using (answer)
            {
                await _oneAtATime.WaitAsync();
                try
                {
                    return await AddAsync(leg, conference, offered, answer);
                }
                finally
                {
                    _oneAtATime.Release();
                }
            }
        }
    }

    /// <inheritdoc/>
    public async Task<Renewal> RenewAsync(LegId leg) =>
        _placement.Find(leg) is var (_, loop) ? await _shards[loop].AskAsync((router, now) => router.Renew(leg, now)) : Renewal.Unknown;

    /// <inheritdoc/>
    public async Task<bool> RevokeAsync(LegId leg)
    {
        await _oneAtATime.WaitAsync();
        try
        {
            return await RemoveAsync(leg);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <inheritdoc/>
    void IMediaConnectionHandler.Received(IMediaConnection connection, ReadOnlySpan<byte> datagram)
    {
        // The same choice that the kernel makes for datagrams.
        DatagramKind kind = Demultiplexer.KindOf(datagram);
        int shard = kind == DatagramKind.Media && Router.SourceOf(datagram) is { } source ? (int)(source.Value % (uint)_shards.Length) : 0;
        if (kind != DatagramKind.Other)
            _shards[shard].Post(connection, datagram);
    }

    /// <inheritdoc/>
    void IMediaConnectionHandler.Closed(IMediaConnection connection, CloseReason reason)
    {
        // Its leg finds another way, or its lease ends.
    }

    /// <summary>Cuts all legs off, zeroes their keys and closes the sockets.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;

        // From outside to inside: a connection still hands packets over while it ends.
        foreach (TcpMediaListener listener in _listeners)
            await listener.DisposeAsync();
        await Connections.DisposeAsync();
        foreach (MediaShard shard in _shards)
            shard.Dispose();
    }

    private TcpMediaListener[] Listen()
    {
        var listeners = new List<TcpMediaListener>();
        try
        {
            foreach (IPAddress address in _settings.TcpPort < 0 ? [] : _settings.Listen)
                listeners.Add(TcpMediaListener.Start(new IPEndPoint(address, _settings.TcpPort), Connections));
            return [.. listeners];
        }
        catch
        {
            // Their sockets are closed when the calls return; nobody has come yet whose end one would wait for.
            foreach (TcpMediaListener listener in listeners)
                _ = listener.DisposeAsync().AsTask();
            _ = Connections.DisposeAsync().AsTask();
            throw;
        }
    }

    private async Task<OfferResult> AddAsync(LegId leg, ConferenceId conference, SessionDescription offer, SessionDescription answer)
    {
        if (LegPlan.From(leg, conference, offer, answer, _settings) is not { } plan)
            return new OfferResult(null, "The offer is no bundle of a meeting's media with the numbers that all meetings use.");

        // A leg that goes to another meeting may go to another loop; in the same one, the loop itself puts the new leg in place of the old.
        if (_placement.Find(leg) is var (before, _) && before != conference)
            await RemoveAsync(leg);
        bool isKnown = _placement.Find(leg) is not null;
        if (_placement.Take(leg, conference) is not { } loop)
            return new OfferResult(null, $"This node has its {_settings.MostLegs} legs: ask another one.");

        LegSources sources;
        try
        {
            sources = await _shards[loop].AskAsync((router, now) => router.Add(plan, now));
        }
        catch
        {
            // A leg of that name that was there before is there still.
            if (!isKnown)
                _placement.Free(leg);
            throw;
        }

        _placement.Confirm(leg, conference, loop);
        int next = 0;
        SessionDescription told = answer with
        {
            Attributes = [.. answer.Attributes, MeetingMedia.ControlOf(sources.Control)],
            Media = [.. answer.Media.Select((medium, i) => medium with
            {
                Attributes = plan.SendsMedium(i) ? [.. medium.Attributes, MeetingMedia.SourceOf(sources.Streams[next++])] : medium.Attributes,
            })],
        };
        return new OfferResult(told.Write(), null);
    }

    private async Task<bool> RemoveAsync(LegId leg)
    {
        if (_placement.Find(leg) is not var (_, loop))
            return false;

        bool isRemoved = await _shards[loop].AskAsync((router, _) => router.Remove(leg));
        _placement.Free(leg);
        return isRemoved;
    }

    // UDP first, each port at each address; then TCP, then the WebSocket (DESIGN decision 5).
    private IEnumerable<TransportAddress> Doors()
    {
        IReadOnlyList<IPAddress> told = _settings.Advertise.Count > 0 ? _settings.Advertise : [.. _settings.Listen.Where(address => !IPAddress.IPv6Any.Equals(address) && !IPAddress.Any.Equals(address))];
        foreach (int port in Udp.Select(endPoint => endPoint.Port).Distinct())
        {
            foreach (IPAddress address in told)
                yield return new TransportAddress(MediaTransport.Udp, address.ToString(), port);
        }

        foreach (int port in Tcp.Select(endPoint => endPoint.Port).Distinct())
        {
            foreach (IPAddress address in told)
                yield return new TransportAddress(MediaTransport.Tcp, address.ToString(), port);
        }

        if (_settings.WebSocket is { } webSocket)
            yield return new TransportAddress(MediaTransport.Wss, webSocket.ToString(), 0);
    }
}
