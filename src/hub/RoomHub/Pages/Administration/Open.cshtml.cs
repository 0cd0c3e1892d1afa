using RoomAgent.Hub.Calendar;
using RoomAgent.Hub.People;

namespace RoomAgent.Hub.Pages;

/// <summary>The meetings that are open now.</summary>
internal sealed class OpenModel(PeopleDesk people, OpenMeetings meetings) : HubPage(people)
{
    public IReadOnlyList<RunningMeeting> Meetings { get; private set; } = [];

    public async Task OnGetAsync() => Meetings = await meetings.ListAsync(Me.Organisation, Cancel);
}
