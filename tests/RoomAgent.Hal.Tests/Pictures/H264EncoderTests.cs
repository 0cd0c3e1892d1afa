using RoomAgent.Hal.Media;

namespace RoomAgent.Hal.Tests.Pictures;

public sealed class H264EncoderTests
{
    private const int Slice = 1;
    private const int Idr = 5;
    private const int Sps = 7;
    private const int Pps = 8;

    [Fact]
    public void EveryPictureComesOutAtOnceWithItsTime()
    {
        using H264Encoder encoder = Scenes.OpenEncoder();
        using var pool = new PicturePool(1);

        for (int i = 0; i < 90; i++)
        {
            using PooledPicture picture = Scenes.Take(pool, i);
            Assert.Equal(DeviceOutcome.Done, encoder.Encode(picture, wantsKeyFrame: false, out EncodedFrame? frame));
            using (frame)
            {
                Assert.Equal(Scenes.Interval * i, frame!.CapturedAt);
                Assert.Equal(i == 0, frame.IsKeyFrame);
            }
        }
    }

    [Fact]
    public void AKeyFrameBeginsWithItsParameterSetsAndComesInTheVeryPictureThatItWasWantedFor()
    {
        using H264Encoder encoder = Scenes.OpenEncoder();
        using var pool = new PicturePool(1);

        for (int i = 0; i < 40; i++)
        {
            bool isWanted = i is 0 or 7 or 8 or 30;
            using PooledPicture picture = Scenes.Take(pool, i);
            encoder.Encode(picture, wantsKeyFrame: isWanted, out EncodedFrame? frame);
            using (frame)
            {
                List<int> units = Scenes.UnitsOf(frame!.Data);
                Assert.Equal(isWanted, frame.IsKeyFrame);
                Assert.Equal(isWanted, units.Contains(Idr));
                if (isWanted)
                    Assert.Equal([Sps, Pps], units[..2]);
                else
                    Assert.All(units, unit => Assert.Equal(Slice, unit));
            }
        }
    }

    [Fact]
    public void ASceneThatChangesAtOnceMakesNoKeyFrame()
    {
        using H264Encoder encoder = Scenes.OpenEncoder();
        using var pool = new PicturePool(1);

        for (int i = 0; i < 20; i++)
        {
            using PooledPicture picture = Scenes.Take(pool, i * 1_000, noise: i % 2 == 0 ? 100 : 0);
            encoder.Encode(picture, wantsKeyFrame: false, out EncodedFrame? frame);
            using (frame)
                Assert.Equal(i == 0, frame!.IsKeyFrame);
        }
    }

    [Fact]
    public void ParameterSetsThatAnEncoderSaysOnlyOnceArePutInFrontOfEachKeyFrame()
    {
        EncoderChoice quiet = Scenes.Software with { Options = Scenes.Software.Options + ":flags=+global_header" };
        using H264Encoder encoder = H264Encoder.TryOpen([quiet], Scenes.Small, out _)!;
        using H264Decoder decoder = Scenes.OpenDecoder();
        using var pool = new PicturePool(1);

        for (int i = 0; i < 10; i++)
        {
            using PooledPicture picture = Scenes.Take(pool, i);
            encoder.Encode(picture, wantsKeyFrame: i % 5 == 0, out EncodedFrame? frame);
            using (frame)
            {
                if (i % 5 == 0)
                    Assert.Equal([Sps, Pps], Scenes.UnitsOf(frame!.Data)[..2]);
                Assert.Equal(DeviceOutcome.Done, decoder.Decode(frame!.Data, default, out VideoFrame? decoded));
                decoded!.Dispose();
            }
        }
    }

    [Theory]
    [InlineData(false, 66)]
    [InlineData(true, 77)]
    public void TheProfileIsTheOneThatWasAskedFor(bool isMain, int profile)
    {
        byte[] key = Scenes.Encode(1, Scenes.Small with { IsMainProfile = isMain })[0];

        int sps = key.AsSpan().IndexOf("\0\0\u0001g"u8);
        Assert.Equal(profile, key[sps + 4]);
        if (!isMain)
            Assert.Equal(0x40, key[sps + 5] & 0x40); // constraint_set1_flag: constrained baseline
    }

