namespace RoomAgent.Agent.Devices;

/// <summary>
/// What the speaker plays, on its way to the thread of the microphones, which takes it out of what they hear: one channel, one writer, one reader.
/// It has no lock that the speaker would wait for.
/// </summary>
public sealed class PlayedSound
{
    private const int Capacity = 1 << 15; // two thirds of a second

    private readonly short[] _samples = new short[Capacity];
    private long _written;
    private long _read;

    /// <summary>Adds what is being played. Nobody may be listening: then the oldest is lost.</summary>
    public void Write(ReadOnlySpan<short> samples)
    {
        long at = _written;
        for (int i = 0; i < samples.Length; i++)
            _samples[(at + i) % Capacity] = samples[i];
        Volatile.Write(ref _written, at + samples.Length);
    }

    /// <summary>Forgets what was played.</summary>
    public void Clear() => Array.Clear(_samples);

    /// <summary>Takes what is next; silence where nothing was played.</summary>
    /// <remarks>
    /// The two devices have clocks of their own. What piles up beyond a fifth of a second, and what is missing, is a jump to the echo canceller, which follows it;
    /// in between it sees their drift, and follows that too.
    /// </remarks>
    public void Read(Span<short> samples)
    {
        long written = Volatile.Read(ref _written);
        if (written - _read > Capacity / 3)
            _read = written - samples.Length;

        int there = (int)Math.Min(written - _read, samples.Length);
        for (int i = 0; i < there; i++)
            samples[i] = _samples[(_read + i) % Capacity];
        samples[there..].Clear();
        _read += there;
    }
}
