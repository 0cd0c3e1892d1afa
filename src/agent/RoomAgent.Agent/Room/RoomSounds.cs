using RoomAgent.Agent.Devices;
using RoomAgent.Hal;
using RoomAgent.Meetings;

namespace RoomAgent.Agent.Room;

/// <summary>What there is to hear of a room's state, beside the voices. Nothing but the state decides.</summary>
public static class RoomSounds
{
    private const int Ticks = 5;

    /// <summary>What is heard when one state follows another; <see langword="null"/> for nothing. The most urgent, when there is more than one.</summary>
    /// <param name="before">How the room stood.</param>
    /// <param name="after">How it stands.</param>
    public static Chime? Between(RoomStatus before, RoomStatus after)
    {
        // Of a meeting that follows another, all is new.
        MeetingStatus? was = before.Meeting, @is = after.Meeting;
        bool isSame = was is not null && was.Name == @is?.Name;
        MeetingStatus? known = isSame ? was : null;

        if (@is is not null && (IsWarning(@is) && !(known is not null && IsWarning(known))))
            return Chime.Alarm;
        if (was is not null && IsIn(was) && (!isSame || !IsIn(@is!)))
            return Chime.Leave;
        if (@is is { Stage: MeetingStage.Member })
        {
            if (known is null || !IsIn(known))
                return Chime.Join;
            if (known.Stage == MeetingStage.Member && Moved(known, @is) is { } moved)
                return moved;
        }

        bool isAnnounced = after.Countdown is { } countdown && before.Countdown?.What.Name != countdown.What.Name;
        bool isToLeave = after.NextBookingInMinutes is { } minutes && before.NextBookingInMinutes != minutes;
        return isAnnounced || isToLeave ? Chime.Countdown : null;
    }

    /// <summary>How long it is until the next second of a countdown that is heard, of its last five; <see langword="null"/> when there is none any more.</summary>
    /// <param name="countdown">The countdown.</param>
    /// <param name="now">By the room's clock.</param>
    public static TimeSpan? UntilTick(Countdown countdown, DateTimeOffset now)
    {
        TimeSpan left = countdown.JoinsAt - now;
        if (left > TimeSpan.FromSeconds(Ticks))
            return left - TimeSpan.FromSeconds(Ticks);

        // The next whole second that is not now.
        double next = Math.Ceiling(left.TotalSeconds) - 1;
        return next >= 1 ? left - TimeSpan.FromSeconds(next) : null;
    }

    private static bool IsIn(MeetingStatus meeting) => meeting.Stage is MeetingStage.Member or MeetingStage.Reconnecting;

    private static bool IsWarning(MeetingStatus meeting) => meeting switch
    {
        { Stage: MeetingStage.Member } => meeting.IsForked || meeting.IsDecisionOpen || meeting.Members.Any(member => member.IsSilentForLong),
        { Stage: MeetingStage.Ended } => meeting.Trouble is Trouble.MeetingNotSecure or Trouble.MembersDisagree,
        _ => false,
    };

    // By who they are: one that mends its way into the group has another leaf afterwards, and has neither come nor gone.
    private static Chime? Moved(MeetingStatus before, MeetingStatus after)
    {
        HashSet<Participant> were = Others(before), are = Others(after);
        return !are.IsSupersetOf(were) ? Chime.Leave : !were.IsSupersetOf(are) ? Chime.Join : null;
    }

    private static HashSet<Participant> Others(MeetingStatus meeting) => [.. meeting.Members.Where(member => !member.IsSelf).Select(member => member.Who)];
}
