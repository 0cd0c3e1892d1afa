namespace RoomAgent.Hal.Media.Audio;

/// <summary>Brings voices to one loudness, whether they are near or far from the microphone.</summary>
/// <remarks>
/// It follows the level of speech alone: noise between the words, and what is left of the far end, neither raise nor lower it. libspeexdsp's own works only
/// together with its noise suppression, and not at all where the library is built for fixed point; so this is ours. One thread at a time.
/// </remarks>
public sealed class AutomaticGain
{
    // -23 dBov while somebody speaks leaves room for what peaks.
    private const double Target = -23;
    private const double Least = -12;
    private const double RisePerBlock = 0.03;
    private const double FallPerBlock = 0.2;

    // Nobody is so far away; it is noise.
    private const double QuietestSpeech = -58;

    private double _speech = Target;
    private double _decibels;
    private float _gain = 1;

    /// <summary>The gain in dB.</summary>
    public double Decibels => _decibels;

    /// <summary>The largest gain in dB, from 0 to 30.</summary>
    public double Most
    {
        get;
        set => field = value is >= 0 and <= 30 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "A gain of 0 to 30 dB.");
    } = 24;

    /// <summary>Whether the gain follows the voices; else it goes back to none.</summary>
    public bool IsOn { get; set; } = true;

    /// <summary>Applies the gain to one block.</summary>
    /// <param name="block">480 samples, changed in place; they may become larger than a sample can be.</param>
    /// <param name="level">The level of this block before the gain.</param>
    /// <param name="hold">Whether something else than the room's voices may be in it, so that the gain must not follow it.</param>
    /// <exception cref="ArgumentException"><paramref name="block"/> has another length.</exception>
    public void Process(Span<float> block, SoundLevel level, bool hold)
    {
        Sound.RequireBlock(block.Length);

        Follow(level, hold);
        float end = (float)Math.Pow(10, _decibels / 20);
        float step = (end - _gain) / block.Length;
        if (_gain == 1 && end == 1)
            return;

        for (int i = 0; i < block.Length; i++)
            block[i] *= _gain + (step * i);
        _gain = end;
    }

    private void Follow(SoundLevel level, bool hold)
    {
        if (!IsOn)
        {
            // So quickly that a change of settings is heard at once, so slowly that it does not click.
            _decibels -= Math.Clamp(_decibels, -FallPerBlock * 4, FallPerBlock * 4);
            return;
        }

        if (!level.Voice || hold || -level.Level < QuietestSpeech)
            return;

        // The loud parts of speech are its level: quickly up, slowly down.
        double difference = -level.Level - _speech;
        _speech += difference * (difference > 0 ? 0.1 : 0.004);
        double wanted = Math.Clamp(Target - _speech, Least, Most);
        _decibels += Math.Clamp(wanted - _decibels, -FallPerBlock, RisePerBlock);
    }
}
