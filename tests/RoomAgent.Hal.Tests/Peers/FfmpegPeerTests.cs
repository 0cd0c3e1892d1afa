using RoomAgent.Hal.Media;
using RoomAgent.Hal.Tests.Pictures;

namespace RoomAgent.Hal.Tests.Peers;

/// <summary>FFmpeg's command line as the other encoder, decoder and maker of files.</summary>
[Trait("Category", "Peer")]
public sealed class FfmpegPeerTests
{
    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(20);

    [Fact]
    public void ItDecodesWhatWeEncodeAndFindsNoFault()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["ours.h264"], [.. Scenes.Encode(60, new VideoEncoding(VideoFormat.Default, 1_500_000)).SelectMany(unit => unit)]);

        string said = Program.Must("ffprobe", "-v", "error", "-count_frames", "-show_entries", "stream=profile,width,height,pix_fmt,color_range,color_space,has_b_frames,nb_read_frames", "-of", "default=noprint_wrappers=1", folder["ours.h264"]);

        foreach (string line in new[] { "profile=Constrained Baseline", "width=1280", "height=720", "pix_fmt=yuv420p", "color_range=tv", "color_space=bt709", "has_b_frames=0", "nb_read_frames=60" })
            Assert.Contains(line, said.Split('\n'));
        Assert.Equal("", Program.Must("ffmpeg", "-v", "error", "-i", folder["ours.h264"], "-f", "null", "-"));
    }

    [Fact]
    public void WeDecodeWhatItEncodesPictureForPicture()
    {
        using var folder = new TemporaryFolder();
        Program.Must("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=30", "-frames:v", "30", "-c:v", "libx264", "-bf", "0", "-x264-params", "aud=1", folder["theirs.h264"]);
        Program.Must("ffmpeg", "-v", "error", "-i", folder["theirs.h264"], "-f", "rawvideo", folder["theirs.yuv"]);
        byte[] expected = File.ReadAllBytes(folder["theirs.yuv"]);
        using H264Decoder decoder = Scenes.OpenDecoder();

        int count = 0;
        foreach (byte[] unit in CutAtDelimiters(File.ReadAllBytes(folder["theirs.h264"])))
        {
            Assert.Equal(DeviceOutcome.Done, decoder.Decode(unit, default, out VideoFrame? picture));
            for (int y = 0; y < 180; y++)
                Assert.True(picture!.Luma.Slice(y * picture.LumaStride, 320).SequenceEqual(expected.AsSpan((count * 320 * 270) + (y * 320), 320)));
            picture!.Dispose();
            count++;
        }

        Assert.Equal(30, count);
    }

    [Theory]
    [InlineData("mp4", "libx264", "aac")]
    [InlineData("mkv", "mjpeg", "libopus")]
    [InlineData("avi", "mpeg4", "libmp3lame")]
    public void AFilmIsACameraAndAMicrophone(string container, string video, string audio)
    {
        using var folder = new TemporaryFolder();
        string film = folder["film." + container];
        Program.Must("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25:duration=1", "-f", "lavfi", "-i", "sine=frequency=1000:sample_rate=44100:duration=1,volume=8,aformat=channel_layouts=stereo", "-c:v", video, "-c:a", audio, film);
        using var camera = new FfmpegCamera($"file:{film}?loop&fast");
        using var microphones = new FfmpegMicrophones($"file:{film}?loop&fast");
        Assert.Equal(DeviceOutcome.Done, camera.Start(VideoFormat.Default));
        Assert.Equal(DeviceOutcome.Done, microphones.Start());
        Assert.Equal((new VideoFormat(320, 240, 25), 2), (camera.Format, microphones.Channels));

        TimeSpan last = default;
        for (int i = 0; i < 60; i++)
        {
            Assert.Equal(DeviceOutcome.Done, camera.Read(s_long, out VideoFrame? frame));
            if (i > 0)
                Assert.InRange((frame!.CapturedAt - last).TotalMilliseconds, 30, 90);
            last = frame!.CapturedAt;
            frame.Dispose();
        }

        short[] second = new short[96_000];
        Assert.Equal(DeviceOutcome.Done, microphones.Read(second, s_long, out _));
        int crossings = Enumerable.Range(0, 47_999).Count(i => second[2 * i] < 0 != second[(2 * i) + 2] < 0);
        Assert.InRange(crossings, 1_900, 2_050);
    }

    [Fact]
    public void PicturesAndSoundOfALoopedFilmStayTogether()
    {
        using var folder = new TemporaryFolder();
        string film = folder["film.mkv"];
        Program.Must("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "color=size=64x64:rate=20:duration=2", "-f", "lavfi", "-i", "sine=sample_rate=48000:duration=1.9", "-c:v", "libx264", "-c:a", "pcm_s16le", film);
        using var camera = new FfmpegCamera($"file:{film}?loop&fast");
        using var microphones = new FfmpegMicrophones($"file:{film}?loop&fast");
        camera.Start(VideoFormat.Default);
        microphones.Start();

        // A minute of each, thirty times from the beginning, though the sound is shorter; the times count from the first read.
        TimeSpan pictures = default, sound = default, first = default, firstSound = default;
        for (int i = 0; i <= 1_200; i++)
        {
            camera.Read(s_long, out VideoFrame? frame);
            pictures = frame!.CapturedAt;
            first = i == 0 ? pictures : first;
            frame.Dispose();
        }

        short[] samples = new short[960];
        for (int i = 0; i <= 30 * 95; i++)
        {
            microphones.Read(samples, s_long, out sound);
            firstSound = i == 0 ? sound : firstSound;
        }

        Assert.InRange((pictures - first - (sound - firstSound)).TotalMilliseconds, -20, 20);
    }

    // An access unit begins with its delimiter (7.3.2.4).
    private static IEnumerable<byte[]> CutAtDelimiters(byte[] stream)
    {
        List<int> starts = [];
        for (int i = 0; i + 4 < stream.Length; i++)
        {
            if (stream[i] == 0 && stream[i + 1] == 0 && stream[i + 2] == 1 && (stream[i + 3] & 0x1f) == 9)
                starts.Add(i);
        }

        return starts.Zip([.. starts.Skip(1), stream.Length]).Select(pair => stream[pair.First..pair.Second]);
    }
}
