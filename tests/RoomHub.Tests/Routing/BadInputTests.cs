using System.Buffers.Binary;
using RoomAgent.Hub.MediaNode;
using RoomAgent.Rtp;
using RoomAgent.Testing;

namespace RoomHub.Tests.Routing;

/// <summary>Whatever comes from wherever is counted and dropped; nothing is kept of it and nobody is answered.</summary>
public sealed class BadInputTests : IDisposable
{
    private const int Flood = 20_000;
    private readonly Scene _scene = new();
    private readonly Member _anna;
    private readonly Member _bela;

    public BadInputTests() => (_anna, _bela) = _scene.Meet(2) is [var first, var second] ? (first, second) : throw new InvalidOperationException();

    public void Dispose() => _scene.Dispose();

    [Fact]
    public void RandomBytesOfEveryLengthAreDropped()
    {
        var random = new Random(7);
        byte[] bytes = new byte[1_500];
        int before = _scene.Datagrams;

        for (int length = 0; length < bytes.Length; length++)
        {
            random.NextBytes(bytes);
            if (length > 0 && bytes[0] < 4)
                bytes[0] = 0x80;
            _scene.Handle(bytes.AsSpan(0, length), Scene.Address(99));
        }

        RouterCounters counters = _scene.Router.Counters;
        Assert.Equal(before, _scene.Datagrams);
        Assert.Equal(bytes.Length, counters.Malformed + counters.UnknownSource + counters.NotOpened + counters.StunDropped);
    }

    [Fact]
    public void RtcpOfTwoToTwelveBytesIsDropped()
    {
        byte[] rtcp = [0x80, 200, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt32BigEndian(rtcp.AsSpan(4), _anna.Sources.Control.Value);

        for (int length = 2; length <= rtcp.Length; length++)
            _scene.Handle(rtcp.AsSpan(0, length), Scene.Address(99));

        Assert.Equal(6, _scene.Router.Counters.UnknownSource);
        Assert.Equal(5, _scene.Router.Counters.NotOpened);
    }

    [Fact]
    public void APacketIsRefusedAtEveryLengthItIsCutTo()
    {
        byte[] rtp = _anna.Seal(StreamKind.Voice, 1, Member.Frame, level: 10);
        byte[] rtcp = _anna.SealRtcp((ref RtcpWriter writer) => writer.WriteReceiverReport(_anna.Sources.Control, [new ReportBlock()]));

        for (int length = 0; length < rtp.Length; length++)
            _scene.Handle(rtp.AsSpan(0, length), _anna.Flow);
        for (int length = 0; length < rtcp.Length; length++)
            _scene.Handle(rtcp.AsSpan(0, length), _anna.Flow);

        Assert.Empty(_bela.Packets);
        Assert.Equal(0, _scene.Router.Counters.Forwarded);
        _scene.Handle(rtp, _anna.Flow);
        Assert.Single(_bela.Packets);
    }

    [Theory]
    [InlineData(0xbede)]
    [InlineData(0x1000)]
    [InlineData(0)]
    public void AnExtensionThatClaimsMoreThanThereIsIsDropped(int profile)
    {
        byte[] rtp = _anna.Seal(StreamKind.Voice, 1, Member.Frame);
        BinaryPrimitives.WriteUInt16BigEndian(rtp.AsSpan(12), (ushort)profile);

        foreach (int words in (int[])[2, 8, 255, 16_383, 16_384, 32_768, 65_535])
        {
            BinaryPrimitives.WriteUInt16BigEndian(rtp.AsSpan(14), (ushort)words);
            _scene.Handle(rtp, _anna.Flow);
        }

        Assert.Empty(_bela.Packets);
        Assert.Equal(7, _scene.Router.Counters.Malformed + _scene.Router.Counters.NotOpened);
    }

    [Fact]
    public void AFloodAllocatesNothingAndIsNotAnswered()
    {
        byte[] stranger = _anna.Seal(StreamKind.Voice, 1, Member.Frame);
        byte[] forged = [.. stranger];
        byte[] forgedRtcp = _anna.SealRtcp((ref RtcpWriter writer) => writer.WriteReceiverReport(_anna.Sources.Control, []));
        byte[] stun = new byte[20];
        stranger[11] ^= 1;
        forged[^1] ^= 1;
        forgedRtcp[^6] ^= 1;
        byte[][] floods = [stranger, forged, forgedRtcp, stun, [0x80, 200], [0x80, 96], [0xff, 1, 2], [50]];
        Flow flow = Scene.Address(99);
        foreach (byte[] datagram in floods)
            _scene.Handle(datagram, flow);
        int answered = _scene.Datagrams;

        long allocated = Allocations.FewestOf(() =>
        {
            for (int i = 0; i < Flood; i++)
            {
                foreach (byte[] datagram in floods)
                    _scene.Handle(datagram, flow);
            }
        });

        Assert.Equal(0, allocated);
        Assert.Equal(answered, _scene.Datagrams);
    }

    [Fact]
    public void WhoForgesRtcpOfALegDoesNotUseUpItsRate()
    {
        byte[] forged = _bela.SealRtcp((ref RtcpWriter writer) => writer.WriteReceiverReport(_bela.Sources.Control, []));
        forged[^6] ^= 1;
        for (int i = 0; i < 1_000; i++)
            _scene.Handle(forged, Scene.Address(99));

        _bela.AskForPicture(_anna.SourceOf(StreamKind.Camera));
        _scene.RunFor(TimeSpan.FromMilliseconds(40));

        Assert.Contains(_anna.Requests, request => request is Request.Picture);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ABitTurnedOverAnywhereIsRefusedAtTheNextHop(bool isUpwards)
    {
        // REQUIREMENTS B05: the audio level and everything else in the header too.
        byte[] packet = _anna.Seal(StreamKind.Voice, 1, Member.Frame, level: 10, captured: new AbsCaptureTime(new NtpTime(77), null));
        if (!isUpwards)
        {
            _scene.Handle(packet, _anna.Flow);
            packet = _bela.Datagrams[^1];
            _bela.Forget();
        }

        int changed = 0;
        for (int bit = 0; bit < packet.Length * 8; bit++)
        {
            byte[] bent = [.. packet];
            bent[bit / 8] ^= (byte)(1 << (bit % 8));
            if (isUpwards)
                _scene.Handle(bent, _anna.Flow);
            else
                _bela.Take(bent);
            changed++;
        }

        Assert.Empty(_bela.Packets);
        Assert.Equal(changed, isUpwards ? (int)(_scene.Router.Counters.NotOpened + _scene.Router.Counters.UnknownSource + _scene.Router.Counters.Malformed) : _bela.Refused);
    }

    [Fact]
    public void AnAuthenticPacketWithNothingInItIsDropped()
    {
        _anna.Send(StreamKind.Camera, 1, [0xc0]);
        _scene.Handle(_anna.Seal(StreamKind.Camera, 2, []), _anna.Flow);
        _scene.Handle(_anna.Seal(StreamKind.Camera, 1, [], isRepair: true), _anna.Flow);
        _scene.Handle(_anna.Seal(StreamKind.Camera, 2, [0, 1, 0xc0], isRepair: true), _anna.Flow);

        Assert.Empty(_bela.Packets);
        Assert.Equal(3, _scene.Router.Counters.Malformed);
    }
}
