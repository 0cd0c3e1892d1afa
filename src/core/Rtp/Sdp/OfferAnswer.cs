using RoomAgent.Crypto;
using RoomAgent.Rtp.Srtp;

namespace RoomAgent.Rtp;

/// <summary>Why an offer has no answer.</summary>
public enum OfferRefusal
{
    /// <summary>It has one.</summary>
    None,

    /// <summary>No media of the offer is one that the answerer takes.</summary>
    NoCommonMedia,

    /// <summary>A media offers no SRTP suite, with its key, that the policy takes.</summary>
    NoCommonSuite,

    /// <summary>A media is sealed end to end in another way than the answerer wants, or not at all.</summary>
    NoCommonSFrame,

    /// <summary>A media wants RTCP on a transport of its own.</summary>
    NoRtcpMux,
}

/// <summary>A codec that an answerer takes.</summary>
/// <param name="Encoding">Its name; <see cref="PayloadFormat.Retransmission"/> for retransmission of those that are taken.</param>
/// <param name="ClockRate">Ticks in a second.</param>
/// <param name="Channels">Of sound.</param>
public sealed record Codec(string Encoding, int ClockRate, int Channels = 1)
{
    /// <summary>What the answerer says of itself in <c>a=fmtp</c>. Without it, and for retransmission, the offer's parameters are said back.</summary>
    public string? Parameters { get; init; }

    /// <summary>The kinds of feedback that the answerer takes, such as <c>nack pli</c>.</summary>
    public IReadOnlyList<string> Feedback { get; init; } = [];
}

/// <summary>What an answerer takes of one kind of media.</summary>
/// <param name="Kind"><c>audio</c> or <c>video</c>.</param>
/// <param name="Codecs">The codecs; which is preferred is the offerer's choice.</param>
public sealed record MediaSupport(string Kind, IReadOnlyList<Codec> Codecs)
{
    /// <summary>The names of the header extensions.</summary>
    public IReadOnlyList<string> Extensions { get; init; } = [];

    /// <summary>How frames must be sealed; <see langword="null"/> for media that are not sealed end to end.</summary>
    public SFrameMode? SFrame { get; init; } = SFrameMode.PerFrame;

    /// <summary>Bit/s to receive at most; <see langword="null"/> for no limit.</summary>
    public int? LargestBitRate { get; init; }
}

/// <summary>What an answerer supports and says of itself.</summary>
/// <param name="Origin">Whose answer it is.</param>
/// <param name="Media">The kinds of media.</param>
/// <param name="Suites">The SRTP suites.</param>
public sealed record AnswerPolicy(SessionOrigin Origin, IReadOnlyList<MediaSupport> Media, SuitePolicy Suites)
{
    /// <summary>The doors to name, in order of preference.</summary>
    public IReadOnlyList<TransportAddress> Transports { get; init; } = [];
}

/// <summary>The keys of both directions of a hop, views of the two descriptions that own them.</summary>
/// <param name="Profile">How packets are protected.</param>
/// <param name="Offerer">What the offerer sends with.</param>
/// <param name="Answerer">What the answerer sends with.</param>
public sealed record HopKeys(SrtpProfile Profile, CryptoAttribute Offerer, CryptoAttribute Answerer);

