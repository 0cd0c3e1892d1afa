namespace RoomAgent.Hal.Media.Audio;

/// <summary>How much faster or slower than our clock the speaker's is, by how its queue grows and shrinks.</summary>
/// <remarks>
/// A controller with a proportional and an integral part, critically damped: the integral comes to rest at the difference of the clocks, the queue at its target.
/// It takes a minute for it, since a queue jumps by whole blocks all the time and nobody must hear the pitch follow.
/// </remarks>
internal sealed class SpeakerClock
{
    /// <summary>The largest correction, in parts.</summary>
    public const double Most = 500e-6;

    private const double Proportional = 0.02;
    private const double Integral = Proportional * Proportional / 4;
    private const double Smoothing = 0.005;
    private const double Step = (double)Sound.BlockSamples / Sound.SampleRate;

    private double _queued;
    private double _drift;
    private bool _hasBegun;

    /// <summary>By which part more sound must be used up than is played.</summary>
    public double Correction { get; private set; }

    /// <summary>Takes the queue's level, once a block.</summary>
    public void Handle(TimeSpan queued, TimeSpan target)
    {
        // A speaker that stood still has to be followed from anew, with what is known of its clock.
        double level = Math.Clamp(queued.TotalSeconds, 0, 10);
        if (!_hasBegun || Math.Abs(level - _queued) > 0.1)
            _queued = level;
        _hasBegun = true;

        _queued += Smoothing * (level - _queued);
        double error = _queued - target.TotalSeconds;
        double wanted = _drift + (Proportional * error);
        Correction = Math.Clamp(wanted, -Most, Most);

        // The integral does not wind up while more is wanted than can be given.
        if (Correction == wanted)
            _drift = Math.Clamp(_drift + (Integral * error * Step), -Most, Most);
    }
}
