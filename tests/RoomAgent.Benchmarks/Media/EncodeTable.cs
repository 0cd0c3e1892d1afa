using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using RoomAgent.Hal;
using RoomAgent.Hal.Media;

namespace RoomAgent.Benchmarks.Media;

/// <summary>The processor time of a 720p picture from the camera to the encoded frame: FFmpeg's command line against ours, the same test picture, encoder and options, one after the other in one run.</summary>
/// <remarks>What starting costs is not counted: of ours the first pictures are left out, of the command line a short run is taken from a long one.</remarks>
internal static partial class EncodeTable
{
    private const int Rounds = 7;
    private const int FirstPictures = 100;
    private const int Pictures = 600;
    private const int BitRate = 1_500_000;
    private const string Graph = "testsrc2=size=1280x720:rate=30";

    private static readonly EncoderChoice s_choice = EncoderChoice.Usual.Single(choice => choice.Name == "libx264");

    /// <summary>By which ./bench finds it.</summary>
    public static string Name => "RoomAgent.Benchmarks.Media.EncodeTable.Print";

    public static void Print(TextWriter output)
    {
        List<double> theirs = [], ours = [];
        long bytes = 0, allocated = 0;
        for (int i = 0; i < Rounds; i++)
        {
            theirs.Add((TimeOfCommand(FirstPictures + Pictures) - TimeOfCommand(FirstPictures)).TotalMilliseconds / Pictures);
            ours.Add(TimeOfOurs(out bytes, out allocated).TotalMilliseconds / Pictures);
        }

        double their = Median(theirs), our = Median(ours);
        output.WriteLine();
        output.WriteLine($"## Camera to encoded frame: 1280x720, {s_choice.Name}, {BitRate / 1_000} kbit/s; milliseconds of processor time a picture, medians of {Rounds}");
        output.WriteLine();
        output.WriteLine("| | time | ratio | bytes a picture | managed bytes allocated a picture |");
        output.WriteLine("| :--- | ---: | ---: | ---: | ---: |");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| ffmpeg | {their:F3} | 1.00 | | |"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| FfmpegCamera, H264Encoder | {our:F3} | {our / their:F2} | {bytes / Pictures} | {allocated / (double)Pictures:F2} |"));
    }

    private static TimeSpan TimeOfOurs(out long bytes, out long allocated)
    {
        using var camera = new FfmpegCamera(new MediaSource(MediaSourceKind.Lavfi, Graph) { IsPaced = false });
        if (camera.Start(VideoFormat.Default) != DeviceOutcome.Done)
            throw new InvalidOperationException(camera.Problem);
        using H264Encoder encoder = H264Encoder.TryOpen([s_choice], new VideoEncoding(VideoFormat.Default, BitRate), out string problem) ?? throw new InvalidOperationException(problem);

        Encode(camera, encoder, FirstPictures);
        long before = GC.GetAllocatedBytesForCurrentThread();
        TimeSpan start = ThreadTime.Now;
        bytes = Encode(camera, encoder, Pictures);
        TimeSpan time = ThreadTime.Now - start;
        allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        return time;
    }

    private static long Encode(FfmpegCamera camera, H264Encoder encoder, int count)
    {
        long bytes = 0;
        for (int i = 0; i < count; i++)
        {
            camera.Read(TimeSpan.FromSeconds(1), out VideoFrame? picture);
            encoder.Encode(picture!, wantsKeyFrame: false, out EncodedFrame? frame);
            bytes += frame!.Data.Length;
            frame.Dispose();
            picture!.Dispose();
        }

        return bytes;
    }

    private static TimeSpan TimeOfCommand(int pictures)
    {
        // Each name=value of the list is the command line's -name value.
        IEnumerable<string> options = $"{s_choice.Options}:{s_choice.Baseline}".Split(':').SelectMany(option => new[] { "-" + option[..option.IndexOf('=', StringComparison.Ordinal)], option[(option.IndexOf('=', StringComparison.Ordinal) + 1)..] });
        string[] arguments =
        [
            "-nostdin", "-hide_banner", "-nostats", "-benchmark", "-f", "lavfi", "-i", Graph, "-frames:v", $"{pictures}",
            "-c:v", s_choice.Name, .. options, "-bf", "0", "-threads", "1", "-b:v", $"{BitRate}", "-maxrate", $"{BitRate}", "-bufsize", $"{BitRate / 4}", "-f", "null", "-",
        ];
        using Process ffmpeg = Process.Start(new ProcessStartInfo("ffmpeg", arguments) { RedirectStandardError = true })!;
        string said = ffmpeg.StandardError.ReadToEnd();
        ffmpeg.WaitForExit();
        Match times = BenchmarkLine().Match(said);
        return ffmpeg.ExitCode == 0 && times.Success ? Seconds(times.Groups[1]) + Seconds(times.Groups[2]) : throw new InvalidOperationException(said);

        static TimeSpan Seconds(Group group) => TimeSpan.FromSeconds(double.Parse(group.Value, CultureInfo.InvariantCulture));
    }

    [GeneratedRegex(@"bench: utime=([0-9.]+)s stime=([0-9.]+)s")]
    private static partial Regex BenchmarkLine();

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
