using RoomAgent.Hal;

namespace RoomAgent.Agent.Devices;

/// <summary>
/// Makes the sounds of a room out of nothing but tones: which are wanted, and where in the one that sounds. Any thread may want one, the speaker's makes them.
/// One that is wanted twice before it begins sounds once, so that fifty people who come at once are one sound. Nothing is allocated.
/// </summary>
public sealed class Chimes
{
    /// <summary>No sample is louder. Voices are limited to 29,204, so that both together never overload.</summary>
    public const int Loudest = 3_500;

    private const double Amplitude = 2_900;
    private const double Overtone = 0.2; // of the octave above: a bare sine sounds like a test
    private const int Rise = IMicrophoneArray.SampleRate * 6 / 1_000;

    // A device may begin to play only when so much waits, and the shortest of sounds has to be heard too.
    private static readonly Note s_rest = new(0, 120);

    private static readonly Note[][] s_notes =
    [
        [new(740, 130), new(587, 130), new(740, 130), new(587, 220), s_rest],
        [new(880, 120), new(587, 260), s_rest],
        [new(587, 120), new(880, 260), s_rest],
        [new(523, 220), new(659, 220), new(784, 420), s_rest],
        [new(784, 70), s_rest],
    ];

    private int _wanted;
    private int _sounding = -1;
    private int _note;
    private int _at;

    /// <summary>Whether something is wanted or sounds.</summary>
    public bool AreSounding => Volatile.Read(ref _sounding) >= 0 || Volatile.Read(ref _wanted) != 0;

    /// <summary>Wants a sound, after those that are more urgent.</summary>
    public void Want(Chime chime) => Interlocked.Or(ref _wanted, 1 << (int)chime);

    /// <summary>Adds what comes next to what is played anyway.</summary>
    public void AddTo(Span<short> sound)
    {
        for (int i = 0; i < sound.Length;)
        {
            if (_sounding < 0 && !Begin())
                return;

            Note note = s_notes[_sounding][_note];
            int count = Math.Min(sound.Length - i, note.Samples - _at);
            if (note.Frequency > 0)
                Add(note, sound.Slice(i, count));
            i += count;
            _at += count;
            if (_at == note.Samples)
                Step();
        }
    }

    /// <summary>Wants nothing more: what comes too late would only be wondered at.</summary>
    public void Clear()
    {
        Volatile.Write(ref _wanted, 0);
        Volatile.Write(ref _sounding, -1);
    }

    private bool Begin()
    {
        int wanted = Volatile.Read(ref _wanted);
        if (wanted == 0)
            return false;

        int first = int.TrailingZeroCount(wanted);
        (_note, _at) = (0, 0);
        Volatile.Write(ref _sounding, first);
        Interlocked.And(ref _wanted, ~(1 << first));
        return true;
    }

    private void Step()
    {
        _at = 0;
        if (++_note == s_notes[_sounding].Length)
            Volatile.Write(ref _sounding, -1);
    }

    // Rises in a moment and fades until its end, so that nothing clicks.
    private void Add(Note note, Span<short> sound)
    {
        for (int i = 0; i < sound.Length; i++)
        {
            int at = _at + i;
            double fading = 1 - ((double)at / note.Samples);
            double loudness = Amplitude * fading * fading * Math.Min(1, (double)at / Rise);
            double angle = Math.Tau * note.Frequency * at / IMicrophoneArray.SampleRate;
            double tone = loudness * (Math.Sin(angle) + (Overtone * Math.Sin(2 * angle)));
            sound[i] = (short)Math.Clamp(sound[i] + tone, short.MinValue, short.MaxValue);
        }
    }

    private readonly record struct Note(double Frequency, int Milliseconds)
    {
        public int Samples => Milliseconds * (IMicrophoneArray.SampleRate / 1_000);
    }
}
