using RoomAgent.Agent.Devices;
using RoomAgent.Wire;

namespace RoomAgent.Agent.Room;

// What the room says by sounds.
public sealed partial class RoomLoop
{
    private static readonly TimeSpan s_tickIsOver = TimeSpan.FromMilliseconds(500);

    private readonly RoomSpeaker _speaker;
    private Instant _tickAt = Instant.Never;

    private Instant SoundTimeout => Instant.Min(_tickAt, _speaker.PollTimeout);

    private void HandleSoundTimeout(Instant now)
    {
        bool isTick = _tickAt <= now && _agenda.Countdown is not null;
        if (isTick)
            _speaker.Play(Chime.Tick, now);
        _tickAt = NextTick(now, isTick ? s_tickIsOver : TimeSpan.Zero);
        _speaker.HandleTimeout(now);
    }

    // From a little later on when one sounds now, since the two clocks are not read at the same moment.
    private Instant NextTick(Instant now, TimeSpan from) =>
        _agenda.Countdown is { } countdown && Date is { } date && RoomSounds.UntilTick(countdown, date + from) is { } wait ? now + from + wait : Instant.Never;

    private void SoundOf(RoomStatus before, RoomStatus after)
    {
        if (RoomSounds.Between(before, after) is { } chime)
            _speaker.Play(chime, Now);
    }
}
