using System.Text;
using RoomAgent.Rtp.Srtp;
using RoomAgent.Testing;

namespace RoomAgent.Rtp.Tests;

public sealed class SessionDescriptionTests
{
    private const string Head = "v=0\r\no=- 1 2 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n";
    private const string Media = Head + "m=audio 9 RTP/SAVPF 96 97\r\n";

    /// <summary>An answer with all there is, in the order in which it is written.</summary>
    internal const string Full =
        "v=0\r\n" +
        "o=node 4611732587374 7 IN IP6 2001:db8::1\r\n" +
        "s=Weekly\r\n" +
        "c=IN IP4 0.0.0.0\r\n" +
        "t=0 0\r\n" +
        "a=group:BUNDLE a v\r\n" +
        "a=x-roomagent-transports:udp 192.0.2.1 5004\r\n" +
        "a=x-roomagent-transports:udp 2001:db8::1 9000\r\n" +
        "a=x-roomagent-transports:tcp node-1.example 5004\r\n" +
        "a=x-roomagent-transports:wss https://hub.example/media\r\n" +
        "a=tool:something else\r\n" +
        "m=audio 9 RTP/SAVPF 111 8\r\n" +
        "a=mid:a\r\n" +
        "a=rtcp-mux\r\n" +
        "a=sframe\r\n" +
        "a=crypto:1 AEAD_AES_256_GCM inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKis=|2^31\r\n" +
        "a=crypto:2 AEAD_AES_128_GCM inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw==\r\n" +
        "a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd|2^48\r\n" +
        "a=rtpmap:111 opus/48000/2\r\n" +
        "a=fmtp:111 minptime=10;useinbandfec=1\r\n" +
        "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n" +
        "a=ssrc:3735928559 cname:c9f2\r\n" +
        "a=ptime:20\r\n" +
        "m=video 0 RTP/SAVPF 96 97\r\n" +
        "b=TIAS:1500000\r\n" +
        "a=mid:v\r\n" +
        "a=recvonly\r\n" +
        "a=rtcp-mux\r\n" +
        "a=rtcp-rsize\r\n" +
        "a=sframe\r\n" +
        "a=x-roomagent-sframe:packet\r\n" +
        "a=rtcp-fb:* transport-cc\r\n" +
        "a=rtpmap:96 H264/90000\r\n" +
        "a=rtcp-fb:96 nack\r\n" +
        "a=rtcp-fb:96 nack pli\r\n" +
        "a=rtpmap:97 rtx/90000\r\n" +
        "a=fmtp:97 apt=96;rtx-time=500\r\n";

    [Fact]
    public void EverythingIsReadAndWrittenAsItWas()
    {
        using SessionDescription description = Read(Full);

        Assert.Equal(new SessionOrigin(4_611_732_587_374, 7, "node", "IN IP6 2001:db8::1"), description.Origin);
        Assert.Equal("Weekly", description.Name);
        Assert.Equal(["a", "v"], Assert.Single(description.Groups).Mids);
        Assert.Equal(
        [
            new TransportAddress(MediaTransport.Udp, "192.0.2.1", 5004), new TransportAddress(MediaTransport.Udp, "2001:db8::1", 9000),
            new TransportAddress(MediaTransport.Tcp, "node-1.example", 5004), new TransportAddress(MediaTransport.Wss, "https://hub.example/media", 0),
        ], description.Transports);
        Assert.Equal([new SdpAttribute("tool", "something else")], description.Attributes);

        MediaDescription audio = description.Media[0];
        Assert.Equal(("audio", 9, "RTP/SAVPF", "a"), (audio.Kind, audio.Port, audio.Protocol, audio.Mid));
        Assert.Equal((MediaDirection.SendReceive, true, false, SFrameMode.PerFrame), (audio.Direction, audio.RtcpMux, audio.RtcpReducedSize, audio.SFrame));
        Assert.Equal((111, "opus", 48_000, 2, "minptime=10;useinbandfec=1"), (audio.Formats[0].Number, audio.Formats[0].Encoding, audio.Formats[0].ClockRate, audio.Formats[0].Channels, audio.Formats[0].Parameters));
        Assert.Equal((8, ""), (audio.Formats[1].Number, audio.Formats[1].Encoding));
        Assert.Equal([new ExtensionMapping(1, AudioLevel.Uri)], audio.Extensions);
        Assert.Equal([new MediaSource(new Ssrc(0xdeadbeef), "c9f2")], audio.Sources);
        Assert.Equal([new SdpAttribute("ptime", "20")], audio.Attributes);
        Assert.Equal([(1, SrtpProfile.AeadAes256Gcm, 31), (2, SrtpProfile.AeadAes128Gcm, (int?)null), (3, SrtpProfile.AesCm128HmacSha1Tag80, 48)], audio.Crypto.Select(line => (line.Tag, line.Profile, line.Lifetime)));
        Assert.All(audio.Crypto, line => Assert.Equal(Enumerable.Range(0, line.Profile.KeyAndSaltLength()).Select(i => (byte)i), line.KeyAndSalt.Bytes.ToArray()));

        MediaDescription video = description.Media[1];
        Assert.Equal((0, 1_500_000, MediaDirection.ReceiveOnly, true, SFrameMode.PerPacket), (video.Port, video.LargestBitRate, video.Direction, video.RtcpReducedSize, video.SFrame));
        Assert.Equal(["transport-cc"], video.Feedback);
        Assert.Equal(["nack", "nack pli"], video.Formats[0].Feedback);
        Assert.Null(video.Formats[0].Associated);
        Assert.True(video.Formats[1].IsRetransmission);
        Assert.Equal((byte?)96, video.Formats[1].Associated);

        Assert.Equal(Full, Write(description));
    }

