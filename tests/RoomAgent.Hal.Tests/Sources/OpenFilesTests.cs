using RoomAgent.Hal.Media;
using RoomAgent.Hal.Tests.Pictures;

namespace RoomAgent.Hal.Tests.Sources;

/// <summary>REQUIREMENTS B28: camera and microphone are open only while they are needed.</summary>
[Collection(Alone.Name)]
public sealed class OpenFilesTests
{
    [Fact]
    public void ADeviceIsOpenFromStartToStopAndAtNoOtherTime()
    {
        using var folder = new TemporaryFolder();
        string film = folder["camera.h264"];
        File.WriteAllBytes(film, [.. Scenes.Encode(5).SelectMany(unit => unit)]);
        using var camera = new FfmpegCamera($"file:{film}?loop&fast");
        int atFirst = OwnProcess.OpenFiles.Length;

        for (int round = 0; round < 3; round++)
        {
            Assert.DoesNotContain(film, OwnProcess.OpenFiles);
            Assert.Single(camera.FindFormats());
            Assert.DoesNotContain(film, OwnProcess.OpenFiles);

            camera.Start(VideoFormat.Default);
            for (int i = 0; i < 20; i++)
            {
                camera.Read(TimeSpan.FromSeconds(20), out VideoFrame? frame);
                frame!.Dispose();
                Assert.Single(OwnProcess.OpenFiles, film);
            }

            camera.Start(VideoFormat.Default); // without a stop between
            Assert.Single(OwnProcess.OpenFiles, film);
            camera.Stop();
            camera.Stop();
        }

        Assert.DoesNotContain(film, OwnProcess.OpenFiles);
        Assert.Equal(atFirst, OwnProcess.OpenFiles.Length);
    }

    [Fact]
    public void CamerasAndMicrophonesThatComeAndGoLeaveNothingBehind()
    {
        Round(50);
        long before = OwnProcess.Resident;
        int files = OwnProcess.OpenFiles.Length;

        Round(500);

        Assert.InRange(OwnProcess.Resident - before, long.MinValue, 16L << 20);
        Assert.Equal(files, OwnProcess.OpenFiles.Length);

        static void Round(int count)
        {
            short[] samples = new short[960];
            for (int i = 0; i < count; i++)
            {
                using var camera = new FfmpegCamera("lavfi:testsrc2=size=64x64");
                using var microphones = new FfmpegMicrophones("lavfi:sine");
                using var absent = new FfmpegCamera("v4l2:/dev/video99");
                camera.Start(VideoFormat.Default);
                microphones.Start();
                absent.Start(VideoFormat.Default);
                camera.Read(TimeSpan.FromSeconds(20), out VideoFrame? frame);
                camera.Dispose();
                frame!.Dispose();
            }
        }
    }
}
