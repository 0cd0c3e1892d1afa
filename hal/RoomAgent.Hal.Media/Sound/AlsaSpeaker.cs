using RoomAgent.Hal.Media.Interop;
using static RoomAgent.Hal.Media.Interop.RoomagentMedia;

namespace RoomAgent.Hal.Media;

/// <summary>
/// A loudspeaker of ALSA, by libasound itself: FFmpeg's output for it keeps more than a second of sound waiting, and cannot say how much.
/// </summary>
public sealed unsafe class AlsaSpeaker : ISpeaker
{
    // So much waits at the most: a busy machine has time to bring the next, and nobody notices that it waits.
    private static readonly TimeSpan s_buffer = TimeSpan.FromMilliseconds(60);

    // A device that takes nothing for so long hangs.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    private readonly MediaSource? _source;
    private readonly string _whyNoSource;
    private SpeakerHandle? _speaker;

    /// <summary>A speaker, closed.</summary>
    /// <param name="source"><c>alsa:DEVICE</c>, as an administrator writes it. What is none is <see cref="DeviceOutcome.Unsupported"/> when it is started.</param>
    /// <param name="name">What people call it; the source itself when nobody calls it anything.</param>
    public AlsaSpeaker(string source, string? name = null)
    {
        _whyNoSource = MediaSource.TryParse(source, out _source, out string problem) ? "" : problem;
        Name = name ?? source;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public bool IsRunning => _speaker is not null;

    /// <inheritdoc/>
    public int Channels { get; private set; }

    /// <inheritdoc/>
    public TimeSpan Latency => _speaker is null ? TimeSpan.Zero : Nanoseconds.ToTime(ra_speaker_latency(_speaker));

    /// <inheritdoc/>
    public string Problem { get; private set; } = "";

    /// <inheritdoc/>
    public DeviceOutcome Start(int channels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(channels, 2);
        Stop();
        if (_source is not { Kind: MediaSourceKind.Alsa } device)
        {
            Problem = _source is null ? _whyNoSource : $"{_source} is no loudspeaker";
            return DeviceOutcome.Unsupported;
        }

        MediaLibrary.Require();
        ra_result result = ra_speaker_open(device.Address, channels, Nanoseconds.Of(s_buffer), out SpeakerHandle speaker);
        if (result != ra_result.RA_DONE)
        {
            Problem = $"{device}: {MediaLibrary.Problem}";
            speaker.Dispose();
            return MediaLibrary.Outcome(result);
        }

        Problem = "";
        Channels = channels;
        _speaker = speaker;
        return DeviceOutcome.Done;
    }

    /// <inheritdoc/>
    public DeviceOutcome Write(ReadOnlySpan<short> samples)
    {
        if (_speaker is null)
        {
            Problem = "it was not started";
            return DeviceOutcome.Gone;
        }

        if (samples.Length % Channels != 0)
            throw new ArgumentException($"{samples.Length} samples are not the same number for each of {Channels} channels.", nameof(samples));

        ra_result result;
        fixed (short* first = samples)
            result = ra_speaker_write(_speaker, first, samples.Length / Channels, Nanoseconds.Of(s_patience));
        Problem = result == ra_result.RA_DONE ? "" : $"{Name}: {MediaLibrary.Problem}";
        return MediaLibrary.Outcome(result);
    }

    /// <inheritdoc/>
    public void Stop()
    {
        _speaker?.Dispose();
        _speaker = null;
        Channels = 0;
    }

    /// <inheritdoc/>
    public void Dispose() => Stop();
}
