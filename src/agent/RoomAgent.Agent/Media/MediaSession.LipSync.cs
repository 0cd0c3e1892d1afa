using RoomAgent.Rtp;
using RoomAgent.Rtp.Jitter;
using RoomAgent.SFrame;
using RoomAgent.Wire;

namespace RoomAgent.Agent.Media;

/// <summary>Sound and pictures of one sender come in step: whichever is early is held a little longer.</summary>
public sealed partial class MediaSession
{
    // By the leaf, and whether it is the room or a presentation.
    private readonly Dictionary<(int Leaf, bool IsContent), LipSync> _lips = [];

    /// <summary>How long after it was pulled sound is heard: what waits in mixer and speaker. Lips and voice are brought in step with it.</summary>
    public TimeSpan SoundLatency { get; set; }

    /// <summary>How long after it was polled a picture is seen: what decoder and display take.</summary>
    public TimeSpan PictureLatency { get; set; }

    /// <summary>The next piece of sound of a stream, for a player that needs one now, some 20 ms long.</summary>
    /// <param name="stream">One of <see cref="Streams"/>; pictures have no sound, which is silence.</param>
    /// <param name="now">The time.</param>
    /// <returns>What to play; its payload is one opened Opus packet, valid until the next call of the session.</returns>
    public AudioFrame PullSound(RemoteStream stream, Instant now)
    {
        if (stream.Voice is not { } voice)
            return default;

        AudioFrame sound = voice.Pull(now);
        if (sound.Playout == AudioPlayout.Play && LipsOf(stream) is { } lips && stream.Clock.TryGetCapture(sound.Timestamp, out TimeSpan capture))
            lips.HandleAudio(capture, now + SoundLatency);
        return sound;
    }

    /// <summary>How much later than the sound of <paramref name="sender"/> its picture is shown; below zero the sound is behind. Zero while either is missing.</summary>
    public TimeSpan SkewOf(KeyId sender) => _lips.TryGetValue(KeyOf(sender), out LipSync? lips) ? lips.Skew : TimeSpan.Zero;

    private void HandleShown(RemoteStream stream, RtpTimestamp timestamp, Instant now)
    {
        if (LipsOf(stream) is { } lips && stream.Clock.TryGetCapture(timestamp, out TimeSpan capture))
            lips.HandleVideo(capture, now + PictureLatency);
    }

    private void KeepInStep(Instant now)
    {
        foreach (LipSync lips in _lips.Values)
        {
            if (!lips.Update(now))
                continue;

            foreach (RemoteStream stream in _streams.Values)
            {
                if (stream.Sender is not { } sender || !_lips.TryGetValue(KeyOf(sender), out LipSync? own) || own != lips)
                    continue;
                if (stream.Voice is { } voice)
                    voice.SynchronisationDelay = lips.AudioDelay;
                if (stream.Pictures is { } pictures)
                    pictures.SynchronisationDelay = lips.VideoDelay;
            }
        }
    }

    private LipSync? LipsOf(RemoteStream stream)
    {
        if (stream.Sender is not { } sender)
            return null;
        if (_lips.TryGetValue(KeyOf(sender), out LipSync? known))
            return known;

        // There are as many as streams at the most; who left makes room.
        if (_lips.Count >= _settings.VideoStreams + _settings.Voices)
            _lips.Clear();
        var added = new LipSync();
        _lips.Add(KeyOf(sender), added);
        return added;
    }

    private static (int Leaf, bool IsContent) KeyOf(KeyId sender) =>
        (sender.Leaf, sender.Context is FrameContext.ContentVideo or FrameContext.ContentAudio);
}
