using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using RoomAgent.Hal;

namespace RoomAgent.Agent.Devices;

/// <summary>
/// The speaker's thread: mixes the voices of the others at the pace of the device and plays them. What it plays goes to the microphones' thread too,
/// which takes it out of what they hear. Nothing managed is allocated for a piece of sound.
/// </summary>
public sealed class SpeakerLoop : DeviceLoop
{
    private const int Block = IMicrophoneArray.SampleRate / 100;
    private const int Whole = 1 << 15;

    private readonly ISpeaker _speaker;
    private readonly IVoiceMixer _mixer;
    private readonly PlayedSound _played;
    private readonly int _channels;
    private readonly ConcurrentQueue<(RemoteVoice Voice, bool IsAdded)> _changes = new();
    private readonly short[] _sound = new short[Block];
    private readonly short[] _interleaved;
    private int _volume = Whole;

    /// <summary>Begins closed.</summary>
    /// <param name="speaker">The speaker, which belongs to the loop from now on.</param>
    /// <param name="channels">Its channels, 1 or 2; voices are on all of them.</param>
    /// <param name="tools">Where the mixer comes from.</param>
    /// <param name="played">Gets what is played.</param>
    /// <param name="patience">How long the device may take.</param>
    /// <param name="clock">The machine's clock.</param>
    /// <param name="log">The journal.</param>
    public SpeakerLoop(ISpeaker speaker, int channels, IVoiceTools tools, PlayedSound played, DevicePatience patience, TimeProvider clock, ILogger<SpeakerLoop> log)
        : base("speaker", patience, clock, log)
    {
        _speaker = speaker;
        _channels = channels;
        _mixer = tools.OpenMixer();
        _played = played;
        _interleaved = new short[Block * channels];
    }

    /// <summary>Lets a voice be heard.</summary>
    public void Add(RemoteVoice voice) => _changes.Enqueue((voice, true));

    /// <summary>Lets a voice no longer be heard, and disposes of it.</summary>
    public void Remove(RemoteVoice voice) => _changes.Enqueue((voice, false));

    /// <summary>Sets how loud all is.</summary>
    /// <param name="share">0, silent, to 1, as it is.</param>
    public void SetVolume(double share) => Volatile.Write(ref _volume, (int)(Math.Clamp(share, 0, 1) * Whole));

    /// <inheritdoc/>
    protected override DeviceOutcome Start(out string problem)
    {
        DeviceOutcome outcome = _speaker.Start(_channels);
        problem = _speaker.Problem;
        return outcome;
    }

    /// <inheritdoc/>
    protected override DeviceOutcome Step(out string problem)
    {
        TakeChanges();
        _mixer.Mix(_sound);
        int volume = Volatile.Read(ref _volume);
        for (int i = 0; i < Block; i++)
        {
            _sound[i] = (short)(_sound[i] * volume / Whole);
            _interleaved.AsSpan(i * _channels, _channels).Fill(_sound[i]);
        }

        DeviceOutcome outcome = _speaker.Write(_interleaved);
        problem = _speaker.Problem;
        if (outcome == DeviceOutcome.Done)
            _played.Write(_sound);
        return outcome;
    }

    /// <inheritdoc/>
    protected override void Stop()
    {
        _speaker.Stop();
        Array.Clear(_sound);
        Array.Clear(_interleaved);
    }

    /// <inheritdoc/>
    protected override void DisposeDevice()
    {
        TakeChanges();
        _mixer.Dispose();
        _speaker.Dispose();
    }

    private void TakeChanges()
    {
        while (_changes.TryDequeue(out (RemoteVoice Voice, bool IsAdded) change))
        {
            if (change.IsAdded)
            {
                _mixer.Add(change.Voice);
                continue;
            }

            _mixer.Remove(change.Voice);
            change.Voice.Dispose();
        }
    }
}
