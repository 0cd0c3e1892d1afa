using System.Globalization;
using RoomAgent.Crypto;
using RoomAgent.Rtp;
using RoomAgent.SFrame;

namespace RoomAgent.Agent.Media;

/// <summary>An offer of this room and what its answer makes of it.</summary>
/// <remarks>One object for each offer: the keys in it are never used for another one.</remarks>
public sealed class MediaNegotiation : IDisposable
{
    private static readonly PayloadTypes s_types = new(MeetingMedia.AudioType, MeetingMedia.VideoType, MeetingMedia.RetransmissionType);
    private static readonly ExtensionNumbers s_extensions = new(MeetingMedia.AudioLevelId, MeetingMedia.AbsCaptureTimeId, MeetingMedia.TransportSequenceId);

    private readonly SessionDescription _offer;
    private readonly FrameContext[] _contexts;
    private readonly SFrameMode _mode;
    private SessionDescription? _answer;

    /// <summary>Makes an offer with fresh keys.</summary>
    /// <param name="random">Where they come from.</param>
    /// <param name="suites">What may protect the hop; the strongest is offered first (REQUIREMENTS B16).</param>
    /// <param name="sends">What we send. All kinds are received.</param>
    /// <param name="mode">How pictures are sealed.</param>
    public MediaNegotiation(IRandom random, SuitePolicy suites, IReadOnlySet<FrameContext> sends, SFrameMode mode = SFrameMode.PerFrame)
    {
        Span<byte> id = stackalloc byte[sizeof(ulong)];
        random.Fill(id);
        _mode = mode;
        _contexts = [FrameContext.Audio, FrameContext.Camera, FrameContext.ContentVideo, FrameContext.ContentAudio];
        MediaDescription[] media = [.. _contexts.Select((context, i) => Medium(context, i, sends.Contains(context), mode))];
        media[0] = media[0] with { Crypto = suites.Offer(random) };
        _offer = new SessionDescription
        {
            Origin = new SessionOrigin(BitConverter.ToUInt64(id) >> 1, Version: 1),
            Groups = [new MediaGroup(MediaGroup.Bundle, [.. media.Select(medium => medium.Mid!)])],
            Media = media,
        };
    }

    /// <summary>The offer as it travels: with keys in it, so inside TLS alone (REQUIREMENTS B15, B19). The caller disposes of it.</summary>
    public Secret WriteOffer() => _offer.Write();

    /// <summary>The doors of the node in its order, once it answered.</summary>
    public IReadOnlyList<TransportAddress> Transports => _answer?.Transports ?? [];

    /// <summary>Takes the answer.</summary>
    /// <param name="text">SDP. The caller zeroes it.</param>
    /// <param name="plan">What was agreed on; its keys are this object's, which lives until the session has them.</param>
    /// <returns><see langword="null"/>, or why the answer cannot be taken.</returns>
    public string? TryAccept(ReadOnlySpan<byte> text, out MediaPlan? plan)
    {
        plan = null;
        if (!SessionDescription.TryParse(text, out SessionDescription? answer, out SdpRefusal? refusal))
            return $"{refusal}";

        _answer?.Dispose();
        _answer = answer;
        if (answer!.Media.Count != _contexts.Length || !OfferAnswer.TryGetKeys(_offer, answer, 0, out HopKeys? keys))
            return "The answer fits no line of the offer's keys.";
        if (MeetingMedia.FindControl(answer) is not { } control)
            return "The answer gives no source for RTCP.";

        var tracks = new List<TrackPlan>();
        for (int i = 0; i < _contexts.Length; i++)
        {
            MediaDescription medium = answer.Media[i];
            if (medium.Port == 0 || _offer.Media[i].Direction != MediaDirection.SendReceive)
                continue;
            if (medium.SFrame != _offer.Media[i].SFrame)
                return "The answer would have frames sealed in another way, or not at all.";
            if (MeetingMedia.FindSource(medium) is not { } source)
                return "The answer gives no source for a stream.";

            tracks.Add(new TrackPlan(_contexts[i], source, medium.Kind == "video" ? s_types.Video : s_types.Audio, s_types.Retransmission));
        }

        plan = new MediaPlan
        {
            Profile = keys!.Profile,
            SendKey = keys.Offerer.KeyAndSalt,
            ReceiveKey = keys.Answerer.KeyAndSalt,
            Control = control,
            Tracks = tracks,
            PayloadTypes = s_types,
            Extensions = s_extensions,
            SealsPackets = _mode == SFrameMode.PerPacket,
        };
        return null;
    }

    /// <summary>Zeroes the keys.</summary>
    public void Dispose()
    {
        _offer.Dispose();
        _answer?.Dispose();
    }

    private static MediaDescription Medium(FrameContext context, int index, bool sends, SFrameMode mode)
    {
        bool isVideo = context is FrameContext.Camera or FrameContext.ContentVideo;
        return MeetingMedia.Medium(
            isVideo,
            isContent: context is FrameContext.ContentVideo or FrameContext.ContentAudio,
            mid: index.ToString(CultureInfo.InvariantCulture),
            sends ? MediaDirection.SendReceive : MediaDirection.ReceiveOnly,
            isVideo ? mode : SFrameMode.PerFrame);
    }
}
