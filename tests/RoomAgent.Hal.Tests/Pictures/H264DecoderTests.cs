using RoomAgent.Hal.Media;

namespace RoomAgent.Hal.Tests.Pictures;

public sealed class H264DecoderTests
{
    private static readonly VideoEncoding s_good = Scenes.Small with { BitRate = 3_000_000 };

    [Fact]
    public void WhatWasFilmedIsSeenAtOnceAndWithItsTime()
    {
        List<byte[]> units = Scenes.Encode(60, s_good);
        using H264Decoder decoder = Scenes.OpenDecoder();
        using var pool = new PicturePool(1);

        for (int i = 0; i < units.Count; i++)
        {
            Assert.Equal(DeviceOutcome.Done, decoder.Decode(units[i], TimeSpan.FromSeconds(i), out VideoFrame? picture));
            using PooledPicture original = Scenes.Take(pool, i);
            Assert.InRange(Scenes.Difference(original, picture!), 0, 2);
            Assert.Equal((TimeSpan.FromSeconds(i), false), (picture!.CapturedAt, picture.IsConcealed));
            picture.Dispose();
        }

        Assert.Equal((0, 0), (decoder.Undecodable, decoder.Concealed));
        Assert.Equal(("h264", false), (decoder.Implementation, decoder.IsHardware));
    }

    [Fact]
    public void TheSizeMayChangeAtEachKeyFrame()
    {
        using H264Decoder decoder = Scenes.OpenDecoder();
        List<VideoFrame> held = [];

        foreach ((int width, int height) in new[] { (320, 180), (64, 64), (1280, 720), (16, 16), (640, 360), (320, 180) })
        {
            foreach (byte[] unit in Scenes.Encode(3, s_good with { Format = new VideoFormat(width, height, 30) }))
            {
                Assert.Equal(DeviceOutcome.Done, decoder.Decode(unit, default, out VideoFrame? picture));
                Assert.Equal((width, height), (picture!.Width, picture.Height));
                held.Add(picture);
            }

            // The first of each size is kept while the sizes change.
            held[^1].Dispose();
            held[^2].Dispose();
            held.RemoveRange(held.Count - 2, 2);
        }

        Assert.Equal([320, 64, 1280, 16, 640, 320], held.Select(picture => picture.Luma.Length / picture.Height > 0 ? picture.Width : 0));
        Assert.All(held, picture => picture.Dispose());
    }

    [Fact]
    public void ADecoderThatComesLateFailsUntilAKeyFrameAndThenSees()
    {
        using H264Encoder encoder = Scenes.OpenEncoder();
        using H264Decoder decoder = Scenes.OpenDecoder();
        using var pool = new PicturePool(1);
        List<DeviceOutcome> outcomes = [];

        for (int i = 0; i < 10; i++)
        {
            using PooledPicture picture = Scenes.Take(pool, i);
            encoder.Encode(picture, wantsKeyFrame: i == 6, out EncodedFrame? frame);
            if (i > 2)
            {
                outcomes.Add(decoder.Decode(frame!.Data, default, out VideoFrame? decoded));
                decoded?.Dispose();
            }

            frame!.Dispose();
        }

        Assert.Equal([DeviceOutcome.Failed, DeviceOutcome.Failed, DeviceOutcome.Failed, DeviceOutcome.Done, DeviceOutcome.Done, DeviceOutcome.Done, DeviceOutcome.Done], outcomes);
        Assert.Equal(3, decoder.Undecodable);
    }

    [Fact]
    public void PartsThatAreMadeUpAreSaidToBe()
    {
        List<byte[]> units = Scenes.Encode(3, s_good, noise: 40);
        using H264Decoder decoder = Scenes.OpenDecoder();
        decoder.Decode(units[0], default, out VideoFrame? whole);

        byte[] cut = units[1][..(units[1].Length / 2)];
        DeviceOutcome outcome = decoder.Decode(cut, default, out VideoFrame? mended);

        Assert.Equal(DeviceOutcome.Done, outcome);
        Assert.Equal((false, true), (whole!.IsConcealed, mended!.IsConcealed));
        Assert.Equal(1, decoder.Concealed);
        whole.Dispose();
        mended.Dispose();
    }

    [Fact]
    public void AUnitWithoutAPictureGivesNothingAndIsNoFailure()
    {
        byte[] key = Scenes.Encode(1)[0];
        int picture = key.AsSpan().IndexOf("\0\0\u0001e"u8);
        using H264Decoder decoder = Scenes.OpenDecoder();

        Assert.Equal(DeviceOutcome.Nothing, decoder.Decode(key.AsSpan(0, picture), default, out VideoFrame? none));

        Assert.Null(none);
        Assert.Equal(0, decoder.Undecodable);
        Assert.Equal(DeviceOutcome.Done, decoder.Decode(key.AsSpan(picture), default, out VideoFrame? seen));
        seen!.Dispose();
    }

    [Fact]
    public void WhenAllPicturesAreOutOneIsDroppedAndTheStreamGoesOn()
    {
        List<byte[]> units = Scenes.Encode(6);
        using H264Decoder decoder = Scenes.OpenDecoder(pictures: 2);
        List<VideoFrame> held = [];
        List<DeviceOutcome> outcomes = [];

        for (int i = 0; i < units.Count; i++)
        {
            outcomes.Add(decoder.Decode(units[i], default, out VideoFrame? picture));
            if (picture is not null)
                held.Add(picture);
            if (i == 3)
                held[0].Dispose();
        }

        Assert.Equal([DeviceOutcome.Done, DeviceOutcome.Done, DeviceOutcome.Nothing, DeviceOutcome.Nothing, DeviceOutcome.Done, DeviceOutcome.Nothing], outcomes);
        Assert.Equal((0, 0), (decoder.Undecodable, decoder.Concealed));
        Assert.All(held, picture => picture.Dispose());
    }

    [Fact]
    public void ADecoderOfAnythingElseIsRefused()
    {
        foreach (string name in new[] { "mpeg4", "mjpeg", "h265", "libx264", "nonesuch", "" })
        {
            Assert.Null(H264Decoder.TryOpen([new DecoderChoice(name, IsHardware: false)], out string problem));
            Assert.Contains("H.264", problem, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void HardwareThatIsNotThereIsFollowedByTheProcessor()
    {
        using H264Decoder? decoder = H264Decoder.TryOpen([new DecoderChoice("h264_v4l2m2m", IsHardware: true), new DecoderChoice("h264", IsHardware: false)], out string problem);

        Assert.Equal("", problem);
        Assert.True(decoder!.Implementation == "h264" || decoder.IsHardware);
    }
}
