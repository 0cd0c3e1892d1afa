using System.Buffers.Binary;
using System.Net;
using RoomAgent.Agent.Media;
using RoomAgent.Crypto;
using RoomAgent.Hub.MediaNode;
using RoomAgent.Native.Linux;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Rtp;
using RoomAgent.Rtp.Srtp;
using RoomAgent.SFrame;
using RoomAgent.Testing;
using RoomAgent.Wire;

namespace RoomAgent.Fuzz.Targets;

/// <summary>What a media node and a room make of datagrams, also of those that only the holder of the hop's key can make.</summary>
/// <remarks>The input is steps of &lt;how, datagram&lt;V&gt;&gt;: as it is, sealed as RTP or as RTCP. The numbers 0 to 15 stand for the sources that there are.</remarks>
internal static class MediaTargets
{
    private const SrtpProfile Profile = SrtpProfile.AeadAes256Gcm;
    private static readonly byte[] s_key = [.. Enumerable.Range(0, 44).Select(i => (byte)i)];
    private static readonly byte[] s_room = new byte[2_048];
    private static readonly byte[] s_frame = [0xc0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20];

    private static readonly Ssrc s_control = new(2_000_000);
    private static readonly Ssrc s_voice = new(2_000_001);
    private static readonly Ssrc s_camera = new(2_000_002);
    private static readonly Ssrc[] s_sources = [s_control, s_voice, s_camera, new(2_000_011), new(2_000_012)];

    /// <summary>A meeting of two legs; the fuzzer has the keys of both.</summary>
    public static FuzzTarget Router { get; } = new("router", input =>
    {
        using Meeting meeting = Elsewhere(() => new Meeting());
        Walk(input, meeting.Sealing, meeting.Sources, meeting.Take);
    }, Seeds);

    /// <summary>A room that its own node is hostile to.</summary>
    public static FuzzTarget Session { get; } = new("media-session", input =>
    {
        using Room room = Elsewhere(() => new Room());
        Walk(input, room.Sealing, s_sources, room.Take);
    }, Seeds);

    // What is set up takes memory that is not the input's doing: it is counted for another thread.
    private static T Elsewhere<T>(Func<T> make)
    {
        // A thread of its own: the pool runs a task where it is waited for.
        T? made = default;
        var thread = new Thread(() => made = make());
        thread.Start();
        thread.Join();
        return made!;
    }

    private delegate void Step(Span<byte> datagram, byte how);

    private static void Walk(ReadOnlySpan<byte> input, SrtpSender sealing, Ssrc[] sources, Step step)
    {
        var reader = new WireReader(input);
        for (int steps = 0; steps < 64 && !reader.AtEnd && !reader.Failed; steps++)
        {
            byte how = reader.ReadUInt8();
            ReadOnlySpan<byte> bytes = reader.ReadVector();
            if (bytes.Length > 1_500)
                return;

            int length = bytes.Length;
            bytes.CopyTo(s_room);
            bool isRtcp = (how & 0x40) != 0;
            if (isRtcp)
                NameSources(s_room.AsSpan(0, length), 4, sources);
            else
                NameSources(s_room.AsSpan(0, Math.Min(length, RtpHeader.FixedLength)), 8, sources);

            if (isRtcp && length >= 8)
                sealing.TryProtectRtcp(s_room, length, out length);
            else if (RtpHeader.TryRead(s_room.AsSpan(0, length), out RtpHeader header) && !sealing.TryProtect(s_room, header, s_room.AsSpan(header.Length, length - header.Length), out length))
                length = bytes.Length;
            step(s_room.AsSpan(0, length), how);
        }
    }

    private static void NameSources(Span<byte> packet, int at, Ssrc[] sources)
    {
        for (; at + sizeof(uint) <= packet.Length; at += sizeof(uint))
        {
            uint number = BinaryPrimitives.ReadUInt32BigEndian(packet[at..]);
            if (number < 16)
                BinaryPrimitives.WriteUInt32BigEndian(packet[at..], SourceOf(number, sources));
        }
    }

