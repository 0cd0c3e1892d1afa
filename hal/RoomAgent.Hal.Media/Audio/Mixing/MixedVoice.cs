namespace RoomAgent.Hal.Media.Audio;

/// <summary>A voice in a <see cref="VoiceMixer"/>.</summary>
public sealed class MixedVoice
{
    // What is kept back, so that there is something left to fade when nothing more comes.
    private const int Fade = Sound.BlockSamples / 2;
    private const int Piece = 2 * Sound.BlockSamples;
    private const int PiecesBetweenStretches = 4;

    private readonly IVoice _voice;
    private readonly short[] _pulled = new short[Piece];
    private readonly float[] _inserted = new float[PitchStretch.LongestPeriod];
    private readonly float[] _held = new float[Sound.BlockSamples + Fade + Piece + PitchStretch.LongestPeriod];
    private int _count;
    private int _piecesSinceStretch;
    private bool _isSilent = true;
    private float _gain = 1;

    internal MixedVoice(IVoice voice) => _voice = voice;

    /// <summary>How loud it is mixed, as a factor from 0 to 4. A change fades in 10 ms.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Another value is set.</exception>
    public float Gain
    {
        get;
        set => field = value is >= 0 and <= 4 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "A factor from 0 to 4.");
    } = 1;

    /// <summary>Whether something of it is heard.</summary>
    public bool IsHeard => !_isSilent || _count > 0;

    /// <summary>By how many samples it has been made longer; below zero, shorter.</summary>
    public long Stretched { get; private set; }

    internal IVoice Voice => _voice;

    internal bool IsLeaving { get; set; }

    /// <summary>Adds its next block to a sum.</summary>
    internal void AddTo(Span<float> sum, TimeSpan now)
    {
        Fill(now);

        int length = Math.Min(_count, sum.Length);
        float step = (Gain - _gain) / sum.Length;
        for (int i = 0; i < length; i++)
            sum[i] += _held[i] * (_gain + (step * i));
        _gain = Gain;
        Drop(0, length);
    }

    private void Fill(TimeSpan now)
    {
        while (_count < Sound.BlockSamples + Fade)
        {
            VoicePace pace = VoicePace.Even;
            int pulled = IsLeaving ? 0 : _voice.Pull(now, _pulled, out pace);
            if (pulled <= 0)
            {
                FadeOut();
                return;
            }

            Append(_pulled.AsSpan(0, pulled));
            if (pace == VoicePace.Even || ++_piecesSinceStretch <= PiecesBetweenStretches)
                continue;
            Stretch(Math.Max(0, _count - Piece), pace);
        }
    }

    private void Append(ReadOnlySpan<short> samples)
    {
        for (int i = 0; i < samples.Length; i++)
            _held[_count + i] = _isSilent && i < Fade ? samples[i] * (float)i / Fade : samples[i];
        _count += samples.Length;
        _isSilent = false;
    }

    private void FadeOut()
    {
        if (_isSilent)
            return;

        int length = Math.Min(Fade, _count);
        for (int i = 0; i < length; i++)
            _held[_count - 1 - i] *= (float)i / length;
        _isSilent = true;
    }

    private void Stretch(int start, VoicePace pace)
    {
        Span<float> sound = _held.AsSpan(start, _count - start);
        int period;
        if (pace == VoicePace.Faster)
        {
            period = PitchStretch.Shorten(sound);
            Drop(start, period);
            Stretched -= period;
        }
        else
        {
            period = PitchStretch.Lengthen(sound, _inserted);
            _held.AsSpan(start + period, _count - start - period).CopyTo(_held.AsSpan(start + (2 * period)));
            _inserted.AsSpan(0, period).CopyTo(_held.AsSpan(start + period));
            _count += period;
            Stretched += period;
        }

        if (period > 0)
            _piecesSinceStretch = 0;
    }

    private void Drop(int start, int count)
    {
        _held.AsSpan(start + count, _count - start - count).CopyTo(_held.AsSpan(start));
        _count -= count;
    }
}
