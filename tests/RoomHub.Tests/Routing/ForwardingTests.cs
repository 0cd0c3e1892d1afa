using RoomAgent.Hub.MediaNode;
using RoomAgent.Rtp;
using RoomAgent.Rtp.Srtp;

namespace RoomHub.Tests.Routing;

/// <summary>What a receiver gets is what the sender sealed, under a key of its own (REQUIREMENTS B02, B20, B26).</summary>
public sealed class ForwardingTests : IDisposable
{
    private readonly Scene _scene = new();

    public void Dispose() => _scene.Dispose();

    [Theory]
    [InlineData(SrtpProfile.AeadAes256Gcm)]
    [InlineData(SrtpProfile.AeadAes128Gcm)]
    [InlineData(SrtpProfile.AesCm128HmacSha1Tag80)]
    public void ThePayloadArrivesByteForByte(SrtpProfile profile)
    {
        Member anna = _scene.Join();
        Member bela = _scene.Join(profile: profile);
        anna.SayHello();
        bela.SayHello();
        var random = new Random(1);

        for (int length = 2; length <= 1_180; length += 19)
        {
            byte[] payload = new byte[length];
            random.NextBytes(payload);
            payload[0] |= 0x80;
            anna.Send(StreamKind.Camera, length, payload);
            Packet packet = bela.Packets[^1];
            Assert.Equal(payload, packet.Payload);
            Assert.Equal((uint)length * 100, packet.Header.Timestamp.Value);
            Assert.True(packet.Header.Marker);
        }
    }

    [Fact]
    public void TheAudioLevelAndTheTimeOfCaptureArriveAsTheyWereSent()
    {
        (Member anna, Member bela) = Two();
        foreach (long? offset in (long?[])[null, -5])
        {
            var captured = new AbsCaptureTime(new NtpTime(0x1234_5678_9abc_def0), offset);

            _scene.Handle(anna.Seal(StreamKind.Voice, 1 + bela.Packets.Count, Member.Frame, level: 0x80 | 33, captured), anna.Flow);

            Packet packet = bela.Packets[^1];
            Assert.Equal(new AudioLevel(33, Voice: true), packet.Level);
            Assert.Equal(captured, packet.Captured);
        }
    }

    [Fact]
    public void TheNumberOfTheTransportIsTheLegsOwnAndCountsAllItGets()
    {
        Member[] met = _scene.Meet(3);

        met[0].Send(StreamKind.Voice, 1, level: 10);
        met[0].Send(StreamKind.Camera, 1);
        met[1].Send(StreamKind.Voice, 1, level: 10);
        met[0].Send(StreamKind.Camera, 2);
        met[0].Send(StreamKind.Camera, 3);

        Assert.Equal([1, 2, 3, 4, 5], met[2].Packets.Select(packet => (int)packet.Transport!.Value.Value));
        Assert.Equal([1, 2, 3, 4], met[1].Packets.Select(packet => (int)packet.Transport!.Value.Value));
    }

    [Fact]
    public void EachLegGetsThePacketUnderItsOwnKey()
    {
        Member[] met = _scene.Meet(3);

        met[0].Send(StreamKind.Voice, 1, level: 10);

        byte[] one = met[1].Datagrams[^1];
        byte[] other = met[2].Datagrams[^1];
        Assert.Equal(one.Length, other.Length);
        Assert.NotEqual(one[^24..], other[^24..]);
        met[1].Take(other);
        Assert.Equal(1, met[1].Refused);
    }

    [Fact]
    public void ALegGetsNothingOfItsOwn()
    {
        (Member anna, Member bela) = Two();

        anna.Send(StreamKind.Voice, 1, level: 10);
        anna.Send(StreamKind.Camera, 1);

        Assert.Empty(anna.Packets);
        Assert.Equal(2, bela.Packets.Count);
    }