    private static uint SourceOf(uint number, Ssrc[] sources) =>
        number < 8 ? sources[number % sources.Length].Value : sources[number % sources.Length].Retransmission.Value;

    private static LegPlan Plan(int name, Secret key) => new(
        new LegId(new Guid(name, 0, 0, new byte[8])), new ConferenceId(default), Profile, key, key,
        [new StreamPlan(StreamKind.Voice, 111, 97), new StreamPlan(StreamKind.Camera, 96, 97)], Enum.GetValues<StreamKind>().ToHashSet(), 1_000_000);

    private static MediaPlan Plan(Secret key) => new()
    {
        Profile = Profile,
        SendKey = key,
        ReceiveKey = key,
        Control = s_control,
        Tracks = [new TrackPlan(FrameContext.Audio, s_voice, 111, 97), new TrackPlan(FrameContext.Camera, s_camera, 96, 97)],
        PayloadTypes = new PayloadTypes(111, 96, 97),
        Extensions = new ExtensionNumbers(MeetingMedia.AudioLevelId, MeetingMedia.AbsCaptureTimeId, MeetingMedia.TransportSequenceId),
    };

    private static IEnumerable<byte[]> Seeds()
    {
        byte[] steps = new byte[4_096];
        var writer = new WireWriter(steps);
        using var others = new EpochKeyring(OpenSslCrypto.Instance, new KeyringSettings());
        others.AddEpoch(Epoch(leaf: 1), Secret.CopyOf(new byte[32]), default);
        for (byte i = 1; i < 7; i++)
        {
            foreach (byte source in (byte[])[1, 2, 3, 4, 5, 8, 11])
                Write(ref writer, how: (byte)(i * 3), Rtp(source, i, others));
        }

        Write(ref writer, how: 0x45, Rtcp(0));
        Write(ref writer, how: 0x59, Rtcp(3));
        yield return writer.Written.ToArray();

        byte[] stun = [0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, .. new byte[12]];
        var plain = new WireWriter(new byte[64]);
        Write(ref plain, how: 0, stun);
        yield return plain.Written.ToArray();
    }

    private static FrameEpoch Epoch(int leaf) => new() { Number = 1, OwnLeaf = leaf, LeafCount = 4 };

    private static void Write(ref WireWriter writer, byte how, byte[] datagram)
    {
        writer.WriteUInt8(how);
        writer.WriteVector(datagram);
    }

    // A source below 8 is a stream, one from 8 its retransmissions.
    private static byte[] Rtp(byte source, byte sequence, EpochKeyring? keys = null)
    {
        byte[] packet = new byte[128];
        var extensions = new HeaderExtensionWriter(new byte[32]);
        extensions.Add(MeetingMedia.TransportSequenceId, [0, (byte)(sequence + (source * 8))]);
        extensions.Add(MeetingMedia.AudioLevelId, [20]);
        int length = new RtpHeader { PayloadType = source is 1 or 4 ? (byte)111 : source >= 8 ? (byte)97 : (byte)96, Sequence = new SequenceNumber(sequence), Ssrc = new Ssrc(source) }
            .Write(packet, extensions.Finish());
        byte[] frame = [.. s_frame];
        if (keys?.FindSealing(source is 1 or 4 ? FrameContext.Audio : FrameContext.Camera) is { } key)
        {
            frame = [0xc0, .. new byte[64]];
            key.Seal([], s_frame, frame.AsSpan(1), out int sealedLength);
            frame = frame[..(1 + sealedLength)];
        }

        byte[] payload = source >= 8 ? [0, sequence, .. frame] : frame;
        payload.CopyTo(packet, length);
        return packet[..(length + payload.Length)];
    }

    private static byte[] Rtcp(byte source)
    {
        var self = new Ssrc(source);
        var media = new Ssrc(2);
        var writer = new RtcpWriter(new byte[512]);
        writer.WriteSenderReport(new SenderInfo(self, default, default, 1, 1), [new ReportBlock(media, 0, 0, 1, 0, 1, 1)]);
        writer.WriteNack(self, media, [new SequenceNumber(1), new SequenceNumber(3)]);
        writer.WritePictureLoss(new PictureLossIndication(self, media));
        writer.WriteFullIntraRequest(self, [new IntraRequest(media, 1)]);
        writer.WriteTransportFeedback(self, media, [0, 1, 0, 1, 0, 0, 0, 0, 0x20, 0x01, 0x04, 0]);
        return writer.Written.ToArray();
    }

