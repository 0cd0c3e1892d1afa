using RoomAgent.Hal.Media;

namespace RoomAgent.Hal.Simulated;

/// <summary>Microphones without a room: a tone, silence or any media file, through the same code as hardware. They can be unplugged.</summary>
/// <param name="source">As <see cref="MediaSource"/> has it; <see cref="Tone"/>, <see cref="Silence"/>, or a file with somebody's voice.</param>
/// <param name="positions">Where the microphones are; see <see cref="IMicrophoneArray.Positions"/>.</param>
public sealed class SimulatedMicrophones(string source, IReadOnlyList<(float X, float Y)>? positions = null) : IMicrophoneArray
{
    /// <summary>440 Hz, and a beep an octave and a half higher once a second.</summary>
    public const string Tone = "lavfi:sine=frequency=440:beep_factor=3:sample_rate=48000:samples_per_frame=480";

    /// <summary>Nothing.</summary>
    public const string Silence = "lavfi:anullsrc=r=48000:cl=mono:n=480";

    private readonly FfmpegMicrophones _microphones = new(source, "simulated microphones", positions);
    private volatile bool _isPlugged = true;

    /// <inheritdoc/>
    public string Name => _microphones.Name;

    /// <inheritdoc/>
    public bool IsRunning => _microphones.IsRunning;

    /// <inheritdoc/>
    public int Channels => _microphones.Channels;

    /// <inheritdoc/>
    public IReadOnlyList<(float X, float Y)> Positions => _microphones.Positions;

    /// <inheritdoc/>
    public string Problem => _isPlugged ? _microphones.Problem : "they are not there";

    /// <summary>Takes the device away.</summary>
    public void Unplug() => _isPlugged = false;

    /// <summary>Brings it back.</summary>
    public void Plug() => _isPlugged = true;

    /// <inheritdoc/>
    public DeviceOutcome Start() => _isPlugged ? _microphones.Start() : DeviceOutcome.Gone;

    /// <inheritdoc/>
    public DeviceOutcome Read(Span<short> samples, TimeSpan patience, out TimeSpan capturedAt)
    {
        if (_isPlugged)
            return _microphones.Read(samples, patience, out capturedAt);

        capturedAt = default;
        return DeviceOutcome.Gone;
    }

    /// <inheritdoc/>
    public void Stop() => _microphones.Stop();

    /// <inheritdoc/>
    public void Dispose() => _microphones.Dispose();
}
