using FsCheck;
using FsCheck.Fluent;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Rtp.Srtp;
using RoomAgent.Testing;

namespace RoomAgent.Rtp.Tests.Srtp;

/// <summary>B14, B16, B17, B18: every packet is protected, with AES-256-GCM and with what may stand in for it.</summary>
public sealed class SrtpTests
{
    public static TheoryData<SrtpProfile> Profiles => Packets.Profiles;

    [Theory]
    [MemberData(nameof(Profiles))]
    public void APacketComesBackAsItWas(SrtpProfile profile)
    {
        using SrtpSender sender = Packets.Sender(profile);
        using SrtpReceiver receiver = Packets.Receiver(profile);
        byte[] packet = Packets.Rtp(7, payloadLength: 1_200);

        byte[] sealedPacket = sender.Protect(packet);
        SrtpOutcome outcome = receiver.Open(sealedPacket, out byte[] opened, out bool isNewest);

        Assert.Equal(packet.Length + profile.RtpOverhead(), sealedPacket.Length);
        Assert.Equal(packet[..20], sealedPacket[..20]);
        Assert.Equal(-1, sealedPacket.AsSpan().IndexOf(packet.AsSpan(20, 16)));
        Assert.Equal(SrtpOutcome.Opened, outcome);
        Assert.True(isNewest);
        Assert.Equal(packet, opened);
        Assert.Equal(1, receiver.Count(SrtpOutcome.Opened));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void AnRtcpPacketComesBackAsItWas(SrtpProfile profile)
    {
        using SrtpSender sender = Packets.Sender(profile);
        using SrtpReceiver receiver = Packets.Receiver(profile);
        byte[] packet = Packets.Rtcp(7);

        byte[] sealedPacket = sender.ProtectRtcp(packet);
        SrtpOutcome outcome = receiver.OpenRtcp(sealedPacket, out byte[] opened, out bool isNewest);

        Assert.Equal(packet.Length + profile.RtcpOverhead(), sealedPacket.Length);
        Assert.Equal(packet[..8], sealedPacket[..8]);
        Assert.Equal(-1, sealedPacket.AsSpan().IndexOf(packet.AsSpan(8)));
        Assert.Equal(SrtpOutcome.Opened, outcome);
        Assert.True(isNewest);
        Assert.Equal(packet, opened);
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void AnyPacketOfAnySourceAndLengthComesBack(SrtpProfile profile)
    {
        using SrtpSender sender = Packets.Sender(profile);
        using SrtpReceiver receiver = Packets.Receiver(profile);
        var sources = ArbMap.Default.ArbFor<(ushort Sequence, byte Source, byte[] Payload)>();

        Prop.ForAll(sources, one =>
        {
            byte[] packet = [.. Packets.Rtp(one.Sequence, new Ssrc(one.Source), 0), .. one.Payload];
            byte[] sealedPacket = sender.Protect(packet);

            // What was used before, or lies too far back, the sender itself refuses.
            return sealedPacket.Length == 0
                || (receiver.Open(sealedPacket, out byte[] opened, out _) == SrtpOutcome.Opened && opened.AsSpan().SequenceEqual(packet));
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void ThePayloadMayLieElsewhere(SrtpProfile profile)
    {
        using SrtpSender inPlace = Packets.Sender(profile);
        using SrtpSender elsewhere = Packets.Sender(profile);
        byte[] packet = Packets.Rtp(7);
        Assert.True(RtpHeader.TryRead(packet, out RtpHeader header));
        byte[] buffer = new byte[packet.Length + profile.RtpOverhead()];
        packet.AsSpan(0, header.Length).CopyTo(buffer);

        bool done = elsewhere.TryProtect(buffer, header, packet.AsSpan(header.Length), out int length);

        Assert.True(done);
        Assert.Equal(inPlace.Protect(packet), buffer[..length]);
    }

    [Theory] // B05: the audio level in the header extension is among the bits.
    [MemberData(nameof(Profiles))]
    public void AnyChangedBitIsRefused(SrtpProfile profile)
    {
        using SrtpSender sender = Packets.Sender(profile);
        using SrtpReceiver receiver = Packets.Receiver(profile);
        byte[] sealedPacket = sender.Protect(Packets.Rtp(7));
        byte[] sealedRtcp = sender.ProtectRtcp(Packets.Rtcp(7));

        for (int bit = 0; bit < 8 * sealedPacket.Length; bit++)
            Assert.NotEqual(SrtpOutcome.Opened, receiver.Open(Flipped(sealedPacket, bit)));
        for (int bit = 0; bit < 8 * sealedRtcp.Length; bit++)
            Assert.NotEqual(SrtpOutcome.Opened, receiver.OpenRtcp(Flipped(sealedRtcp, bit)));

        // And none of them left a trace.
        Assert.Equal(SrtpOutcome.Opened, receiver.Open(sealedPacket));
        Assert.Equal(SrtpOutcome.Opened, receiver.OpenRtcp(sealedRtcp));
    }

    [Theory] // B05
    [MemberData(nameof(Profiles))]
    public void AChangedAudioLevelIsUnauthenticated(SrtpProfile profile)
    {
        using SrtpSender sender = Packets.Sender(profile);
        using SrtpReceiver receiver = Packets.Receiver(profile);
        byte[] sealedPacket = sender.Protect(Packets.Rtp(7));
        Assert.True(RtpHeader.TryRead(sealedPacket, out RtpHeader header));

        byte[] louder = Flipped(sealedPacket, 8 * (header.ExtensionOffset + 1));

        Assert.Equal(SrtpOutcome.Unauthenticated, receiver.Open(louder));
        Assert.Equal(1, receiver.Count(SrtpOutcome.Unauthenticated));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void EveryTruncationIsRefused(SrtpProfile profile)
    {
        using SrtpSender sender = Packets.Sender(profile);
        byte[] sealedPacket = sender.Protect(Packets.Rtp(7));
        byte[] sealedRtcp = sender.ProtectRtcp(Packets.Rtcp(7));

        Assert.Empty(Truncation.AcceptedLengths(sealedPacket, input =>
        {
            using SrtpReceiver receiver = Packets.Receiver(profile);
            return receiver.Open(input.ToArray()) == SrtpOutcome.Opened;
        }));
        Assert.Empty(Truncation.AcceptedLengths(sealedRtcp, input =>
        {
            using SrtpReceiver receiver = Packets.Receiver(profile);
            return receiver.OpenRtcp(input.ToArray()) == SrtpOutcome.Opened;
        }));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void WhatIsTooShortIsMalformed(SrtpProfile profile)
    {
        using SrtpReceiver receiver = Packets.Receiver(profile);
        byte[] bare = Packets.Rtp(7, payloadLength: profile.RtpOverhead() - 1);

        Assert.Equal(SrtpOutcome.Malformed, receiver.Open(bare));
        Assert.Equal(SrtpOutcome.Malformed, receiver.OpenRtcp([]));
        Assert.Equal(SrtpOutcome.Malformed, receiver.OpenRtcp(new byte[7 + profile.RtcpOverhead()]));
        Assert.Equal(SrtpOutcome.Malformed, receiver.OpenRtcp([0x40, .. new byte[60]]));
        Assert.Equal(4, receiver.Count(SrtpOutcome.Malformed));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void AnotherKeyOpensNothing(SrtpProfile profile)
    {
        using SrtpSender sender = Packets.Sender(profile);
        using SrtpReceiver other = Packets.Receiver(profile, seed: 2);

        Assert.Equal(SrtpOutcome.Unauthenticated, other.Open(sender.Protect(Packets.Rtp(7))));
        Assert.Equal(SrtpOutcome.Unauthenticated, other.OpenRtcp(sender.ProtectRtcp(Packets.Rtcp(7))));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void RtpIsNotTakenForRtcpNorTheOtherWayRound(SrtpProfile profile)
    {
        using SrtpSender sender = Packets.Sender(profile);
        using SrtpReceiver receiver = Packets.Receiver(profile);

        Assert.NotEqual(SrtpOutcome.Opened, receiver.OpenRtcp(sender.Protect(Packets.Rtp(7))));
        Assert.NotEqual(SrtpOutcome.Opened, receiver.Open(sender.ProtectRtcp(Packets.Rtcp(7))));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void MistakesOfOursAreExceptions(SrtpProfile profile)
    {
        SrtpSender sender = Packets.Sender(profile);
        byte[] packet = [.. Packets.Rtp(7), .. new byte[profile.RtpOverhead()]];
        int payloadLength = packet.Length - 20 - profile.RtpOverhead();
        Assert.True(RtpHeader.TryRead(packet, out RtpHeader header));

        Assert.Throws<ArgumentException>(() => new SrtpSender(OpenSslCrypto.Instance, profile, Packets.Key(profile).AsSpan(1)));
        Assert.Throws<ArgumentException>(() => new SrtpReceiver(OpenSslCrypto.Instance, profile, [.. Packets.Key(profile), 0]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Packets.Sender(profile, maxSources: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Packets.Receiver(profile, maxSources: 0));
        Assert.Throws<ArgumentException>(() => sender.TryProtect(packet.AsSpan(1), header, packet.AsSpan(20, payloadLength), out _));
        Assert.Throws<ArgumentException>(() => sender.TryProtect(packet, header with { Length = 0 }, packet.AsSpan(20, payloadLength), out _));
        Assert.Throws<ArgumentException>(() => sender.TryProtect(packet, header with { Sequence = header.Sequence.Next }, packet.AsSpan(20, payloadLength), out _));
        Assert.Throws<ArgumentException>(() => sender.TryProtect(packet, header with { Ssrc = default }, packet.AsSpan(20, payloadLength), out _));
        Assert.Throws<ArgumentException>(() => sender.TryProtect(packet, header, packet.AsSpan(19, payloadLength), out _));
        Assert.Throws<ArgumentException>(() => sender.TryProtectRtcp(new byte[60], 7, out _));
        Assert.Throws<ArgumentException>(() => sender.TryProtectRtcp(new byte[60], 60 - profile.RtcpOverhead() + 1, out _));

        sender.Dispose();
        sender.Dispose();
        Assert.ThrowsAny<InvalidOperationException>(() => sender.Protect(Packets.Rtp(8)));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void APacketAllocatesNothing(SrtpProfile profile)
    {
        using SrtpSender sender = Packets.Sender(profile);
        using SrtpReceiver receiver = Packets.Receiver(profile);
        byte[] buffer = new byte[1_300];
        byte[] rtcp = Packets.Rtcp(0);
        byte[] payload = new byte[1_200];
        int sequence = 0;
        bool ProtectAndOpen()
        {
            var header = new RtpHeader { Sequence = new SequenceNumber((ushort)sequence++), Ssrc = Packets.Camera };
            header = header with { Length = header.Write(buffer) };
            bool done = sender.TryProtect(buffer, header, payload, out int length)
                && receiver.TryUnprotect(buffer.AsSpan(0, length), header, out _) == SrtpOutcome.Opened
                && receiver.TryUnprotect(buffer.AsSpan(0, length), header, out _) == SrtpOutcome.Replayed;

            rtcp.CopyTo(buffer, 0);
            return done
                && sender.TryProtectRtcp(buffer, rtcp.Length, out length)
                && receiver.TryUnprotectRtcp(buffer.AsSpan(0, length), out _, out _) == SrtpOutcome.Opened
                && receiver.TryUnprotectRtcp(buffer.AsSpan(0, length), out _, out _) == SrtpOutcome.Replayed;
        }
        bool done = ProtectAndOpen();

        long allocated = Allocations.FewestOf(() =>
        {
            for (int i = 0; i < 1_000; i++)
                done &= ProtectAndOpen();
        });

        Assert.True(done);
        Assert.Equal(0, allocated);
    }

    [Fact] // B16, B17
    public void ProfilesHaveTheNamesAndSizesOfTheStandards()
    {
        Assert.Equal((32, 12, 44, 16, 20, "AEAD_AES_256_GCM"), All(SrtpProfile.AeadAes256Gcm));
        Assert.Equal((16, 12, 28, 16, 20, "AEAD_AES_128_GCM"), All(SrtpProfile.AeadAes128Gcm));
        Assert.Equal((16, 14, 30, 10, 14, "AES_CM_128_HMAC_SHA1_80"), All(SrtpProfile.AesCm128HmacSha1Tag80));

        Assert.All(Enum.GetValues<SrtpProfile>(), profile =>
        {
            Assert.True(SrtpProfiles.TryParse(profile.SdesName(), out SrtpProfile parsed));
            Assert.Equal(profile, parsed);
        });
        Assert.All(["", "AEAD_AES_256_GC", "AEAD_AES_256_GCM_8", "aead_aes_256_gcm", "AES_CM_128_HMAC_SHA1_32"], name => Assert.False(SrtpProfiles.TryParse(name, out _)));
        Assert.Throws<ArgumentOutOfRangeException>(() => ((SrtpProfile)3).KeyLength());

        static (int, int, int, int, int, string) All(SrtpProfile p) =>
            (p.KeyLength(), p.SaltLength(), p.KeyAndSaltLength(), p.RtpOverhead(), p.RtcpOverhead(), p.SdesName());
    }

    private static byte[] Flipped(byte[] bytes, int bit)
    {
        byte[] flipped = [.. bytes];
        flipped[bit / 8] ^= (byte)(1 << (bit % 8));
        return flipped;
    }
}