/// <summary>Offer and answer (RFC 3264), with the keys of SDES (RFC 4568). Pure: the same offer, policy and random bytes give the same answer.</summary>
public static class OfferAnswer
{
    /// <summary>
    /// Answers an offer. Each media is taken or rejected (port 0); a media that would be taken but for its protection refuses the whole offer,
    /// so that nobody ends up in a call that is protected less than it should be.
    /// </summary>
    /// <param name="offer">The offer; it keeps its keys.</param>
    /// <param name="policy">What is supported.</param>
    /// <param name="random">Where the answer's keys come from: a fresh one for each transport.</param>
    /// <param name="answer">The answer, to be disposed of; <see langword="null"/> when there is none.</param>
    /// <returns><see cref="OfferRefusal.None"/>, or why there is no answer.</returns>
    public static OfferRefusal TryAnswer(SessionDescription offer, AnswerPolicy policy, IRandom random, out SessionDescription? answer)
    {
        // 1. which media are taken   2. whether all of them can be protected   3. keys, one for each transport
        answer = null;
        MediaDescription?[] taken = [.. offer.Media.Select(media => Take(media, policy))];
        if (taken.All(media => media is null))
            return OfferRefusal.NoCommonMedia;

        var chosen = new CryptoAttribute?[taken.Length];
        for (int i = 0; i < taken.Length; i++)
        {
            if (taken[i] is null)
                continue;

            OfferRefusal refusal = Protect(offer, i, taken, policy, out chosen[i]);
            if (refusal != OfferRefusal.None)
                return refusal;
        }

        answer = new SessionDescription
        {
            Origin = policy.Origin,
            Groups = [.. offer.Groups.Where(IsBundle).Select(group => KeepTaken(group, taken)).Where(group => group.Mids.Count > 0)],
            Transports = policy.Transports,
            Media = [.. taken.Select((media, i) => media is null ? Reject(offer.Media[i]) : media with { Crypto = Answer(chosen[i], random) })],
        };
        return OfferRefusal.None;
    }

    /// <summary>The keys of one media of an offer and its answer, for either side.</summary>
    /// <param name="offer">The offer.</param>
    /// <param name="answer">Its answer, which may be a stranger's.</param>
    /// <param name="index">Which media.</param>
    /// <param name="keys">The keys; those of the bundle when the media is in one.</param>
    /// <returns>
    /// <see langword="false"/> when the media is rejected, the answer chose no line of the offer, one of another suite, or says the offerer's key back,
    /// with which both directions could use one keystream.
    /// </returns>
    public static bool TryGetKeys(SessionDescription offer, SessionDescription answer, int index, out HopKeys? keys)
    {
        keys = null;
        if (index >= offer.Media.Count || offer.Media.Count != answer.Media.Count || answer.Media[index].Port == 0)
            return false;

        int owner = Owner(answer, index, media => media.Port != 0);
        if (answer.Media[owner].Crypto is not [var answered])
            return false;
        if (CryptoOf(offer, owner).FirstOrDefault(line => line.Tag == answered.Tag && line.Profile == answered.Profile) is not { } offered)
            return false;
        if (offered.KeyAndSalt.FixedTimeEquals(answered.KeyAndSalt.Bytes))
            return false;

        keys = new HopKeys(offered.Profile, offered, answered);
        return true;
    }

    private static MediaDescription? Take(MediaDescription offered, AnswerPolicy policy)
    {
        MediaSupport? support = policy.Media.FirstOrDefault(candidate => candidate.Kind == offered.Kind);
        if (support is null || offered.Port == 0 || offered.Protocol != MediaDescription.SecureProfile)
            return null;

        List<PayloadFormat> formats = [.. offered.Formats.Where(format => !format.IsRetransmission).Select(format => Take(format, offered, support)).OfType<PayloadFormat>()];
        if (formats.Count == 0)
            return null;

        // A format for retransmission is taken with the one that it belongs to.
        formats.AddRange(offered.Formats.Where(format => format.IsRetransmission && formats.Exists(other => other.Number == format.Associated))
            .Select(format => Take(format, offered, support)).OfType<PayloadFormat>());

        return new MediaDescription
        {
            Kind = offered.Kind,
            Formats = formats,
            Extensions = [.. offered.Extensions.Where(extension => support.Extensions.Contains(extension.Uri))],
            Direction = Reverse(offered.Direction),
            Mid = offered.Mid,
            LargestBitRate = support.LargestBitRate,
            SFrame = support.SFrame,
            RtcpMux = true,
            RtcpReducedSize = offered.RtcpReducedSize,
        };
    }

