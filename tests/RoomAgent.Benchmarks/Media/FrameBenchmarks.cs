using BenchmarkDotNet.Attributes;
using RoomAgent.Agent.Media;
using RoomAgent.Crypto;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Rtp;
using RoomAgent.Rtp.Srtp;
using RoomAgent.SFrame;
using RoomAgent.Wire;

namespace RoomAgent.Benchmarks.Media;

/// <summary>One picture of 20 kB on its way out, sealed, cut into 17 packets and each protected, against what its two encryptions cost a C program.</summary>
public class FrameSendBenchmarks
{
    private readonly byte[] _frame = new byte[Pictures.Length];
    private readonly byte[] _piece = new byte[Pictures.Piece];
    private readonly byte[] _sealed = new byte[Pictures.Length + Sizes.AeadTag];
    private readonly byte[] _datagram = new byte[1_500];
    private RawAes256Gcm _meeting = null!;
    private RawAes256Gcm _hop = null!;
    private Pictures _pictures = null!;

    [GlobalSetup]
    public void Setup()
    {
        _meeting = new RawAes256Gcm(new byte[32], encrypt: true);
        _hop = new RawAes256Gcm(new byte[32], encrypt: true);
        _pictures = new Pictures();
    }

    [Benchmark(Baseline = true, Description = "raw EVP AES-256-GCM, of the frame and of 17 packets")]
    public void RawEncrypt()
    {
        _meeting.Encrypt(_frame, _sealed);
        for (int i = 0; i < Pictures.Packets; i++)
            _hop.Encrypt(_piece, _sealed);
    }

    [Benchmark(Description = "MediaSession.SendPicture and TryPollDatagram")]
    public int Send() => _pictures.Send(_frame, _datagram, static (_, _) => { });
}

/// <summary>The same picture on its way in: each packet opened and kept, the frame put together and opened; against its two raw decryptions.</summary>
/// <remarks>What is opened once is a replay the second time: each iteration gets fresh sessions outside the measurement, and all copy the packets, since they are opened in place.</remarks>
[WarmupCount(20)]
public class FrameReceiveBenchmarks
{
    private const int Frames = 256;

    // The first frames make the stream and its sender's key, which is no part of a steady state.
    private const int FirstFrames = 8;
    private const int Rounds = 4;

    private readonly List<byte[]> _packets = [];
    private readonly byte[] _frame = new byte[Pictures.Length];
    private readonly byte[] _packet = new byte[1_500];
    private readonly byte[] _sealedFrame = new byte[Pictures.Length + Sizes.AeadTag];
    private readonly byte[] _sealedPiece = new byte[Pictures.Piece + Sizes.AeadTag];
    private readonly MediaSession?[] _sessions = new MediaSession?[Rounds];
    private RawAes256Gcm _meeting = null!;
    private RawAes256Gcm _hop = null!;

    [GlobalSetup]
    public void Setup()
    {
        byte[] key = new byte[32];
        new RawAes256Gcm(key, encrypt: true).Encrypt(_frame, _sealedFrame);
        new RawAes256Gcm(key, encrypt: true).Encrypt(_packet[..Pictures.Piece], _sealedPiece);
        _meeting = new RawAes256Gcm(key, encrypt: false);
        _hop = new RawAes256Gcm(key, encrypt: false);

        var pictures = new Pictures();
        for (int i = 0; i < Frames; i++)
            pictures.Send(_frame, _packet, (packet, length) => _packets.Add(packet[..length]));
    }

    [IterationSetup]
    public void FreshSessions()
    {
        for (int round = 0; round < Rounds; round++)
        {
            _sessions[round]?.Dispose();
            _sessions[round] = Pictures.NewSession(ownLeaf: 1);
            Receive(_sessions[round]!, 0, FirstFrames * Pictures.Packets);
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Rounds * (Frames - FirstFrames), Description = "raw EVP AES-256-GCM, of the frame and of 17 packets")]
    public void RawDecrypt()
    {
        bool opened = true;
        for (int round = 0; round < Rounds; round++)
        {
            for (int i = FirstFrames * Pictures.Packets; i < _packets.Count; i++)
            {
                _packets[i].CopyTo(_packet, 0);
                opened &= _hop.TryDecrypt(_sealedPiece, _packet);
                if (i % Pictures.Packets == 0)
                    opened &= _meeting.TryDecrypt(_sealedFrame, _frame);
            }
        }

        if (!opened)
            throw new InvalidOperationException("A tag did not fit.");
    }

