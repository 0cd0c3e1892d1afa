using System.Buffers.Binary;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Rtp.Srtp;

namespace RoomAgent.Rtp.Tests.Srtp;

/// <summary>Packets in the clear and protected, and the two ends of a leg.</summary>
internal static class Packets
{
    public static readonly Ssrc Camera = new(0xcafe_babe);

    public static TheoryData<SrtpProfile> Profiles => [.. Enum.GetValues<SrtpProfile>()];

    public static byte[] Key(SrtpProfile profile, int seed = 1)
    {
        byte[] keyAndSalt = new byte[profile.KeyAndSaltLength()];
        new Random(seed).NextBytes(keyAndSalt);
        return keyAndSalt;
    }

    public static SrtpSender Sender(SrtpProfile profile = SrtpProfile.AeadAes256Gcm, int seed = 1, int maxSources = SrtpSender.DefaultMaxSources) =>
        new(OpenSslCrypto.Instance, profile, Key(profile, seed), maxSources);

    public static SrtpReceiver Receiver(SrtpProfile profile = SrtpProfile.AeadAes256Gcm, int seed = 1, int maxSources = SrtpReceiver.DefaultMaxSources) =>
        new(OpenSslCrypto.Instance, profile, Key(profile, seed), maxSources);

    /// <summary>A packet with an audio level in its header extension, and bytes that tell its number.</summary>
    public static byte[] Rtp(int sequence, Ssrc? ssrc = null, int payloadLength = 40)
    {
        Span<byte> room = stackalloc byte[8];
        var extensions = new HeaderExtensionWriter(room);
        extensions.Add(1, [0x85]);
        byte[] packet = new byte[RtpHeader.FixedLength + 8 + payloadLength];
        var header = new RtpHeader
        {
            PayloadType = 111,
            Sequence = new SequenceNumber((ushort)sequence),
            Timestamp = new RtpTimestamp((uint)(sequence * 960)),
            Ssrc = ssrc ?? Camera,
        };

        int length = header.Write(packet, extensions.Finish());
        for (int i = length; i < packet.Length; i++)
            packet[i] = (byte)(i + sequence);

        return packet;
    }

    /// <summary>A receiver report without blocks, and a description that makes it longer.</summary>
    public static byte[] Rtcp(int number, Ssrc? ssrc = null)
    {
        byte[] packet = new byte[8 + 16];
        packet[0] = 0x80;
        packet[1] = 201;
        packet[3] = 1;
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), (ssrc ?? Camera).Value);
        packet[8] = 0x81;
        packet[9] = 204;
        packet[11] = 3;
        BinaryPrimitives.WriteInt32BigEndian(packet.AsSpan(20), number);
        return packet;
    }

    /// <summary>Protects a copy; empty when the sender refuses.</summary>
    public static byte[] Protect(this SrtpSender sender, byte[] packet)
    {
        byte[] buffer = new byte[packet.Length + 32];
        packet.CopyTo(buffer, 0);
        Assert.True(RtpHeader.TryRead(packet, out RtpHeader header));
        return sender.TryProtect(buffer, header, buffer.AsSpan(header.Length, packet.Length - header.Length), out int length) ? buffer[..length] : [];
    }

    /// <summary>Protects a copy; empty when the sender refuses.</summary>
    public static byte[] ProtectRtcp(this SrtpSender sender, byte[] packet)
    {
        byte[] buffer = new byte[packet.Length + 32];
        packet.CopyTo(buffer, 0);
        return sender.TryProtectRtcp(buffer, packet.Length, out int length) ? buffer[..length] : [];
    }

    /// <summary>Opens a copy.</summary>
    public static SrtpOutcome Open(this SrtpReceiver receiver, byte[] packet, out byte[] opened, out bool isNewest)
    {
        byte[] copy = [.. packet];
        opened = [];
        isNewest = false;
        if (!RtpHeader.TryRead(copy, out RtpHeader header))
            return SrtpOutcome.Malformed;

        SrtpOutcome outcome = receiver.TryUnprotect(copy, header, out int length, out isNewest);
        opened = copy[..length];
        return outcome;
    }

    /// <summary>Opens a copy.</summary>
    public static SrtpOutcome Open(this SrtpReceiver receiver, byte[] packet) => receiver.Open(packet, out _, out _);

    /// <summary>Opens a copy.</summary>
    public static SrtpOutcome OpenRtcp(this SrtpReceiver receiver, byte[] packet, out byte[] opened, out bool isNewest)
    {
        byte[] copy = [.. packet];
        SrtpOutcome outcome = receiver.TryUnprotectRtcp(copy, out int length, out isNewest);
        opened = copy[..length];
        return outcome;
    }

    /// <summary>Opens a copy.</summary>
    public static SrtpOutcome OpenRtcp(this SrtpReceiver receiver, byte[] packet) => receiver.OpenRtcp(packet, out _, out _);
}
