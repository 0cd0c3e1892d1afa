using RoomAgent.Hal.Media;

namespace RoomAgent.Hal.Tests.Pictures;

/// <summary>Lists whose first entries are real encoders of FFmpeg that fail here, each in its way.</summary>
public sealed class EncoderFallbackTests
{
    // What its name says is not in this FFmpeg.
    private static readonly EncoderChoice s_unknown = new("h264_nonesuch", "", "", "") { IsHardware = true };

    // No such device.
    private static readonly EncoderChoice s_absent = new("h264_vaapi", "", "", "") { IsHardware = true, Surface = EncoderSurface.Vaapi };

    // It takes RGB and nothing else.
    private static readonly EncoderChoice s_otherFormat = new("libx264rgb", "", "", "");

    // It does not know what it is told.
    private static readonly EncoderChoice s_otherOption = Scenes.Software with { Options = "nonesuch=1" };

    // It opens well, and what it makes of the first picture is no H.264.
    private static readonly EncoderChoice s_otherCodec = new("mpeg4", "", "", "") { IsHardware = true };

    // It opens well, and wants to see more pictures before it shows one.
    private static readonly EncoderChoice s_late = new("libx264", "preset=medium:rc-lookahead=60", "", "") { IsHardware = true, FollowsBitRate = true };

    [Fact]
    public void TheFirstThatWorksRunsAndTheOthersSayWhyTheyDoNot()
    {
        using H264Encoder? encoder = H264Encoder.TryOpen([s_unknown, s_absent, s_otherFormat, s_otherOption, Scenes.Software], Scenes.Small, out string problem);

        Assert.Equal(("", "libx264", false), (problem, encoder!.Implementation, encoder.IsHardware));
        Assert.Equal(4, encoder.Refusals.Count);
        Assert.StartsWith("h264_nonesuch: this FFmpeg has no encoder", encoder.Refusals[0], StringComparison.Ordinal);
        Assert.StartsWith("h264_vaapi (vaapi): opening the graphics processor", encoder.Refusals[1], StringComparison.Ordinal);
        Assert.StartsWith("libx264rgb: ", encoder.Refusals[2], StringComparison.Ordinal);
        Assert.Contains("pix", encoder.Refusals[2], StringComparison.OrdinalIgnoreCase);
        Assert.Equal("libx264: it knows no option nonesuch", encoder.Refusals[3]);
    }

    [Fact]
    public void OneThatFailsOnTheFirstPictureIsReplacedInThatVeryPicture()
    {
        using H264Encoder encoder = H264Encoder.TryOpen([s_otherCodec, Scenes.Software], Scenes.Small, out _)!;
        using var pool = new PicturePool(1);
        using PooledPicture picture = Scenes.Take(pool, 0);
        Assert.Equal(("mpeg4", true), (encoder.Implementation, encoder.IsHardware));

        Assert.Equal(DeviceOutcome.Done, encoder.Encode(picture, wantsKeyFrame: false, out EncodedFrame? frame));

        Assert.True(frame!.IsKeyFrame);
        Assert.Equal(("libx264", false), (encoder.Implementation, encoder.IsHardware));
        Assert.Equal("mpeg4: what it begins with is no key frame of H.264", Assert.Single(encoder.Refusals));
        frame.Dispose();
    }

    [Fact]
    public void OneThatSwallowsPicturesIsReplacedAfterSome()
    {
        using H264Encoder encoder = H264Encoder.TryOpen([s_late, Scenes.Software], Scenes.Small, out _)!;
        using var pool = new PicturePool(16);
        List<DeviceOutcome> outcomes = [];

        for (int i = 0; i < 12; i++)
        {
            using PooledPicture picture = Scenes.Take(pool, i);
            outcomes.Add(encoder.Encode(picture, wantsKeyFrame: false, out EncodedFrame? frame));
            Assert.Equal(outcomes.Count(outcome => outcome == DeviceOutcome.Done) == 1, frame?.IsKeyFrame ?? false);
            frame?.Dispose();
        }

        Assert.Equal([.. Enumerable.Repeat(DeviceOutcome.Nothing, 8), .. Enumerable.Repeat(DeviceOutcome.Done, 4)], outcomes);
        Assert.Contains("gave none", Assert.Single(encoder.Refusals), StringComparison.Ordinal);
    }

