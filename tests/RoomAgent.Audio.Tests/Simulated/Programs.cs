using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace RoomAgent.Audio.Tests.Simulated;

/// <summary>What espeak-ng says and which noise sox makes, at 48 kHz. Both are the same in every run.</summary>
internal static class Programs
{
    private const string Text =
        "Good morning, everybody. Before we start, can you hear me at the other end? The numbers of the third quarter came in yesterday. "
        + "We sold more cameras than we had planned, but fewer microphones. Somebody should ask the factory why the last boxes were late. "
        + "I would like to have the plan by Friday, and please write down who does what. Are there any questions about the budget? "
        + "If not, let us look at the picture of the new meeting room. It has six chairs, one long table, and a window to the garden. ";

    private static readonly ConcurrentDictionary<string, Lazy<float[]>> s_made = new();

    /// <summary>So many seconds of a voice, at a level in dB below overload.</summary>
    public static float[] Speech(string voice, double seconds, double level)
    {
        Require();
        float[] once = s_made.GetOrAdd(voice, _ => new(() => Speak(voice))).Value;
        float[] speech = new float[(int)(seconds * 48_000)];
        for (int i = 0; i < speech.Length; i++)
            speech[i] = once[i % once.Length];
        return Signals.Scale(speech, level);
    }

    /// <summary>So many seconds of white, pink or brown noise, at a level in dB below overload.</summary>
    public static float[] Noise(string kind, double seconds, double level)
    {
        Require();
        float[] once = s_made.GetOrAdd(kind, _ => new(() => Make(raw => Run("sox", "-R", "-n", "-r", "48000", "-c", "1", "-b", "16", "-e", "signed", "-t", "raw", raw, "synth", "40", kind + "noise", "vol", "0.3")))).Value;
        return Signals.Scale(once[..(int)(seconds * 48_000)], level);
    }

    // Skips the test, loudly, where one of the two is not installed.
    private static void Require()
    {
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        foreach (string program in new[] { "espeak-ng", "sox" })
            Assert.SkipUnless(folders.Any(folder => File.Exists(Path.Combine(folder, program))), $"{program} is not installed (./test without --fast installs it)");
    }

    private static float[] Speak(string voice) => Make(raw =>
    {
        string wave = raw + ".wav";
        Run("espeak-ng", "-v", voice, "-s", "160", "-w", wave, Text);
        Run("sox", "-R", wave, "-D", "-r", "48000", "-c", "1", "-b", "16", "-e", "signed", "-t", "raw", raw);
    });

    private static float[] Make(Action<string> make)
    {
        string folder = Directory.CreateTempSubdirectory("roomagent-audio-").FullName;
        try
        {
            string raw = Path.Combine(folder, "sound.raw");
            make(raw);
            return Signals.ToFloats(MemoryMarshal.Cast<byte, short>(File.ReadAllBytes(raw)));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true }) ?? throw new InvalidOperationException($"{program} does not start.");
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {errors}");
    }
}
