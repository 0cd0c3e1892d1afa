using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace RoomAgent.RoomLab;

/// <summary>What was measured.</summary>
/// <param name="Seconds">How long, without warming up.</param>
/// <param name="Shown">Pictures that were shown.</param>
/// <param name="PictureMedian">From the camera to the display, ms.</param>
/// <param name="Picture95">The same for all but one of twenty pictures.</param>
/// <param name="Sounds">Beeps that were heard: one a second. None expected: null.</param>
/// <param name="SoundMedian">From the microphone to the speaker, ms; 0 without sound.</param>
/// <param name="SkewFirst">By how much the picture was later than the sound in the first tenth, ms.</param>
/// <param name="SkewLast">The same in the last tenth.</param>
/// <param name="MemoryFirst">Resident memory in the first tenth, kB.</param>
/// <param name="MemoryLast">The same in the last tenth.</param>
/// <param name="MemorySlope">By how much it grew in ten minutes, kB, by a line through all of it.</param>
/// <param name="Processor">Processor time as a share of one core.</param>
/// <param name="Counters">What went wrong.</param>
internal sealed record LabResult(
    double Seconds, int Shown, double PictureMedian, double Picture95, int? Sounds, double SoundMedian, double SkewFirst, double SkewLast,
    long MemoryFirst, long MemoryLast, double MemorySlope, double Processor, IReadOnlyDictionary<string, long> Counters)
{
    private static readonly JsonSerializerOptions s_options = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    // What must hold: see the README.
    private const double LatestPicture = 60;
    private const double LatestThroughNode = 150;
    private const double MostDrift = 20;
    private const double MostGrowth = 1_024;
    private const double LongEnoughForMemory = 600;

    /// <summary>What is worse than it must be, in sentences.</summary>
    public IEnumerable<string> Faults()
    {
        bool hasSound = Sounds is not null;
        double latest = hasSound ? LatestThroughNode : LatestPicture;
        if (Picture95 > latest)
            yield return Say($"95 % of the pictures were shown within {Picture95} ms: it must be {latest} ms.");
        if (Shown < Seconds * 29)
            yield return Say($"{Shown} pictures were shown in {Seconds} s: it must be 30 a second.");
        if (Sounds < Seconds * 0.9)
            yield return Say($"{Sounds} beeps were heard in {Seconds} s: it must be one a second.");
        if (hasSound && Math.Abs(SkewLast - SkewFirst) > MostDrift)
            yield return Say($"Picture and sound drifted apart by {SkewLast - SkewFirst} ms: it must be {MostDrift} ms at most.");
        if (Seconds >= LongEnoughForMemory && MemorySlope > MostGrowth)
            yield return Say($"Memory grew by {MemorySlope} kB in ten minutes: it must be {MostGrowth} kB at most.");
    }

    private static string Say(FormattableString sentence) => FormattableString.Invariant(sentence);

    public string ToJson() => JsonSerializer.Serialize(this, s_options);
}

/// <summary>Lets a lab run and measures it.</summary>
internal static class Measurement
{
    private static readonly TimeSpan s_tick = TimeSpan.FromSeconds(1);