    [Fact]
    public void OneThatFailedWhileItRanIsNotTriedAgain()
    {
        using H264Encoder encoder = H264Encoder.TryOpen([s_otherCodec, Scenes.Software], Scenes.Small, out _)!;
        using var pool = new PicturePool(1);
        using PooledPicture picture = Scenes.Take(pool, 0);
        encoder.Encode(picture, wantsKeyFrame: false, out EncodedFrame? frame);
        frame!.Dispose();

        Assert.True(encoder.SetFormat(new VideoFormat(160, 90, 30)));

        Assert.Equal("libx264", encoder.Implementation);
    }

    [Fact]
    public void WhenAllHaveFailedTheOutcomeSaysSoAndAFormatIsRefused()
    {
        using H264Encoder encoder = H264Encoder.TryOpen([s_otherCodec, s_unknown], Scenes.Small, out _)!;
        using var pool = new PicturePool(1);
        using PooledPicture picture = Scenes.Take(pool, 0);

        Assert.Equal(DeviceOutcome.Failed, encoder.Encode(picture, wantsKeyFrame: false, out EncodedFrame? frame));
        Assert.Equal(DeviceOutcome.Failed, encoder.Encode(picture, wantsKeyFrame: true, out _));

        Assert.Null(frame);
        Assert.False(encoder.SetFormat(new VideoFormat(160, 90, 30)));
        Assert.Equal(("none", false, 2), (encoder.Implementation, encoder.IsHardware, encoder.Refusals.Count));
    }

    [Fact]
    public void WhenNoneOpensTheReasonsAreTold()
    {
        Assert.Null(H264Encoder.TryOpen([s_unknown, s_otherOption], Scenes.Small, out string problem));

        Assert.Equal("h264_nonesuch: this FFmpeg has no encoder h264_nonesuch; libx264: it knows no option nonesuch", problem);
        Assert.Null(H264Encoder.TryOpen([], Scenes.Small, out _));
    }

    [Fact]
    public void WhatARoomTriesEndsWithWhatEveryMachineHas()
    {
        var codecs = new FfmpegVideoCodecs();

        using IVideoEncoder? encoder = codecs.OpenEncoder(new VideoEncoding(VideoFormat.Default, 1_500_000), out string problem);
        using IVideoDecoder? decoder = codecs.OpenDecoder(out string noDecoder);

        Assert.Equal(("", ""), (problem, noDecoder));
        Assert.True(encoder!.IsHardware || encoder is { Implementation: "libx264", Refusals.Count: 3 }, string.Join('\n', encoder.Refusals));
        Assert.True(encoder.IsHardware || encoder.Refusals[0].Contains("valid device", StringComparison.Ordinal), string.Join('\n', encoder.Refusals));
        Assert.NotNull(decoder);
    }

    [Fact]
    public void ChromaThatIsInterleavedIsEncodedTheSame()
    {
        // libx264 takes it too: the way that pictures go to chips that take nothing else.
        using H264Encoder encoder = H264Encoder.TryOpen([Scenes.Software with { Surface = EncoderSurface.Nv12 }], Scenes.Small, out _)!;
        using H264Decoder decoder = Scenes.OpenDecoder();
        using var pool = new PicturePool(1);
        using PooledPicture picture = Scenes.Take(pool, 0);

        Assert.Equal(DeviceOutcome.Done, encoder.Encode(picture, wantsKeyFrame: false, out EncodedFrame? frame));
        Assert.Equal(DeviceOutcome.Done, decoder.Decode(frame!.Data, default, out VideoFrame? decoded));

        Assert.InRange(Scenes.Difference(picture, decoded!), 0, 3);
        frame.Dispose();
        decoded!.Dispose();
    }

    [Fact]
    public void OneThatCannotChangeItsRateIsOpenedAnewWhenTheRateFalls()
    {
        using H264Encoder encoder = H264Encoder.TryOpen([Scenes.Software with { FollowsBitRate = false }], Scenes.Small, out _)!;
        using var pool = new PicturePool(1);
        List<int> keys = [];

        for (int i = 0; i < 20; i++)
        {
            if (i is 5 or 10)
                encoder.SetBitRate(i == 5 ? 470_000 : 200_000); // a little, and a lot
            if (i == 15)
                encoder.SetBitRate(400_000); // upwards there is time
            using PooledPicture picture = Scenes.Take(pool, i);
            encoder.Encode(picture, wantsKeyFrame: false, out EncodedFrame? frame);
            if (frame!.IsKeyFrame)
                keys.Add(i);
            frame.Dispose();
        }

        Assert.Equal([0, 10], keys);
    }
}
