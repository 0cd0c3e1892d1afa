namespace RoomAgent.Hal.Media.Audio;

/// <summary>All that lies between the decoders and the speaker: mixes the voices of a meeting and follows the speaker's clock.</summary>
/// <remarks>
/// <para>
/// Each voice is pulled when it is needed, at the pace that its stream asks for, fades in and out with what is said, and is silent when it has nothing. The sum
/// is limited. The mixer may be called by any clock, such as the microphone's: how full the speaker's queue is says by how much the two differ, and the sum is
/// resampled by up to 500 ppm, which nobody hears.
/// </para>
/// <para>One thread at a time. Nothing is allocated but by <see cref="Add"/>.</para>
/// </remarks>
public sealed class VoiceMixer : IVoiceMixer
{
    /// <summary>How many voices there may be at most.</summary>
    public const int MostVoices = 32;

    /// <summary>How many samples <see cref="Mix"/> gives at most.</summary>
    public const int MostSamples = Sound.BlockSamples + 2;

    private readonly List<MixedVoice> _voices = new(MostVoices);
    private readonly float[] _sum = new float[Sound.BlockSamples];
    private readonly short[] _limited = new short[Sound.BlockSamples];
    private readonly float[] _read = new float[MostSamples];
    private readonly SampleRing _mixed = new(2_048);
    private readonly FractionalReader _reader = new(MostSamples);
    private readonly Limiter _limiter = new();
    private readonly SpeakerClock _clock = new();
    private double _position = -FractionalReader.Ahead;

    /// <summary>How much sound shall wait in the speaker's queue. The default is 40 ms.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not from 10 to 500 ms.</exception>
    public TimeSpan TargetQueue
    {
        get;
        set => field = value.TotalMilliseconds is >= 10 and <= 500 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "10 to 500 ms.");
    } = TimeSpan.FromMilliseconds(40);

    /// <summary>By how much the speaker's clock is taken to be slower than ours, in millionths.</summary>
    public double Drift => _clock.Correction * 1e6;

    /// <summary>The voices, those that fade out for good as well.</summary>
    public IReadOnlyList<MixedVoice> Voices => _voices;

    /// <summary>Adds a voice. It fades in.</summary>
    /// <exception cref="InvalidOperationException">There are <see cref="MostVoices"/> already.</exception>
    public MixedVoice Add(IVoice voice)
    {
        ArgumentNullException.ThrowIfNull(voice);
        // One that leaves makes room at once: what it has left to play is short.
        if (_voices.Count(other => !other.IsLeaving) >= MostVoices)
            throw new InvalidOperationException($"A mixer has {MostVoices} voices at most.");

        var added = new MixedVoice(voice);
        _voices.Add(added);
        return added;
    }

    /// <summary>Takes a voice out: it is not pulled again, plays what it has given, fades out and is gone. One that is not there is ignored.</summary>
    public void Remove(MixedVoice voice)
    {
        ArgumentNullException.ThrowIfNull(voice);
        if (_voices.Contains(voice))
            voice.IsLeaving = true;
    }

    int IVoiceMixer.MostVoices => MostVoices;

    int IVoiceMixer.MostSamples => MostSamples;

    void IVoiceMixer.Add(IVoice voice) => Add(voice);

    void IVoiceMixer.Remove(IVoice voice)
    {
        foreach (MixedVoice mixed in _voices)
        {
            if (mixed.Voice == voice)
                mixed.IsLeaving = true;
        }
    }

    /// <summary>Mixes 10 ms.</summary>
    /// <param name="destination">Room for <see cref="MostSamples"/>.</param>
    /// <param name="queued">How much sound waits in the speaker's queue before this.</param>
    /// <param name="now">The time, told to the voices as it is.</param>
    /// <returns>How many samples there are for the speaker: 480, or at times one more or less.</returns>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    public int Mix(Span<short> destination, TimeSpan queued, TimeSpan now)
    {
        if (destination.Length < MostSamples)
            throw new ArgumentException($"The mixer needs room for {MostSamples} samples, not {destination.Length}.");

        MixBlock(now);
        _clock.Handle(queued, TargetQueue);
        double step = 1 + _clock.Correction;
        int count = Math.Min(MostSamples, (int)((_mixed.Written - FractionalReader.Ahead - _position) / step));
        _reader.Read(_mixed, _position, step, _read.AsSpan(0, count));
        _position += step * count;
        for (int i = 0; i < count; i++)
            destination[i] = Sound.ToSample(_read[i]);
        return count;
    }

    private void MixBlock(TimeSpan now)
    {
        Array.Clear(_sum);
        for (int i = _voices.Count - 1; i >= 0; i--)
        {
            _voices[i].AddTo(_sum, now);
            if (_voices[i].IsLeaving && !_voices[i].IsHeard)
                _voices.RemoveAt(i);
        }

        _limiter.Process(_sum, _limited);
        _mixed.Write(_limited);
    }
}
