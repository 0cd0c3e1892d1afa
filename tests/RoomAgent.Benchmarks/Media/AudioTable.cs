using System.Globalization;
using RoomAgent.Hal;
using RoomAgent.Hal.Media.Audio;

namespace RoomAgent.Benchmarks.Media;

/// <summary>What the sound of a room costs: processor time for 10 ms of it, and how much of real time that is.</summary>
internal static class AudioTable
{
    private const int WarmUp = 500;
    private const int Measured = 2_000;

    /// <summary>By which ./bench finds it.</summary>
    public static string Name => "RoomAgent.Benchmarks.Media.AudioTable.Print";

    public static void Print(TextWriter output)
    {
        output.WriteLine();
        output.WriteLine("## Sound: processor time of one thread for each 10 ms at 48 kHz, while both ends speak");
        output.WriteLine();
        output.WriteLine("| | mean µs | p99 µs | of real time | bytes allocated |");
        output.WriteLine("| --- | ---: | ---: | ---: | ---: |");

        short[] played = Speech(seed: 1);
        short[] heard = Echo(played);
        var destination = new short[VoiceMixer.MostSamples];

        var echo = new EchoCanceller();
        output.WriteLine(Measure("echo cancellation, 200 ms, with delay and drift", block =>
        {
            echo.HandlePlayed(BlockOf(played, block, 1));
            BlockOf(heard, block, 1).CopyTo(destination);
            echo.Process(destination.AsSpan(0, Sound.BlockSamples));
        }));
        echo.Dispose();

        var suppressor = new NoiseSuppressor();
        output.WriteLine(Measure("noise suppression", block =>
        {
            BlockOf(heard, block, 1).CopyTo(destination);
            suppressor.Process(destination.AsSpan(0, Sound.BlockSamples));
        }));
        suppressor.Dispose();

        foreach (int microphones in new[] { 4, 8 })
        {
            short[] channels = Repeat(heard, microphones);
            var beam = new BeamFormer(MicrophoneArray.Circular(microphones, 0.04));
            output.WriteLine(Measure($"beam and direction, {microphones} microphones", block => beam.Process(BlockOf(channels, block, microphones), destination.AsSpan(0, Sound.BlockSamples))));
        }

        foreach (int microphones in new[] { 1, 4 })
        {
            short[] channels = Repeat(heard, microphones);
            using var path = new MicrophonePath(microphones == 1 ? null : MicrophoneArray.Circular(microphones, 0.04));
            output.WriteLine(Measure($"the whole path of {microphones} microphone{(microphones > 1 ? "s" : "")}", block =>
            {
                path.HandlePlayed(BlockOf(played, block, 1));
                path.Process(BlockOf(channels, block, microphones), destination.AsSpan(0, Sound.BlockSamples));
            }));
        }

        var mixer = new VoiceMixer();
        for (int i = 0; i < 8; i++)
            mixer.Add(new Speaker(Speech(i)));
        output.WriteLine(Measure("the mixer with 8 voices", block => mixer.Mix(destination, TimeSpan.FromMilliseconds(42), block * Sound.Block)));
    }

    private static string Measure(string what, Action<int> process)
    {
        for (int block = 0; block < WarmUp; block++)
            process(block);

        var times = new double[Measured];
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        for (int block = 0; block < Measured; block++)
        {
            TimeSpan before = ThreadTime.Now;
            process(WarmUp + block);
            times[block] = (ThreadTime.Now - before).TotalMicroseconds;
        }

        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        Array.Sort(times);
        double mean = times.Average();
        return string.Create(CultureInfo.InvariantCulture, $"| {what} | {mean:F0} | {times[Measured * 99 / 100]:F0} | {mean / Sound.Block.TotalMicroseconds * 100:F2} % | {allocated / Measured} |");
    }

    private static ReadOnlySpan<short> BlockOf(short[] sound, int block, int channels)
    {
        int length = Sound.BlockSamples * channels;
        return sound.AsSpan(block % (sound.Length / length) * length, length);
    }

    // Harmonics in syllables, with a little noise.
    private static short[] Speech(int seed)
    {
        var random = new Random(seed);
        short[] speech = new short[10 * Sound.SampleRate];
        for (int i = 0; i < speech.Length; i++)
        {
            double syllable = Math.Max(0, Math.Sin((2 * Math.PI * i / 13_000) + seed));
            double phase = 2 * Math.PI * (110 + (20 * seed)) * i / Sound.SampleRate;
            double voice = Math.Sin(phase) + (0.6 * Math.Sin(3 * phase)) + (0.4 * Math.Sin(7 * phase)) + (0.2 * Math.Sin(16 * phase));
            speech[i] = (short)((2_000 * syllable * voice) + (600 * syllable * (random.NextDouble() - 0.5)) + (20 * (random.NextDouble() - 0.5)));
        }

        return speech;
    }

    // 150 ms late, at half the loudness, with somebody else.
    private static short[] Echo(short[] played)
    {
        const int Late = 7_200;
        short[] near = Speech(seed: 9);
        return [.. near.Select((sample, i) => (short)((sample / 2) + (i >= Late ? played[i - Late] / 2 : 0)))];
    }

    private static short[] Repeat(short[] sound, int channels) => [.. sound.SelectMany(sample => Enumerable.Repeat(sample, channels))];

    private sealed class Speaker(short[] sound) : IVoice
    {
        private int _next;

        public int Pull(TimeSpan now, Span<short> destination, out VoicePace pace)
        {
            pace = VoicePace.Faster;
            if (_next + destination.Length > sound.Length)
                _next = 0;
            sound.AsSpan(_next, destination.Length).CopyTo(destination);
            _next += destination.Length;
            return destination.Length;
        }
    }
}