    private static PayloadFormat? Take(PayloadFormat offered, MediaDescription media, MediaSupport support)
    {
        Codec? codec = support.Codecs.FirstOrDefault(candidate =>
            candidate.Encoding.Equals(offered.Encoding, StringComparison.OrdinalIgnoreCase)
            && candidate.ClockRate == offered.ClockRate && candidate.Channels == offered.Channels);
        if (codec is null)
            return null;

        return offered with
        {
            Parameters = offered.IsRetransmission ? offered.Parameters : codec.Parameters ?? offered.Parameters,
            Feedback = [.. codec.Feedback.Where(kind => offered.Feedback.Contains(kind) || media.Feedback.Contains(kind))],
        };
    }

    private static OfferRefusal Protect(SessionDescription offer, int index, MediaDescription?[] taken, AnswerPolicy policy, out CryptoAttribute? chosen)
    {
        chosen = null;
        MediaDescription offered = offer.Media[index];
        if (!offered.RtcpMux)
            return OfferRefusal.NoRtcpMux;
        if (offered.SFrame != taken[index]!.SFrame)
            return OfferRefusal.NoCommonSFrame;

        // RFC 8859: a=crypto is of the transport, so in a bundle the keys are those of the first media.
        if (Owner(offer, index, media => taken[IndexOf(offer, media)] is not null) != index)
            return OfferRefusal.None;

        IReadOnlyList<CryptoAttribute> lines = CryptoOf(offer, index);
        chosen = policy.Suites.Profiles.Select(profile => lines.FirstOrDefault(line => line.Profile == profile)).FirstOrDefault(line => line is not null);
        return chosen is null ? OfferRefusal.NoCommonSuite : OfferRefusal.None;
    }

    private static IReadOnlyList<CryptoAttribute> Answer(CryptoAttribute? chosen, IRandom random) =>
        chosen is null ? [] : [CryptoAttribute.Generate(chosen.Tag, chosen.Profile, random)];

    // Which media has the keys of this one: itself, or the first of its bundle that is there.
    private static int Owner(SessionDescription description, int index, Func<MediaDescription, bool> isThere)
    {
        MediaDescription? first = BundleOf(description, description.Media[index])?.Mids
            .Select(mid => description.Media.FirstOrDefault(media => media.Mid == mid))
            .FirstOrDefault(media => media is not null && isThere(media));
        return first is null ? index : IndexOf(description, first);
    }

    // The lines of a media; in a bundle whose first media is rejected those of the first still hold.
    private static IReadOnlyList<CryptoAttribute> CryptoOf(SessionDescription offer, int index)
    {
        MediaDescription media = offer.Media[index];
        return media.Crypto.Count > 0 ? media.Crypto : offer.Media[Owner(offer, index, other => other.Crypto.Count > 0)].Crypto;
    }

    private static MediaGroup? BundleOf(SessionDescription description, MediaDescription media) =>
        media.Mid is { } mid ? description.Groups.FirstOrDefault(group => IsBundle(group) && group.Mids.Contains(mid)) : null;

    private static bool IsBundle(MediaGroup group) => group.Semantics == MediaGroup.Bundle;

    private static int IndexOf(SessionDescription description, MediaDescription media)
    {
        int index = 0;
        while (!ReferenceEquals(description.Media[index], media))
            index++;

        return index;
    }

    private static MediaGroup KeepTaken(MediaGroup group, MediaDescription?[] taken) =>
        group with { Mids = [.. group.Mids.Where(mid => taken.Any(media => media?.Mid == mid))] };

    // RFC 3264 section 6: a rejected media keeps its place and its line, with port 0.
    private static MediaDescription Reject(MediaDescription offered) => new()
    {
        Kind = offered.Kind,
        Port = 0,
        Protocol = offered.Protocol,
        Formats = [.. offered.Formats.Select(format => new PayloadFormat(format.Number, "", 0))],
        Direction = MediaDirection.Inactive,
        Mid = offered.Mid,
    };

    private static MediaDirection Reverse(MediaDirection direction) => direction switch
    {
        MediaDirection.SendOnly => MediaDirection.ReceiveOnly,
        MediaDirection.ReceiveOnly => MediaDirection.SendOnly,
        _ => direction,
    };
}
