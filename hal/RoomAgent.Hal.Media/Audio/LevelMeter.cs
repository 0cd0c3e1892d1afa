namespace RoomAgent.Hal.Media.Audio;

/// <summary>Measures the level of each block and whether somebody speaks.</summary>
/// <remarks>
/// The level is the root mean square against 32767, as the reference of RFC 6465, appendix A computes it.
/// Speech is what stands out of the quietest of the last seconds: steady noise does not, however loud it is.
/// </remarks>
public sealed class LevelMeter
{
    /// <summary>The level of silence.</summary>
    public const int Silence = 127;

    private const double StandsOut = 9;
    private const double Quietest = -60;

    // The pause between two words is no end of speech.
    private const int HangOver = 20;

    // The lowest of eight times 250 ms.
    private const int Slots = 8;
    private const int SlotBlocks = 25;

    private readonly double[] _lowest = new double[Slots];
    private double _smooth = double.NaN;
    private int _slot;
    private int _blocks;
    private int _hangOver;

    /// <summary>What was measured last.</summary>
    public SoundLevel Latest { get; private set; } = new(Silence, false);

    /// <summary>The level of some samples in -dBov, from 0 to 127; none are silence.</summary>
    public static byte LevelOf(ReadOnlySpan<short> samples) => (byte)Math.Round(-DecibelsOf(samples));

    /// <summary>Measures one block.</summary>
    /// <param name="block">480 samples of one channel.</param>
    /// <exception cref="ArgumentException"><paramref name="block"/> has another length.</exception>
    public SoundLevel Measure(ReadOnlySpan<short> block)
    {
        Sound.RequireBlock(block.Length);

        double level = DecibelsOf(block);
        _smooth = double.IsNaN(_smooth) ? level : _smooth + (0.5 * (level - _smooth));
        bool standsOut = _smooth > Math.Max(FollowFloor(_smooth) + StandsOut, Quietest);
        _hangOver = standsOut ? HangOver : Math.Max(0, _hangOver - 1);
        return Latest = new SoundLevel((byte)Math.Round(-level), _hangOver > 0 && level > -Silence);
    }

    private double FollowFloor(double level)
    {
        if (++_blocks == SlotBlocks)
        {
            _blocks = 0;
            _slot = (_slot + 1) % Slots;
            _lowest[_slot] = level;
        }

        _lowest[_slot] = Math.Min(_lowest[_slot], level);
        double floor = _lowest[0];
        foreach (double lowest in _lowest)
            floor = Math.Min(floor, lowest);
        return floor;
    }

    private static double DecibelsOf(ReadOnlySpan<short> samples)
    {
        long sum = 0;
        foreach (short sample in samples)
            sum += sample * sample;
        if (sum == 0)
            return -Silence;

        double rms = Math.Sqrt((double)sum / samples.Length) / short.MaxValue;
        return Math.Clamp(20 * Math.Log10(rms), -Silence, 0);
    }
}
