using RoomAgent.Hal.Media.Audio;

namespace RoomAgent.Audio.Tests.Simulated;

/// <summary>A room with a television that plays late and by a clock of its own, and a microphone that hears it.</summary>
internal sealed class Television
{
    private readonly short[] _played;
    private readonly SampleRing _echo;
    private readonly FractionalReader _reader = new(480);
    private readonly double _rate;
    private int _written;

    /// <param name="played">What it is given to play.</param>
    /// <param name="drift">How much faster than the microphone's its clock is, in millionths.</param>
    /// <param name="seed">Another room for each.</param>
    public Television(float[] played, double drift, int seed = 1)
    {
        _played = Signals.ToSamples(played);
        _rate = 1 + (drift * 1e-6);
        float[] echo = Convolution.Convolve(played, Convolution.Room(0.3, 6, seed));
        _echo = new SampleRing((int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)echo.Length));
        _echo.Write(echo);
    }

    /// <summary>The blocks of the microphone for which it has something to play.</summary>
    public int Blocks => (int)(_played.Length / _rate / 480) - 1;

    /// <summary>The delay from giving to hearing, in seconds, by the time of the microphone in seconds.</summary>
    public Func<double, double> Delay { get; init; } = _ => 0.15;

    /// <summary>Gives what the television takes until this block of the microphone.</summary>
    public void Play(int block, Action<ReadOnlySpan<short>> give)
    {
        for (int due = (int)((block + 1) * 480 * _rate); _written + 480 <= Math.Min(due, _played.Length); _written += 480)
            give(_played.AsSpan(_written, 480));
    }

    /// <summary>What the microphone hears of it in this block.</summary>
    public float[] Hear(int block)
    {
        float[] heard = new float[480];
        double delay = Delay(block * 0.01) * 48_000;
        _reader.Read(_echo, (block * 480 * _rate) - delay, _rate, heard);
        return heard;
    }
}
