using RoomAgent.Rtp.Srtp;
using RoomAgent.Testing;

namespace RoomAgent.Rtp.Tests;

/// <summary>Requirements B15 to B18.</summary>
public sealed class OfferAnswerTests
{
    private static readonly AnswerPolicy s_policy = new(
        new SessionOrigin(1, 1),
        [
            new MediaSupport("audio", [new Codec("opus", 48_000, 2)]) { Extensions = [AudioLevel.Uri] },
            new MediaSupport("video", [new Codec("H264", 90_000) { Feedback = ["nack", "nack pli"] }, new Codec("rtx", 90_000)])
            {
                Extensions = [TransportSequence.Uri],
                LargestBitRate = 2_500_000,
            },
        ],
        new SuitePolicy())
    {
        Transports = [new TransportAddress(MediaTransport.Udp, "192.0.2.1", 5004), new TransportAddress(MediaTransport.Wss, "https://hub.example/media", 0)],
    };

    [Fact]
    public void BothDirectionsAreKeyedAndNoKeyIsUsedTwice()
    {
        using SessionDescription offer = Offer(new SuitePolicy());
        using SessionDescription answer = Answer(offer, s_policy);

        Assert.True(OfferAnswer.TryGetKeys(offer, answer, 0, out HopKeys? audio));
        Assert.True(OfferAnswer.TryGetKeys(offer, answer, 1, out HopKeys? video));

        Assert.Equal(SrtpProfile.AeadAes256Gcm, audio!.Profile);
        Assert.Same(offer.Media[0].Crypto[0], audio.Offerer);
        Assert.Same(answer.Media[0].Crypto[0], audio.Answerer);
        byte[][] keys = [.. new[] { audio.Offerer, audio.Answerer, video!.Offerer, video.Answerer }.Select(line => line.KeyAndSalt.Bytes.ToArray())];
        Assert.Equal(4, keys.Select(Convert.ToHexString).Distinct().Count());
    }

    [Fact]
    public void TheStrongestSuiteIsOfferedFirst()
    {
        Assert.Equal([SrtpProfile.AeadAes256Gcm, SrtpProfile.AeadAes128Gcm], new SuitePolicy().Profiles);
        Assert.Equal([SrtpProfile.AeadAes256Gcm, SrtpProfile.AeadAes128Gcm, SrtpProfile.AesCm128HmacSha1Tag80], new SuitePolicy(AllowAesCm: true).Profiles);
        Assert.Equal([SrtpProfile.AeadAes256Gcm], new SuitePolicy(RequireAes256: true, AllowAesCm: true).Profiles);

        Assert.Equal([1, 2, 3], new SuitePolicy(AllowAesCm: true).Offer(new SeededRandom(1)).Select(line => line.Tag));
    }

    [Fact]
    public void TheAnswererPrefersByItsOwnPolicy()
    {
        CryptoAttribute[] lines =
        [
            CryptoAttribute.Generate(7, SrtpProfile.AesCm128HmacSha1Tag80, new SeededRandom(1)),
            CryptoAttribute.Generate(8, SrtpProfile.AeadAes128Gcm, new SeededRandom(2)),
            CryptoAttribute.Generate(9, SrtpProfile.AeadAes256Gcm, new SeededRandom(3)),
        ];

        Assert.Equal(9, Chosen(lines, new SuitePolicy()));
        Assert.Equal(8, Chosen(lines[..2], new SuitePolicy()));
        Assert.Null(Chosen(lines[..2], new SuitePolicy(RequireAes256: true)));
        Assert.Null(Chosen(lines[..1], new SuitePolicy()));
        Assert.Equal(7, Chosen(lines[..1], new SuitePolicy(AllowAesCm: true)));
        Assert.Null(Chosen([], new SuitePolicy(AllowAesCm: true)));
    }

    [Fact]
    public void WhatIsCommonIsAnswered()
    {
        using SessionDescription offer = Offer(new SuitePolicy());
        using SessionDescription answer = Answer(offer, s_policy);

        MediaDescription video = answer.Media[1];
        Assert.Equal([96, 97], video.Formats.Select(format => (int)format.Number));
        Assert.Equal(["nack", "nack pli"], video.Formats[0].Feedback);
        Assert.Equal("apt=96", video.Formats[1].Parameters);
        Assert.Equal([new ExtensionMapping(5, TransportSequence.Uri)], video.Extensions);
        Assert.Equal((MediaDirection.ReceiveOnly, "v", 2_500_000, SFrameMode.PerFrame), (video.Direction, video.Mid, video.LargestBitRate, video.SFrame));
        Assert.True(video.RtcpMux);
        Assert.True(video.RtcpReducedSize);
        Assert.Equal("useinbandfec=1", answer.Media[0].Formats[0].Parameters);
        Assert.Equal(s_policy.Transports, answer.Transports);

        using SessionDescription read = SessionDescriptionTests.Read(SessionDescriptionTests.Write(answer));
        Assert.Equal(SessionDescriptionTests.Write(answer), SessionDescriptionTests.Write(read));
    }