    [Fact]
    public void TheRateFollowsWithinASecondBothWays()
    {
        using H264Encoder encoder = Scenes.OpenEncoder(new VideoEncoding(new VideoFormat(640, 360, 30), 2_000_000));
        using var pool = new PicturePool(1);
        int number = 0;

        double high = RateOf(seconds: 3);
        encoder.SetBitRate(400_000);
        RateOf(seconds: 1);
        double low = RateOf(seconds: 2);
        encoder.SetBitRate(1_500_000);
        RateOf(seconds: 1);
        double again = RateOf(seconds: 2);

        Assert.InRange(high, 1_500_000, 2_300_000);
        Assert.InRange(low, 250_000, 480_000);
        Assert.InRange(again, 1_100_000, 1_750_000);
        Assert.Equal(1_500_000, encoder.Encoding.BitRate);

        double RateOf(int seconds)
        {
            long bytes = 0;
            for (int i = 0; i < seconds * 30; i++)
            {
                using PooledPicture picture = Scenes.Take(pool, number++, 640, 360, noise: 60);
                encoder.Encode(picture, wantsKeyFrame: false, out EncodedFrame? frame);
                Assert.Equal(number == 1, frame!.IsKeyFrame);
                bytes += frame.Data.Length;
                frame.Dispose();
            }

            return bytes * 8.0 / seconds;
        }
    }

    [Fact]
    public void ARateThatNobodyCanKeepIsBroughtIntoTheRange()
    {
        using H264Encoder encoder = Scenes.OpenEncoder(Scenes.Small with { BitRate = 1 });
        Assert.Equal(50_000, encoder.Encoding.BitRate);

        encoder.SetBitRate(int.MaxValue);

        Assert.Equal(20_000_000, encoder.Encoding.BitRate);
    }

    [Fact]
    public void AnotherFormatBeginsWithAKeyFrameAndPicturesOfAnotherSizeAreScaled()
    {
        using H264Encoder encoder = Scenes.OpenEncoder();
        using H264Decoder decoder = Scenes.OpenDecoder();
        using var pool = new PicturePool(2);
        using PooledPicture picture = Scenes.Take(pool, 1);
        encoder.Encode(picture, wantsKeyFrame: false, out EncodedFrame? first);
        decoder.Decode(first!.Data, default, out VideoFrame? before);

        Assert.True(encoder.SetFormat(new VideoFormat(160, 90, 15)));
        encoder.Encode(picture, wantsKeyFrame: false, out EncodedFrame? second);
        Assert.True(encoder.SetFormat(new VideoFormat(160, 90, 15)));
        encoder.Encode(picture, wantsKeyFrame: false, out EncodedFrame? third);

        Assert.Equal((true, false), (second!.IsKeyFrame, third!.IsKeyFrame));
        third.Dispose();
        Assert.Equal(DeviceOutcome.Done, decoder.Decode(second.Data, default, out VideoFrame? after));
        Assert.Equal((320, 180, 160, 90), (before!.Width, before.Height, after!.Width, after.Height));
        first.Dispose(); // after the encoder that made it
        second.Dispose();
        before.Dispose();
        after.Dispose();
    }

    [Fact]
    public void APictureOfAnotherShapeGetsBlackBarsAndIsNotStretched()
    {
        using H264Encoder encoder = Scenes.OpenEncoder(Scenes.Small with { BitRate = 5_000_000 });
        using H264Decoder decoder = Scenes.OpenDecoder();
        using var pool = new PicturePool(1);
        Assert.True(pool.TryTake(180, 180, default, out PooledPicture? square));
        square!.WritableLuma.Fill(200);

        encoder.Encode(square, wantsKeyFrame: false, out EncodedFrame? frame);
        decoder.Decode(frame!.Data, default, out VideoFrame? picture);

        byte At(int x) => picture!.Luma[(90 * picture.LumaStride) + x];
        Assert.All([2, 60, 260, 317], x => Assert.InRange(At(x), 14, 20));
        Assert.All([76, 160, 244], x => Assert.InRange(At(x), 195, 205));
        square.Dispose();
        frame.Dispose();
        picture!.Dispose();
    }

    [Fact]
    public void APictureThatIsNotTheShimsIsEncodedTheSame()
    {
        using H264Encoder ours = Scenes.OpenEncoder(), theirs = Scenes.OpenEncoder();
        using var pool = new PicturePool(1);
        using PooledPicture picture = Scenes.Take(pool, 5);
        using var foreign = new ForeignPicture(picture);

        ours.Encode(picture, wantsKeyFrame: false, out EncodedFrame? one);
        theirs.Encode(foreign, wantsKeyFrame: false, out EncodedFrame? other);

        Assert.Equal(one!.Data, other!.Data);
        Assert.Equal(one.CapturedAt, other.CapturedAt);
        one.Dispose();
        other.Dispose();
    }

