namespace RoomAgent.Hal.Media.Audio;

/// <summary>The form in which all sound is processed here: 48 kHz, signed 16 bit, in blocks of 10 ms.</summary>
public static class Sound
{
    /// <summary>Samples a second of each channel.</summary>
    public const int SampleRate = 48_000;

    /// <summary>Samples of each channel in a block.</summary>
    public const int BlockSamples = 480;

    /// <summary>How long a block sounds.</summary>
    public static readonly TimeSpan Block = TimeSpan.FromMilliseconds(10);

    /// <summary>Refuses what is not one block.</summary>
    /// <exception cref="ArgumentException"><paramref name="length"/> is not that of a block of so many channels.</exception>
    internal static void RequireBlock(int length, int channels = 1)
    {
        if (length != BlockSamples * channels)
            throw new ArgumentException($"A block of {channels} channels has {BlockSamples * channels} samples, this one has {length}.");
    }

    /// <summary>The nearest sample; what is beyond the range is the end of the range.</summary>
    internal static short ToSample(float value) => (short)Math.Clamp(MathF.Round(value), short.MinValue, short.MaxValue);
}
