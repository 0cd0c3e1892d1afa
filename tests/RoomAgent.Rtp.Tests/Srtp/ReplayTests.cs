using FsCheck;
using FsCheck.Fluent;
using RoomAgent.Rtp.Srtp;

namespace RoomAgent.Rtp.Tests.Srtp;

public sealed class ReplayTests
{
    public static TheoryData<SrtpProfile> Profiles => Packets.Profiles;

    [Fact]
    public void TheWindowIsWhatRemembersEverything()
    {
        Prop.ForAll<short[]>(steps =>
        {
            var window = new ReplayWindow(0, 128);
            var model = new PacketIndexTests.NaiveWindow(128);
            window.Use(0);
            model.Take(0);
            long index = 0;

            return steps.All(step =>
            {
                index = Math.Max(0, index + (step % 150));
                bool free = window.IsFree((ulong)index);
                if (free)
                    window.Use((ulong)index);

                return free == model.Take(index).Taken;
            });
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000).WithEndSize(400));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void APacketIsOpenedOnce(SrtpProfile profile)
    {
        using SrtpSender sender = Packets.Sender(profile);
        using SrtpReceiver receiver = Packets.Receiver(profile);
        byte[] rtp = sender.Protect(Packets.Rtp(7));
        byte[] rtcp = sender.ProtectRtcp(Packets.Rtcp(7));

        Assert.Equal(SrtpOutcome.Opened, receiver.Open(rtp));
        Assert.Equal(SrtpOutcome.Replayed, receiver.Open(rtp, out byte[] opened, out bool isNewest));
        Assert.Equal(SrtpOutcome.Opened, receiver.OpenRtcp(rtcp));
        Assert.Equal(SrtpOutcome.Replayed, receiver.OpenRtcp(rtcp, out byte[] openedRtcp, out bool isNewestRtcp));

        Assert.Empty(opened);
        Assert.Empty(openedRtcp);
        Assert.False(isNewest || isNewestRtcp);
        Assert.Equal(2, receiver.Count(SrtpOutcome.Replayed));
    }

    [Fact]
    public void ALatePacketIsTakenUpToTheEndOfTheWindowAndIsNotTheNewest()
    {
        using SrtpSender sender = Packets.Sender();
        using SrtpReceiver receiver = Packets.Receiver();
        byte[][] wire = [.. Enumerable.Range(0, SrtpReceiver.RtpWindow + 1).Select(i => sender.Protect(Packets.Rtp(i)))];

        Assert.Equal(SrtpOutcome.Opened, receiver.Open(wire[^1]));
        Assert.Equal(SrtpOutcome.Replayed, receiver.Open(wire[0]));
        Assert.Equal(SrtpOutcome.Opened, receiver.Open(wire[1], out _, out bool isNewest));
        Assert.False(isNewest);
    }

    [Fact]
    public void ALateRtcpPacketIsTakenUpToTheEndOfTheWindowAndIsNotTheNewest()
    {
        using SrtpSender sender = Packets.Sender();
        using SrtpReceiver receiver = Packets.Receiver();
        byte[][] wire = [.. Enumerable.Range(0, SrtpReceiver.RtcpWindow + 1).Select(i => sender.ProtectRtcp(Packets.Rtcp(i)))];

        Assert.Equal(SrtpOutcome.Opened, receiver.OpenRtcp(wire[^1]));
        Assert.Equal(SrtpOutcome.Replayed, receiver.OpenRtcp(wire[0]));
        Assert.Equal(SrtpOutcome.Opened, receiver.OpenRtcp(wire[1], out _, out bool isNewest));
        Assert.False(isNewest);
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void AForgedNumberMovesNothing(SrtpProfile profile)
    {
        using SrtpSender sender = Packets.Sender(profile);
        using SrtpReceiver receiver = Packets.Receiver(profile);
        byte[][] wire = [.. Enumerable.Range(0, 3).Select(i => sender.Protect(Packets.Rtp(i)))];
        byte[][] rtcp = [.. Enumerable.Range(0, 3).Select(i => sender.ProtectRtcp(Packets.Rtcp(i)))];
        receiver.Open(wire[0]);
        receiver.OpenRtcp(rtcp[0]);

        byte[] forged = [.. wire[1]];
        forged[2] = 0x7f;
        byte[] forgedRtcp = [.. rtcp[1]];
        forgedRtcp[^(profile.RtcpOverhead() == 20 ? 4 : 14)] = 0xff;

        Assert.Equal(SrtpOutcome.Unauthenticated, receiver.Open(forged));
        Assert.Equal(SrtpOutcome.Unauthenticated, receiver.OpenRtcp(forgedRtcp));
        Assert.Equal(SrtpOutcome.Opened, receiver.Open(wire[2]));
        Assert.Equal(SrtpOutcome.Opened, receiver.Open(wire[1]));
        Assert.Equal(SrtpOutcome.Opened, receiver.OpenRtcp(rtcp[2]));
        Assert.Equal(SrtpOutcome.Opened, receiver.OpenRtcp(rtcp[1]));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void ASenderUsesNoIndexTwice(SrtpProfile profile)
    {
        using SrtpSender sender = Packets.Sender(profile);
        using SrtpReceiver receiver = Packets.Receiver(profile);
        Assert.NotEmpty(sender.Protect(Packets.Rtp(5_000)));
        Assert.NotEmpty(sender.Protect(Packets.Rtp(5_002)));

        // Passed on in another order than numbered, yet each once; and nothing that cannot be told any more.
        Assert.Empty(sender.Protect(Packets.Rtp(5_000)));
        Assert.Empty(sender.Protect(Packets.Rtp(5_002, payloadLength: 3)));
        Assert.NotEmpty(sender.Protect(Packets.Rtp(5_001)));
        Assert.Empty(sender.Protect(Packets.Rtp(5_001)));
        Assert.Empty(sender.Protect(Packets.Rtp(5_002 - 1_024)));
        Assert.Equal(3UL, sender.RtpPackets);

        // The same number one round later is another index.
        Assert.Equal(SrtpOutcome.Opened, receiver.Open(sender.Protect(Packets.Rtp(30_000))));
        Assert.Equal(SrtpOutcome.Opened, receiver.Open(sender.Protect(Packets.Rtp(60_000))));
        Assert.Equal(SrtpOutcome.Opened, receiver.Open(sender.Protect(Packets.Rtp(5_002))));
    }

    [Fact] // A receiver would take it for a step back, into a round that was before the first.
    public void ASenderLeapsNoFurtherThanHalfARound()
    {
        using SrtpSender sender = Packets.Sender();
        Assert.NotEmpty(sender.Protect(Packets.Rtp(3)));

        Assert.Empty(sender.Protect(Packets.Rtp(65_535)));
        Assert.Empty(sender.Protect(Packets.Rtp(3 + 32_769)));
        Assert.NotEmpty(sender.Protect(Packets.Rtp(3 + 32_768)));
    }
}