    [Fact]
    public void WhatIsNotKnownIsPassedOverAndAttributesAreKept()
    {
        string text = Head.Replace("t=0 0\r\n", "i=info\nu=x\ne=x\np=x\nc=IN IP4 192.0.2.1\nb=AS:64\nt=1 2\nr=x\nz=x\nk=x\n", StringComparison.Ordinal)
            + "m=audio 9 RTP/SAVPF 96\n" + "a=crypto:1 AES_256_CM_HMAC_SHA1_80 inline:whatever MKI\n" + "a=extmap:3/sendonly urn:x\n" + "a=extmap:4 urn:x with more\n"
            + "a=ssrc:1 msid:x\n" + "a=flag\n" + "b=AS:64\n"
            + "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\n";

        using SessionDescription description = Read(text);

        MediaDescription audio = description.Media[0];
        Assert.Empty(audio.Crypto);
        Assert.Empty(audio.Extensions);
        Assert.Empty(audio.Sources);
        Assert.Null(audio.LargestBitRate);
        Assert.Equal(["extmap", "extmap", "ssrc", "flag"], audio.Attributes.Select(attribute => attribute.Name));
        Assert.Empty(description.Media[1].Formats);

        string written = Write(description);
        using SessionDescription again = Read(written);
        Assert.Equal(written, Write(again));
    }

    [Fact]
    public void WhatIsWrittenHasNoMoreAttributesThanWhatWasRead()
    {
        using SessionDescription description = Read(Media + "a=sendrecv\r\n" + Repeat("a=x\r\n", SessionDescription.MostAttributes - 1));
        using SessionDescription full = description with { Media = [Read(Media + Repeat("a=x\r\n", SessionDescription.MostAttributes)).Media[0]] };

        Assert.True(Holds(Write(description)));
        Assert.True(Holds(Write(full)));
    }

    [Fact]
    public void ADescriptionIsCutOnlyAtTheEndOfALineOrValue()
    {
        byte[] text = Encoding.UTF8.GetBytes(Full);
        IReadOnlyList<int> accepted = Truncation.AcceptedLengths(text, input => Accepts(input, out _));

        // Cutting inside a key, or before the t= line, is refused; cutting a word of free text is not seen.
        Assert.All(accepted, length => Assert.True(length > Full.IndexOf("t=0", StringComparison.Ordinal)));
        Assert.DoesNotContain(Full.IndexOf("|2^31", StringComparison.Ordinal) - 1, accepted);
        Assert.Contains(Full.IndexOf("a=group", StringComparison.Ordinal), accepted);
    }

