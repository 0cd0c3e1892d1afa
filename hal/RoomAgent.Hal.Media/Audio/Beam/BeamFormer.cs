namespace RoomAgent.Hal.Media.Audio;

/// <summary>Makes one channel of an array's, that hears best in the direction of whoever speaks.</summary>
/// <remarks>
/// <para>
/// Delay and sum: each channel is delayed so that what comes from one direction is in step, and the rest is not. Of n microphones that lowers noise which is
/// different in each by 10 log n dB, and sound from elsewhere the more, the higher its pitch. The direction is followed with hysteresis, and the beam
/// is turned by fading from one direction to the other.
/// </para>
/// <para>One thread at a time. Nothing is allocated after the constructor.</para>
/// </remarks>
public sealed class BeamFormer
{
    private const int BlocksBetweenLooks = 4;
    private const double ClearEnough = 0.15;

    private const double Hysteresis = 12;

    private readonly MicrophoneArray _array;
    private readonly DirectionFinder _finder;
    private readonly SampleRing[] _channels;
    private readonly FractionalReader _reader = new(Sound.BlockSamples);
    private readonly float[] _channel = new float[Sound.BlockSamples];
    private readonly float[] _sum = new float[Sound.BlockSamples];
    private readonly float[] _turned = new float[Sound.BlockSamples];
    private readonly LevelMeter _meter = new();
    private int _blocks;
    private int _elsewhere;
    private double _candidate;
    private double? _turningTo;

    /// <summary>Takes all the memory it will ever have. The beam looks to the front (90 degrees).</summary>
    public BeamFormer(MicrophoneArray array)
    {
        ArgumentNullException.ThrowIfNull(array);
        _array = array;
        _finder = new DirectionFinder(array);
        _channels = [.. Enumerable.Range(0, array.Count).Select(_ => new SampleRing(4_096))];

        // All channels are made later by the longest way from the middle, so that none looks into the future.
        double longest = array.Positions.Max(position => Math.Sqrt((position.X * position.X) + (position.Y * position.Y)));
        Delay = (int)Math.Ceiling(longest / MicrophoneArray.SpeedOfSound * Sound.SampleRate) + FractionalReader.Ahead + 1;
    }

    /// <summary>How many channels are interleaved.</summary>
    public int Channels => _array.Count;

    /// <summary>By how much later the sound leaves than it came, in samples.</summary>
    public int Delay { get; }

    /// <summary>From where the sound came lately, in degrees from 0 to 360; from 0 to 180 of a linear array, which cannot tell front from back.</summary>
    public double Direction { get; private set; } = 90;

    /// <summary>How clear <see cref="Direction"/> is, from 0 for noise from everywhere to 1 for one source in the open.</summary>
    public double Clarity => _finder.Clarity;

    /// <summary>Where the beam looks, in degrees.</summary>
    public double Steering { get; private set; } = 90;

    /// <summary>Whether the beam stays where it looks, as it should while the room's speaker is what is heard.</summary>
    public bool IsHeld { get; set; }

    /// <summary>How long another direction must have been clear before the beam turns there. The default is 240 ms.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromMilliseconds(240);

    /// <summary>Makes one channel of one block.</summary>
    /// <param name="interleaved">480 samples of each channel.</param>
    /// <param name="destination">480 samples.</param>
    /// <exception cref="ArgumentException">One of them has another length.</exception>
    public void Process(ReadOnlySpan<short> interleaved, Span<short> destination)
    {
        Sound.RequireBlock(interleaved.Length, Channels);
        Sound.RequireBlock(destination.Length);

        for (int i = 0; i < Channels; i++)
            _channels[i].WriteChannel(interleaved, i, Channels);
        Form(Steering, _sum);
        Turn();
        for (int i = 0; i < destination.Length; i++)
            destination[i] = Sound.ToSample(_sum[i]);
        FollowVoice(destination);
    }

    private void Form(double degrees, Span<float> sum)
    {
        sum.Clear();
        for (int i = 0; i < Channels; i++)
        {
            double position = _channels[i].Written - Sound.BlockSamples - Delay - _array.LeadOf(i, degrees);
            _reader.Read(_channels[i], position, 1, _channel);
            for (int n = 0; n < sum.Length; n++)
                sum[n] += _channel[n] / Channels;
        }
    }

    private void Turn()
    {
        if (_turningTo is not { } degrees)
            return;

        Form(degrees, _turned);
        for (int i = 0; i < _sum.Length; i++)
            _sum[i] += (_turned[i] - _sum[i]) * (i + 1) / _sum.Length;
        Steering = degrees;
        _turningTo = null;
    }

    private void FollowVoice(ReadOnlySpan<short> block)
    {
        bool speaks = _meter.Measure(block).Voice;
        if (++_blocks < BlocksBetweenLooks)
            return;

        _blocks = 0;
        if (!speaks || IsHeld)
            return;

        _finder.Look(_channels);
        if (_finder.Clarity < ClearEnough)
            return;

        Direction = _finder.Degrees;
        Consider(Direction);
    }

    private void Consider(double degrees)
    {
        if (Between(degrees, Steering) < Hysteresis)
        {
            _elsewhere = 0;
            return;
        }

        _elsewhere = _elsewhere > 0 && Between(degrees, _candidate) < Hysteresis ? _elsewhere + 1 : 1;
        _candidate = degrees;
        if (_elsewhere * BlocksBetweenLooks * Sound.Block < Patience)
            return;

        _elsewhere = 0;
        _turningTo = degrees;
    }

    private static double Between(double a, double b) => Math.Abs(((a - b + 540) % 360) - 180);
}