    private sealed class Meeting : IOutput, IDisposable
    {
        private readonly byte[] _room = new byte[2_048];
        private readonly Flow[] _flows = [.. Enumerable.Range(1, 4).Select(port => Flow.Udp(0, new UdpAddress(new IPEndPoint(IPAddress.Loopback, port))))];
        private readonly Router _router;
        private Instant _now = new(TimeSpan.TicksPerHour);

        public Meeting()
        {
            using Secret key = Secret.CopyOf(s_key);
            _router = new Router(new NodeSettings(), OpenSslCrypto.Instance, new SeededRandom(1), index: 0, loops: 1, this);
            Sources = [.. Enumerable.Range(0, 2).Select(i => _router.Add(Plan(i, key), _now)).SelectMany(leg => leg.Streams.Prepend(leg.Control))];
        }

        public SrtpSender Sealing { get; } = new(OpenSslCrypto.Instance, Profile, s_key);

        public Ssrc[] Sources { get; }

        public void Take(Span<byte> datagram, byte how)
        {
            _now += TimeSpan.FromMilliseconds(how & 0x3f);
            _router.Handle(datagram, _flows[how & 3], _now);
            _router.HandleTimeout(_now);
        }

        public Span<byte> Reserve(in Flow flow) => _room;

        public void Commit(in Flow flow, int length)
        {
            if (length is 0 or > 2_048)
                throw new InvalidOperationException($"A datagram of {length} bytes.");
        }

        public void Dispose()
        {
            _router.RemoveAll();
            Sealing.Dispose();
        }
    }

    private sealed class Room : IDisposable
    {
        private readonly EpochKeyring _keyring = new(OpenSslCrypto.Instance, new KeyringSettings());
        private readonly MediaSession _session;
        private readonly byte[] _datagram = new byte[2_048];
        private Instant _now = new(TimeSpan.TicksPerHour);

        public Room()
        {
            using Secret key = Secret.CopyOf(s_key);
            _keyring.AddEpoch(Epoch(leaf: 0), Secret.CopyOf(new byte[32]), _now);
            _session = new MediaSession(Plan(key), _keyring, OpenSslCrypto.Instance, new MediaSettings { VideoStreams = 1, Voices = 1, LargestFrame = 1 << 15, PacketsWaiting = 64, Waiting = new WaitingSettings { Bytes = 1 << 15 } });

            // Both streams that there is room for.
            var writer = new WireWriter(new byte[512]);
            Write(ref writer, how: 0, Rtp(3, 0));
            Write(ref writer, how: 0, Rtp(4, 0));
            Walk(writer.Written, Sealing, s_sources, Take);
        }

        public SrtpSender Sealing { get; } = new(OpenSslCrypto.Instance, Profile, s_key);

        public void Take(Span<byte> packet, byte how)
        {
            _now += TimeSpan.FromMilliseconds(how & 0x3f);
            _session.SendSound(FrameContext.Audio, s_frame, default, default, new AudioLevel(1, true));
            _session.SendPicture(FrameContext.Camera, s_frame, isKeyFrame: true, default, default);
            _session.HandleDatagram(packet, _now);
            _session.HandleTimeout(_now);
            while (_session.TryPollFrame(_now, out ReceivedFrame frame))
                _session.HandleDecoded(frame.Ticket, isDecodable: (how & 1) != 0);
            while (_session.TryPollDatagram(_now, _datagram, out _))
            {
            }

            foreach (RemoteStream stream in _session.Streams)
                _session.PullSound(stream, _now);
        }

        public void Dispose()
        {
            _session.Dispose();
            _keyring.Dispose();
            Sealing.Dispose();
        }
    }
}
