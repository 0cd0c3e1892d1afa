using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using RoomAgent.Agent.Devices;
using RoomAgent.Hal;
using RoomAgent.Hal.Media;
using RoomAgent.Hal.Simulated;

namespace RoomAgent.Devices.Tests;

/// <summary>The camera's thread, with the simulated camera and real encoders (REQUIREMENTS B22, B28).</summary>
public sealed class CameraLoopTests : IDisposable
{
    private static readonly DevicePatience s_patience = new() { Retry = TimeSpan.FromMilliseconds(20) };
    private static readonly PictureSettings s_small = new() { Largest = new VideoFormat(640, 360, 30), StartBitRate = 800_000 };

    private readonly string _folder = Directory.CreateTempSubdirectory("camera").FullName;
    private readonly FfmpegVideoCodecs _codecs = new();
    private readonly ConcurrentQueue<DeviceStatus> _changes = new();
    private int _steps;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void ItIsOpenOnlyWhileItIsNeeded()
    {
        string film = Film();
        using CameraLoop loop = Start(new SimulatedCamera($"file:{film}?loop"));
        Assert.False(OpenFiles.Have(film));

        for (int i = 0; i < 3; i++)
        {
            loop.Open();
            Next(loop).Dispose();
            Assert.True(OpenFiles.Have(film));

            loop.Close();
            Assert.False(OpenFiles.Have(film));
            Assert.Equal(DeviceState.Closed, loop.Status.State);
            Assert.False(loop.Frames.TryRead(out _));
        }
    }

    [Fact]
    public void TheFirstFrameIsAKeyFrameAndTheOthersAreNot()
    {
        using CameraLoop loop = Start(new SimulatedCamera());
        loop.Open();

        List<bool> keys = [];
        for (int i = 0; i < 40; i++)
        {
            using EncodedFrame frame = Next(loop);
            keys.Add(frame.IsKeyFrame);
        }

        // A machine that is too slow for the size takes a smaller one, which begins with a key frame too.
        Assert.True(keys[0]);
        Assert.InRange(keys.Count(isKey => isKey), 1, 1 + Volatile.Read(ref _steps));
    }

    [Fact]
    public void AKeyFrameThatIsAskedForIsTheNextOrTheOneAfter()
    {
        using CameraLoop loop = Start(new SimulatedCamera());
        loop.Open();
        Next(loop).Dispose();

        for (int round = 0; round < 5; round++)
        {
            Next(loop).Dispose();
            loop.RequestKeyFrame();

            // One may be encoded already, and a few wait in the door when this thread was slow.
            int frames = 1;
            while (!Take())
                frames++;
            Assert.InRange(frames, 1, 2 + s_small.Waiting);
        }

        bool Take()
        {
            using EncodedFrame frame = Next(loop);
            return frame.IsKeyFrame;
        }
    }

    [Fact]
    public void AVanishedCameraIsReportedAndComesBack()
    {
        var camera = new SimulatedCamera();
        using CameraLoop loop = Start(camera);
        loop.Open();
        Next(loop).Dispose();

        camera.Unplug();
        Waiting.Until(() => loop.Status.State == DeviceState.Lost, "the loss");
        Assert.Equal(DeviceOutcome.Gone, loop.Status.Outcome);
        Assert.NotEmpty(loop.Status.Problem);
        while (loop.Frames.TryRead(out EncodedFrame? left))
            left.Dispose();

        camera.Plug();
        using EncodedFrame again = Next(loop);
        Assert.True(again.IsKeyFrame);
        Assert.Equal([DeviceState.Opening, DeviceState.Running, DeviceState.Lost, DeviceState.Running], _changes.Select(change => change.State));
    }

    [Theory]
    [InlineData("v4l2:/dev/video-that-is-not-there", DeviceOutcome.Gone)]
    [InlineData("carrier-pigeon:7", DeviceOutcome.Unsupported)]
    public void ACameraThatIsNotThereIsSaidSoAndTriedAgain(string source, DeviceOutcome outcome)
    {
        using CameraLoop loop = Start(new SimulatedCamera(source));

        loop.Open();
        Waiting.Until(() => loop.Status.State == DeviceState.Lost, "the loss");

        Assert.Equal(outcome, loop.Status.Outcome);
        Assert.NotEmpty(loop.Status.Problem);
        loop.Close();
        Assert.Equal(DeviceState.Closed, loop.Status.State);
    }

