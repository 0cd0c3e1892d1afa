using System.Buffers.Binary;
using RoomAgent.Crypto;

namespace RoomAgent.Rtp.Srtp;

/// <summary>Opens the packets of one direction of one leg under one master key (RFC 3711, RFC 7714), of any of a bounded number of sources.</summary>
/// <remarks>
/// <para>
/// Allocates nothing per packet, only once for each source. One caller at a time. Only a packet that authenticates changes anything but a counter.
/// New keys are a new object; a packet with a master key identifier is not understood.
/// </para>
/// <para>
/// RTCP that is authenticated but not encrypted (without the E flag, RFC 3711 section 3.4) is refused: such packets are agreed on with
/// UNENCRYPTED_SRTCP (RFC 4568 section 6.3.2), which is never agreed on here, and they would tell the path who speaks and how well it goes.
/// </para>
/// </remarks>
public sealed class SrtpReceiver : IDisposable
{
    /// <summary>How many sources of RTP, and as many of RTCP, there may be, unless the constructor is told otherwise.</summary>
    public const int DefaultMaxSources = 256;

    /// <summary>How far back a late RTP packet is still taken: 1,024 packets from the newest of its source, itself included.</summary>
    public const int RtpWindow = 1_024;

    /// <summary>How far back a late RTCP packet is still taken: 128 packets from the newest of its source, itself included.</summary>
    public const int RtcpWindow = 128;

    private readonly SrtpTransform _transform;
    private readonly SourceTable _rtcpSources;
    private readonly int _rtpOverhead;
    private readonly int _rtcpOverhead;
    private readonly long[] _counts = new long[(int)SrtpOutcome.KeyUsedUp + 1];

    /// <summary>Derives the session keys.</summary>
    /// <param name="crypto">The primitives.</param>
    /// <param name="profile">How packets are protected.</param>
    /// <param name="keyAndSalt">The master key and the master salt behind it. The caller zeroes them.</param>
    /// <param name="maxSources">How many sources of RTP, and as many of RTCP, there may be, at least 1.</param>
    /// <exception cref="ArgumentException"><paramref name="keyAndSalt"/> has not <see cref="SrtpProfiles.KeyAndSaltLength"/> bytes.</exception>
    public SrtpReceiver(ICryptoProvider crypto, SrtpProfile profile, ReadOnlySpan<byte> keyAndSalt, int maxSources = DefaultMaxSources)
        : this(SrtpTransform.Create(crypto, profile, keyAndSalt), profile, maxSources)
    {
    }