    [Benchmark(OperationsPerInvoke = Rounds * (Frames - FirstFrames), Description = "MediaSession.HandleDatagram and TryPollFrame")]
    public void Receive()
    {
        foreach (MediaSession? session in _sessions)
        {
            int shown = Receive(session!, FirstFrames * Pictures.Packets, _packets.Count) + Show(session!, new Instant(0) + (Pictures.Interval * (Frames + 30)));
            if (shown < Frames - FirstFrames)
                throw new InvalidOperationException($"{shown} of {Frames - FirstFrames} frames were shown.");
        }
    }

    private int Receive(MediaSession session, int from, int to)
    {
        int shown = 0;
        for (int i = from; i < to; i++)
        {
            Instant now = new Instant(0) + (Pictures.Interval * (i / Pictures.Packets));
            _packets[i].CopyTo(_packet, 0);
            session.HandleDatagram(_packet.AsSpan(0, _packets[i].Length), now);
            if ((i + 1) % Pictures.Packets == 0)
                shown += Show(session, now);
        }

        return shown;
    }

    private static int Show(MediaSession session, Instant now)
    {
        int shown = 0;
        while (session.TryPollFrame(now, out ReceivedFrame frame))
        {
            session.HandleDecoded(frame.Ticket, isDecodable: true);
            shown++;
        }

        return shown;
    }
}

/// <summary>A room that films: 30 pictures a second of 20 kB.</summary>
internal sealed class Pictures
{
    public const int Length = 20_000;
    public const int Packets = 17;

    /// <summary>Bytes of the frame in each packet.</summary>
    public const int Piece = (Length + Packets - 1) / Packets;

    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(33);

    private readonly MediaSession _session = NewSession(ownLeaf: 0);
    private readonly NtpTime _captured = NtpTime.Of(new DateTimeOffset(2026, 11, 24, 9, 0, 0, TimeSpan.Zero));
    private Instant _now = new(0);
    private uint _timestamp;

    /// <summary>A session whose keys are those of all others, so that what one sends another receives as if a node had passed it on.</summary>
    public static MediaSession NewSession(int ownLeaf)
    {
        var plan = new MediaPlan
        {
            Profile = SrtpProfile.AeadAes256Gcm,
            SendKey = new Secret(SrtpProfile.AeadAes256Gcm.KeyAndSaltLength()),
            ReceiveKey = new Secret(SrtpProfile.AeadAes256Gcm.KeyAndSaltLength()),
            Control = new Ssrc(2),
            Tracks = [new TrackPlan(FrameContext.Camera, new Ssrc(0xcafe_babe), MeetingMedia.VideoType, MeetingMedia.RetransmissionType)],
            PayloadTypes = new PayloadTypes(MeetingMedia.AudioType, MeetingMedia.VideoType, MeetingMedia.RetransmissionType),
            Extensions = new ExtensionNumbers(MeetingMedia.AudioLevelId, MeetingMedia.AbsCaptureTimeId, MeetingMedia.TransportSequenceId),
        };

        // At such a rate the packets of a frame leave together.
        var settings = new MediaSettings { StartBitRate = 500_000_000, MostBitRate = 500_000_000 };
        return new MediaSession(plan, SFramePair.NewKeyring(ownLeaf), OpenSslCrypto.Instance, settings);
    }

    /// <summary>Sends one frame, and hands each datagram of it to <paramref name="take"/>.</summary>
    /// <returns>Bytes of all datagrams.</returns>
    public int Send(byte[] frame, byte[] datagram, Action<byte[], int> take)
    {
        _now += Interval;
        _timestamp += 90 * 33;
        if (_session.SendPicture(FrameContext.Camera, frame, isKeyFrame: false, new RtpTimestamp(_timestamp), _captured) != SendOutcome.Sent)
            throw new InvalidOperationException("The frame was not sent.");

        int bytes = 0;
        int packets = 0;
        for (; _session.TryPollDatagram(_now, datagram, out int length); packets++)
        {
            take(datagram, length);
            bytes += length;
        }

        return packets == Packets ? bytes : throw new InvalidOperationException($"The frame left in {packets} packets.");
    }
}
