using System.Buffers.Binary;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Rtp;
using RoomAgent.Rtp.Srtp;

namespace RoomAgent.Fuzz.Targets;

internal static class SrtpTargets
{
    private static readonly SrtpProfile[] s_profiles = Enum.GetValues<SrtpProfile>();
    private static readonly SrtpReceiver[] s_receivers = [.. s_profiles.Select(p => new SrtpReceiver(OpenSslCrypto.Instance, p, new byte[p.KeyAndSaltLength()]))];

    /// <summary>profile, packet. The receivers live on from input to input.</summary>
    public static FuzzTarget Rtp { get; } = new("srtp", input =>
    {
        byte[] packet = input.IsEmpty ? [] : input[1..].ToArray();
        if (RtpHeader.TryRead(packet, out RtpHeader header))
            s_receivers[input[0] % s_receivers.Length].TryUnprotect(packet, header, out _);
    }, () => s_profiles.Select((profile, i) =>
    {
        using SrtpSender sender = Sender(profile);
        byte[] packet = new byte[64];
        var header = new RtpHeader { Sequence = new SequenceNumber(1), Ssrc = new Ssrc(1) };
        header = header with { Length = header.Write(packet, [0x10, 0x85, 0, 0]) };
        sender.TryProtect(packet, header, "twenty bytes of text"u8, out int length);
        return (byte[])[(byte)i, .. packet[..length]];
    }));

    /// <summary>profile, packet.</summary>
    public static FuzzTarget Rtcp { get; } = new("srtcp", input =>
    {
        byte[] packet = input.IsEmpty ? [] : input[1..].ToArray();
        s_receivers[input.IsEmpty ? 0 : input[0] % s_receivers.Length].TryUnprotectRtcp(packet, out _, out _);
    }, () => s_profiles.Select((profile, i) =>
    {
        using SrtpSender sender = Sender(profile);
        byte[] packet = new byte[64];
        packet[0] = 0x80;
        packet[1] = 201;
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), 1);
        sender.TryProtectRtcp(packet, 24, out int length);
        return (byte[])[(byte)i, .. packet[..length]];
    }));

    private static SrtpSender Sender(SrtpProfile profile) => new(OpenSslCrypto.Instance, profile, new byte[profile.KeyAndSaltLength()]);
}
