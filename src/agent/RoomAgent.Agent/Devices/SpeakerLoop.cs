using Microsoft.Extensions.Logging;
using RoomAgent.Hal;

namespace RoomAgent.Agent.Devices;

/// <summary>
/// The speaker's thread: gives the device what <see cref="Play"/> was given, whenever the device takes it. What is played goes to the microphones' thread
/// too, which takes it out of what they hear. Nothing managed is allocated for a piece of sound.
/// </summary>
/// <remarks>
/// Who plays does so by the clock of the machine and looks at <see cref="Queued"/>, which tells how the clock of the device differs.
/// </remarks>
public sealed class SpeakerLoop : DeviceLoop
{
    private const int Block = IMicrophoneArray.SampleRate / 100;
    private const int Capacity = 1 << 15; // two thirds of a second
    private const int Whole = 1 << 15;

    private readonly ISpeaker _speaker;
    private readonly PlayedSound _played;
    private readonly int _channels;
    private readonly short[] _waiting = new short[Capacity];
    private readonly AutoResetEvent _bell = new(false);
    private readonly short[] _sound = new short[Block];
    private readonly short[] _interleaved;
    private long _written;
    private long _read;
    private long _latency;
    private long _crowdedOut;
    private int _volume = Whole;

    /// <summary>Begins closed.</summary>
    /// <param name="speaker">The speaker, which belongs to the loop from now on.</param>
    /// <param name="channels">Its channels, 1 or 2; voices are on all of them.</param>
    /// <param name="played">Gets what is played.</param>
    /// <param name="patience">How long the device may take.</param>
    /// <param name="clock">The machine's clock.</param>
    /// <param name="log">The journal.</param>
    public SpeakerLoop(ISpeaker speaker, int channels, PlayedSound played, DevicePatience patience, TimeProvider clock, ILogger<SpeakerLoop> log)
        : base("speaker", patience, clock, log)
    {
        _speaker = speaker;
        _channels = channels;
        _played = played;
        _interleaved = new short[Block * channels];
    }

    /// <summary>How long it takes until what is played now is heard, as far as the device knows.</summary>
    public TimeSpan Queued => TimeSpan.FromSeconds((double)(Volatile.Read(ref _written) - Volatile.Read(ref _read)) / IMicrophoneArray.SampleRate) + new TimeSpan(Volatile.Read(ref _latency));

    /// <summary>Samples that came while the device took none.</summary>
    public long CrowdedOut => Volatile.Read(ref _crowdedOut);

    /// <summary>Plays sound. One thread calls; it never blocks. Nothing happens while the speaker does not run.</summary>
    /// <param name="samples">One channel.</param>
    public void Play(ReadOnlySpan<short> samples)
    {
        if (Status.State != DeviceState.Running)
            return;
        if (_written - Volatile.Read(ref _read) + samples.Length > Capacity)
        {
            _crowdedOut += samples.Length;
            return;
        }

        for (int i = 0; i < samples.Length; i++)
            _waiting[(_written + i) % Capacity] = samples[i];
        Volatile.Write(ref _written, _written + samples.Length);
        _bell.Set();
    }

    /// <summary>Sets how loud all is.</summary>
    /// <param name="share">0, silent, to 1, as it is.</param>
    public void SetVolume(double share) => Volatile.Write(ref _volume, (int)(Math.Clamp(share, 0, 1) * Whole));

    /// <inheritdoc/>
    protected override DeviceOutcome Start(out string problem)
    {
        DeviceOutcome outcome = _speaker.Start(_channels);
        problem = _speaker.Problem;
        Volatile.Write(ref _read, Volatile.Read(ref _written));
        Volatile.Write(ref _latency, 0);
        return outcome;
    }

    /// <inheritdoc/>
    protected override DeviceOutcome Step(out string problem)
    {
        problem = "";
        int count = (int)Math.Min(Volatile.Read(ref _written) - _read, Block);
        if (count == 0)
        {
            _bell.WaitOne(Wait);
            return DeviceOutcome.Done;
        }

        Span<short> sound = _sound.AsSpan(0, count);
        int volume = Volatile.Read(ref _volume);
        for (int i = 0; i < count; i++)
        {
            sound[i] = (short)(_waiting[(_read + i) % Capacity] * volume / Whole);
            _interleaved.AsSpan(i * _channels, _channels).Fill(sound[i]);
        }

        DeviceOutcome outcome = _speaker.Write(_interleaved.AsSpan(0, count * _channels));
        problem = _speaker.Problem;
        if (outcome != DeviceOutcome.Done)
            return outcome;

        _played.Write(sound);
        Volatile.Write(ref _latency, _speaker.Latency.Ticks);
        Volatile.Write(ref _read, _read + count);
        return DeviceOutcome.Done;
    }

    /// <inheritdoc/>
    protected override void Stop()
    {
        _speaker.Stop();
        Volatile.Write(ref _read, Volatile.Read(ref _written));
        Volatile.Write(ref _latency, 0);

        // Nothing of what was said stays in memory.
        _played.Clear();
        Array.Clear(_sound);
        Array.Clear(_interleaved);
        Array.Clear(_waiting);
    }

    /// <inheritdoc/>
    protected override void DisposeDevice() => _speaker.Dispose();
}