    [Fact]
    public void AMediaThatIsNotTakenKeepsItsPlace()
    {
        using SessionDescription offer = Offer(new SuitePolicy());
        using SessionDescription answer = Answer(offer, s_policy with { Media = [s_policy.Media[1]] });

        Assert.Equal([0, 9], answer.Media.Select(media => media.Port));
        Assert.Equal("audio", answer.Media[0].Kind);
        Assert.Empty(answer.Media[0].Crypto);
        Assert.False(OfferAnswer.TryGetKeys(offer, answer, 0, out _));
        Assert.True(OfferAnswer.TryGetKeys(offer, answer, 1, out _));
    }

    [Fact]
    public void ABundleHasOneKeyForEachDirection()
    {
        using SessionDescription separate = Offer(new SuitePolicy());
        SessionDescription offer = separate with { Groups = [new MediaGroup(MediaGroup.Bundle, ["a", "v"])], Media = [separate.Media[0], separate.Media[1] with { Crypto = [] }] };

        using SessionDescription answer = Answer(offer, s_policy);
        Assert.Equal([1, 0], answer.Media.Select(media => media.Crypto.Count));
        Assert.True(OfferAnswer.TryGetKeys(offer, answer, 0, out HopKeys? audio));
        Assert.True(OfferAnswer.TryGetKeys(offer, answer, 1, out HopKeys? video));
        Assert.Equal(audio, video);
        Assert.Equal(["a", "v"], Assert.Single(answer.Groups).Mids);

        // Without its first media the bundle still has the first media's key.
        using SessionDescription videoOnly = Answer(offer, s_policy with { Media = [s_policy.Media[1]] });
        Assert.True(OfferAnswer.TryGetKeys(offer, videoOnly, 1, out HopKeys? keys));
        Assert.Same(offer.Media[0].Crypto[0], keys!.Offerer);
        Assert.Equal(["v"], Assert.Single(videoOnly.Groups).Mids);
    }

    [Theory]
    [InlineData(MediaDirection.SendReceive, MediaDirection.SendReceive)]
    [InlineData(MediaDirection.SendOnly, MediaDirection.ReceiveOnly)]
    [InlineData(MediaDirection.ReceiveOnly, MediaDirection.SendOnly)]
    [InlineData(MediaDirection.Inactive, MediaDirection.Inactive)]
    public void WhoSendsIsSeenFromTheOtherSide(MediaDirection offered, MediaDirection answered)
    {
        using SessionDescription offer = Offer(new SuitePolicy());
        using SessionDescription answer = Answer(offer with { Media = [offer.Media[0] with { Direction = offered }] }, s_policy);

        Assert.Equal(answered, answer.Media[0].Direction);
    }

    [Fact]
    public void WhatCannotBeProtectedIsRefusedWhole()
    {
        using SessionDescription offer = Offer(new SuitePolicy());

        Assert.Equal(OfferRefusal.NoCommonMedia, Refusal(offer with { Media = [] }));
        Assert.Equal(OfferRefusal.NoCommonMedia, Refusal(With(offer, media => media with { Kind = "text" })));
        Assert.Equal(OfferRefusal.NoCommonMedia, Refusal(With(offer, media => media with { Protocol = "RTP/AVPF" })));
        Assert.Equal(OfferRefusal.NoCommonMedia, Refusal(With(offer, media => media with { Port = 0 })));
        Assert.Equal(OfferRefusal.NoCommonMedia, Refusal(With(offer, media => media with { Formats = [new PayloadFormat(0, "PCMU", 8_000)] })));
        Assert.Equal(OfferRefusal.NoCommonMedia, Refusal(With(offer, media => media with { Formats = [new PayloadFormat(111, "opus", 48_000)] })));
        Assert.Equal(OfferRefusal.NoCommonSuite, Refusal(With(offer, media => media with { Crypto = [] })));
        Assert.Equal(OfferRefusal.NoCommonSFrame, Refusal(With(offer, media => media with { SFrame = null })));
        Assert.Equal(OfferRefusal.NoCommonSFrame, Refusal(With(offer, media => media with { SFrame = SFrameMode.PerPacket })));
        Assert.Equal(OfferRefusal.NoRtcpMux, Refusal(With(offer, media => media with { RtcpMux = false })));
        Assert.Equal(OfferRefusal.None, Refusal(offer));
    }