    [Fact]
    public void AFilmThatIsNoFilmIsAStateAndNoEnd()
    {
        string path = Path.Combine(_folder, "hostile.h264");
        byte[] noise = new byte[200_000];
        new Random(3).NextBytes(noise);
        File.WriteAllBytes(path, noise);
        using CameraLoop loop = Start(new SimulatedCamera($"file:{path}?loop"));

        loop.Open();
        Waiting.Until(() => loop.Status.State == DeviceState.Lost, "the loss");

        Assert.False(loop.Frames.TryRead(out _));
    }

    [Fact]
    public void PicturesGetSmallerBeforeQualityCollapsesAndSaySo()
    {
        using CameraLoop loop = Start(new SimulatedCamera());
        var qualities = new ConcurrentQueue<PictureQuality>();
        loop.QualityChanged += qualities.Enqueue;
        loop.Open();
        Next(loop).Dispose();

        loop.SetTarget(100_000);
        Waiting.Until(
            () =>
            {
                Drain(loop);
                return loop.Quality is { Format.Height: 180 };
            },
            "small pictures");

        Assert.Equal(QualityLimit.Network, loop.Quality!.Limit);
        Assert.Equal([360, 180], qualities.Select(quality => quality.Format.Height).Distinct());
        Assert.Equal([30, 15], qualities.Select(quality => quality.Format.FrameRate).Distinct());
    }

    [Fact]
    public void AMediaLoopThatIsBehindCostsRawPicturesAndNoEncodedOnes()
    {
        using CameraLoop loop = Start(new SimulatedCamera());
        loop.Open();
        Waiting.Until(() => loop.Skipped > 5, "pictures that are left out");

        // What was encoded before follows without a gap: it decodes to the end.
        using IVideoDecoder decoder = _codecs.OpenDecoder(out _)!;
        for (int i = 0; i < 20; i++)
        {
            using EncodedFrame frame = Next(loop);
            Assert.Equal(DeviceOutcome.Done, decoder.Decode(frame.Data, frame.CapturedAt, out VideoFrame? picture));
            Assert.False(picture!.IsConcealed);
            picture.Dispose();
        }
    }

    [Fact]
    public void APictureAllocatesNothing()
    {
        const int Warm = 30;
        const int Round = 20;
        var allocated = new ConcurrentQueue<long>();
        int seen = 0;
        long before = 0;
        using CameraLoop loop = Start(new SimulatedCamera(), picture =>
        {
            picture.Dispose();
            if (++seen < Warm || (seen - Warm) % Round != 0)
                return;
            long now = GC.GetAllocatedBytesForCurrentThread();
            if (seen > Warm && allocated.Count < 5)
                allocated.Enqueue(now - before);
            before = GC.GetAllocatedBytesForCurrentThread();
        });
        loop.Open();

        Waiting.Until(
            () =>
            {
                Drain(loop);
                return allocated.Count >= 5;
            },
            "five rounds");

        // A collection elsewhere may charge a round with bytes that nobody asked for.
        Assert.Equal(0, allocated.Min());
    }

    [Fact]
    public void ItMayBeOpenedAndClosedAtAnyTime()
    {
        using CameraLoop loop = Start(new SimulatedCamera());
        Parallel.For(0, 40, i =>
        {
            if (i % 2 == 0)
                loop.Open();
            else
                loop.Close();
            loop.RequestKeyFrame();
            loop.SetTarget(i * 50_000);
        });

        loop.Close();
        Assert.Equal(DeviceState.Closed, loop.Status.State);
    }

    private CameraLoop Start(ICamera camera, Action<VideoFrame>? selfView = null)
    {
        var loop = new CameraLoop(camera, _codecs, s_small, s_patience, selfView ?? (picture => picture.Dispose()), TimeProvider.System, NullLogger<CameraLoop>.Instance);
        loop.Changed += _changes.Enqueue;
        loop.QualityChanged += _ => Interlocked.Increment(ref _steps);
        return loop;
    }

    private static EncodedFrame Next(CameraLoop loop)
    {
        EncodedFrame? frame = null;
        Waiting.Until(() => loop.Frames.TryRead(out frame), "a frame");
        return frame!;
    }

    private static void Drain(CameraLoop loop)
    {
        while (loop.Frames.TryRead(out EncodedFrame? frame))
            frame.Dispose();
    }

    // A second of the test picture, as the encoder makes it: FFmpeg plays that.
    private string Film()
    {
        string path = Path.Combine(_folder, "film.h264");
        using FileStream file = File.Create(path);
        using CameraLoop loop = Start(new SimulatedCamera());
        loop.Open();
        for (int i = 0; i < 30; i++)
        {
            using EncodedFrame frame = Next(loop);
            file.Write(frame.Data);
        }

        loop.Close();
        _changes.Clear();
        return path;
    }
}
