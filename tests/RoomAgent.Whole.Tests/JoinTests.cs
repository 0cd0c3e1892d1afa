using RoomAgent.Agent.Meetings;
using RoomAgent.Agent.Room;

namespace RoomAgent.Whole.Tests;

public sealed class JoinTests
{
    [Fact]
    public async Task TwoRoomsPairJoinByThemselvesAndSeeAndHearEachOther()
    {
        await using School school = await School.StartAsync();
        await using WholeRoom library = WholeRoom.Start(await school.SetupCodeAsync("Library"));
        await using WholeRoom lab = WholeRoom.Start(await school.SetupCodeAsync("Lab"));
        WholeRoom[] rooms = [library, lab];
        foreach (WholeRoom room in rooms)
            await room.UntilAsync(status => status.Phase == DevicePhase.Registered);
        await school.PlaceAsync("Library");
        await school.PlaceAsync("Lab");

        DateTime now = DateTime.UtcNow;
        await school.ScheduleAsync(now, now.AddHours(1), "Library", "Lab");

        foreach (WholeRoom room in rooms)
            await room.UntilAsync(status => status.Meeting is { Stage: MeetingStage.Member, Members.Count: 2 } meeting && meeting.Media.Streams.Any(stream => stream.IsVideo && stream.Frames > 10) && meeting.Media.Streams.Any(stream => !stream.IsVideo && stream.Frames > 50));
        foreach (WholeRoom room in rooms)
            await room.UntilAsync(status => status.Meeting!.Code.Status == CodeStatus.Current);
        Assert.Equal(library.Meeting!.Epoch, lab.Meeting!.Epoch);
        Assert.Equal(library.Meeting.Code.Code!.Machine, lab.Meeting.Code.Code!.Machine);
        Assert.Equal(0, library.Meeting.Media.Undecryptable + lab.Meeting.Media.Undecryptable);
    }
}
