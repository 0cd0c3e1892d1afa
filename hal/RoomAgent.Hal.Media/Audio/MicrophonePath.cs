namespace RoomAgent.Hal.Media.Audio;

/// <summary>All that lies between the microphones and the encoder.</summary>
/// <remarks>
/// <code>
/// microphones -> 1 beam -> 2 echo cancellation -> 3 noise and residual echo -> 4 gain -> 5 limiter -> 6 level -> encoder
///                              ^ what is played
/// </code>
/// <para>Settings may change at any time: what is switched fades in 20 ms, and the sound is always late by the same <see cref="Delay"/>.</para>
/// <para>One thread at a time. Nothing is allocated after the constructor.</para>
/// </remarks>
public sealed class MicrophonePath : IMicrophonePath
{
    private const float FadePerSample = 1f / (2 * Sound.BlockSamples);
    private const double FarVoices = 24;
    private const double NearVoices = 9;
    private static readonly TimeSpan s_quick = TimeSpan.FromMilliseconds(240);
    private static readonly TimeSpan s_patient = TimeSpan.FromSeconds(2);

    private readonly BeamFormer? _beam;
    private readonly EchoCanceller _echo = new();
    private readonly NoiseSuppressor _suppressor;
    private readonly AutomaticGain _gain = new();
    private readonly LevelMeter _meter = new();
    private readonly Limiter _limiter = new();
    private readonly short[] _heard = new short[Sound.BlockSamples];
    private readonly short[] _cancelled = new short[Sound.BlockSamples];
    private readonly short[] _suppressed = new short[Sound.BlockSamples];
    private readonly short[] _previous = new short[Sound.BlockSamples];
    private readonly float[] _sound = new float[Sound.BlockSamples];
    private float _cancelling = 1;
    private float _suppressing = 1;

    /// <summary>Takes all the memory it will ever have.</summary>
    /// <param name="array">Where the microphones are, or null for a single one.</param>
    /// <exception cref="DllNotFoundException">There is no libspeexdsp.so.1.</exception>
    public MicrophonePath(MicrophoneArray? array = null)
    {
        _beam = array is null ? null : new BeamFormer(array);
        _suppressor = new NoiseSuppressor(_echo);
        Settings = new MicrophoneSettings();
    }

    /// <summary>What is done to the sound.</summary>
    public MicrophoneSettings Settings
    {
        get;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            field = value;
            _suppressor.SuppressesNoise = value.NoiseSuppression;
            _suppressor.SuppressesEcho = value.EchoCancellation;
            _gain.IsOn = value.AutomaticGain && !value.MusicMode;
            _gain.Most = value.Pickup == VoicePickup.AllVoices ? FarVoices : NearVoices;
            if (_beam is { } beam)
                beam.Patience = value.Pickup == VoicePickup.AllVoices ? s_quick : s_patient;
        }
    }

    /// <summary>How many channels are interleaved.</summary>
    public int Channels => _beam?.Channels ?? 1;

    /// <summary>By how much later the sound leaves than it came, in samples.</summary>
    public int Delay => (_beam?.Delay ?? 0) + NoiseSuppressor.Delay + Limiter.Delay;

    /// <summary>How the echo stands.</summary>
    public EchoState Echo => _echo.State;

    /// <summary>From where the sound comes, in degrees; null of a single microphone. See <see cref="BeamFormer.Direction"/>.</summary>
    public double? Direction => _beam?.Direction;

    /// <summary>The automatic gain in dB.</summary>
    public double Gain => _gain.Decibels;

    /// <summary>Takes what is given to the speaker. See <see cref="EchoCanceller.HandlePlayed"/>.</summary>
    public void HandlePlayed(ReadOnlySpan<short> samples) => _echo.HandlePlayed(samples);

    /// <summary>Processes one block.</summary>
    /// <param name="interleaved">480 samples of each channel.</param>
    /// <param name="destination">Gets 480 samples; may be the same memory as that of a single microphone.</param>
    /// <returns>The level of what is in <paramref name="destination"/>.</returns>
    /// <exception cref="ArgumentException">One of them has another length.</exception>
    /// <exception cref="ObjectDisposedException">It has been disposed of.</exception>
    public SoundLevel Process(ReadOnlySpan<short> interleaved, Span<short> destination)
    {
        Sound.RequireBlock(interleaved.Length, Channels);
        Sound.RequireBlock(destination.Length);

        // 1. One channel; the beam does not turn to the speaker.
        if (_beam is { } beam)
        {
            beam.IsHeld = _echo.IsFarEndActive;
            beam.Process(interleaved, _heard);
        }
        else
        {
            interleaved.CopyTo(_heard);
        }

        // 2. The filter learns even while it is switched off, so that it knows the room when it is needed.
        _heard.CopyTo(_cancelled, 0);
        _echo.Process(_cancelled);
        Fade(_heard, _cancelled, Settings.EchoCancellation, ref _cancelling);

        // 3. The suppressed sound is one block late, and so is the other then.
        _heard.CopyTo(_suppressed, 0);
        _suppressor.Process(_suppressed);
        Fade(_previous, _suppressed, !Settings.MusicMode && (Settings.NoiseSuppression || Settings.EchoCancellation), ref _suppressing);

        // 4. to 6.
        SoundLevel level = _meter.Measure(_previous);
        for (int i = 0; i < _sound.Length; i++)
            _sound[i] = _previous[i];
        _gain.Process(_sound, level, hold: _echo.IsFarEndActive);
        _limiter.Process(_sound, destination);
        _heard.CopyTo(_previous, 0);
        return level with { Level = LevelMeter.LevelOf(destination) };
    }

    /// <summary>Frees what libspeexdsp holds. A second call does nothing.</summary>
    public void Dispose()
    {
        _suppressor.Dispose();
        _echo.Dispose();
    }

    // Leaves the first, the second, or for 20 ms what lies between.
    private static void Fade(Span<short> first, ReadOnlySpan<short> second, bool toSecond, ref float weight)
    {
        if (weight == (toSecond ? 1 : 0))
        {
            if (toSecond)
                second.CopyTo(first);
            return;
        }

        float step = toSecond ? FadePerSample : -FadePerSample;
        for (int i = 0; i < first.Length; i++)
        {
            weight = Math.Clamp(weight + step, 0, 1);
            first[i] = Sound.ToSample(first[i] + (weight * (second[i] - first[i])));
        }
    }
}
