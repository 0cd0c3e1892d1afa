using RoomAgent.Hal.Media;
using RoomAgent.Hal.Tests.Pictures;

namespace RoomAgent.Hal.Tests.Sources;

public sealed class CameraTests
{
    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(20);

    [Fact]
    public void ATestPictureIsFilmedAtItsPaceAndSaysWhen()
    {
        using var camera = new FfmpegCamera("lavfi:testsrc2=size=320x180:rate=30", "test picture");

        Assert.Equal(DeviceOutcome.Done, camera.Start(VideoFormat.Default));
        Assert.Equal(("test picture", true, new VideoFormat(320, 180, 30), ""), (camera.Name, camera.IsRunning, camera.Format, camera.Problem));
        List<TimeSpan> times = [];
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(DeviceOutcome.Done, camera.Read(s_long, out VideoFrame? frame));
            Assert.True(Monotonic.Now >= frame!.CapturedAt, "It is delivered before it was taken.");
            times.Add(frame.CapturedAt);
            Assert.Equal((320, 180), (frame.Width, frame.Height));
            frame.Dispose();
        }

        // A busy machine may begin it anew in between, later; never sooner.
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.InRange((pair.Second - pair.First).TotalMilliseconds, 33, 20_000));
    }

    [Fact]
    public void PatienceEndsAndTheNextPictureIsNotLost()
    {
        using var camera = new FfmpegCamera("lavfi:color=size=64x64:rate=1");
        camera.Start(VideoFormat.Default);
        camera.Read(s_long, out VideoFrame? first);

        int waits = 0;
        VideoFrame? second;
        while (camera.Read(TimeSpan.FromMilliseconds(20), out second) == DeviceOutcome.Nothing)
            waits++;

        Assert.InRange(waits, 1, 60);
        Assert.InRange((second!.CapturedAt - first!.CapturedAt).TotalMilliseconds, 999, 20_000);
        first.Dispose();
        second.Dispose();
    }

    [Fact]
    public void WithoutPacePicturesComeAsFastAsTheyAreRead()
    {
        using var camera = new FfmpegCamera(new MediaSource(MediaSourceKind.Lavfi, "testsrc2=size=64x64:rate=1:duration=100") { IsPaced = false });
        camera.Start(VideoFormat.Default);

        // At its pace this would take 100 s.
        int count = 0;
        TimeSpan last = default;
        while (camera.Read(TimeSpan.Zero, out VideoFrame? frame) is var outcome && outcome != DeviceOutcome.Ended)
        {
            Assert.Equal(DeviceOutcome.Done, outcome);
            Assert.Equal(count == 0 ? frame!.CapturedAt : last + TimeSpan.FromSeconds(1), frame!.CapturedAt);
            last = frame.CapturedAt;
            frame.Dispose();
            count++;
        }

        Assert.Equal(100, count);
        Assert.Contains("end", camera.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("yuv420p")]
    [InlineData("yuv422p")]
    [InlineData("nv12")]
    [InlineData("yuyv422")]
    [InlineData("rgb24")]
    [InlineData("bgra")]
    [InlineData("yuvj420p")]
    [InlineData("yuvj422p")]
    [InlineData("gray")]
    [InlineData("yuv420p10le")]
    public void WhateverACameraDeliversItIsWhatPicturesAreHere(string format)
    {
        // White and black of the full range and of the limited one are the same white and black.
        Assert.Equal((235, 128, 128), Middle("white"));
        Assert.Equal((16, 128, 128), Middle("black"));

        (int Luma, int Cb, int Cr) Middle(string colour)
        {
            using var camera = new FfmpegCamera($"lavfi:color=c={colour}:size=64x64:rate=30,format=rgb24,scale=out_color_matrix=bt709,format={format}");
            Assert.Equal(DeviceOutcome.Done, camera.Start(VideoFormat.Default));
            Assert.Equal(DeviceOutcome.Done, camera.Read(s_long, out VideoFrame? frame));
            int luma = frame!.Luma[(32 * frame.LumaStride) + 32], cb = frame.Cb[(16 * frame.ChromaStride) + 16], cr = frame.Cr[(16 * frame.ChromaStride) + 16];
            frame.Dispose();
            return (luma + (Math.Abs(luma - 234) <= 1 ? 235 - luma : Math.Abs(luma - 17) <= 1 ? 16 - luma : 0), Near(cb), Near(cr));
        }

        static int Near(int colour) => Math.Abs(colour - 128) <= 1 ? 128 : colour;
    }

    [Fact]
    public void AnOddSizeLosesItsLastRowAndColumnAndAPictureUpsideDownIsTurned()
    {
        using var camera = new FfmpegCamera("lavfi:color=c=white:size=65x47:rate=30,format=yuv420p,drawbox=h=10:t=fill:color=black,vflip");
        camera.Start(VideoFormat.Default);

        Assert.Equal(DeviceOutcome.Done, camera.Read(s_long, out VideoFrame? frame));

        Assert.Equal((64, 46, new VideoFormat(64, 46, 30)), (frame!.Width, frame.Height, camera.Format));
        Assert.True(frame.Luma[32] > 200, "The top is white.");
        Assert.True(frame.Luma[(44 * frame.LumaStride) + 32] < 40, "The bottom is black.");
        frame.Dispose();
    }

    [Fact]
    public void WhileAllPicturesAreOutThoseThatComeAreDropped()
    {
        using var camera = new FfmpegCamera(new MediaSource(MediaSourceKind.Lavfi, "color=size=64x64:rate=30") { IsPaced = false }, pictures: 2);
        camera.Start(VideoFormat.Default);
        camera.Read(s_long, out VideoFrame? first);
        camera.Read(s_long, out VideoFrame? second);

        Assert.Equal(DeviceOutcome.Nothing, camera.Read(s_long, out VideoFrame? none));
        Assert.Null(none);
        first!.Dispose();

        Assert.Equal(DeviceOutcome.Done, camera.Read(s_long, out VideoFrame? fourth));
        Assert.Equal(100, (fourth!.CapturedAt - second!.CapturedAt).TotalMilliseconds / 2 * 3, tolerance: 1);
        second.Dispose();
        fourth.Dispose();
    }

    [Fact]
    public void NothingManagedIsAllocatedFromTheCameraToTheEncodedFrame()
    {
        using var camera = new FfmpegCamera(new MediaSource(MediaSourceKind.Lavfi, "testsrc2=size=320x180:rate=30") { IsPaced = false });
        using H264Encoder encoder = Scenes.OpenEncoder();
        camera.Start(VideoFormat.Default);
        void Round()
        {
            for (int i = 0; i < 100; i++)
            {
                camera.Read(s_long, out VideoFrame? picture);
                encoder.Encode(picture!, wantsKeyFrame: i % 30 == 0, out EncodedFrame? frame);
                frame!.Dispose();
                picture!.Dispose();
            }
        }

        Round();
        Assert.Equal(0, Allocations.FewestOf(Round));
    }

    [Fact]
    public void AFileOfPicturesIsPlayedToItsEndOrForEver()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["a.h264"], [.. Scenes.Encode(25).SelectMany(unit => unit)]);
        using var once = new FfmpegCamera($"file:{folder["a.h264"]}?fast");
        using var always = new FfmpegCamera($"file:{folder["a.h264"]}?loop&fast");
        Assert.Equal(DeviceOutcome.Done, once.Start(VideoFormat.Default));
        Assert.Equal(DeviceOutcome.Done, always.Start(VideoFormat.Default));

        int count = 0;
        while (once.Read(s_long, out VideoFrame? frame) == DeviceOutcome.Done)
        {
            frame!.Dispose();
            count++;
        }

        Assert.Equal((25, DeviceOutcome.Ended), (count, once.Read(s_long, out _)));
        TimeSpan last = default;
        for (int i = 0; i < 80; i++)
        {
            Assert.Equal(DeviceOutcome.Done, always.Read(s_long, out VideoFrame? frame));
            Assert.True(frame!.CapturedAt > last, $"Picture {i} is not later than the one before.");
            last = frame.CapturedAt;
            frame.Dispose();
        }
    }

    [Fact]
    public void AFileThatVanishesIsReportedAndComesBack()
    {
        using var folder = new TemporaryFolder();
        byte[] film = [.. Scenes.Encode(10).SelectMany(unit => unit)];
        using var camera = new FfmpegCamera($"file:{folder["a.h264"]}?loop&fast");
        Assert.Equal(DeviceOutcome.Gone, camera.Start(VideoFormat.Default));
        Assert.False(camera.IsRunning);
        Assert.Contains("No such file", camera.Problem, StringComparison.Ordinal);

        for (int round = 0; round < 3; round++)
        {
            File.WriteAllBytes(folder["a.h264"], film);
            Assert.Equal(DeviceOutcome.Done, camera.Start(VideoFormat.Default));
            Assert.Equal(DeviceOutcome.Done, Next(camera));

            File.Delete(folder["a.h264"]);
            DeviceOutcome outcome;
            for (int i = 0; (outcome = Next(camera)) == DeviceOutcome.Done; i++)
                Assert.True(i < 100, "It plays what is not there.");
            Assert.Equal(DeviceOutcome.Gone, outcome);
            Assert.Equal(DeviceOutcome.Gone, Next(camera));
            camera.Stop();
            Assert.Equal(DeviceOutcome.Gone, Next(camera));
        }

        static DeviceOutcome Next(FfmpegCamera camera)
        {
            DeviceOutcome outcome = camera.Read(s_long, out VideoFrame? frame);
            frame?.Dispose();
            return outcome;
        }
    }

    [Theory]
    [InlineData("v4l2:/dev/video99", DeviceOutcome.Gone)]
    [InlineData("v4l2:/dev/null", DeviceOutcome.Unsupported)]
    [InlineData("lavfi:nonesuch", DeviceOutcome.Unsupported)]
    [InlineData("lavfi:testsrc2=size=-1x0", DeviceOutcome.Unsupported)]
    [InlineData("lavfi:anullsrc", DeviceOutcome.Unsupported)]
    [InlineData("file:/dev/zero", DeviceOutcome.Unsupported)]
    [InlineData("file:/", DeviceOutcome.Unsupported)]
    [InlineData("file:/proc/self/exe/none", DeviceOutcome.Gone)]
    [InlineData("alsa:default", DeviceOutcome.Unsupported)]
    public void WhatCannotBeOpenedSaysWhyAndIsClosed(string source, DeviceOutcome expected)
    {
        using var camera = new FfmpegCamera(source);

        Assert.Equal(expected, camera.Start(VideoFormat.Default));

        Assert.False(camera.IsRunning);
        Assert.True(camera.Problem.Length > 10, camera.Problem);
        Assert.Empty(camera.FindFormats());
        Assert.Empty(camera.FindControls());
        Assert.NotEqual(DeviceOutcome.Done, camera.SetControl(1, 1));
        Assert.Equal(DeviceOutcome.Gone, camera.Read(TimeSpan.Zero, out _));
    }

    [Fact]
    public void NoiseInAFileIsAnOutcome()
    {
        using var folder = new TemporaryFolder();
        var random = new Random(3);
        foreach (string name in new[] { "a.h264", "a.mp4", "a.mkv", "a.mjpeg", "a" })
        {
            byte[] noise = new byte[20_000];
            random.NextBytes(noise);
            File.WriteAllBytes(folder[name], noise);
            using var camera = new FfmpegCamera($"file:{folder[name]}?loop&fast");
            DeviceOutcome outcome = camera.Start(VideoFormat.Default);
            if (outcome == DeviceOutcome.Done)
                outcome = camera.Read(s_long, out _);
            Assert.NotEqual(DeviceOutcome.Done, outcome);
        }
    }

    [Fact]
    public void APlaylistReachesNoNetworkAndNoOtherProtocol()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["a.m3u8"], "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n");
        using var camera = new FfmpegCamera($"file:{folder["a.m3u8"]}");

        Assert.NotEqual(DeviceOutcome.Done, camera.Start(VideoFormat.Default));
    }

    [Fact]
    public void AskedForItsFormatsAFileSaysTheOneItHas()
    {
        using var camera = new FfmpegCamera("lavfi:testsrc2=size=640x360:rate=25");

        CameraFormat closed = Assert.Single(camera.FindFormats());
        camera.Start(VideoFormat.Default);

        Assert.Equal(new CameraFormat(PixelFormat.Yuv420, new VideoFormat(640, 360, 25)), closed);
        Assert.Equal(closed, Assert.Single(camera.FindFormats()));
    }

    [Theory]
    [InlineData(1280, 720, 30, PixelFormat.Mjpeg, 1280, 720, 30)]
    [InlineData(640, 480, 30, PixelFormat.Yuyv422, 640, 480, 30)]
    [InlineData(1280, 720, 10, PixelFormat.Yuyv422, 1280, 720, 10)]
    [InlineData(1920, 1080, 60, PixelFormat.Mjpeg, 1920, 1080, 30)]
    [InlineData(4096, 2160, 30, PixelFormat.Mjpeg, 1920, 1080, 30)]
    [InlineData(320, 180, 30, PixelFormat.Yuyv422, 640, 480, 30)]
    public void TheNearestFormatIsTaken(int width, int height, int rate, PixelFormat pixels, int givenWidth, int givenHeight, int givenRate)
    {
        CameraFormat[] formats =
        [
            new(PixelFormat.Other, new VideoFormat(4096, 2160, 60)),
            new(PixelFormat.Yuyv422, new VideoFormat(640, 480, 30)),
            new(PixelFormat.Yuyv422, new VideoFormat(1280, 720, 10)),
            new(PixelFormat.Mjpeg, new VideoFormat(640, 480, 30)),
            new(PixelFormat.Mjpeg, new VideoFormat(1280, 720, 30)),
            new(PixelFormat.Mjpeg, new VideoFormat(1920, 1080, 30)),
        ];

        Assert.Equal(new CameraFormat(pixels, new VideoFormat(givenWidth, givenHeight, givenRate)), CameraFormats.Nearest(formats, new VideoFormat(width, height, rate)));
        Assert.Null(CameraFormats.Nearest([], VideoFormat.Default));
        Assert.Null(CameraFormats.Nearest(formats[..1], VideoFormat.Default));
    }
}
