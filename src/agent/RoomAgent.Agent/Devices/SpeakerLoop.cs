using Microsoft.Extensions.Logging;
using RoomAgent.Hal;

namespace RoomAgent.Agent.Devices;

/// <summary>
/// The speaker's thread: gives the device what <see cref="Play"/> was given, whenever the device takes it, and the room's own sounds above that, or alone while
/// nobody plays. What is played goes to the microphones' thread too, which takes it out of what they hear. Nothing managed is allocated for a piece of sound.
/// </summary>
/// <remarks>
/// Who plays does so by the clock of the machine and looks at <see cref="Queued"/>, which tells how the clock of the device differs.
/// </remarks>
public sealed class SpeakerLoop : DeviceLoop
{
    private const int Block = IMicrophoneArray.SampleRate / 100;
    private const int Capacity = 1 << 15; // two thirds of a second
    private const int Whole = 1 << 15;

    // Who plays does so every 10 ms. When so much has passed, nobody does, and the room's own sounds need not wait.
    private static readonly TimeSpan s_nobodyPlays = TimeSpan.FromMilliseconds(50);

    private readonly ISpeaker _speaker;
    private readonly PlayedSound _played;
    private readonly int _channels;
    private readonly short[] _waiting = new short[Capacity];
    private readonly AutoResetEvent _bell = new(false);
    private readonly short[] _sound = new short[Block];
    private readonly short[] _interleaved;
    private readonly Chimes _chimes = new();
    private bool _isAlone;
    private volatile bool _takesVoices = true;
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

    /// <summary>Whether <see cref="Play"/> does anything. Any thread.</summary>
    public bool TakesVoices
    {
        get => _takesVoices;
        set => _takesVoices = value;
    }

    /// <summary>Whether a sound of the room's own is wanted or sounds. What the device may still keep of it then is silence.</summary>
    public bool IsChiming => _chimes.AreSounding;

    /// <summary>Samples that came while the device took none.</summary>
    public long CrowdedOut => Volatile.Read(ref _crowdedOut);

    /// <summary>Plays sound. One thread calls; it never blocks. Nothing happens while the speaker does not run.</summary>
    /// <param name="samples">One channel.</param>
    public void Play(ReadOnlySpan<short> samples)
    {
        if (Status.State != DeviceState.Running || !_takesVoices)
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

    /// <summary>Plays a sound of the room's own, as soon as the device is there. Any thread; it never blocks. When the device fails or is closed, what did not sound yet never does.</summary>
    public void Ring(Chime chime)
    {
        _chimes.Want(chime);
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
        _isAlone = true;
        Volatile.Write(ref _read, Volatile.Read(ref _written));
        Volatile.Write(ref _latency, 0);
        return outcome;
    }

    /// <inheritdoc/>
    protected override DeviceOutcome Step(out string problem)
    {
        problem = "";
        int played = (int)Math.Min(Volatile.Read(ref _written) - _read, Block);
        int count = played;
        if (played == 0)
        {
            if (!_chimes.AreSounding)
            {
                _bell.WaitOne(Wait);
                return DeviceOutcome.Done;
            }

            // Who plays has a measured queue, into which nothing of ours may slip.
            if (!_isAlone)
            {
                _isAlone = !_bell.WaitOne(s_nobodyPlays);
                return DeviceOutcome.Done;
            }

            count = Block;
        }

        _isAlone = played == 0;
        Span<short> sound = _sound.AsSpan(0, count);
        for (int i = 0; i < count; i++)
            sound[i] = i < played ? _waiting[(_read + i) % Capacity] : (short)0;
        _chimes.AddTo(sound);
        int volume = Volatile.Read(ref _volume);
        for (int i = 0; i < count; i++)
        {
            sound[i] = (short)(sound[i] * volume / Whole);
            _interleaved.AsSpan(i * _channels, _channels).Fill(sound[i]);
        }

        DeviceOutcome outcome = _speaker.Write(_interleaved.AsSpan(0, count * _channels));
        problem = _speaker.Problem;
        if (outcome != DeviceOutcome.Done)
            return outcome;

        _played.Write(sound);
        Volatile.Write(ref _latency, _speaker.Latency.Ticks);
        Volatile.Write(ref _read, _read + played);
        return DeviceOutcome.Done;
    }

    /// <inheritdoc/>
    protected override void Stop()
    {
        _speaker.Stop();
        Volatile.Write(ref _read, Volatile.Read(ref _written));
        Volatile.Write(ref _latency, 0);

        _chimes.Clear();

        // Nothing of what was said stays in memory.
        _played.Clear();
        Array.Clear(_sound);
        Array.Clear(_interleaved);
        Array.Clear(_waiting);
    }

    /// <inheritdoc/>
    protected override void DisposeDevice() => _speaker.Dispose();
}
