using System.Buffers.Binary;
using RoomAgent.Crypto;

namespace RoomAgent.Rtp.Srtp;

/// <summary>AES in Galois/Counter Mode (RFC 7714).</summary>
/// <remarks>
/// <code>
/// SRTP    | header, authenticated          | payload, encrypted | tag 16 |
/// SRTCP   | header 8, authenticated with ¹ | rest, encrypted    | tag 16 | ¹ E flag, index 4 |
///
/// nonce (sections 8.1 and 9.1), before it is added to the salt
/// SRTP    | 0 0 | SSRC 4 | roll-over counter 4, sequence number 2 |
/// SRTCP   | 0 0 | SSRC 4 | 0 0           | 0 and index, 4         |
/// </code>
/// </remarks>
internal sealed class AeadTransform : SrtpTransform
{
    private readonly Aead _rtp;
    private readonly Aead _rtcp;
    private readonly Secret _rtpSalt;
    private readonly Secret _rtcpSalt;

    public AeadTransform(ICryptoProvider crypto, SrtpProfile profile, SessionKeys rtp, SessionKeys rtcp)
    {
        AeadAlgorithm algorithm = profile == SrtpProfile.AeadAes256Gcm ? AeadAlgorithm.Aes256Gcm : AeadAlgorithm.Aes128Gcm;
        _rtp = crypto.CreateAead(algorithm, rtp.Encryption.Bytes)!;
        _rtcp = crypto.CreateAead(algorithm, rtcp.Encryption.Bytes)!;
        _rtpSalt = Secret.CopyOf(rtp.Salt.Bytes);
        _rtcpSalt = Secret.CopyOf(rtcp.Salt.Bytes);
    }

    protected override int RtcpIndexFromEnd => RtcpIndexLength;

    public override void Protect(Span<byte> packet, int headerLength, ReadOnlySpan<byte> payload, Ssrc ssrc, ulong index)
    {
        Span<byte> nonce = stackalloc byte[Sizes.AeadNonce];
        WriteNonce(nonce, _rtpSalt, ssrc, index);
        _rtp.Seal(nonce, packet[..headerLength], payload, packet[headerLength..]);
    }

    public override bool TryUnprotect(Span<byte> packet, int headerLength, Ssrc ssrc, ulong index)
    {
        Span<byte> nonce = stackalloc byte[Sizes.AeadNonce];
        WriteNonce(nonce, _rtpSalt, ssrc, index);
        return _rtp.TryOpen(nonce, packet[..headerLength], packet[headerLength..], packet[headerLength..]);
    }

    public override void ProtectRtcp(Span<byte> packet, Ssrc ssrc, uint index)
    {
        Span<byte> nonce = stackalloc byte[Sizes.AeadNonce];
        WriteNonce(nonce, _rtcpSalt, ssrc, index);
        BinaryPrimitives.WriteUInt32BigEndian(packet[^RtcpIndexLength..], Encrypted | index);

        Span<byte> associatedData = stackalloc byte[RtcpHeaderLength + RtcpIndexLength];
        WriteAssociatedData(associatedData, packet);
        Span<byte> text = packet[RtcpHeaderLength..^RtcpIndexLength];
        _rtcp.Seal(nonce, associatedData, text[..^Sizes.AeadTag], text);
    }

    public override bool TryUnprotectRtcp(Span<byte> packet, Ssrc ssrc, uint index)
    {
        Span<byte> nonce = stackalloc byte[Sizes.AeadNonce];
        WriteNonce(nonce, _rtcpSalt, ssrc, index);

        Span<byte> associatedData = stackalloc byte[RtcpHeaderLength + RtcpIndexLength];
        WriteAssociatedData(associatedData, packet);
        Span<byte> text = packet[RtcpHeaderLength..^RtcpIndexLength];
        return _rtcp.TryOpen(nonce, associatedData, text, text);
    }

    public override void Dispose()
    {
        _rtp.Dispose();
        _rtcp.Dispose();
        _rtpSalt.Dispose();
        _rtcpSalt.Dispose();
    }

    private static void WriteNonce(Span<byte> nonce, Secret salt, Ssrc ssrc, ulong index)
    {
        nonce[..4].Clear();
        BinaryPrimitives.WriteUInt32BigEndian(nonce[2..], ssrc.Value);
        BinaryPrimitives.WriteUInt16BigEndian(nonce[6..], (ushort)(index >> 32));
        BinaryPrimitives.WriteUInt32BigEndian(nonce[8..], (uint)index);

        ReadOnlySpan<byte> bytes = salt.Bytes;
        for (int i = 0; i < nonce.Length; i++)
            nonce[i] ^= bytes[i];
    }

    private static void WriteAssociatedData(Span<byte> associatedData, ReadOnlySpan<byte> packet)
    {
        packet[..RtcpHeaderLength].CopyTo(associatedData);
        packet[^RtcpIndexLength..].CopyTo(associatedData[RtcpHeaderLength..]);
    }
}