    internal SrtpReceiver(SrtpTransform transform, SrtpProfile profile, int maxSources = DefaultMaxSources)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxSources, 1);
        _transform = transform;
        RtpSources = new SourceTable(maxSources, RtpWindow);
        _rtcpSources = new SourceTable(maxSources, RtcpWindow);
        _rtpOverhead = profile.RtpOverhead();
        _rtcpOverhead = profile.RtcpOverhead();
    }

    /// <summary>How many packets, RTP and RTCP together, ended so.</summary>
    public long Count(SrtpOutcome outcome) => _counts[(int)outcome];

    /// <summary>Whether it is time for a new key: there are nearly as many sources as there may be, and none is forgotten as long as the key lives.</summary>
    public bool NeedsNewKey => RtpSources.IsNearlyFull || _rtcpSources.IsNearlyFull;

    internal SourceTable RtpSources { get; }

    /// <summary>Verifies an RTP packet and decrypts it in its place.</summary>
    /// <param name="packet">The protected packet. Opened, its first bytes are the packet in the clear; refused, it holds nothing of use.</param>
    /// <param name="header">Its header, as <see cref="RtpHeader.TryRead"/> gives it.</param>
    /// <param name="length">Bytes of the packet in the clear; 0 when it is refused.</param>
    public SrtpOutcome TryUnprotect(Span<byte> packet, in RtpHeader header, out int length) =>
        TryUnprotect(packet, header, out length, out _);

    /// <summary>Verifies an RTP packet and decrypts it in its place.</summary>
    /// <param name="packet">The protected packet. Opened, its first bytes are the packet in the clear; refused, it holds nothing of use.</param>
    /// <param name="header">Its header, as <see cref="RtpHeader.TryRead"/> gives it.</param>
    /// <param name="length">Bytes of the packet in the clear; 0 when it is refused.</param>
    /// <param name="isNewest">Whether it is newer than all packets of its source so far: only such a packet may show where the peer is now.</param>
    public SrtpOutcome TryUnprotect(Span<byte> packet, in RtpHeader header, out int length, out bool isNewest)
    {
        SrtpOutcome outcome = Unprotect(packet, header, out length, out isNewest);
        _counts[(int)outcome]++;
        return outcome;
    }

    /// <summary>Verifies a compound RTCP packet and decrypts it in its place.</summary>
    /// <param name="packet">The protected packet. Opened, its first bytes are the packet in the clear; refused, it holds nothing of use.</param>
    /// <param name="length">Bytes of the packet in the clear; 0 when it is refused.</param>
    /// <param name="isNewest">Whether it is newer than all RTCP packets of its source so far.</param>
    public SrtpOutcome TryUnprotectRtcp(Span<byte> packet, out int length, out bool isNewest)
    {
        SrtpOutcome outcome = UnprotectRtcp(packet, out length, out isNewest);
        _counts[(int)outcome]++;
        return outcome;
    }

    /// <summary>Zeroes and frees the keys.</summary>
    public void Dispose() => _transform.Dispose();

    private SrtpOutcome Unprotect(Span<byte> packet, in RtpHeader header, out int length, out bool isNewest)
    {
        length = 0;
        isNewest = false;
        if (header.Length < RtpHeader.FixedLength || packet.Length - _rtpOverhead < header.Length)
            return SrtpOutcome.Malformed;

        ReplayWindow? window = RtpSources.Find(header.Ssrc);
        ulong index = window is null ? header.Sequence.Value : PacketIndex.Estimate(window.Newest, header.Sequence);
        if (index >= PacketIndex.End)
            return SrtpOutcome.KeyUsedUp;
        if (window is not null && !window.IsFree(index))
            return SrtpOutcome.Replayed;
        if (!_transform.TryUnprotect(packet, header.Length, header.Ssrc, index))
            return SrtpOutcome.Unauthenticated;

        return Accept(RtpSources, window, header.Ssrc, index, packet.Length - _rtpOverhead, out length, out isNewest);
    }

    private SrtpOutcome UnprotectRtcp(Span<byte> packet, out int length, out bool isNewest)
    {
        length = 0;
        isNewest = false;
        if (packet.Length - _rtcpOverhead < SrtpTransform.RtcpHeaderLength || packet[0] >> 6 != 2)
            return SrtpOutcome.Malformed;
        if (!_transform.ReadRtcpIndex(packet, out uint index))
            return SrtpOutcome.Unencrypted;

        var ssrc = new Ssrc(BinaryPrimitives.ReadUInt32BigEndian(packet[4..]));
        ReplayWindow? window = _rtcpSources.Find(ssrc);
        if (window is not null && !window.IsFree(index))
            return SrtpOutcome.Replayed;
        if (!_transform.TryUnprotectRtcp(packet, ssrc, index))
            return SrtpOutcome.Unauthenticated;

        return Accept(_rtcpSources, window, ssrc, index, packet.Length - _rtcpOverhead, out length, out isNewest);
    }

    // The only place where anything is remembered: what comes here is authentic and new.
    private static SrtpOutcome Accept(SourceTable sources, ReplayWindow? window, Ssrc ssrc, ulong index, int opened, out int length, out bool isNewest)
    {
        length = 0;
        isNewest = false;
        if (window is null && sources.IsFull)
            return SrtpOutcome.TooManySources;

        isNewest = window is null || index > window.Newest;
        if (window is null)
            sources.Add(ssrc, index);
        else
            window.Use(index);

        length = opened;
        return SrtpOutcome.Opened;
    }
}
