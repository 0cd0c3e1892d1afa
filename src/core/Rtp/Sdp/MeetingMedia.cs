using System.Globalization;

namespace RoomAgent.Rtp;

/// <summary>
/// How rooms and media nodes describe a meeting in SDP: the numbers that all of them use, so that a node forwards packets without translating them,
/// and the attributes of our own.
/// </summary>
/// <remarks>
/// <code>
/// a=x-roomagent-control:SSRC     session, answer: the source of the offerer's own RTCP
/// a=x-roomagent-ssrc:SSRC        media, answer: the source of what the offerer sends here; the node gives it out (MEETING section 6)
/// a=content:slides               media: a presentation, not the room (RFC 4796)
/// </code>
/// </remarks>
public static class MeetingMedia
{
    /// <summary>The payload type of sealed Opus.</summary>
    public const byte AudioType = 111;

    /// <summary>The payload type of sealed H.264.</summary>
    public const byte VideoType = 96;

    /// <summary>The payload type of what is sent again of it (RFC 4588).</summary>
    public const byte RetransmissionType = 97;

    /// <summary>The number of <see cref="AudioLevel"/>.</summary>
    public const int AudioLevelId = 1;

    /// <summary>The number of <see cref="AbsCaptureTime"/>.</summary>
    public const int AbsCaptureTimeId = 2;

    /// <summary>The number of <see cref="TransportSequence"/>.</summary>
    public const int TransportSequenceId = 3;

    /// <summary>The source of RTCP that a media node makes itself. It is nobody's stream: those that a node gives out are never this small.</summary>
    /// <remarks>
    /// A sender report of it asks whether it arrives: the middle of its time is a number that cannot be guessed, and the room sends it back at once, as LSR of a
    /// report block about this source. Until then the node sends no media to an address that is new.
    /// </remarks>
    public static Ssrc NodeSource { get; } = new(1);

    private const string ControlAttribute = "x-roomagent-control";
    private const string SourceAttribute = "x-roomagent-ssrc";
    private const string ContentAttribute = "content";
    private const string Slides = "slides";

    private static readonly string[] s_audioExtensions = [AudioLevel.Uri, AbsCaptureTime.Uri, TransportSequence.Uri];
    private static readonly string[] s_videoExtensions = [AbsCaptureTime.Uri, TransportSequence.Uri];
    private static readonly string[] s_audioFeedback = ["transport-cc"];
    private static readonly string[] s_videoFeedback = ["nack", "nack pli", "ccm fir", "transport-cc"];

    /// <summary>What a media node takes.</summary>
    /// <param name="mode">How the meeting seals its pictures.</param>
    public static IReadOnlyList<MediaSupport> Support(SFrameMode mode) =>
    [
        new MediaSupport("audio", [new Codec("opus", 48_000, 2) { Feedback = s_audioFeedback }]) { Extensions = s_audioExtensions, SFrame = SFrameMode.PerFrame },
        new MediaSupport("video", [new Codec("H264", 90_000) { Feedback = s_videoFeedback }, new Codec(PayloadFormat.Retransmission, 90_000)]) { Extensions = s_videoExtensions, SFrame = mode },
    ];

    /// <summary>One medium of an offer.</summary>
    /// <param name="isVideo">Pictures, or else sound.</param>
    /// <param name="isContent">Of a presentation, or else of the room.</param>
    /// <param name="mid">Its name in the bundle.</param>
    /// <param name="direction">What is sent and received.</param>
    /// <param name="mode">How its frames are sealed.</param>
    public static MediaDescription Medium(bool isVideo, bool isContent, string mid, MediaDirection direction, SFrameMode mode) => new()
    {
        Kind = isVideo ? "video" : "audio",
        Mid = mid,
        Direction = direction,
        SFrame = mode,
        RtcpMux = true,
        RtcpReducedSize = true,
        Formats = isVideo
            ? [
                new PayloadFormat(VideoType, "H264", 90_000) { Feedback = s_videoFeedback },
                new PayloadFormat(RetransmissionType, PayloadFormat.Retransmission, 90_000) { Parameters = $"apt={VideoType}" },
            ]
            : [new PayloadFormat(AudioType, "opus", 48_000, 2) { Feedback = s_audioFeedback }],
        Extensions = isVideo
            ? [new ExtensionMapping(AbsCaptureTimeId, AbsCaptureTime.Uri), new ExtensionMapping(TransportSequenceId, TransportSequence.Uri)]
            : [new ExtensionMapping(AudioLevelId, AudioLevel.Uri), new ExtensionMapping(AbsCaptureTimeId, AbsCaptureTime.Uri), new ExtensionMapping(TransportSequenceId, TransportSequence.Uri)],
        Attributes = isContent ? [new SdpAttribute(ContentAttribute, Slides)] : [],
    };

    /// <summary>Whether the numbers of <paramref name="medium"/> are those of all meetings.</summary>
    public static bool HasItsNumbers(MediaDescription medium) =>
        medium.Formats.All(format => format.Number == (format.IsRetransmission ? RetransmissionType : medium.Kind == "video" ? VideoType : AudioType))
        && medium.Extensions.All(extension => extension.Id == NumberOf(extension.Uri))
        && medium.Extensions.Any(extension => extension.Id == TransportSequenceId);

    /// <summary>Whether <paramref name="medium"/> is a presentation's.</summary>
    public static bool IsContent(MediaDescription medium) => medium.Attributes.Any(attribute => attribute.Name == ContentAttribute && attribute.Value == Slides);

    /// <summary>The attribute that gives a stream its source.</summary>
    public static SdpAttribute SourceOf(Ssrc ssrc) => new(SourceAttribute, ssrc.Value.ToString(CultureInfo.InvariantCulture));

    /// <summary>The attribute that gives a leg the source of its RTCP.</summary>
    public static SdpAttribute ControlOf(Ssrc ssrc) => new(ControlAttribute, ssrc.Value.ToString(CultureInfo.InvariantCulture));

    /// <summary>The source that the node gave to the stream of <paramref name="medium"/>; <see langword="null"/> when it gave none.</summary>
    public static Ssrc? FindSource(MediaDescription medium) => Find(medium.Attributes, SourceAttribute);

    /// <summary>The source that the node gave to our RTCP; <see langword="null"/> when it gave none.</summary>
    public static Ssrc? FindControl(SessionDescription answer) => Find(answer.Attributes, ControlAttribute);

    private static int NumberOf(string uri) => uri switch
    {
        AudioLevel.Uri => AudioLevelId,
        AbsCaptureTime.Uri => AbsCaptureTimeId,
        TransportSequence.Uri => TransportSequenceId,
        _ => 0,
    };

    private static Ssrc? Find(IReadOnlyList<SdpAttribute> attributes, string name) =>
        attributes.FirstOrDefault(attribute => attribute.Name == name)?.Value is { } text
        && uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint number) ? new Ssrc(number) : null;
}
