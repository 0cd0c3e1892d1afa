using RoomAgent.Crypto;
using RoomAgent.Net;
using RoomAgent.Rtp;
using RoomAgent.Rtp.Bandwidth;
using RoomAgent.Rtp.Srtp;
using RoomAgent.Wire;

namespace RoomAgent.Hub.MediaNode;

/// <summary>One participant at the node: its keys, the way its packets take, what it sends and what it gets.</summary>
/// <remarks>Room for a cascade: a leg to another node would carry the streams of many participants.</remarks>
internal sealed class Leg : IDisposable
{
    private readonly Dictionary<(Leg Sender, StreamKind Kind), OutgoingStream> _incoming = [];
    private readonly LegPlan _plan;

    /// <summary>Sources that one leg may get under one key: those of a large meeting, retransmissions and newcomers included.</summary>
    private const int MostSources = 8_192;

    // A leg that moves between its transports keeps some of them; one that opens ever new connections closes its old ones.
    private const int MostConnections = 4;

    // Of the bits that a leg may get, so many may be repetitions.
    private const double ResendShare = 0.25;

    private readonly List<IMediaConnection> _connections = [];
    private List<OutgoingStream> _camerasBefore = [];

    public Leg(LegPlan plan, Conference conference, LegSources sources, ICryptoProvider crypto, NodeSettings settings, Instant now)
    {
        _plan = plan;
        Conference = conference;
        Control = sources.Control;
        Receiver = new SrtpReceiver(crypto, plan.Profile, plan.ReceiveKey.Bytes, maxSources: (2 * plan.Streams.Count) + 1);
        Sender = new SrtpSender(crypto, plan.Profile, plan.SendKey.Bytes, MostSources);
        Streams = [.. plan.Streams.Zip(sources.Streams, (stream, ssrc) => new IncomingStream(this, stream, ssrc))];
        IncomingLimit = new RateLimit(settings.MostIncomingBitRate / 8);
        RtcpLimit = new RateLimit(settings.RtcpRate);
        ResendLimit = new RateLimit(settings.MostBitRate / 8.0 * ResendShare);
        LeaseEnd = now + settings.Lease;
        NextReport = now;
        VideoBudget = Math.Min(settings.MostBitRate, plan.MostBitRate);
        Congestion = new CongestionControl(new BandwidthSettings { Start = (int)VideoBudget, Most = (int)VideoBudget });
    }

    public LegId Id => _plan.Id;

    public SrtpProfile Profile => _plan.Profile;

    public Conference Conference { get; }

    public Ssrc Control { get; }

    public SrtpReceiver Receiver { get; }

    public SrtpSender Sender { get; }

    // An array and a collection of their own types: going through them, which happens all the time, allocates nothing.
    public IncomingStream[] Streams { get; }

    /// <summary>The way to it; null until its first authentic packet.</summary>
    public Flow? Flow { get; private set; }

    public Instant LeaseEnd { get; set; }

    /// <summary>When it is told next how its streams do. Each leg has its own time, so that a thousand reports do not hold up the packets behind them.</summary>
    public Instant NextReport;

    /// <summary>Bits a second that pictures for this leg may take.</summary>
    public double VideoBudget { get; set; }

    /// <summary>What its network bears, both ways.</summary>
    public CongestionControl Congestion { get; }

    /// <summary>Whether it is where its packets come from.</summary>
    public AddressProof Proof { get; } = new();

    public RateLimit IncomingLimit;

    public RateLimit RtcpLimit;

    public RateLimit ResendLimit;

    /// <summary>The time to it and back, by its reports; null before the first.</summary>
    public TimeSpan? RoundTrip { get; set; }

    /// <summary>What was sent to it again a moment ago.</summary>
    public RecentRepairs Repairs { get; } = new();

    /// <summary>The streams that this leg may get.</summary>
    public Dictionary<(Leg Sender, StreamKind Kind), OutgoingStream>.ValueCollection Outgoing => _incoming.Values;

    /// <summary>The cameras that it gets, the most recent speaker's first.</summary>
    public List<OutgoingStream> Cameras { get; private set; } = [];

    /// <summary>Empties <see cref="Cameras"/>, to be filled anew with those that are wanted now.</summary>
    public void BeginCameras()
    {
        (Cameras, _camerasBefore) = (_camerasBefore, Cameras);
        Cameras.Clear();
    }

    /// <summary>Pauses the cameras that are not wanted any more.</summary>
    public void EndCameras()
    {
        foreach (OutgoingStream camera in _camerasBefore)
        {
            if (!Cameras.Contains(camera))
                camera.Pause();
        }

        _camerasBefore.Clear();
    }

    /// <summary>The stream of that kind of <paramref name="sender"/>.</summary>
    public OutgoingStream? Incoming(Leg sender, StreamKind kind) => _incoming.GetValueOrDefault((sender, kind));

    /// <summary>Makes what <paramref name="sender"/> sends available to this leg. Voices begin at once; pictures are chosen.</summary>
    public void Subscribe(Leg sender)
    {
        foreach (IncomingStream stream in sender.Streams)
        {
            if (!_plan.Receives.Contains(stream.Kind))
                continue;

            var outgoing = new OutgoingStream(stream, this);
            _incoming[(sender, stream.Kind)] = outgoing;
            stream.Outlets.Add(outgoing);
            if (!stream.IsVideo)
                outgoing.Resume();
        }
    }

    public void Unsubscribe(Leg sender)
    {
        foreach (IncomingStream stream in sender.Streams)
            _incoming.Remove((sender, stream.Kind));
    }

    /// <summary>Sends on that way from now on. A connection may stay from now on, until the leg goes.</summary>
    public void Use(in Flow flow)
    {
        Flow = flow;
        if (flow.Connection is not { } connection || _connections.Contains(connection))
            return;

        connection.Admit();
        _connections.Add(connection);
        if (_connections.Count <= MostConnections)
            return;

        _connections[0].Close(CloseReason.ByOwner);
        _connections.RemoveAt(0);
    }

    /// <summary>Takes over the connections of the leg in whose place this one comes: it may go on over them, and they end with it.</summary>
    public void Inherit(Leg before)
    {
        _connections.AddRange(before._connections);
        before._connections.Clear();
    }

    /// <summary>Closes every connection that it used.</summary>
    public void CloseConnections()
    {
        foreach (IMediaConnection connection in _connections)
            connection.Close(CloseReason.Revoked);
        _connections.Clear();
    }

    /// <summary>Has a key frame asked for of every picture that goes to this leg: it can be reached only now.</summary>
    public void WantKeyFrames()
    {
        foreach (OutgoingStream outgoing in _incoming.Values)
            outgoing.Stream.KeyFrameWanted |= outgoing.IsWanted && outgoing.Stream.IsVideo;
    }

    /// <summary>Takes this leg out of what others send, and zeroes its keys.</summary>
    public void Dispose()
    {
        foreach (OutgoingStream outgoing in _incoming.Values)
            outgoing.Stream.Outlets.Remove(outgoing);
        _incoming.Clear();
        Receiver.Dispose();
        Sender.Dispose();
    }
}