    [Fact]
    public void WhenAllFramesAreOutAPictureIsDroppedAndTheKeyFrameThatWasWantedIsNot()
    {
        using H264Encoder encoder = Scenes.OpenEncoder();
        using var pool = new PicturePool(1);
        using PooledPicture picture = Scenes.Take(pool, 0);
        List<EncodedFrame> held = [];
        for (int i = 0; i < H264Encoder.MostFrames; i++)
        {
            encoder.Encode(picture, wantsKeyFrame: false, out EncodedFrame? frame);
            held.Add(frame!);
        }

        Assert.Equal(DeviceOutcome.Nothing, encoder.Encode(picture, wantsKeyFrame: true, out EncodedFrame? none));
        Assert.Null(none);
        held[3].Dispose();
        Assert.Equal(DeviceOutcome.Done, encoder.Encode(picture, wantsKeyFrame: false, out EncodedFrame? key));

        Assert.True(key!.IsKeyFrame);
        Assert.All([.. held.Except([key]), key], frame => frame.Dispose());
    }

    [Fact]
    public void NothingManagedIsAllocatedForAPicture()
    {
        using H264Encoder encoder = Scenes.OpenEncoder();
        using H264Decoder decoder = Scenes.OpenDecoder();
        using var pool = new PicturePool(1);
        using PooledPicture picture = Scenes.Take(pool, 0);
        void Round()
        {
            for (int i = 0; i < 100; i++)
            {
                encoder.Encode(picture, wantsKeyFrame: i % 10 == 0, out EncodedFrame? frame);
                decoder.Decode(frame!.Data, frame.CapturedAt, out VideoFrame? decoded);
                decoded!.Dispose();
                frame.Dispose();
            }
        }

        Round();
        Assert.Equal(0, Allocations.FewestOf(Round));
    }

    [Theory]
    [InlineData(0, 180, 30)]
    [InlineData(321, 180, 30)]
    [InlineData(320, 5_000, 30)]
    [InlineData(320, 180, 0)]
    public void AFormatThatIsNoneIsOurMistake(int width, int height, int rate)
    {
        var none = new VideoFormat(width, height, rate);
        using H264Encoder encoder = Scenes.OpenEncoder();

        Assert.Throws<ArgumentException>(() => H264Encoder.TryOpen([Scenes.Software], new VideoEncoding(none, 1_000_000), out _));
        Assert.Throws<ArgumentException>(() => encoder.SetFormat(none));
        Assert.Equal(Scenes.Small.Format, encoder.Encoding.Format);
    }

    [Fact]
    public void AFrameThatIsGivenBackTwiceIsGivenBackOnce()
    {
        using H264Encoder encoder = Scenes.OpenEncoder();
        using var pool = new PicturePool(1);
        using PooledPicture picture = Scenes.Take(pool, 0);
        encoder.Encode(picture, wantsKeyFrame: false, out EncodedFrame? frame);

        frame!.Dispose();
        frame.Dispose();

        Assert.True(frame.Data.IsEmpty);
        Assert.Equal(DeviceOutcome.Done, encoder.Encode(picture, wantsKeyFrame: false, out EncodedFrame? next));
        next!.Dispose();
    }

    /// <summary>A picture in managed memory, in rows of its own length.</summary>
    private sealed class ForeignPicture(VideoFrame picture) : VideoFrame
    {
        private readonly byte[] _luma = Pack(picture.Luma, picture.LumaStride, picture.Width, picture.Height);
        private readonly byte[] _cb = Pack(picture.Cb, picture.ChromaStride, picture.Width / 2, picture.Height / 2);
        private readonly byte[] _cr = Pack(picture.Cr, picture.ChromaStride, picture.Width / 2, picture.Height / 2);

        public override int Width { get; } = picture.Width;

        public override int Height { get; } = picture.Height;

        public override TimeSpan CapturedAt { get; } = picture.CapturedAt;

        public override ReadOnlySpan<byte> Luma => _luma;

        public override ReadOnlySpan<byte> Cb => _cb;

        public override ReadOnlySpan<byte> Cr => _cr;

        public override int LumaStride => Width;

        public override int ChromaStride => Width / 2;

        public override void Dispose()
        {
        }

        private static byte[] Pack(ReadOnlySpan<byte> plane, int stride, int width, int height)
        {
            byte[] packed = new byte[width * height];
            for (int y = 0; y < height; y++)
                plane.Slice(y * stride, width).CopyTo(packed.AsSpan(y * width));
            return packed;
        }
    }
}
