namespace RoomAgent.Hal.Media.Audio;

/// <summary>Keeps sound below a ceiling by turning it down a moment before it is too loud, and touches nothing that is not.</summary>
/// <remarks>
/// <para>
/// It looks 2.5 ms ahead. Between two slices of that length the gain is the smaller of what both need, and within a slice it goes straight from one such point
/// to the next: so it is nowhere larger than its slice needs, and no sample is ever above the ceiling. Afterwards it rises by 40 dB a second.
/// </para>
/// <para>One thread at a time. Nothing is allocated after the constructor.</para>
/// </remarks>
public sealed class Limiter
{
    /// <summary>By how much later the sound leaves than it came, in samples.</summary>
    public const int Delay = 120;

    /// <summary>The loudest sample that leaves: 1 dB below overload.</summary>
    public const short Ceiling = 29_204;

    // 40 dB a second, for 2.5 ms.
    private static readonly float s_release = MathF.Pow(10, 40f / 20 * Delay / Sound.SampleRate);

    private readonly float[] _held = new float[Delay];
    private float _heldNeeds = 1;
    private float _gain = 1;

    /// <summary>The smallest gain that was needed lately, from 0 to 1; 1 while nothing is limited.</summary>
    public float Gain => _gain;

    /// <summary>Limits some samples.</summary>
    /// <param name="sound">Any values, in sample units.</param>
    /// <param name="destination">Gets as many, 2.5 ms late.</param>
    /// <exception cref="ArgumentException">The lengths differ, or are no multiple of <see cref="Delay"/>.</exception>
    public void Process(ReadOnlySpan<float> sound, Span<short> destination)
    {
        if (sound.Length != destination.Length || sound.Length % Delay != 0)
            throw new ArgumentException($"{sound.Length} samples into {destination.Length}: both must be the same multiple of {Delay}.");

        for (int start = 0; start < sound.Length; start += Delay)
            ProcessSlice(sound.Slice(start, Delay), destination.Slice(start, Delay));
    }

    private void ProcessSlice(ReadOnlySpan<float> next, Span<short> destination)
    {
        float peak = 0;
        foreach (float sample in next)
            peak = Math.Max(peak, Math.Abs(sample));
        float needs = peak > Ceiling ? Ceiling / peak : 1;

        float end = Math.Min(Math.Min(_heldNeeds, needs), _gain * s_release);
        float step = (end - _gain) / Delay;
        for (int i = 0; i < Delay; i++)
            destination[i] = (short)Math.Clamp(MathF.Round(_held[i] * (_gain + (step * i))), -Ceiling, Ceiling);

        next.CopyTo(_held);
        _heldNeeds = needs;
        _gain = end;
    }
}
