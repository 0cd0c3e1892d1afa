using RoomAgent.Crypto;
using RoomAgent.Rtp;
using RoomAgent.Rtp.Srtp;

namespace RoomAgent.Hub.MediaNode;

/// <summary>What an offer and its answer agreed on, before there is a leg.</summary>
/// <param name="Id">The leg.</param>
/// <param name="Conference">Its meeting.</param>
/// <param name="Profile">What protects the hop.</param>
/// <param name="ReceiveKey">Key and salt of what the leg sends. The plan's owner disposes of it once there is a leg.</param>
/// <param name="SendKey">Key and salt of what the leg gets. Likewise.</param>
/// <param name="Streams">What the leg sends.</param>
/// <param name="Receives">The kinds that it gets.</param>
/// <param name="MostBitRate">Bits a second that it gets at most.</param>
internal sealed record LegPlan(
    LegId Id,
    ConferenceId Conference,
    SrtpProfile Profile,
    Secret ReceiveKey,
    Secret SendKey,
    IReadOnlyList<StreamPlan> Streams,
    IReadOnlySet<StreamKind> Receives,
    int MostBitRate)
{
    // Whoever asks for less gets a first camera all the same: its sender learns from the network, not from here.
    private const int LeastBitRate = 100_000;

    private readonly IReadOnlySet<int> _sending = new HashSet<int>();

    /// <summary>The plan of an offer and the answer that a node made to it.</summary>
    /// <returns>
    /// <see langword="null"/> when the media are not one bundle, use other numbers than all meetings do, or have two media of one kind.
    /// The keys are those of the two descriptions, which live longer than the plan.
    /// </returns>
    public static LegPlan? From(LegId id, ConferenceId conference, SessionDescription offer, SessionDescription answer, NodeSettings settings)
    {
        int[] taken = [.. Enumerable.Range(0, answer.Media.Count).Where(i => answer.Media[i].Port != 0)];
        bool isBundle = answer.Groups is [{ } bundle] && taken.All(i => answer.Media[i].Mid is { } mid && bundle.Mids.Contains(mid));
        if (taken.Length == 0 || !isBundle || !taken.All(i => MeetingMedia.HasItsNumbers(answer.Media[i])))
            return null;
        if (!OfferAnswer.TryGetKeys(offer, answer, taken[0], out HopKeys? keys))
            return null;

        StreamKind[] kinds = [.. taken.Select(i => KindOf(offer.Media[i]))];
        if (kinds.Distinct().Count() != kinds.Length)
            return null;

        int[] sending = [.. taken.Where(i => offer.Media[i].Direction is MediaDirection.SendReceive or MediaDirection.SendOnly)];
        var receives = taken.Where(i => offer.Media[i].Direction is MediaDirection.SendReceive or MediaDirection.ReceiveOnly).Select(i => KindOf(offer.Media[i])).ToHashSet();
        int asked = offer.Media.Where(medium => medium.Kind == "video").Select(medium => medium.LargestBitRate).Min() ?? int.MaxValue;
        return new LegPlan(
            id, conference, keys!.Profile, keys.Offerer.KeyAndSalt, keys.Answerer.KeyAndSalt,
            [.. sending.Select(i => new StreamPlan(KindOf(offer.Media[i]), offer.Media[i].Kind == "video" ? MeetingMedia.VideoType : MeetingMedia.AudioType, MeetingMedia.RetransmissionType))],
            receives, Math.Min(Math.Max(asked, LeastBitRate), settings.MostBitRate), sending.ToHashSet());
    }

    private LegPlan(
        LegId id, ConferenceId conference, SrtpProfile profile, Secret receiveKey, Secret sendKey,
        IReadOnlyList<StreamPlan> streams, IReadOnlySet<StreamKind> receives, int mostBitRate, IReadOnlySet<int> sending)
        : this(id, conference, profile, receiveKey, sendKey, streams, receives, mostBitRate) => _sending = sending;

    /// <summary>Whether the leg sends the medium <paramref name="index"/> of its offer.</summary>
    public bool SendsMedium(int index) => _sending.Contains(index);

    private static StreamKind KindOf(MediaDescription medium) => (medium.Kind == "video", MeetingMedia.IsContent(medium)) switch
    {
        (true, false) => StreamKind.Camera,
        (true, true) => StreamKind.Content,
        (false, false) => StreamKind.Voice,
        (false, true) => StreamKind.ContentAudio,
    };
}

/// <summary>One stream that a leg sends.</summary>
/// <param name="Kind">What it is for.</param>
/// <param name="PayloadType">Of its packets.</param>
/// <param name="RetransmissionType">Of packets that are sent again (RFC 4588); the same in both directions.</param>
internal sealed record StreamPlan(StreamKind Kind, byte PayloadType, byte RetransmissionType);

/// <summary>The sources that a router gave to a leg.</summary>
/// <param name="Control">Of the leg's own RTCP packets, when it sends nothing.</param>
/// <param name="Streams">One for each stream of the plan. That of its retransmissions is <see cref="Ssrc.Retransmission"/>.</param>
internal sealed record LegSources(Ssrc Control, IReadOnlyList<Ssrc> Streams);
