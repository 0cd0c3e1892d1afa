using System.Buffers.Binary;
using RoomAgent.Crypto;

namespace RoomAgent.Rtp.Srtp;

/// <summary>Encrypts and authenticates packets whose index is known, under the session keys of one master key. Knows no streams.</summary>
/// <remarks>
/// Who calls has checked that the buffers are long enough. What is refused leaves an unspecified buffer and nothing else.
/// </remarks>
internal abstract class SrtpTransform : IDisposable
{
    /// <summary>Bytes of an RTCP packet that stay readable: the head of its first packet and the source.</summary>
    public const int RtcpHeaderLength = 8;

    /// <summary>Bytes of the word with the E flag and the index (RFC 3711 section 3.4).</summary>
    protected const int RtcpIndexLength = 4;

    /// <summary>The E flag: the packet is encrypted.</summary>
    protected const uint Encrypted = 0x8000_0000;

    /// <summary>Derives the session keys.</summary>
    /// <exception cref="ArgumentException"><paramref name="keyAndSalt"/> has not the length that <paramref name="profile"/> wants.</exception>
    public static SrtpTransform Create(ICryptoProvider crypto, SrtpProfile profile, ReadOnlySpan<byte> keyAndSalt)
    {
        if (keyAndSalt.Length != profile.KeyAndSaltLength())
            throw new ArgumentException($"{profile.SdesName()} has {profile.KeyAndSaltLength()} bytes of key and salt.", nameof(keyAndSalt));

        using var rtp = new SessionKeys(profile);
        using var rtcp = new SessionKeys(profile);
        rtp.Derive(crypto, keyAndSalt, KeyDerivation.RtpLabel);
        rtcp.Derive(crypto, keyAndSalt, KeyDerivation.RtcpLabel);
        return Create(crypto, profile, rtp, rtcp);
    }

    /// <summary>Takes session keys as they are. The caller disposes of them.</summary>
    public static SrtpTransform Create(ICryptoProvider crypto, SrtpProfile profile, SessionKeys rtp, SessionKeys rtcp) =>
        profile.IsAead() ? new AeadTransform(crypto, profile, rtp, rtcp) : new CounterTransform(crypto, rtp, rtcp);

    /// <summary>Puts the protected <paramref name="payload"/> and the tag behind the header.</summary>
    /// <param name="packet">Starts with the header in the clear; ends with the tag.</param>
    /// <param name="headerLength">Bytes of the header.</param>
    /// <param name="payload">In the clear. Starts behind the header in <paramref name="packet"/>, or lies elsewhere.</param>
    /// <param name="ssrc">The source.</param>
    /// <param name="index">The index: roll-over counter and sequence number, 48 bits.</param>
    public abstract void Protect(Span<byte> packet, int headerLength, ReadOnlySpan<byte> payload, Ssrc ssrc, ulong index);

    /// <summary>Verifies the whole packet and decrypts the payload in its place.</summary>
    public abstract bool TryUnprotect(Span<byte> packet, int headerLength, Ssrc ssrc, ulong index);

    /// <summary>Protects an RTCP packet in its place.</summary>
    /// <param name="packet">The packet in the clear, and room for the tag and the word with the index: it ends with them.</param>
    /// <param name="ssrc">The source.</param>
    /// <param name="index">The index, 31 bits.</param>
    public abstract void ProtectRtcp(Span<byte> packet, Ssrc ssrc, uint index);

    /// <summary>Reads the word with the E flag and the index, which nobody has authenticated yet.</summary>
    /// <returns>Whether the packet says that it is encrypted.</returns>
    public bool ReadRtcpIndex(ReadOnlySpan<byte> packet, out uint index)
    {
        uint word = BinaryPrimitives.ReadUInt32BigEndian(packet[^RtcpIndexFromEnd..]);
        index = word & ~Encrypted;
        return (word & Encrypted) != 0;
    }

    /// <summary>Verifies a whole encrypted RTCP packet and decrypts it in its place.</summary>
    public abstract bool TryUnprotectRtcp(Span<byte> packet, Ssrc ssrc, uint index);

    public abstract void Dispose();

    /// <summary>Bytes from the start of the word with the index to the end of the packet.</summary>
    protected abstract int RtcpIndexFromEnd { get; }
}
