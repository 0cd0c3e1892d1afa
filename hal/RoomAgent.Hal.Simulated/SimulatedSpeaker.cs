namespace RoomAgent.Hal.Simulated;

/// <summary>What a simulated speaker is like.</summary>
public sealed record SpeakerSimulation
{
    /// <summary>How much of what was played can be read back, the newest.</summary>
    public TimeSpan Memory { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>What the device holds before it is full.</summary>
    public TimeSpan Buffer { get; init; } = TimeSpan.FromMilliseconds(40);

    /// <summary>By how many millionths the device's clock is faster than the machine's.</summary>
    public double ClockOffset { get; init; }

    /// <summary>A WAV file to write all into; <see langword="null"/> for none.</summary>
    public string? Path { get; init; }
}

/// <summary>A speaker that nobody hears: it takes samples at the pace of a device's clock, remembers the newest, and writes them to a WAV file when asked to.</summary>
/// <param name="clock">The machine's clock.</param>
/// <param name="simulation">What it is like.</param>
public sealed class SimulatedSpeaker(TimeProvider clock, SpeakerSimulation simulation) : ISpeaker
{
    private readonly Lock _memoryTurn = new();
    private readonly double _rate = IMicrophoneArray.SampleRate * (1 + (simulation.ClockOffset / 1_000_000));
    private short[] _memory = [];
    private WavFile? _file;
    private TimeSpan _began;
    private long _taken;
    private volatile bool _isPlugged = true;

    /// <inheritdoc/>
    public string Name => "simulated speaker";

    /// <inheritdoc/>
    public bool IsRunning { get; private set; }

    /// <inheritdoc/>
    public int Channels { get; private set; } = 1;

    /// <inheritdoc/>
    public TimeSpan Latency => IsRunning ? TimeSpan.FromSeconds(Math.Max(0, _taken - Played) / _rate) : TimeSpan.Zero;

    /// <inheritdoc/>
    public string Problem { get; private set; } = "";

    /// <summary>Times at which it had nothing to play since it started.</summary>
    public long Underruns { get; private set; }

    // By the device's clock, samples since it started; what was not there in time was silence.
    private long Played => (long)((clock.GetElapsedTime(0) - _began).TotalSeconds * _rate);

    /// <summary>Takes the device away.</summary>
    public void Unplug() => _isPlugged = false;

    /// <summary>Brings it back.</summary>
    public void Plug() => _isPlugged = true;

    /// <inheritdoc/>
    public DeviceOutcome Start(int channels)
    {
        if (channels is not (1 or 2))
            return Refuse(DeviceOutcome.Unsupported, "it has one channel or two");
        if (!_isPlugged)
            return Refuse(DeviceOutcome.Gone, "it is not there");

        Stop();
        (Channels, Problem, Underruns, _taken) = (channels, "", 0, 0);
        lock (_memoryTurn)
            _memory = new short[(int)(simulation.Memory.TotalSeconds * IMicrophoneArray.SampleRate) * channels];
        if (simulation.Path is { } path)
            _file = WavFile.Create(path, channels);
        _began = clock.GetElapsedTime(0);
        IsRunning = true;
        return DeviceOutcome.Done;
    }

    /// <inheritdoc/>
    public DeviceOutcome Write(ReadOnlySpan<short> samples)
    {
        if (!IsRunning)
            return Refuse(DeviceOutcome.Failed, "it is not running");
        if (samples.Length % Channels != 0)
            throw new ArgumentException("Not a whole number of samples of each channel.", nameof(samples));
        if (!_isPlugged)
            return Refuse(DeviceOutcome.Gone, "it is not there any more");

        lock (_memoryTurn)
        {
            BeSilentUntil(Played);
            Remember(samples);
        }

        _file?.Write(samples);
        if (_file is { Problem.Length: > 0 } broken)
            Problem = broken.Problem;

        TimeSpan tooMuch = Latency - simulation.Buffer;
        if (tooMuch > TimeSpan.Zero)
            Thread.Sleep(tooMuch);
        return DeviceOutcome.Done;
    }

    /// <inheritdoc/>
    public void Stop()
    {
        IsRunning = false;
        _file?.Dispose();
        _file = null;
    }

    /// <inheritdoc/>
    public void Dispose() => Stop();

    /// <summary>What is heard at a time. Any thread may ask.</summary>
    /// <param name="from">On the machine's monotonic clock; within <see cref="SpeakerSimulation.Memory"/>.</param>
    /// <param name="samples">Gets the samples of all channels from then on.</param>
    /// <returns><see langword="false"/> when that is no longer remembered or has not been written yet.</returns>
    public bool TryListen(TimeSpan from, Span<short> samples)
    {
        lock (_memoryTurn)
        {
            long first = (long)Math.Round((from - _began).TotalSeconds * _rate) * Channels;
            long newest = _taken * Channels;
            if (first < Math.Max(0, newest - _memory.Length) || first + samples.Length > newest)
                return false;

            for (int i = 0; i < samples.Length; i++)
                samples[i] = _memory[(first + i) % _memory.Length];
            return true;
        }
    }

    // What comes late is heard late: what should have been heard before was silence.
    private void BeSilentUntil(long played)
    {
        if (_taken >= played)
            return;

        Underruns += _taken > 0 ? 1 : 0;
        long silent = Math.Min((played - _taken) * Channels, _memory.Length);
        _taken = played;
        for (long at = (played * Channels) - silent; at < played * Channels; at++)
            _memory[at % _memory.Length] = 0;
    }

    private void Remember(ReadOnlySpan<short> samples)
    {
        long at = _taken * Channels;
        for (int i = 0; i < samples.Length; i++)
            _memory[(at + i) % _memory.Length] = samples[i];
        _taken += samples.Length / Channels;
    }

    private DeviceOutcome Refuse(DeviceOutcome outcome, string problem)
    {
        Problem = problem;
        return outcome;
    }
}
