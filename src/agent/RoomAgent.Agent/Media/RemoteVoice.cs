using RoomAgent.Hal;
using RoomAgent.Rtp.Jitter;
using RoomAgent.Wire;

namespace RoomAgent.Agent.Media;

/// <summary>One remote voice on its way to the mixer: pulls what is due, decodes it, and makes up for what was lost, from the packet behind it if that can.</summary>
internal sealed class RemoteVoice(MediaSession session, RemoteStream stream, IVoiceDecoder decoder) : IVoice, IDisposable
{
    private const int Frame = IMicrophoneArray.SampleRate / 50;

    // An Opus packet may be longer than what was agreed on; such a one is played as far as there is room for.
    private readonly short[] _samples = new short[6 * Frame];

    /// <summary>What it comes in.</summary>
    public RemoteStream Stream => stream;

    /// <inheritdoc/>
    public int Pull(TimeSpan now, Span<short> destination, out VoicePace pace)
    {
        AudioFrame sound = session.PullSound(stream, new Instant(now.Ticks));
        pace = sound.Stretch switch
        {
            AudioStretch.Faster => VoicePace.Faster,
            AudioStretch.Slower => VoicePace.Slower,
            _ => VoicePace.Even,
        };

        return sound.Playout switch
        {
            AudioPlayout.Play => Decode(sound.Payload, destination),
            AudioPlayout.Conceal => MakeUp(sound.Payload, destination),
            _ => 0,
        };
    }

    /// <summary>Frees the decoder. The mixer must no longer have the voice.</summary>
    public void Dispose()
    {
        decoder.Dispose();
        Array.Clear(_samples);
    }

    private int Decode(ReadOnlySpan<byte> packet, Span<short> destination)
    {
        if (decoder.Decode(packet, _samples, out int length) != DeviceOutcome.Done)
            return MakeUp([], destination);

        length = Math.Min(length, destination.Length);
        _samples.AsSpan(0, length).CopyTo(destination);
        return length;
    }

    private int MakeUp(ReadOnlySpan<byte> next, Span<short> destination)
    {
        Span<short> frame = destination[..Frame];
        DeviceOutcome outcome = next.IsEmpty ? decoder.Conceal(frame) : decoder.Recover(next, frame);
        return outcome == DeviceOutcome.Done ? Frame : 0;
    }
}
