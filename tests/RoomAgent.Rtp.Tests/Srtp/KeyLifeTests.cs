using RoomAgent.Rtp.Srtp;

namespace RoomAgent.Rtp.Tests.Srtp;

/// <summary>How many sources and packets one key is for, and what goes on under the next one.</summary>
public sealed class KeyLifeTests
{
    [Fact]
    public void AFloodOfForgedSourcesLeavesNothingBehind()
    {
        using SrtpSender stranger = Packets.Sender(seed: 2, maxSources: 2_000);
        using SrtpSender sender = Packets.Sender();
        using SrtpReceiver receiver = Packets.Receiver(maxSources: 1);

        for (uint i = 0; i < 1_000; i++)
        {
            Assert.Equal(SrtpOutcome.Unauthenticated, receiver.Open(stranger.Protect(Packets.Rtp(1, new Ssrc(i)))));
            Assert.Equal(SrtpOutcome.Unauthenticated, receiver.OpenRtcp(stranger.ProtectRtcp(Packets.Rtcp(1, new Ssrc(i)))));
        }

        Assert.Equal(SrtpOutcome.Opened, receiver.Open(sender.Protect(Packets.Rtp(1))));
        Assert.Equal(SrtpOutcome.Opened, receiver.OpenRtcp(sender.ProtectRtcp(Packets.Rtcp(1))));
    }

    [Fact]
    public void OneSourceTooManyIsRefusedAndNoneIsForgotten()
    {
        using SrtpSender sender = Packets.Sender(maxSources: 1_000);
        using SrtpReceiver receiver = Packets.Receiver();
        byte[][] rtp = [.. Enumerable.Range(0, 257).Select(i => sender.Protect(Packets.Rtp(1, new Ssrc((uint)i))))];
        byte[][] rtcp = [.. Enumerable.Range(0, 257).Select(i => sender.ProtectRtcp(Packets.Rtcp(1, new Ssrc((uint)i))))];

        Assert.All(rtp[..256], packet => Assert.Equal(SrtpOutcome.Opened, receiver.Open(packet)));
        Assert.All(rtcp[..256], packet => Assert.Equal(SrtpOutcome.Opened, receiver.OpenRtcp(packet)));
        Assert.Equal(SrtpOutcome.TooManySources, receiver.Open(rtp[256], out byte[] opened, out bool isNewest));
        Assert.Equal(SrtpOutcome.TooManySources, receiver.OpenRtcp(rtcp[256]));

        Assert.Empty(opened);
        Assert.False(isNewest);
        Assert.All(rtp[..256], packet => Assert.Equal(SrtpOutcome.Replayed, receiver.Open(packet)));
        Assert.All(rtcp[..256], packet => Assert.Equal(SrtpOutcome.Replayed, receiver.OpenRtcp(packet)));
        Assert.Equal(SrtpOutcome.Opened, receiver.Open(sender.Protect(Packets.Rtp(2, new Ssrc(0)))));
    }

    [Fact]
    public void ASenderWithoutRoomForASourceWantsANewKey()
    {
        using SrtpSender sender = Packets.Sender(maxSources: 2);
        Assert.NotEmpty(sender.Protect(Packets.Rtp(1, new Ssrc(1))));
        Assert.False(sender.NeedsNewKey);

        Assert.NotEmpty(sender.Protect(Packets.Rtp(1, new Ssrc(2))));
        Assert.True(sender.NeedsNewKey);
        Assert.Empty(sender.Protect(Packets.Rtp(1, new Ssrc(3))));
        Assert.NotEmpty(sender.Protect(Packets.Rtp(2, new Ssrc(2))));
    }

    [Fact]
    public void ASenderWantsANewKeyInTimeAndStopsAtTheLimit()
    {
        using SrtpSender sender = Packets.Sender();
        Assert.False(sender.NeedsNewKey);

        sender.RtpPackets = SrtpSender.RtpLimit / 16 * 15;
        Assert.True(sender.NeedsNewKey);

        sender.RtpPackets = SrtpSender.RtpLimit - 1;
        Assert.NotEmpty(sender.Protect(Packets.Rtp(1)));
        Assert.Empty(sender.Protect(Packets.Rtp(2)));
    }

    [Fact]
    public void ASenderOfRtcpWantsANewKeyInTimeAndStopsAtTheLimit()
    {
        using SrtpSender sender = Packets.Sender();
        using SrtpReceiver receiver = Packets.Receiver();

        sender.RtcpPackets = SrtpSender.RtcpLimit / 16 * 15;
        Assert.True(sender.NeedsNewKey);

        sender.RtcpPackets = SrtpSender.RtcpLimit - 1;
        Assert.Equal(SrtpOutcome.Opened, receiver.OpenRtcp(sender.ProtectRtcp(Packets.Rtcp(1))));
        Assert.Empty(sender.ProtectRtcp(Packets.Rtcp(2)));
        Assert.Equal(SrtpSender.RtcpLimit, sender.RtcpPackets);
    }

    [Fact]
    public void NoIndexBeyondTheLastIsUsedOrTaken()
    {
        using SrtpSender sender = Packets.Sender();
        using SrtpReceiver receiver = Packets.Receiver();
        sender.Sources.Add(Packets.Camera, SrtpSender.RtpLimit - 2);
        receiver.RtpSources.Add(Packets.Camera, PacketIndex.End - 2);

        Assert.NotEmpty(sender.Protect(Packets.Rtp(0xffff)));
        Assert.True(sender.NeedsNewKey);
        Assert.Empty(sender.Protect(Packets.Rtp(0)));
        Assert.Equal(SrtpOutcome.Unauthenticated, receiver.Open(Packets.Rtp(0xffff)));
        Assert.Equal(SrtpOutcome.KeyUsedUp, receiver.Open(Packets.Rtp(0)));
        Assert.Equal(1, receiver.Count(SrtpOutcome.KeyUsedUp));
    }
}
