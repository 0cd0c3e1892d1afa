using System.Buffers.Binary;
using RoomAgent.Crypto;

namespace RoomAgent.Rtp.Srtp;

/// <summary>Protects the packets of one direction of one leg under one master key (RFC 3711, RFC 7714), for any of a bounded number of sources.</summary>
/// <remarks>
/// Allocates nothing per packet, only once for each source. One caller at a time.
/// An index is never used twice under the key: a packet that would do so is refused.
/// A source starts with a roll-over counter of 0; a stream that begins with a number below 32,768
/// spares its receiver the doubt whether the first number it sees has already rolled over (RFC 3711 section 3.3.1).
/// New keys are a new object; packets carry no master key identifier.
/// </remarks>
public sealed class SrtpSender : IDisposable
{
    /// <summary>How many sources there may be, unless the constructor is told otherwise.</summary>
    public const int DefaultMaxSources = 256;

    /// <summary>RTP packets of all sources together, and the index of each source, stay below this: half of what RFC 3711 section 9.2 allows.</summary>
    public const ulong RtpLimit = 1UL << 47;

    /// <summary>RTCP packets of all sources together stay below this: half of what RFC 3711 section 9.2 allows.</summary>
    public const uint RtcpLimit = 1U << 30;

    // Packets may leave in another order than they were numbered in, when they are passed on.
    private const int WindowSize = 1_024;

    // What lies further ahead than half a round is read as a step back.
    private const ulong LongestLeap = 1UL << 15;

    private readonly SrtpTransform _transform;
    private readonly int _rtpOverhead;
    private readonly int _rtcpOverhead;
    private ulong _furthestIndex;

    /// <summary>Derives the session keys.</summary>
    /// <param name="crypto">The primitives.</param>
    /// <param name="profile">How packets are protected.</param>
    /// <param name="keyAndSalt">The master key and the master salt behind it. The caller zeroes them.</param>
    /// <param name="maxSources">How many sources there may be, at least 1.</param>
    /// <exception cref="ArgumentException"><paramref name="keyAndSalt"/> has not <see cref="SrtpProfiles.KeyAndSaltLength"/> bytes.</exception>
    public SrtpSender(ICryptoProvider crypto, SrtpProfile profile, ReadOnlySpan<byte> keyAndSalt, int maxSources = DefaultMaxSources)
        : this(SrtpTransform.Create(crypto, profile, keyAndSalt), profile, maxSources)
    {
    }

    internal SrtpSender(SrtpTransform transform, SrtpProfile profile, int maxSources = DefaultMaxSources)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxSources, 1);
        _transform = transform;
        Sources = new SourceTable(maxSources, WindowSize);
        _rtpOverhead = profile.RtpOverhead();
        _rtcpOverhead = profile.RtcpOverhead();
    }

    /// <summary>RTP packets protected so far.</summary>
    public ulong RtpPackets { get; internal set; }

    /// <summary>RTCP packets protected so far: the index of the next one.</summary>
    /// <remarks>
    /// RFC 3711 section 3.2.1 has one such index for each source. One for all of them leaves gaps, which a receiver takes for losses,
    /// and needs no state that a number of sources could fill.
    /// </remarks>
    public uint RtcpPackets { get; internal set; }

    /// <summary>Whether it is time for a new key: fifteen sixteenths of one of the limits, or of the number of sources, are used.</summary>
    public bool NeedsNewKey =>
        Math.Max(RtpPackets, _furthestIndex) >= RtpLimit / 16 * 15 || RtcpPackets >= RtcpLimit / 16 * 15 || Sources.IsNearlyFull;

    internal SourceTable Sources { get; }

    /// <summary>Protects an RTP packet.</summary>
    /// <param name="packet">
    /// Starts with the header in the clear. Gets the protected payload and <see cref="SrtpProfiles.RtpOverhead"/> bytes more behind it, for which it must have room.
    /// </param>
    /// <param name="header">What stands there, its <see cref="RtpHeader.Length"/> included.</param>
    /// <param name="payload">In the clear, with padding if the header says so. Starts right behind the header in <paramref name="packet"/>, or lies elsewhere.</param>
    /// <param name="length">Bytes of the protected packet.</param>
    /// <returns>
    /// <see langword="false"/>, and nothing is done, when the index was used before, is more than 1,023 packets old or leaps more than 32,768 ahead, when there are too many sources, or when the key is used up.
    /// </returns>
    /// <exception cref="ArgumentException"><paramref name="packet"/> is too short or does not start with <paramref name="header"/>, or <paramref name="payload"/> overlaps it in another way.</exception>
    public bool TryProtect(Span<byte> packet, in RtpHeader header, ReadOnlySpan<byte> payload, out int length)
    {
        if (header.Length < RtpHeader.FixedLength || packet.Length - header.Length - _rtpOverhead < payload.Length)
            throw new ArgumentException("The header or the packet is too short.", nameof(packet));
        // A nonce made of other numbers than the packet carries could repeat unseen, and nobody could open it.
        if (BinaryPrimitives.ReadUInt16BigEndian(packet[2..]) != header.Sequence.Value || BinaryPrimitives.ReadUInt32BigEndian(packet[8..]) != header.Ssrc.Value)
            throw new ArgumentException("The packet starts with another header.", nameof(header));

        length = 0;
        ReplayWindow? window = Sources.Find(header.Ssrc);
        ulong index = window is null ? header.Sequence.Value : PacketIndex.Estimate(window.Newest, header.Sequence);
        if (window is null ? Sources.IsFull : !window.IsFree(index) || index > window.Newest + LongestLeap)
            return false;
        if (Math.Max(RtpPackets, index) >= RtpLimit)
            return false;

        // Marked before it is used: whatever goes wrong from here on, the index is not used again.
        if (window is null)
            Sources.Add(header.Ssrc, index);
        else
            window.Use(index);
        RtpPackets++;
        _furthestIndex = Math.Max(_furthestIndex, index);

        length = header.Length + payload.Length + _rtpOverhead;
        _transform.Protect(packet[..length], header.Length, payload, header.Ssrc, index);
        return true;
    }

    /// <summary>Protects a compound RTCP packet in its place.</summary>
    /// <param name="buffer">Starts with the packet in the clear, and has room for <see cref="SrtpProfiles.RtcpOverhead"/> bytes more.</param>
    /// <param name="length">Bytes of the packet, at least 8.</param>
    /// <param name="protectedLength">Bytes of the protected packet.</param>
    /// <returns><see langword="false"/>, and nothing is done, when the key is used up.</returns>
    /// <exception cref="ArgumentException">The packet or <paramref name="buffer"/> is too short.</exception>
    public bool TryProtectRtcp(Span<byte> buffer, int length, out int protectedLength)
    {
        if (length < SrtpTransform.RtcpHeaderLength || buffer.Length - _rtcpOverhead < length)
            throw new ArgumentException("The packet or the buffer is too short.", nameof(buffer));

        protectedLength = 0;
        if (RtcpPackets >= RtcpLimit)
            return false;

        var ssrc = new Ssrc(BinaryPrimitives.ReadUInt32BigEndian(buffer[4..]));
        protectedLength = length + _rtcpOverhead;
        _transform.ProtectRtcp(buffer[..protectedLength], ssrc, RtcpPackets++);
        return true;
    }

    /// <summary>Zeroes and frees the keys.</summary>
    public void Dispose() => _transform.Dispose();
}
