using RoomAgent.Crypto;
using RoomAgent.Rtp.Bandwidth;
using RoomAgent.Rtp.Srtp;
using RoomAgent.SFrame;
using RoomAgent.Wire;

namespace RoomAgent.Agent.Media;

/// <summary>
/// The media of one meeting without sockets and devices: encoded frames, datagrams and time in, datagrams and encoded frames out.
/// Frames are sealed for the others in the meeting (SFrame), then cut into packets that are sealed for the next hop (SRTP).
/// </summary>
/// <remarks>
/// <para>After each Handle method or verb: <see cref="TryPollDatagram"/> and <see cref="TryPollFrame"/> until they give nothing; then wait
/// until <see cref="PollTimeout"/> and call <see cref="HandleTimeout"/>.</para>
/// <para>Nothing is allocated for a packet or a frame once every stream has been heard. One caller at a time.</para>
/// </remarks>
public sealed partial class MediaSession : IDisposable
{
    // What a node may send one after the other under one key, since no source is forgotten: a large meeting's, retransmissions and newcomers included.
    private const int MostSources = 8_192;

    private readonly MediaPlan _plan;
    private readonly MediaSettings _settings;
    private readonly IFrameKeys _keys;
    private readonly SrtpSender _sender;
    private readonly SrtpReceiver _receiver;
    private readonly CongestionControl _congestion;

    /// <summary>Begins with nothing sent or received.</summary>
    /// <param name="plan">What the node agreed to.</param>
    /// <param name="keys">The meeting's keys. The session asks for the present one with each frame; it does not own them.</param>
    /// <param name="crypto">The provider of the primitives.</param>
    /// <param name="settings">The limits.</param>
    public MediaSession(MediaPlan plan, IFrameKeys keys, ICryptoProvider crypto, MediaSettings settings)
    {
        _plan = plan;
        _settings = settings;
        _keys = keys;
        _opener = new FrameOpener(keys);
        _waiting = new WaitingFrames<Held>(settings.Waiting);
        _sender = new SrtpSender(crypto, plan.Profile, plan.SendKey.Bytes);
        _receiver = new SrtpReceiver(crypto, plan.Profile, plan.ReceiveKey.Bytes, MostSources);
        _congestion = new CongestionControl(new BandwidthSettings { Start = settings.StartBitRate, Most = settings.MostBitRate });
        _pacing = new PacingBudget(settings.StartBitRate);
        _tracks = [.. plan.Tracks.Select(track => new Track(track))];
        _urgent = new PacketQueue(128, settings.LargestDatagram);
        _paced = new PacketQueue(settings.PacketsWaiting, settings.LargestDatagram);
        _sealed = new byte[settings.LargestFrame];
        _opened = new byte[settings.LargestFrame];
    }

    /// <summary>What was sent and received.</summary>
    public MediaCounters Counters { get; } = new();

    /// <summary>What became of received frames: opened, replayed, undecryptable and so on.</summary>
    public long Frames(OpenOutcome outcome) => _opener.Count(outcome);

    /// <summary>Frames that waited in vain for their epoch.</summary>
    public long FramesWithoutEpoch => _waiting.Lost + _waiting.Refused;

    /// <summary>Bits a second that the network bears, by the node's feedback: what all encoders together should make.</summary>
    public int TargetBitRate => _congestion.Estimate;

    /// <summary>The time to the node and back, measured by reports; null before the first.</summary>
    public TimeSpan? RoundTrip { get; private set; }

    /// <summary>Whether fifteen sixteenths of what the hop's keys may protect, or of the sources that there may be under them, are used: time for a new offer.</summary>
    public bool NeedsNewHopKey => _sender.NeedsNewKey || _receiver.NeedsNewKey;

    /// <summary>The streams that are being received. Going through them allocates nothing; handling a datagram may change them.</summary>
    public Dictionary<uint, RemoteStream>.ValueCollection Streams => _streams.Values;

    /// <summary>When <see cref="HandleTimeout"/> wants to be called.</summary>
    public Instant PollTimeout
    {
        get
        {
            Instant next = Instant.Min(_nextTick, NextSend);
            foreach (RemoteStream stream in _streams.Values)
            {
                if (stream.Pictures is { } pictures)
                    next = Instant.Min(next, pictures.PollTimeout);
            }

            return next;
        }
    }

    /// <summary>Zeroes the hop's keys. The meeting's keys are not the session's.</summary>
    public void Dispose()
    {
        _sender.Dispose();
        _receiver.Dispose();
    }
}
