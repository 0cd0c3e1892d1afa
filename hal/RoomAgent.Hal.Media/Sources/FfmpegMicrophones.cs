namespace RoomAgent.Hal.Media;

/// <summary>
/// Microphones by way of FFmpeg: a device of ALSA, a file that is played, or sound that is made up. See <see cref="MediaSource"/> for how they are written.
/// </summary>
public sealed class FfmpegMicrophones : IMicrophoneArray
{
    private readonly MediaSource? _source;
    private readonly string _whyNoSource;
    private MediaInput? _input;

    /// <summary>Microphones, closed.</summary>
    /// <param name="source">As an administrator writes it. What is none is <see cref="DeviceOutcome.Unsupported"/> when it is started.</param>
    /// <param name="name">What people call it; the source itself when nobody calls it anything.</param>
    /// <param name="positions">Where the microphones are; see <see cref="IMicrophoneArray.Positions"/>.</param>
    public FfmpegMicrophones(string source, string? name = null, IReadOnlyList<(float X, float Y)>? positions = null)
    {
        _whyNoSource = MediaSource.TryParse(source, out _source, out string problem) ? "" : problem;
        Name = name ?? source;
        Positions = positions ?? [];
    }

    /// <summary>The same, from a source that was read already.</summary>
    /// <param name="source">The source.</param>
    /// <param name="name">What people call it.</param>
    /// <param name="positions">Where the microphones are.</param>
    public FfmpegMicrophones(MediaSource source, string? name = null, IReadOnlyList<(float X, float Y)>? positions = null)
    {
        (_source, _whyNoSource) = (source, "");
        Name = name ?? source.ToString();
        Positions = positions ?? [];
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public bool IsRunning => _input is not null;

    /// <inheritdoc/>
    public int Channels => _input?.Info.channels ?? 0;

    /// <inheritdoc/>
    public IReadOnlyList<(float X, float Y)> Positions { get; }

    /// <inheritdoc/>
    public string Problem { get; private set; } = "";

    /// <inheritdoc/>
    public DeviceOutcome Start()
    {
        Stop();
        if (_source is null or { Kind: MediaSourceKind.V4l2 })
        {
            Problem = _source is null ? _whyNoSource : $"{_source} is no microphone";
            return DeviceOutcome.Unsupported;
        }

        bool isDevice = _source.Kind == MediaSourceKind.Alsa;
        string options = isDevice ? $"sample_rate={IMicrophoneArray.SampleRate}" + (_source.Channels == 0 ? "" : $":channels={_source.Channels}") : "";
        DeviceOutcome outcome = MediaInput.Open(_source, isSound: true, options, out _input, out string problem);
        Problem = problem;
        return outcome;
    }

    /// <inheritdoc/>
    public DeviceOutcome Read(Span<short> samples, TimeSpan patience, out TimeSpan capturedAt)
    {
        capturedAt = default;
        if (_input is null)
        {
            Problem = "it was not started";
            return DeviceOutcome.Gone;
        }

        if (samples.IsEmpty || samples.Length % Channels != 0)
            throw new ArgumentException($"{samples.Length} samples are not the same number for each of {Channels} channels.", nameof(samples));

        DeviceOutcome outcome = _input.ReadSound(patience, samples, out capturedAt);
        Problem = outcome switch
        {
            DeviceOutcome.Done => "",
            DeviceOutcome.Nothing => "no sound came in time",
            _ => $"{Name}: {MediaLibrary.Problem}",
        };
        return outcome;
    }

    /// <inheritdoc/>
    public void Stop()
    {
        _input?.Dispose();
        _input = null;
    }

    /// <inheritdoc/>
    public void Dispose() => Stop();
}