    [Fact]
    public void AnAnswerThatWasNotAskedForGivesNoKeys()
    {
        using SessionDescription offer = Offer(new SuitePolicy());
        using SessionDescription answer = Answer(offer, s_policy);
        CryptoAttribute offered = offer.Media[0].Crypto[0];
        using var otherTag = CryptoAttribute.Generate(99, offered.Profile, new SeededRandom(5));
        using var otherSuite = CryptoAttribute.Generate(offered.Tag, SrtpProfile.AeadAes128Gcm, new SeededRandom(5));
        using var good = CryptoAttribute.Generate(offered.Tag, offered.Profile, new SeededRandom(5));

        Assert.True(Gives(good));
        Assert.False(Gives(otherTag));
        Assert.False(Gives(otherSuite));
        Assert.False(Gives(offered)); // the offerer's own key, said back
        Assert.False(Gives(good, otherTag));
        Assert.False(Gives());
        Assert.False(OfferAnswer.TryGetKeys(offer, answer, 2, out _));
        Assert.False(OfferAnswer.TryGetKeys(offer, answer with { Media = [answer.Media[0]] }, 0, out _));

        bool Gives(params CryptoAttribute[] lines) =>
            OfferAnswer.TryGetKeys(offer, answer with { Media = [answer.Media[0] with { Crypto = lines }, answer.Media[1]] }, 0, out _);
    }

    [Fact]
    public void TheSameRandomBytesGiveTheSameAnswer()
    {
        using SessionDescription offer = Offer(new SuitePolicy());
        using SessionDescription first = Answer(offer, s_policy);
        using SessionDescription second = Answer(offer, s_policy);

        Assert.Equal(SessionDescriptionTests.Write(first), SessionDescriptionTests.Write(second));
    }

    [Fact]
    public void MistakesOfOursAreExceptions()
    {
        using var secret = new Crypto.Secret(44);

        Assert.Throws<ArgumentOutOfRangeException>(() => new CryptoAttribute(0, SrtpProfile.AeadAes256Gcm, secret));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CryptoAttribute(1, SrtpProfile.AeadAes256Gcm, secret, 49));
        Assert.Throws<ArgumentException>(() => new CryptoAttribute(1, SrtpProfile.AeadAes128Gcm, secret));
    }

    private static SessionDescription Offer(SuitePolicy suites) => new()
    {
        Origin = new SessionOrigin(9, 1),
        Media =
        [
            new MediaDescription
            {
                Kind = "audio",
                Mid = "a",
                RtcpMux = true,
                SFrame = SFrameMode.PerFrame,
                Formats = [new PayloadFormat(0, "PCMU", 8_000), new PayloadFormat(111, "OPUS", 48_000, 2) { Parameters = "useinbandfec=1" }],
                Crypto = suites.Offer(new SeededRandom(1)),
            },
            new MediaDescription
            {
                Kind = "video",
                Mid = "v",
                RtcpMux = true,
                RtcpReducedSize = true,
                SFrame = SFrameMode.PerFrame,
                Direction = MediaDirection.SendOnly,
                Feedback = ["nack"],
                Formats =
                [
                    new PayloadFormat(96, "H264", 90_000) { Feedback = ["nack pli", "ccm fir"] },
                    new PayloadFormat(97, "rtx", 90_000) { Parameters = "apt=96" },
                    new PayloadFormat(98, "VP8", 90_000),
                    new PayloadFormat(99, "rtx", 90_000) { Parameters = "apt=98" },
                ],
                Extensions = [new ExtensionMapping(5, TransportSequence.Uri), new ExtensionMapping(6, "urn:other")],
                Crypto = suites.Offer(new SeededRandom(2)),
            },
        ],
    };

    private static SessionDescription Answer(SessionDescription offer, AnswerPolicy policy)
    {
        Assert.Equal(OfferRefusal.None, OfferAnswer.TryAnswer(offer, policy, new SeededRandom(3), out SessionDescription? answer));
        return answer!;
    }

    private static int? Chosen(CryptoAttribute[] lines, SuitePolicy suites)
    {
        using SessionDescription offer = Offer(new SuitePolicy());
        SessionDescription changed = offer with { Media = [offer.Media[0] with { Crypto = lines }] };
        OfferAnswer.TryAnswer(changed, s_policy with { Suites = suites }, new SeededRandom(3), out SessionDescription? answer);
        return answer?.Media[0].Crypto[0].Tag;
    }

    private static SessionDescription With(SessionDescription offer, Func<MediaDescription, MediaDescription> change) =>
        offer with { Media = [.. offer.Media.Select(change)] };

    private static OfferRefusal Refusal(SessionDescription offer)
    {
        OfferRefusal refusal = OfferAnswer.TryAnswer(offer, s_policy, new SeededRandom(3), out SessionDescription? answer);
        Assert.Equal(refusal == OfferRefusal.None, answer is not null);
        answer?.Dispose();
        return refusal;
    }
}
