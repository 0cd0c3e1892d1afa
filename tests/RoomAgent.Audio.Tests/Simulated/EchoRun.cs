using RoomAgent.Hal.Media.Audio;

namespace RoomAgent.Audio.Tests.Simulated;

/// <summary>A far end that speaks through a television, somebody who may speak in the room, and what is left behind canceller and suppressor.</summary>
internal sealed class EchoRun
{
    // A microphone is never quite still.
    private const double Hiss = -75;

    private readonly float[] _echo;
    private readonly float[] _linear;
    private readonly float[] _all;

    /// <summary>Runs it.</summary>
    /// <param name="television">What plays.</param>
    /// <param name="near">What is said in the room, as the microphone hears it.</param>
    public EchoRun(Television television, float[]? near = null)
    {
        using var canceller = new EchoCanceller();
        using var suppressor = new NoiseSuppressor(canceller);
        int blocks = television.Blocks;
        float[] hiss = Signals.Noise(blocks * 480, Hiss, 3);
        _echo = new float[blocks * 480];
        _linear = new float[blocks * 480];
        _all = new float[blocks * 480];
        var heard = new short[480];
        for (int block = 0; block < blocks; block++)
        {
            television.Play(block, canceller.HandlePlayed);
            float[] echo = television.Hear(block);
            echo.CopyTo(_echo, block * 480);
            for (int i = 0; i < 480; i++)
            {
                int at = (block * 480) + i;
                heard[i] = (short)Math.Clamp(MathF.Round(echo[i] + hiss[at] + (near is { } voice && at < voice.Length ? voice[at] : 0)), short.MinValue, short.MaxValue);
            }

            canceller.Process(heard);
            Signals.ToFloats(heard).CopyTo(_linear, block * 480);
            suppressor.Process(heard);
            Signals.ToFloats(heard).CopyTo(_all, block * 480);
            if (block > 0 && canceller.State.IsLocked && LockedAfter == TimeSpan.Zero)
                LockedAfter = block * Sound.Block;
        }

        State = canceller.State;
    }

    /// <summary>How the echo stood in the end.</summary>
    public EchoState State { get; }

    /// <summary>When the delay was known.</summary>
    public TimeSpan LockedAfter { get; }

    /// <summary>What comes out, without the delay of the suppressor.</summary>
    public ReadOnlySpan<float> Out => _all.AsSpan(NoiseSuppressor.Delay);

    /// <summary>By how much the echo was lowered from one second to another, in dB: by the filter, and by filter and suppressor.</summary>
    public (double Linear, double All) Reduction(double from, double to)
    {
        int start = (int)(from * 48_000);
        int length = (int)((to - from) * 48_000);
        double echo = Signals.Power(_echo.AsSpan(start, length));
        return (Signals.Decibels(echo / Signals.Power(_linear.AsSpan(start, length))), Signals.Decibels(echo / Signals.Power(Out.Slice(start, Math.Min(length, Out.Length - start)))));
    }
}