    [Fact]
    public void ALegGetsNothingOfAnotherMeeting()
    {
        (Member anna, Member bela) = Two();
        Member stranger = _scene.Join(conference: 2);
        stranger.SayHello();

        anna.Send(StreamKind.Voice, 1, level: 10);
        stranger.Send(StreamKind.Voice, 1, level: 10);

        Assert.Single(bela.Packets);
        Assert.Empty(stranger.Packets);
    }

    [Fact]
    public void ALegThatOnlyReceivesGetsWhatItAskedFor()
    {
        (Member anna, _) = Two();
        Member watcher = _scene.Join(sends: [], receives: [StreamKind.Voice, StreamKind.Content]);
        watcher.SayHello();

        anna.Send(StreamKind.Voice, 1, level: 10);
        anna.Send(StreamKind.Camera, 1);

        Assert.Equal(anna.SourceOf(StreamKind.Voice), Assert.Single(watcher.Packets).Header.Ssrc);
    }

    [Fact]
    public void ASourceIsBoundToItsLeg()
    {
        // Bela's key, Anna's source.
        (Member anna, Member bela) = Two();
        byte[] packet = bela.Seal(StreamKind.Voice, 1, Member.Frame);
        packet[8..12].CopyTo(packet, 8);
        anna.Seal(StreamKind.Voice, 1, Member.Frame).AsSpan(8, 4).CopyTo(packet.AsSpan(8));

        _scene.Handle(packet, bela.Flow);

        Assert.Empty(anna.Packets);
        Assert.Equal(1, _scene.Router.Counters.NotOpened);
    }

    [Fact]
    public void WhoSendsNewestFromElsewhereIsAnsweredThere()
    {
        (Member anna, Member bela) = Two();
        bela.Flow = Scene.Address(50);
        bela.Send(StreamKind.Voice, 1, level: 10);

        anna.Send(StreamKind.Voice, 1, level: 10);

        Assert.Equal(1, _scene.Router.Counters.Moves);
        Assert.Single(bela.Packets);
    }

    [Fact]
    public void AReplayFromElsewhereMovesNobody()
    {
        (Member anna, Member bela) = Two();
        byte[] rtp = bela.Seal(StreamKind.Voice, 5, Member.Frame);
        byte[] rtcp = bela.SealRtcp((ref RtcpWriter writer) => writer.WriteReceiverReport(bela.Sources.Control, []));
        _scene.Handle(rtp, bela.Flow);
        _scene.Handle(rtcp, bela.Flow);

        _scene.Handle(rtp, Scene.Address(66));
        _scene.Handle(rtcp, Scene.Address(66));
        anna.Send(StreamKind.Voice, 1, level: 10);

        Assert.Equal(0, _scene.Router.Counters.Moves);
        Assert.Single(bela.Packets);
    }

    [Fact]
    public void AnOldPacketFromElsewhereMovesNobodyThoughItIsAuthentic()
    {
        // Held back on the way and sent from another place: never seen before, but not the newest (REQUIREMENTS G09).
        (Member anna, Member bela) = Two();
        byte[] rtp = bela.Seal(StreamKind.Voice, 5, Member.Frame);
        byte[] rtcp = bela.SealRtcp((ref RtcpWriter writer) => writer.WriteReceiverReport(bela.Sources.Control, []));
        bela.Send(StreamKind.Voice, 6, level: 10);
        bela.SayHello();

        _scene.Handle(rtp, Scene.Address(66));
        _scene.Handle(rtcp, Scene.Address(66));
        anna.Send(StreamKind.Voice, 1, level: 10);

        Assert.Equal(0, _scene.Router.Counters.Moves);
        Assert.Single(bela.Packets);
    }

    [Fact]
    public void NothingIsSentToALegThatWasNeverHeard()
    {
        Member anna = _scene.Join();
        Member silent = _scene.Join();
        anna.SayHello();

        anna.Send(StreamKind.Voice, 1, level: 10);
        _scene.RunFor(TimeSpan.FromSeconds(3));

        Assert.Empty(silent.Datagrams);
    }

    private (Member Anna, Member Bela) Two() => _scene.Meet(2) is [var anna, var bela] ? (anna, bela) : throw new InvalidOperationException();
}