    /// <summary>Runs for a quarter as long as it measures before it does, half a minute at most.</summary>
    public static LabResult Run(ILab lab, TimeSpan duration)
    {
        TimeSpan warming = duration / 4 < TimeSpan.FromSeconds(30) ? duration / 4 : TimeSpan.FromSeconds(30);
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"warming up for {warming.TotalSeconds:0} s"));
        Thread.Sleep(warming);
        lab.Pictures.Take();
        lab.Sound?.Take();
        int shownBefore = lab.Pictures.Shown;
        TimeSpan processorBefore = Environment.CpuUsage.TotalTime;

        var ticks = new List<Tick>();
        var heap = new HeapWatch();
        using SafeFileHandle statm = File.OpenHandle("/proc/self/statm");
        TimeProvider clock = TimeProvider.System;
        long begun = clock.GetTimestamp();
        while (clock.GetElapsedTime(begun) is var elapsed && elapsed < duration)
        {
            Thread.Sleep(s_tick);
            ticks.Add(new Tick(clock.GetElapsedTime(begun).TotalSeconds, lab.Pictures.Take(), lab.Sound?.Take() ?? [], ResidentMemory(statm)));

            // What is told costs memory too, and it is memory that is measured.
            if (ticks.Count % (ticks.Count <= 60 ? 10 : 60) == 0)
                Tell(ticks, lab, heap);
        }

        double seconds = clock.GetElapsedTime(begun).TotalSeconds;
        double[] pictures = [.. ticks.SelectMany(tick => tick.Pictures)];
        int tenth = Math.Max(1, ticks.Count / 10);
        return new LabResult(
            Math.Round(seconds, 1), lab.Pictures.Shown - shownBefore, Share(pictures, 0.5), Share(pictures, 0.95), lab.Sound is null ? null : ticks.Sum(tick => tick.Sounds.Length), Share([.. ticks.SelectMany(tick => tick.Sounds)], 0.5),
            Skew(ticks[..tenth]), Skew(ticks[^tenth..]), (long)ticks[..tenth].Average(tick => tick.Memory), (long)ticks[^tenth..].Average(tick => tick.Memory),
            Math.Round(Slope(ticks) * 600), Math.Round((Environment.CpuUsage.TotalTime - processorBefore).TotalSeconds / seconds, 3), lab.Counters);
    }

    private static void Tell(List<Tick> ticks, ILab lab, HeapWatch heap)
    {
        List<Tick> last = ticks[^10..];
        double[] pictures = [.. last.SelectMany(tick => tick.Pictures)];
        string counters = string.Join(", ", lab.Counters.Select(counter => $"{counter.Key} {counter.Value}"));
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{ticks[^1].Second,6:0} s: {pictures.Length / 10.0:0.0} pictures/s, {Share(pictures, 0.5):0.0} ms, 95 % in {Share(pictures, 0.95):0.0} ms; sound {Share([.. last.SelectMany(tick => tick.Sounds)], 0.5):0.0} ms; {ticks[^1].Memory / 1024} MB, of it managed {GC.GetTotalMemory(false) / 1_000} kB, {GC.CollectionCount(0)} collections; {heap.Take()}; {counters}"));
    }

    private static double Skew(List<Tick> ticks)
    {
        double[] sounds = [.. ticks.SelectMany(tick => tick.Sounds)];
        return sounds.Length == 0 ? 0 : Math.Round(Share([.. ticks.SelectMany(tick => tick.Pictures)], 0.5) - Share(sounds, 0.5), 1);
    }

    // Least squares, kB a second.
    private static double Slope(List<Tick> ticks)
    {
        double time = ticks.Average(tick => tick.Second);
        double memory = ticks.Average(tick => tick.Memory);
        double spread = ticks.Sum(tick => Math.Pow(tick.Second - time, 2));
        return spread == 0 ? 0 : ticks.Sum(tick => (tick.Second - time) * (tick.Memory - memory)) / spread;
    }

    private static double Share(double[] values, double share)
    {
        Array.Sort(values);
        return values.Length == 0 ? 0 : Math.Round(values[Math.Min(values.Length - 1, (int)(values.Length * share))], 1);
    }

    // In kB: the second number of /proc/self/statm, in pages. Read without an allocation, for it is memory that is measured.
    private static long ResidentMemory(SafeFileHandle statm)
    {
        Span<byte> text = stackalloc byte[128];
        ReadOnlySpan<byte> numbers = text[..RandomAccess.Read(statm, text, 0)];
        ReadOnlySpan<byte> second = numbers[(numbers.IndexOf((byte)' ') + 1)..];
        if (!Utf8Parser.TryParse(second, out long pages, out _))
            throw new InvalidDataException("/proc/self/statm is not as proc(5) has it.");
        return pages * Environment.SystemPageSize / 1_024;
    }

    private sealed record Tick(double Second, double[] Pictures, double[] Sounds, long Memory);
}
