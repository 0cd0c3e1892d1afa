namespace RoomAgent.Rtp;

/// <summary>Who sends a media (RFC 8866 section 6.7), seen by the author of the description.</summary>
public enum MediaDirection
{
    /// <summary>Both sides.</summary>
    SendReceive,

    /// <summary>The author.</summary>
    SendOnly,

    /// <summary>The other side.</summary>
    ReceiveOnly,

    /// <summary>Nobody.</summary>
    Inactive,
}

/// <summary>What one SFrame ciphertext holds (draft-ietf-avtcore-rtp-sframe-02 section 3).</summary>
public enum SFrameMode
{
    /// <summary>A whole encoded frame, over as many packets as it needs (T = 0).</summary>
    PerFrame,

    /// <summary>The payload of one packet of the codec's own format (T = 1).</summary>
    PerPacket,
}

/// <summary>One media of a session: the part from one <c>m=</c> line to the next.</summary>
public sealed record MediaDescription
{
    /// <summary>The only protocol that is spoken: SRTP with feedback (RFC 5124). Media of another one are read and rejected.</summary>
    public const string SecureProfile = "RTP/SAVPF";

    /// <summary><c>audio</c>, <c>video</c>, or another word of RFC 8866 section 5.14.</summary>
    public required string Kind { get; init; }

    /// <summary>0 to 65,535; 0 says that the media is rejected. Otherwise it means nothing: addresses are in <see cref="SessionDescription.Transports"/>.</summary>
    public int Port { get; init; } = AnyPort;

    /// <summary>What the packets are.</summary>
    public string Protocol { get; init; } = SecureProfile;

    /// <summary>The formats, the preferred one first. Empty only in media whose protocol is not RTP.</summary>
    public IReadOnlyList<PayloadFormat> Formats { get; init; } = [];

    /// <summary>Feedback that is meant for all formats (<c>a=rtcp-fb:*</c>).</summary>
    public IReadOnlyList<string> Feedback { get; init; } = [];

    /// <summary>The header extensions and their numbers (RFC 8285 section 8).</summary>
    public IReadOnlyList<ExtensionMapping> Extensions { get; init; } = [];

    /// <summary>Who sends.</summary>
    public MediaDirection Direction { get; init; }

    /// <summary>The author's streams, and the clocks they follow (RFC 5576).</summary>
    public IReadOnlyList<MediaSource> Sources { get; init; } = [];

    /// <summary>The name of the media in <see cref="SessionDescription.Groups"/> (RFC 5888).</summary>
    public string? Mid { get; init; }

    /// <summary>Bit/s that the author wants to receive at most, without RTP headers and what is below (TIAS, RFC 3890).</summary>
    public int? LargestBitRate { get; init; }

    /// <summary>The keys offered, the preferred one first, or the one chosen. Empty where another media of the bundle has them.</summary>
    public IReadOnlyList<CryptoAttribute> Crypto { get; init; } = [];

    /// <summary>
    /// How frames are sealed end to end; <see langword="null"/> when they are not. On the wire <c>a=sframe</c>, which has no value, and for
    /// <see cref="SFrameMode.PerPacket"/> our own <c>a=x-roomagent-sframe:packet</c>.
    /// </summary>
    public SFrameMode? SFrame { get; init; }

    /// <summary>Whether RTCP shares the transport of RTP (RFC 5761).</summary>
    public bool RtcpMux { get; init; }

    /// <summary>Whether RTCP packets may come without a report (RFC 5506).</summary>
    public bool RtcpReducedSize { get; init; }

    /// <summary>Attributes that have no property here, in their order.</summary>
    public IReadOnlyList<SdpAttribute> Attributes { get; init; } = [];

    // The discard port: the address stands elsewhere.
    internal const int AnyPort = 9;

    /// <summary>Whether a protocol is RTP of any kind, so that its formats are numbers.</summary>
    internal static bool IsRtp(string protocol) =>
        protocol.StartsWith("RTP/", StringComparison.Ordinal) || protocol.Contains("/RTP/", StringComparison.Ordinal);
}

/// <summary>A payload type and what it means (RFC 8866 sections 6.6 and 6.15, RFC 4585 section 4.2).</summary>
/// <param name="Number">0 to 127.</param>
/// <param name="Encoding">The codec; empty when only the number says it. Compared without regard to case.</param>
/// <param name="ClockRate">Ticks in a second; 0 without <paramref name="Encoding"/>.</param>
/// <param name="Channels">Of sound; 1 when not said.</param>
public sealed record PayloadFormat(byte Number, string Encoding, int ClockRate, int Channels = 1)
{
    /// <summary>The encoding of retransmitted packets (RFC 4588).</summary>
    public const string Retransmission = "rtx";

    private const string AssociatedParameter = "apt=";

    /// <summary>Parameters of the codec (<c>a=fmtp</c>); <see langword="null"/> when there are none.</summary>
    public string? Parameters { get; init; }

    /// <summary>The kinds of feedback that the author takes, such as <c>nack pli</c>.</summary>
    public IReadOnlyList<string> Feedback { get; init; } = [];

    /// <summary>Whether it carries retransmitted packets of another one.</summary>
    public bool IsRetransmission => Encoding.Equals(Retransmission, StringComparison.OrdinalIgnoreCase);

    /// <summary>The payload type whose packets it retransmits (RFC 4588 section 8.1, <c>apt</c>); <see langword="null"/> when it does not say.</summary>
    public byte? Associated
    {
        get
        {
            if (!IsRetransmission || Parameters is null)
                return null;

            foreach (Range part in Parameters.AsSpan().Split(';'))
            {
                ReadOnlySpan<char> parameter = Parameters.AsSpan(part).Trim(' ');
                bool isAssociated = parameter.StartsWith(AssociatedParameter, StringComparison.OrdinalIgnoreCase);
                if (isAssociated && Numbers.TryRead(parameter[AssociatedParameter.Length..], 0, 127, out int number))
                    return (byte)number;
            }

            return null;
        }
    }
}

/// <summary>The number by which packets know a header extension.</summary>
/// <param name="Id">1 to 14, or to 255 in the two-byte form.</param>
/// <param name="Uri">The name of the extension, such as <see cref="AudioLevel.Uri"/>.</param>
public sealed record ExtensionMapping(int Id, string Uri);

/// <summary>A stream of the author's.</summary>
/// <param name="Ssrc">Which.</param>
/// <param name="Cname">The canonical name of its clock: streams with one name are played in step.</param>
public sealed record MediaSource(Ssrc Ssrc, string Cname);