    public static TheoryData<string, int, string> Refused => new()
    {
        { "", 0, "ends before" },
        { "v=1\r\n", 1, "version" },
        { "o=- 1 2 IN IP4 0.0.0.0\r\n", 1, "begins with" },
        { "v=0\r\nv=0\r\n", 2, "begins with" },
        { "v=0\r\no=- 1 2 IN IP4\r\n", 2, "six fields" },
        { "v=0\r\no=- 1  IN IP4 0.0.0.0\r\n", 2, "six fields" },
        { "v=0\r\no=- x 2 IN IP4 0.0.0.0\r\n", 2, "64-bit" },
        { "v=0\r\no=- 1 18446744073709551616 IN IP4 0.0.0.0\r\n", 2, "64-bit" },
        { "v=0\r\no=- 1 2 IN IP4 0.0.0.0\r\ns=\r\n", 3, "empty" },
        { Head[..^"t=0 0\r\n".Length], 0, "t= line" },
        { Head[..^"t=0 0\r\n".Length] + "m=audio 9 RTP/SAVPF 96\r\n", 4, "before the t= line" },
        { Head + "v=0\r\n", 5, "twice" },
        { Head + "o=- 1 2 IN IP4 0.0.0.0\r\n", 5, "second o=" },
        { Head + "s=-\r\n", 5, "second s=" },
        { Head + "y=1\r\n", 5, "begins like this" },
        { Head + "a\r\n", 5, "no type" },
        { Head + "\r\n", 5, "no type" },
        { Head + "a=\r\n", 5, "no name" },
        { Head + "a= x:1\r\n", 5, "no name" },
        { Head + "a=x:\u0007\r\n", 5, "control" },
        { Head + "a=x:\u0085\r\n", 5, "control" },
        { Head + "a=x:a\rb\r\n", 5, "control" },
        { Head + "a=group:\r\n", 5, "group" },
        { Head + "a=x-roomagent-transports:udp 192.0.2.1\r\n", 5, "transport" },
        { Head + "a=x-roomagent-transports:udp 192.0.2.1 0\r\n", 5, "transport" },
        { Head + "a=x-roomagent-transports:udp 192.0.2.1 65536\r\n", 5, "transport" },
        { Head + "a=x-roomagent-transports:udp under_score 5004\r\n", 5, "transport" },
        { Head + "a=x-roomagent-transports:tls 192.0.2.1 443\r\n", 5, "transport" },
        { Head + "a=x-roomagent-transports:wss http://hub.example/media\r\n", 5, "transport" },
        { Head + "a=x-roomagent-transports:wss hub\r\n", 5, "transport" },
        { Head + "a=x-roomagent-transports\r\n", 5, "transport" },
        { Head + "a=crypto:1 AEAD_AES_128_GCM inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw==\r\n", 5, "belongs to a media" },
        { Head + "m=audio 9 RTP/SAVPF\r\n", 5, "m= line" },
        { Head + "m=audio 65536 RTP/SAVPF 96\r\n", 5, "m= line" },
        { Head + "m=audio 9/2 RTP/SAVPF 96\r\n", 5, "m= line" },
        { Head + "m=audio 9 RTP/SAVPF 128\r\n", 5, "127" },
        { Head + "m=audio 9 RTP/SAVPF -1\r\n", 5, "127" },
        { Head + "m=audio 9 RTP/SAVPF 96 96\r\n", 5, "twice" },
        { Media + "t=0 0\r\n", 6, "session" },
        { Media + "b=TIAS:x\r\n", 6, "bandwidth" },
        { Media + "a=rtpmap:98 opus/48000\r\n", 6, "mapping" },
        { Media + "a=rtpmap:96 opus\r\n", 6, "clock rate" },
        { Media + "a=rtpmap:96 opus/0\r\n", 6, "clock rate" },
        { Media + "a=rtpmap:96 opus/48000/0\r\n", 6, "clock rate" },
        { Media + "a=rtpmap:96 /48000\r\n", 6, "clock rate" },
        { Media + "a=rtpmap:96 opus/48000\r\na=rtpmap:96 opus/48000\r\n", 7, "twice" },
        { Media + "a=fmtp:98 a=1\r\n", 6, "parameters" },
        { Media + "a=fmtp:96\r\n", 6, "parameters" },
        { Media + "a=fmtp:96 a=1\r\na=fmtp:96 a=1\r\n", 7, "parameters" },
        { Media + "a=rtcp-fb:98 nack\r\n", 6, "feedback" },
        { Media + "a=rtcp-fb:96\r\n", 6, "feedback" },
        { Media + "a=rtcp-fb:*\r\n", 6, "feedback" },
        { Media + "a=extmap:0 urn:x\r\n", 6, "extension" },
        { Media + "a=extmap:256 urn:x\r\n", 6, "extension" },
        { Media + "a=extmap:1 urn:x\r\na=extmap:1 urn:y\r\n", 7, "twice" },
        { Media + "a=ssrc:x cname:x\r\n", 6, "source" },
        { Media + "a=ssrc:4294967296 cname:x\r\n", 6, "source" },
        { Media + "a=ssrc:1 cname:\r\n", 6, "canonical" },
        { Media + "a=ssrc:1 cname:x\r\na=ssrc:1 cname:y\r\n", 7, "canonical" },
        { Media + "a=sendonly\r\na=recvonly\r\n", 7, "direction" },
        { Media + "a=mid:a\r\na=mid:b\r\n", 7, "one name" },
        { Media + "a=mid:\r\n", 6, "one name" },
        { Media + "a=mid:a b\r\n", 6, "one name" },
        { Media + "a=mid:a\r\nm=audio 9 RTP/SAVPF 96\r\na=mid:a\r\n", 7, "two media" },
        { Media + "a=sframe:1\r\n", 6, "sframe" },
        { Media + "a=sframe\r\na=x-roomagent-sframe:frames\r\n", 7, "mode" },
        { Media + "a=x-roomagent-sframe:packet\r\n", 5, "no sframe" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void WhatIsKnownMustBeRight(string text, int line, string reason)
    {
        Assert.False(Accepts(Encoding.UTF8.GetBytes(text), out SdpRefusal? refusal));

        Assert.Equal(line, refusal!.Line);
        Assert.Contains(reason, refusal.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x AEAD_AES_128_GCM inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw==", "tag")]
    [InlineData("0 AEAD_AES_128_GCM inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw==", "tag")]
    [InlineData("+1 AEAD_AES_128_GCM inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw==", "tag")]
    [InlineData("1000000000 AEAD_AES_128_GCM inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw==", "tag")]
    [InlineData("1 AEAD_AES_128_GCM", "no key")]
    [InlineData("1", "no suite")]
    [InlineData("", "tag")]
    [InlineData("1 AEAD_AES_128_GCM inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw== UNENCRYPTED_SRTP", "session parameters")]
    [InlineData("1 AEAD_AES_128_GCM inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw==|2^31|1:4", "master key identifier")]
    [InlineData("1 AEAD_AES_128_GCM inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw==|1:4", "master key identifier")]
    [InlineData("1 AEAD_AES_128_GCM inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw==|2^49", "lifetime")]
    [InlineData("1 AEAD_AES_128_GCM inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw==|2^", "lifetime")]
    [InlineData("1 AEAD_AES_128_GCM inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw==|2^-1", "lifetime")]
    [InlineData("1 AEAD_AES_128_GCM inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw==|1000", "lifetime")]
    [InlineData("1 AEAD_AES_128_GCM inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw==;inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw==", "one inline key")]
    [InlineData("1 AEAD_AES_128_GCM uri:https://example", "one inline key")]
    [InlineData("1 AEAD_AES_128_GCM inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw", "base64")]
    [InlineData("1 AEAD_AES_128_GCM inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBka!w==", "base64")]
    [InlineData("1 AEAD_AES_128_GCM inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd", "base64")]
    [InlineData("1 AEAD_AES_256_GCM inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw==", "base64")]
    public void AKeyThatIsNotExactlyRightIsRefused(string crypto, string reason)
    {
        Assert.False(Accepts(Encoding.UTF8.GetBytes(Media + "a=crypto:" + crypto + "\r\n"), out SdpRefusal? refusal));

        Assert.Equal(6, refusal!.Line);
        Assert.Contains(reason, refusal.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void TwoKeysWithOneTagAreRefused()
    {
        const string Line = "a=crypto:1 AEAD_AES_128_GCM inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw==\r\n";

        Assert.True(Accepts(Encoding.UTF8.GetBytes(Media + Line), out _));
        Assert.False(Accepts(Encoding.UTF8.GetBytes(Media + Line + Line), out SdpRefusal? refusal));

        Assert.Contains("one tag", refusal!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void EverythingIsBounded()
    {
        Assert.True(Holds(Head + "a=x:" + new string('x', SessionDescription.LongestLine - 4) + "\r\n"));
        Assert.False(Holds(Head + "a=x:" + new string('x', SessionDescription.LongestLine - 3) + "\r\n"));

        Assert.True(Holds(Head + Repeat("a=x\r\n", SessionDescription.MostAttributes)));
        Assert.False(Holds(Head + Repeat("a=x\r\n", SessionDescription.MostAttributes + 1)));
        Assert.True(Holds(Media + Repeat("a=x\r\n", SessionDescription.MostAttributes)));
        Assert.False(Holds(Media + Repeat("a=x\r\n", SessionDescription.MostAttributes + 1)));

        Assert.True(Holds(Head + Repeat("m=audio 9 RTP/SAVPF 96\r\n", SessionDescription.MostMedia)));
        Assert.False(Holds(Head + Repeat("m=audio 9 RTP/SAVPF 96\r\n", SessionDescription.MostMedia + 1)));

        string long64 = Head + Repeat("i=" + new string('x', 4_000) + "\r\n", 20);
        Assert.True(Holds(long64[..SessionDescription.LongestText]));
        Assert.False(Holds(long64[..(SessionDescription.LongestText + 1)]));

        Assert.True(Holds(Head + Repeat("a=x-roomagent-transports:udp 192.0.2.1 5004\r\n", 16)));
        Assert.False(Holds(Head + Repeat("a=x-roomagent-transports:udp 192.0.2.1 5004\r\n", 17)));
    }

    [Fact]
    public void ARefusalRepeatsNothingOfTheText()
    {
        Assert.False(Accepts(Encoding.UTF8.GetBytes(Head + "a=x:\u001b[2Jpassword\r\n"), out SdpRefusal? refusal));

        Assert.DoesNotContain("password", refusal!.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', refusal.Reason);
    }

    [Fact]
    public void TextThatIsNoUtf8IsRefused() =>
        Assert.False(Accepts([.. Encoding.UTF8.GetBytes(Head), .. "a=x:"u8, 0xff, 0x0a], out _));

    [Fact]
    public void NothingPrintsAKey()
    {
        using SessionDescription description = Read(Full);

        Assert.Equal("1 AEAD_AES_256_GCM (secret)", description.Media[0].Crypto[0].ToString());
        Assert.DoesNotContain("AAECAwQ", description.Media[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void DisposingZeroesTheKeys()
    {
        SessionDescription description = Read(Full);

        description.Dispose();

        Assert.All(description.Media[0].Crypto, line => Assert.Throws<ObjectDisposedException>(() => line.KeyAndSalt.Bytes.Length));
    }

    [Fact]
    public void AControlCharacterIsNeverWritten()
    {
        using SessionDescription description = Read(Full);

        Assert.Throws<InvalidOperationException>(() => (description with { Name = "a\r\na=evil" }).Write());
    }

    internal static SessionDescription Read(string text)
    {
        bool read = SessionDescription.TryParse(Encoding.UTF8.GetBytes(text), out SessionDescription? description, out SdpRefusal? refusal);
        Assert.True(read, refusal?.ToString());
        Assert.Null(refusal);
        return description!;
    }

    internal static string Write(SessionDescription description)
    {
        using Crypto.Secret text = description.Write();
        return Encoding.UTF8.GetString(text.Bytes);
    }

    private static bool Holds(string text) => Accepts(Encoding.UTF8.GetBytes(text), out _);

    private static bool Accepts(ReadOnlySpan<byte> text, out SdpRefusal? refusal)
    {
        bool accepted = SessionDescription.TryParse(text, out SessionDescription? description, out refusal);
        Assert.Equal(accepted, description is not null);
        Assert.Equal(accepted, refusal is null);
        description?.Dispose();
        return accepted;
    }

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));
}
