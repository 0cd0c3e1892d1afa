using RoomAgent.Wire;

namespace RoomAgent.Agent.Devices;

/// <summary>
/// Keeps the speaker open while a meeting wants it or a sound of the room's own is heard, and at no other time. One thread calls, and <see cref="HandleTimeout"/>
/// when <see cref="PollTimeout"/> has come.
/// </summary>
/// <param name="speaker">The speaker; <see langword="null"/> for a room without, which makes no sound.</param>
public sealed class RoomSpeaker(SpeakerLoop? speaker)
{
    // So long after a sound the next one finds the speaker open: the ticks of a countdown do not have a television wake up for each of them.
    private static readonly TimeSpan s_linger = TimeSpan.FromMilliseconds(1_500);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(200);

    // After a meeting, until it has been said by a sound that it is over.
    private static readonly TimeSpan s_afterMeeting = TimeSpan.FromMilliseconds(300);

    // No sound lasts so long: a speaker that is not there is not waited for.
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(8);

    private bool _isInMeeting;
    private Instant _lookAt = Instant.Never;
    private Instant _closeAt = Instant.Never;
    private Instant _giveUpAt = Instant.Never;

    /// <summary>When <see cref="HandleTimeout"/> wants to be called.</summary>
    public Instant PollTimeout => _lookAt;

    /// <summary>Opens the speaker for a meeting.</summary>
    public void HandleMeetingBegun()
    {
        _isInMeeting = true;
        _lookAt = Instant.Never;
        if (speaker is null)
            return;

        speaker.TakesVoices = true;
        speaker.Open();
    }

    /// <summary>Closes it as soon as what the room says itself has been heard. Nothing more is heard of the meeting.</summary>
    public void HandleMeetingEnded(Instant now)
    {
        if (!_isInMeeting || speaker is null)
            return;

        _isInMeeting = false;
        speaker.TakesVoices = false;
        Linger(now, s_afterMeeting);
    }

    /// <summary>Plays a sound. Does not wait for it.</summary>
    public void Play(Chime chime, Instant now)
    {
        if (speaker is null)
            return;

        speaker.Open();
        speaker.Ring(chime);
        if (!_isInMeeting)
            Linger(now, s_linger);
    }

    /// <summary>Closes the speaker when nobody needs it any more.</summary>
    public void HandleTimeout(Instant now)
    {
        if (speaker is null || now < _lookAt)
            return;

        if (now < _giveUpAt && (speaker.IsChiming || now < _closeAt))
        {
            _lookAt = now + s_look;
            return;
        }

        _lookAt = _closeAt = _giveUpAt = Instant.Never;
        speaker.Close();
    }

    private void Linger(Instant now, TimeSpan howLong)
    {
        _closeAt = now + howLong;
        _giveUpAt = now + s_longest;
        _lookAt = now + s_look;
    }
}
