using RoomAgent.Rtp.Srtp;
using RoomAgent.Testing;

namespace RoomAgent.Rtp.Tests.Srtp;

/// <summary>Debian's libsrtp2 reads what we write and we read what it writes, over wraps, loss and reordering.</summary>
[Trait("Category", "Peer")]
public sealed class LibsrtpPeerTests
{
    private const int PacketCount = 72_000;

    private static readonly Ssrc[] s_sources = [new(0), new(1), Packets.Camera, new(uint.MaxValue)];

    public static TheoryData<SrtpProfile> Profiles => Packets.Profiles;

    [Theory]
    [MemberData(nameof(Profiles))]
    public void LibsrtpOpensWhatWeProtect(SrtpProfile profile)
    {
        Assert.SkipUnless(Libsrtp2.Missing is null, Libsrtp2.Missing ?? "");
        using SrtpSender ours = Packets.Sender(profile);
        using var theirs = new Libsrtp2(profile.SdesName(), Packets.Key(profile), outbound: false);

        int opened = 0;
        foreach ((byte[] clear, byte[] wire) in Reordered(Stream().Select(packet => (packet, ours.Protect(packet)))))
        {
            int length = wire.Length;
            Assert.Equal(Libsrtp2.Ok, theirs.Unprotect(wire, ref length));
            Assert.True(clear.AsSpan().SequenceEqual(wire.AsSpan(0, length)));
            opened++;
        }

        Assert.Equal(PacketCount, opened);
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void WeOpenWhatLibsrtpProtects(SrtpProfile profile)
    {
        Assert.SkipUnless(Libsrtp2.Missing is null, Libsrtp2.Missing ?? "");
        using var theirs = new Libsrtp2(profile.SdesName(), Packets.Key(profile), outbound: true);
        using SrtpReceiver ours = Packets.Receiver(profile);

        foreach ((byte[] clear, byte[] wire) in Reordered(Stream().Select(packet => (packet, Protect(theirs, packet)))))
        {
            Assert.Equal(SrtpOutcome.Opened, ours.Open(wire, out byte[] opened, out _));
            Assert.True(clear.AsSpan().SequenceEqual(opened));
        }

        Assert.Equal(PacketCount, ours.Count(SrtpOutcome.Opened));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void RtcpGoesBothWays(SrtpProfile profile)
    {
        Assert.SkipUnless(Libsrtp2.Missing is null, Libsrtp2.Missing ?? "");
        using SrtpSender ourSender = Packets.Sender(profile);
        using var theirReceiver = new Libsrtp2(profile.SdesName(), Packets.Key(profile), outbound: false);
        using var theirSender = new Libsrtp2(profile.SdesName(), Packets.Key(profile, seed: 2), outbound: true);
        using SrtpReceiver ourReceiver = Packets.Receiver(profile, seed: 2);

        for (int i = 0; i < 1_000; i++)
        {
            byte[] packet = Packets.Rtcp(i, s_sources[i % s_sources.Length]);

            byte[] wire = ourSender.ProtectRtcp(packet);
            int length = wire.Length;
            Assert.Equal(Libsrtp2.Ok, theirReceiver.UnprotectRtcp(wire, ref length));
            Assert.Equal(packet, wire[..length]);

            byte[] buffer = [.. packet, .. new byte[160]];
            length = packet.Length;
            Assert.Equal(Libsrtp2.Ok, theirSender.ProtectRtcp(buffer, ref length));
            Assert.Equal(SrtpOutcome.Opened, ourReceiver.OpenRtcp(buffer[..length], out byte[] opened, out _));
            Assert.Equal(packet, opened);
        }
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void EachRefusesWhatTheOtherMadeAndSomebodyChanged(SrtpProfile profile)
    {
        Assert.SkipUnless(Libsrtp2.Missing is null, Libsrtp2.Missing ?? "");
        using SrtpSender ourSender = Packets.Sender(profile);
        using var theirReceiver = new Libsrtp2(profile.SdesName(), Packets.Key(profile), outbound: false);
        using var theirSender = new Libsrtp2(profile.SdesName(), Packets.Key(profile, seed: 2), outbound: true);
        using SrtpReceiver ourReceiver = Packets.Receiver(profile, seed: 2);
        const int AuthenticationFailed = 7;

        byte[] wire = ourSender.Protect(Packets.Rtp(1));
        wire[^1] ^= 1;
        int length = wire.Length;
        Assert.Equal(AuthenticationFailed, theirReceiver.Unprotect(wire, ref length));

        wire = Protect(theirSender, Packets.Rtp(1));
        wire[^1] ^= 1;
        Assert.Equal(SrtpOutcome.Unauthenticated, ourReceiver.Open(wire));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void BothCountTheRoundsAlike(SrtpProfile profile)
    {
        Assert.SkipUnless(Libsrtp2.Missing is null, Libsrtp2.Missing ?? "");
        using SrtpSender ourSender = Packets.Sender(profile);
        using var theirReceiver = new Libsrtp2(profile.SdesName(), Packets.Key(profile), outbound: false);
        using var theirSender = new Libsrtp2(profile.SdesName(), Packets.Key(profile), outbound: true);
        using SrtpReceiver ourReceiver = Packets.Receiver(profile);

        foreach (int sequence in (int[])[30_000, 60_000, 20_000, 40_000, 10, 11])
            Exchange(ourSender, theirReceiver, theirSender, ourReceiver, sequence);
    }

    private static void Exchange(SrtpSender ourSender, Libsrtp2 theirReceiver, Libsrtp2 theirSender, SrtpReceiver ourReceiver, int sequence)
    {
        byte[] wire = ourSender.Protect(Packets.Rtp(sequence));
        int length = wire.Length;
        Assert.Equal(Libsrtp2.Ok, theirReceiver.Unprotect(wire, ref length));

        wire = ourSender.ProtectRtcp(Packets.Rtcp(sequence));
        length = wire.Length;
        Assert.Equal(Libsrtp2.Ok, theirReceiver.UnprotectRtcp(wire, ref length));

        Assert.Equal(SrtpOutcome.Opened, ourReceiver.Open(Protect(theirSender, Packets.Rtp(sequence))));

        wire = [.. Packets.Rtcp(sequence), .. new byte[160]];
        length = Packets.Rtcp(sequence).Length;
        Assert.Equal(Libsrtp2.Ok, theirSender.ProtectRtcp(wire, ref length));
        Assert.Equal(SrtpOutcome.Opened, ourReceiver.OpenRtcp(wire[..length]));
    }

    // One source sends nearly all, so that its numbers wrap; the others come in between.
    private static IEnumerable<byte[]> Stream()
    {
        int[] next = [30_000, 30_000, 30_000, 30_000];
        for (int i = 0; i < PacketCount; i++)
        {
            int source = i % 50 == 0 ? 1 + (i / 50 % 3) : 0;
            yield return Packets.Rtp((ushort)next[source]++, s_sources[source], payloadLength: i % 60);
        }
    }

    // Shuffled in groups of 100. The streams begin in the middle of a round, so that the receiver may meet any of their packets first.
    private static IEnumerable<(byte[] Clear, byte[] Wire)> Reordered(IEnumerable<(byte[] Clear, byte[] Wire)> packets)
    {
        var random = new Random(3);
        foreach ((byte[], byte[])[] chunk in packets.Chunk(100))
        {
            random.Shuffle(chunk);
            foreach ((byte[], byte[]) packet in chunk)
                yield return packet;
        }
    }

    private static byte[] Protect(Libsrtp2 sender, byte[] packet)
    {
        byte[] buffer = [.. packet, .. new byte[160]];
        int length = packet.Length;
        Assert.Equal(Libsrtp2.Ok, sender.Protect(buffer, ref length));
        return buffer[..length];
    }
}
