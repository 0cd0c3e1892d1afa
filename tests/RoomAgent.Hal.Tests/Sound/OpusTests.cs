using RoomAgent.Hal.Media;

namespace RoomAgent.Hal.Tests.Sound;

public sealed class OpusTests
{
    private const int Frame = 960;
    private const int RoomForPacket = 1_276;

    private readonly OpusCodecs _codecs = new();
    private readonly byte[] _packet = new byte[RoomForPacket];
    private readonly short[] _decoded = new short[5_760];

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(1, true)]
    [InlineData(2, true)]
    public void WhatIsSaidIsHeard(int channels, bool isMusic)
    {
        using IVoiceEncoder encoder = _codecs.OpenEncoder(new VoiceEncoding { Channels = channels, IsMusic = isMusic, BitRate = 64_000 });
        using IVoiceDecoder decoder = _codecs.OpenDecoder();
        var heard = new List<short>();

        for (int i = 0; i < 50; i++)
        {
            Assert.Equal(DeviceOutcome.Done, encoder.Encode(Tone(i, channels), _packet, out int length));
            Assert.InRange(length, 3, RoomForPacket);
            Assert.Equal(DeviceOutcome.Done, decoder.Decode(_packet.AsSpan(0, length), _decoded, out int samples));
            Assert.Equal(Frame, samples);
            heard.AddRange(_decoded[..samples]);
        }

        Assert.InRange(Loudness(heard.Skip(Frame * 5)) / Loudness(Tone(1, 1)), 0.8, 1.2);
        Assert.Equal(0, decoder.Undecodable);
    }

    [Fact]
    public void SilenceOfSpeechIsNotSentAndSilenceOfMusicIs()
    {
        using IVoiceEncoder speech = _codecs.OpenEncoder(new VoiceEncoding());
        using IVoiceEncoder music = _codecs.OpenEncoder(new VoiceEncoding { IsMusic = true });
        short[] silence = new short[Frame];

        int spoken = 0, played = 0;
        for (int i = 0; i < 100; i++)
        {
            speech.Encode(silence, _packet, out int length);
            spoken += length > 0 ? 1 : 0;
            music.Encode(silence, _packet, out length);
            played += length > 0 ? 1 : 0;
        }

        Assert.InRange(spoken, 1, 40); // until it believes that it is silent, and every 400 ms
        Assert.Equal(100, played);
    }

    [Fact]
    public void TheNextPacketRecoversALostOneBetterThanConcealment()
    {
        using IVoiceEncoder encoder = _codecs.OpenEncoder(new VoiceEncoding { BitRate = 32_000 });
        encoder.SetLoss(30);
        var packets = new List<byte[]>();
        for (int i = 0; i < 40; i++)
        {
            encoder.Encode(Sweep(i), _packet, out int length);
            packets.Add(_packet[..length]);
        }

        double recovered = DistanceOf(decoder => decoder.Recover(packets[30], _decoded.AsSpan(0, Frame)));
        double concealed = DistanceOf(decoder => decoder.Conceal(_decoded.AsSpan(0, Frame)));

        Assert.True(recovered < concealed / 2, $"{recovered} against {concealed}");

        // From what a decoder that lost nothing makes of the packet that the other lost.
        double DistanceOf(Func<IVoiceDecoder, DeviceOutcome> mend)
        {
            using IVoiceDecoder whole = _codecs.OpenDecoder(), holed = _codecs.OpenDecoder();
            for (int i = 0; i < 29; i++)
            {
                whole.Decode(packets[i], _decoded, out _);
                holed.Decode(packets[i], _decoded, out _);
            }

            whole.Decode(packets[29], _decoded, out _);
            short[] expected = _decoded[..Frame];
            Assert.Equal(DeviceOutcome.Done, mend(holed));
            return expected.Zip(_decoded, (a, b) => Math.Pow(a - b, 2)).Sum();
        }
    }

    [Fact]
    public void AskedForMoreErrorCorrectionItSpendsMoreOnIt()
    {
        using IVoiceEncoder calm = _codecs.OpenEncoder(new VoiceEncoding()), lossy = _codecs.OpenEncoder(new VoiceEncoding());
        lossy.SetLoss(150); // brought into the range

        Assert.False(HasRedundancy(calm));
        Assert.True(HasRedundancy(lossy));

        bool HasRedundancy(IVoiceEncoder encoder)
        {
            using IVoiceDecoder decoder = _codecs.OpenDecoder();
            double loudest = 0;
            for (int i = 0; i < 30; i++)
            {
                encoder.Encode(Sweep(i), _packet, out int length);
                decoder.Recover(_packet.AsSpan(0, length), _decoded.AsSpan(0, Frame));
                loudest = Math.Max(loudest, Loudness(_decoded.Take(Frame)));
            }

            return loudest > 500;
        }
    }

    [Fact]
    public void KindAndRateChangeWhileItRuns()
    {
        using IVoiceEncoder encoder = _codecs.OpenEncoder(new VoiceEncoding { BitRate = 16_000 });
        using IVoiceDecoder decoder = _codecs.OpenDecoder();

        int speech = BytesOf(encoder, decoder);
        encoder.Set(new VoiceEncoding { BitRate = 128_000, IsMusic = true });
        int music = BytesOf(encoder, decoder);
        encoder.Set(new VoiceEncoding { BitRate = 16_000 });
        int again = BytesOf(encoder, decoder);

        Assert.InRange(speech, 1_000, 3_500);
        Assert.InRange(music, 8_000, 20_000);
        Assert.InRange(again, 1_000, 3_500);
        Assert.Throws<ArgumentException>(() => encoder.Set(new VoiceEncoding { Channels = 2 }));
    }

    [Fact]
    public void NothingThatComesInHarmsADecoder()
    {
        using IVoiceDecoder decoder = _codecs.OpenDecoder();
        var random = new Random(7);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] noise = new byte[random.Next(random.Next(2) == 0 ? 10 : 4_000)];
            random.NextBytes(noise);
            decoder.Decode(noise, _decoded.AsSpan(0, random.Next(_decoded.Length + 1)), out int length);
            Assert.InRange(length, 0, _decoded.Length);
            decoder.Recover(noise, _decoded.AsSpan(0, 120 * (1 + random.Next(48))));
        }

        Assert.Equal(DeviceOutcome.Failed, decoder.Decode([], _decoded, out int none));
        Assert.Equal(0, none);
        Assert.True(decoder.Undecodable > 1_000);
        Assert.Equal(DeviceOutcome.Done, decoder.Conceal(_decoded.AsSpan(0, Frame)));
    }

    [Fact]
    public void NothingManagedIsAllocatedForAFrame()
    {
        using IVoiceEncoder encoder = _codecs.OpenEncoder(new VoiceEncoding());
        using IVoiceDecoder decoder = _codecs.OpenDecoder();
        short[] tone = Tone(0, 1);
        void Round()
        {
            for (int i = 0; i < 200; i++)
            {
                encoder.Encode(tone, _packet, out int length);
                decoder.Decode(_packet.AsSpan(0, length), _decoded, out _);
                decoder.Recover(_packet.AsSpan(0, length), _decoded.AsSpan(0, Frame));
                decoder.Conceal(_decoded.AsSpan(0, Frame));
            }
        }

        Round();
        Assert.Equal(0, Allocations.FewestOf(Round));
    }

    [Fact]
    public void WhatIsNot20MsOrNotWholeIsOurMistake()
    {
        using IVoiceEncoder encoder = _codecs.OpenEncoder(new VoiceEncoding { Channels = 2 });
        using IVoiceDecoder decoder = _codecs.OpenDecoder();

        Assert.Throws<ArgumentOutOfRangeException>(() => encoder.Encode(new short[Frame], _packet, out _));
        Assert.Throws<ArgumentException>(() => decoder.Conceal(_decoded.AsSpan(0, 100)));
        Assert.Throws<ArgumentException>(() => decoder.Recover(_packet, new short[5_880]));
        Assert.Throws<ArgumentException>(() => _codecs.OpenEncoder(new VoiceEncoding { Channels = 3 }));
    }

    [Fact]
    public void DisposingTwiceIsDisposingOnce()
    {
        IVoiceEncoder encoder = _codecs.OpenEncoder(new VoiceEncoding());
        IVoiceDecoder decoder = _codecs.OpenDecoder();

        encoder.Dispose();
        encoder.Dispose();
        decoder.Dispose();
        decoder.Dispose();

        Assert.Throws<ObjectDisposedException>(() => encoder.Encode(new short[Frame], _packet, out _));
    }

    private int BytesOf(IVoiceEncoder encoder, IVoiceDecoder decoder)
    {
        int bytes = 0;
        for (int i = 0; i < 50; i++)
        {
            encoder.Encode(Sweep(i), _packet, out int length);
            Assert.Equal(DeviceOutcome.Done, decoder.Decode(_packet.AsSpan(0, length), _decoded, out _));
            bytes += length;
        }

        return bytes;
    }

    private static short[] Tone(int frame, int channels) =>
        [.. Enumerable.Range(0, Frame * channels).Select(i => (short)(8_000 * Math.Sin(2 * Math.PI * 400 * ((frame * Frame) + (i / channels)) / 48_000)))];

    // Something like a voice: a buzz whose pitch and loudness wander.
    private static short[] Sweep(int frame) => [.. Enumerable.Range(frame * Frame, Frame).Select(i =>
    {
        double time = i / 48_000.0;
        double phase = 2 * Math.PI * ((140 * time) + (3 * Math.Sin(2 * Math.PI * 3 * time)));
        double buzz = Enumerable.Range(1, 12).Sum(k => Math.Sin(k * phase) / k);
        return (short)(5_000 * (0.6 + (0.4 * Math.Sin(2 * Math.PI * 4 * time))) * buzz);
    })];

    private static double Loudness(IEnumerable<short> samples) => Math.Sqrt(samples.Average(sample => (double)sample * sample));
}
