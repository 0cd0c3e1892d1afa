using System.Buffers.Binary;
using System.Security.Cryptography;
using RoomAgent.Crypto;
using HashAlgorithm = RoomAgent.Crypto.HashAlgorithm;

namespace RoomAgent.Rtp.Srtp;

/// <summary>AES in counter mode with HMAC-SHA1 cut to 80 bits (RFC 3711 sections 4.1.1 and 4.2.1).</summary>
/// <remarks>
/// <code>
/// SRTP    | header   | payload, encrypted | tag 10 |                        the tag covers all before it and the roll-over counter 4
/// SRTCP   | header 8 | rest, encrypted    | E flag, index 4 | tag 10 |      the tag covers all before it
///
/// counter block, before it is added to the salt of 14 bytes
///         | 0 0 0 0 | SSRC 4 | index 6 | 0 0 |
/// </code>
/// </remarks>
internal sealed class CounterTransform : SrtpTransform
{
    private const int TagLength = 10;

    private readonly Keystream _rtp;
    private readonly Keystream _rtcp;
    private readonly Mac _rtpMac;
    private readonly Mac _rtcpMac;
    private readonly Secret _rtpSalt;
    private readonly Secret _rtcpSalt;

    public CounterTransform(ICryptoProvider crypto, SessionKeys rtp, SessionKeys rtcp)
    {
        _rtp = crypto.CreateKeystream(rtp.Encryption.Bytes)!;
        _rtcp = crypto.CreateKeystream(rtcp.Encryption.Bytes)!;
        _rtpMac = crypto.CreateMac(HashAlgorithm.Sha1, rtp.Authentication.Bytes);
        _rtcpMac = crypto.CreateMac(HashAlgorithm.Sha1, rtcp.Authentication.Bytes);
        _rtpSalt = Secret.CopyOf(rtp.Salt.Bytes);
        _rtcpSalt = Secret.CopyOf(rtcp.Salt.Bytes);
    }

    protected override int RtcpIndexFromEnd => RtcpIndexLength + TagLength;

    public override void Protect(Span<byte> packet, int headerLength, ReadOnlySpan<byte> payload, Ssrc ssrc, ulong index)
    {
        Apply(_rtp, _rtpSalt, ssrc, index, payload, packet[headerLength..^TagLength]);
        WriteRtpTag(packet[..^TagLength], index, packet[^TagLength..]);
    }

    public override bool TryUnprotect(Span<byte> packet, int headerLength, Ssrc ssrc, ulong index)
    {
        Span<byte> tag = stackalloc byte[TagLength];
        WriteRtpTag(packet[..^TagLength], index, tag);
        if (!CryptographicOperations.FixedTimeEquals(tag, packet[^TagLength..]))
            return false;

        Span<byte> payload = packet[headerLength..^TagLength];
        Apply(_rtp, _rtpSalt, ssrc, index, payload, payload);
        return true;
    }

    public override void ProtectRtcp(Span<byte> packet, Ssrc ssrc, uint index)
    {
        Span<byte> text = packet[RtcpHeaderLength..^RtcpIndexFromEnd];
        Apply(_rtcp, _rtcpSalt, ssrc, index, text, text);
        BinaryPrimitives.WriteUInt32BigEndian(packet[^RtcpIndexFromEnd..], Encrypted | index);
        WriteRtcpTag(packet[..^TagLength], packet[^TagLength..]);
    }

    public override bool TryUnprotectRtcp(Span<byte> packet, Ssrc ssrc, uint index)
    {
        Span<byte> tag = stackalloc byte[TagLength];
        WriteRtcpTag(packet[..^TagLength], tag);
        if (!CryptographicOperations.FixedTimeEquals(tag, packet[^TagLength..]))
            return false;

        Span<byte> text = packet[RtcpHeaderLength..^RtcpIndexFromEnd];
        Apply(_rtcp, _rtcpSalt, ssrc, index, text, text);
        return true;
    }

    public override void Dispose()
    {
        _rtp.Dispose();
        _rtcp.Dispose();
        _rtpMac.Dispose();
        _rtcpMac.Dispose();
        _rtpSalt.Dispose();
        _rtcpSalt.Dispose();
    }

    private static void Apply(Keystream keystream, Secret salt, Ssrc ssrc, ulong index, ReadOnlySpan<byte> input, Span<byte> output)
    {
        Span<byte> block = stackalloc byte[Keystream.CounterBlock];
        BinaryPrimitives.WriteUInt32BigEndian(block, 0);
        BinaryPrimitives.WriteUInt32BigEndian(block[4..], ssrc.Value);
        BinaryPrimitives.WriteUInt64BigEndian(block[8..], index << 16);

        ReadOnlySpan<byte> bytes = salt.Bytes;
        for (int i = 0; i < bytes.Length; i++)
            block[i] ^= bytes[i];

        keystream.Apply(block, input, output);
    }

    private void WriteRtpTag(ReadOnlySpan<byte> authenticated, ulong index, Span<byte> tag)
    {
        Span<byte> rollOverCounter = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(rollOverCounter, (uint)(index >> 16));
        _rtpMac.Append(authenticated);
        _rtpMac.Append(rollOverCounter);
        _rtpMac.Finish(tag);
    }

    private void WriteRtcpTag(ReadOnlySpan<byte> authenticated, Span<byte> tag)
    {
        _rtcpMac.Append(authenticated);
        _rtcpMac.Finish(tag);
    }
}
