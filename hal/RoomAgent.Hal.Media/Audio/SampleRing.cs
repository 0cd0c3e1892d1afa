namespace RoomAgent.Hal.Media.Audio;

/// <summary>The latest samples of a stream, by their number since its beginning.</summary>
internal sealed class SampleRing
{
    private readonly float[] _samples;
    private readonly int _mask;

    /// <summary>Takes all the memory it will ever have.</summary>
    /// <param name="capacity">A power of two.</param>
    public SampleRing(int capacity)
    {
        if (!int.IsPow2(capacity))
            throw new ArgumentOutOfRangeException(nameof(capacity), capacity, "Not a power of two.");
        _samples = new float[capacity];
        _mask = capacity - 1;
    }

    /// <summary>How many samples have been written: the number of the next one.</summary>
    public long Written { get; private set; }

    public void Write(ReadOnlySpan<short> samples)
    {
        foreach (short sample in samples)
            _samples[(int)(Written++ & _mask)] = sample;
    }

    public void Write(ReadOnlySpan<float> samples)
    {
        foreach (float sample in samples)
            _samples[(int)(Written++ & _mask)] = sample;
    }

    /// <summary>Every <paramref name="stride"/>th sample, of interleaved channels.</summary>
    public void WriteChannel(ReadOnlySpan<short> interleaved, int channel, int stride)
    {
        for (int i = channel; i < interleaved.Length; i += stride)
            _samples[(int)(Written++ & _mask)] = interleaved[i];
    }

    public void WriteSilence(int count)
    {
        for (int i = 0; i < count; i++)
            _samples[(int)(Written++ & _mask)] = 0;
    }

    /// <summary>Fills <paramref name="destination"/> with the samples from number <paramref name="first"/> on; those that are not held are silence.</summary>
    public void CopyTo(long first, Span<float> destination)
    {
        long oldest = Math.Max(0, Written - _samples.Length);
        if (first >= oldest && first + destination.Length <= Written)
        {
            int start = (int)(first & _mask);
            int run = Math.Min(destination.Length, _samples.Length - start);
            _samples.AsSpan(start, run).CopyTo(destination);
            _samples.AsSpan(0, destination.Length - run).CopyTo(destination[run..]);
            return;
        }

        for (int i = 0; i < destination.Length; i++)
            destination[i] = first + i >= oldest && first + i < Written ? _samples[(int)((first + i) & _mask)] : 0;
    }
}
