using RoomAgent.Wire;

namespace RoomAgent.Hub.MediaNode;

/// <summary>Who spoke last, from audio levels alone (RFC 6464): nobody here hears a word.</summary>
/// <remarks>
/// <para>The rule, with its hysteresis:</para>
/// <para>1. A voice has a loudness: its level above silence (127 less the level of the packet, so 0 to 127 dB), smoothed with a time constant of 200 ms. Without packets it decays alike.</para>
/// <para>2. A voice below 127 - 60 = 67 dB is not speech; a cough of less than some 100 ms does not get there.</para>
/// <para>3. A challenger takes the floor from the present speaker when it has been at least 6 dB louder for 300 ms without a break, or at once when the present one has
/// been below speech for 500 ms. Of several challengers the loudest counts, from when it became that.</para>
/// <para>4. Nobody loses the floor to another within a second. Whoever leaves leaves it to the next who speaks, at once.</para>
/// <para>Whoever takes the floor moves to the front of <see cref="Recent"/>; the others keep their order, so that pictures do not jump about.</para>
/// </remarks>
internal sealed class SpeakerOrder<TVoice>
    where TVoice : class
{
    /// <summary>The level of silence, in -dBov.</summary>
    public const int Silence = 127;

    /// <summary>What counts as speech: dB above the lowest level.</summary>
    public const double Speech = 67;

    private const double TimeConstant = 0.2;
    private const double Advantage = 6;
    private static readonly TimeSpan s_challenge = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan s_silence = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_hold = TimeSpan.FromSeconds(1);

    private readonly Dictionary<TVoice, Loudness> _voices = [];
    private readonly List<TVoice> _recent = [];
    private Instant _floorTaken;
    private Instant _lastSpeech;
    private TVoice? _challenger;
    private Instant _challengedSince;

    /// <summary>Who has the floor; <see langword="null"/> until somebody speaks.</summary>
    public TVoice? Speaker { get; private set; }

    /// <summary>All voices, who had the floor last first; who never had it, in the order of joining.</summary>
    public IReadOnlyList<TVoice> Recent => _recent;

    /// <summary>How loud a voice is at <paramref name="now"/>: 0 to 127 dB above the lowest level.</summary>
    public double LoudnessOf(TVoice voice, Instant now) => _voices.TryGetValue(voice, out Loudness? loudness) ? loudness.At(now) : 0;

    public void Add(TVoice voice)
    {
        if (_voices.TryAdd(voice, new Loudness()))
            _recent.Add(voice);
    }

    public void Remove(TVoice voice)
    {
        _voices.Remove(voice);
        _recent.Remove(voice);
        if (Speaker == voice)
            Speaker = null;
        if (_challenger == voice)
            _challenger = null;
    }

    /// <summary>Takes the level of one packet.</summary>
    /// <param name="voice">Whose; one that was not added is ignored.</param>
    /// <param name="level">0 (loudest) to 127 (silence), in -dBov.</param>
    /// <param name="now">When it arrived.</param>
    /// <returns>Whether the floor went to another voice.</returns>
    public bool Hear(TVoice voice, int level, Instant now)
    {
        if (!_voices.TryGetValue(voice, out Loudness? loudness))
            return false;

        // Who was not heard for a while has not been louder all the while.
        if (voice == _challenger && Speaker is { } speaker && loudness.At(now) < Math.Max(Speech, _voices[speaker].At(now) + Advantage))
            _challenger = null;

        loudness.Hear(127 - level, now);
        double heard = loudness.At(now);
        if (voice == Speaker)
        {
            if (heard >= Speech)
                _lastSpeech = now;
            return false;
        }

        return Challenges(voice, heard, now) && Take(voice, now);
    }

    private bool Challenges(TVoice voice, double heard, Instant now)
    {
        if (heard < Speech)
        {
            if (_challenger == voice)
                _challenger = null;
            return false;
        }

        if (Speaker is null)
            return true;
        if (now - _lastSpeech >= s_silence)
            return now - _floorTaken >= s_hold;

        if (heard < _voices[Speaker].At(now) + Advantage)
        {
            if (_challenger == voice)
                _challenger = null;
            return false;
        }

        // The loudest challenger is the one that counts.
        if (_challenger is null || (_challenger != voice && heard > _voices[_challenger].At(now)))
            (_challenger, _challengedSince) = (voice, now);
        return _challenger == voice && now - _challengedSince >= s_challenge && now - _floorTaken >= s_hold;
    }

    private bool Take(TVoice voice, Instant now)
    {
        Speaker = voice;
        _floorTaken = now;
        _lastSpeech = now;
        _challenger = null;
        _recent.Remove(voice);
        _recent.Insert(0, voice);
        return true;
    }

    /// <summary>An exponential average over time, not over packets: what loses packets or sends none does not seem louder.</summary>
    private sealed class Loudness
    {
        private double _value;
        private Instant _last;
        private bool _started;

        public void Hear(double level, Instant now)
        {
            // The first packet counts for the time that one packet has.
            TimeSpan step = _started ? now - _last : TimeSpan.FromMilliseconds(20);
            double weight = Math.Exp(-Math.Clamp(step.TotalSeconds, 0, 0.06) / TimeConstant);
            _value = (At(now) * weight) + (level * (1 - weight));
            _last = now;
            _started = true;
        }

        // A gap of up to three packets is no silence.
        public double At(Instant now)
        {
            double gap = (now - _last).TotalSeconds - 0.06;
            return gap > 0 ? _value * Math.Exp(-gap / TimeConstant) : _value;
        }
    }
}
