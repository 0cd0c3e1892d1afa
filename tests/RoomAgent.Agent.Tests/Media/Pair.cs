using RoomAgent.Agent.Media;
using RoomAgent.Crypto;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Rtp;
using RoomAgent.Rtp.Srtp;
using RoomAgent.SFrame;
using RoomAgent.Testing;
using RoomAgent.Wire;

namespace RoomAgent.Agent.Tests.Media;

/// <summary>Two sessions back to back: what one sends the other receives, as if a node between them did nothing.</summary>
internal sealed class Pair : IDisposable
{
    public static readonly PayloadTypes Types = new(MeetingMedia.AudioType, MeetingMedia.VideoType, MeetingMedia.RetransmissionType);
    private const SrtpProfile Profile = SrtpProfile.AeadAes256Gcm;
    private readonly Secret[] _keys;
    private readonly EpochKeyring[] _keyrings = [new(OpenSslCrypto.Instance, new KeyringSettings()), new(OpenSslCrypto.Instance, new KeyringSettings())];
    private readonly Dictionary<(int Leaf, ulong Epoch), EpochKeyring> _others = [];
    private readonly byte[] _datagram = new byte[2_048];

    public Pair(bool sealsPackets = false, MediaSettings? settings = null, bool hasKeys = true)
    {
        var random = new SeededRandom(1);
        _keys = [Secret.Generate(random, Profile.KeyAndSaltLength()), Secret.Generate(random, Profile.KeyAndSaltLength())];
        Settings = settings ?? new MediaSettings { StartBitRate = 6_000_000 };
        Sessions = [.. Enumerable.Range(0, 2).Select(i => new MediaSession(Plan(i, sealsPackets), _keyrings[i], OpenSslCrypto.Instance, Settings))];
        if (hasKeys)
            Merge(1);
    }

    public MediaSettings Settings { get; }

    public MediaSession[] Sessions { get; }

    public MediaSession Sender => Sessions[0];

    public MediaSession Receiver => Sessions[1];

    public Instant Now { get; set; } = new(TimeSpan.TicksPerHour);

    public int Pictures { get; private set; }

    public int Sounds { get; private set; }

    public int LargestDatagram { get; private set; }

    /// <summary>Whether datagrams of the first session are lost.</summary>
    public bool Loses { get; set; }

    /// <summary>Sees every datagram that the first session sends.</summary>
    public Action<byte[]>? Tap { get; set; }

    public static Ssrc Source(int session, FrameContext context) => new((uint)(1_000_000 + (session * 100) + (int)context));

    public void Merge(ulong epoch)
    {
        for (int i = 0; i < 2; i++)
        {
            _keyrings[i].AddEpoch(new FrameEpoch { Number = epoch, OwnLeaf = i, LeafCount = 3 }, BaseKey(epoch), Now);
            Sessions[i].HandleNewEpoch();
        }
    }

    /// <summary>What the member at <paramref name="leaf"/> seals in an epoch.</summary>
    public byte[] Seal(FrameContext context, int leaf, ulong epoch, ReadOnlySpan<byte> text)
    {
        if (!_others.TryGetValue((leaf, epoch), out EpochKeyring? keyring))
        {
            _others[(leaf, epoch)] = keyring = new EpochKeyring(OpenSslCrypto.Instance, new KeyringSettings());
            keyring.AddEpoch(new FrameEpoch { Number = epoch, OwnLeaf = leaf, LeafCount = 3 }, BaseKey(epoch), Now);
        }

        byte[] frame = new byte[text.Length + SFrameSizes.LargestOverhead];
        Assert.Equal(SealOutcome.Sealed, keyring.FindSealing(context)!.Seal([], text, frame, out int length));
        return frame[..length];
    }

    private static Secret BaseKey(ulong epoch)
    {
        var key = new Secret(32);
        key.Buffer[0] = (byte)epoch;
        return key;
    }

    public SendOutcome SendPicture(ReadOnlySpan<byte> frame, bool isKeyFrame = false) =>
        Sender.SendPicture(FrameContext.Camera, frame, isKeyFrame, new RtpTimestamp((uint)(Now.Ticks * 9 / 1_000)), default);

    public SendOutcome SendSound(ReadOnlySpan<byte> frame) =>
        Sender.SendSound(FrameContext.Audio, frame, new RtpTimestamp((uint)(Now.Ticks * 48 / 10_000)), default, new AudioLevel(30, Voice: true));

    /// <summary>A moment passes, and both ends do what is due.</summary>
    public void Step(int milliseconds = 5)
    {
        Now += TimeSpan.FromMilliseconds(milliseconds);
        for (int i = 0; i < 2; i++)
        {
            _keyrings[i].HandleTimeout(Now);
            Sessions[i].HandleTimeout(Now);
            while (Sessions[i].TryPollDatagram(Now, _datagram, out int length))
            {
                LargestDatagram = Math.Max(LargestDatagram, length);
                if (i == 0)
                    Tap?.Invoke(_datagram[..length]);
                if (i == 1 || !Loses)
                    Sessions[1 - i].HandleDatagram(_datagram.AsSpan(0, length), Now);
            }

            while (Sessions[i].TryPollFrame(Now, out ReceivedFrame frame))
            {
                Pictures++;
                Sessions[i].HandleDecoded(frame.Ticket, isDecodable: true);
            }
        }
    }

    /// <summary>The player of the second session takes what it needs for 20 ms.</summary>
    public void Play()
    {
        foreach (RemoteStream stream in Receiver.Streams)
        {
            if (Receiver.PullSound(stream, Now).Playout == RoomAgent.Rtp.Jitter.AudioPlayout.Play)
                Sounds++;
        }
    }

    /// <summary>A node of the test's own, with the keys of the hop: for what a right one would not send.</summary>
    public SrtpSender Node() => new(OpenSslCrypto.Instance, Profile, _keys[0].Bytes, 100_000);

    /// <summary>Opens what the second session sends.</summary>
    public SrtpReceiver AtTheNode() => new(OpenSslCrypto.Instance, Profile, _keys[1].Bytes);

    public void Dispose()
    {
        foreach (MediaSession session in Sessions)
            session.Dispose();
        foreach (EpochKeyring keyring in _keyrings.Concat(_others.Values))
            keyring.Dispose();
        foreach (Secret key in _keys)
            key.Dispose();
    }

    private MediaPlan Plan(int index, bool sealsPackets) => new()
    {
        Profile = Profile,
        SendKey = _keys[index],
        ReceiveKey = _keys[1 - index],
        Control = new Ssrc((uint)(1_000_050 + index)),
        Tracks =
        [
            new TrackPlan(FrameContext.Audio, Source(index, FrameContext.Audio), Types.Audio, Types.Retransmission),
            new TrackPlan(FrameContext.Camera, Source(index, FrameContext.Camera), Types.Video, Types.Retransmission),
        ],
        PayloadTypes = Types,
        Extensions = new ExtensionNumbers(MeetingMedia.AudioLevelId, MeetingMedia.AbsCaptureTimeId, MeetingMedia.TransportSequenceId),
        SealsPackets = sealsPackets,
    };
}
