using RoomAgent.Agent.Media;
using RoomAgent.Crypto;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Rtp;
using RoomAgent.Rtp.Srtp;
using RoomAgent.SFrame;
using RoomAgent.Testing;
using RoomAgent.Wire;

namespace RoomAgent.Media.Tests.Simulated;

/// <summary>Two sessions with the same keys: what one sends, the other receives as if a node had passed it on.</summary>
public sealed class AllocationTests : IDisposable
{
    private const SrtpProfile Profile = SrtpProfile.AeadAes256Gcm;
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(33);

    private readonly MediaSession _sender = NewSession(ownLeaf: 0);
    private readonly MediaSession _receiver = NewSession(ownLeaf: 1);
    private readonly byte[] _frame = new byte[20_000];
    private readonly byte[] _sound = new byte[160];
    private readonly byte[] _datagram = new byte[1_500];
    private Instant _now = new(0);
    private uint _frames;
    private int _shown;

    public void Dispose()
    {
        _sender.Dispose();
        _receiver.Dispose();
    }

    [Fact]
    public void NoFrameAndNoPacketCostsMemoryOnceTheStreamsAreHeard()
    {
        for (int i = 0; i < 20; i++)
            Pass();
        int shown = _shown;

        long allocated = Allocations.FewestOf(() =>
        {
            for (int i = 0; i < 20; i++)
                Pass();
        });

        Assert.Equal(0, allocated);
        Assert.Equal(Allocations.Rounds * 20, _shown - shown);
    }

    private void Pass()
    {
        _now += s_interval;
        _frames++;
        var captured = new NtpTime((ulong)_frames << 32);
        _sender.SendPicture(FrameContext.Camera, _frame, _frames == 1, new RtpTimestamp(_frames * 2_970), captured);
        _sender.SendSound(FrameContext.Audio, _sound, new RtpTimestamp(_frames * 1_584), captured, new AudioLevel(40, Voice: true));
        _sender.HandleTimeout(_now);
        while (_sender.TryPollDatagram(_now, _datagram, out int length))
            _receiver.HandleDatagram(_datagram.AsSpan(0, length), _now);

        _receiver.HandleTimeout(_now);
        while (_receiver.TryPollDatagram(_now, _datagram, out int length))
            _sender.HandleDatagram(_datagram.AsSpan(0, length), _now);
        while (_receiver.TryPollFrame(_now, out ReceivedFrame frame))
        {
            _receiver.HandleDecoded(frame.Ticket, isDecodable: true);
            _shown++;
        }
    }

    private static MediaSession NewSession(int ownLeaf)
    {
        var keyring = new EpochKeyring(OpenSslCrypto.Instance, new KeyringSettings());
        keyring.AddEpoch(new FrameEpoch { Number = 1, OwnLeaf = ownLeaf, LeafCount = 2 }, new Secret(32), new Instant(0));
        var plan = new MediaPlan
        {
            Profile = Profile,
            SendKey = new Secret(Profile.KeyAndSaltLength()),
            ReceiveKey = new Secret(Profile.KeyAndSaltLength()),
            Control = new Ssrc(2),
            Tracks =
            [
                new TrackPlan(FrameContext.Audio, new Ssrc(3), MeetingMedia.AudioType, MeetingMedia.RetransmissionType),
                new TrackPlan(FrameContext.Camera, new Ssrc(4), MeetingMedia.VideoType, MeetingMedia.RetransmissionType),
            ],
            PayloadTypes = new PayloadTypes(MeetingMedia.AudioType, MeetingMedia.VideoType, MeetingMedia.RetransmissionType),
            Extensions = new ExtensionNumbers(MeetingMedia.AudioLevelId, MeetingMedia.AbsCaptureTimeId, MeetingMedia.TransportSequenceId),
        };
        return new MediaSession(plan, keyring, OpenSslCrypto.Instance, new MediaSettings { StartBitRate = 50_000_000, MostBitRate = 50_000_000 });
    }
}
