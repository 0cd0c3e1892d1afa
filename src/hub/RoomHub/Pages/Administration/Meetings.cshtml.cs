using Microsoft.AspNetCore.Mvc;
using RoomAgent.Hub.Calendar;
using RoomAgent.Hub.People;

namespace RoomAgent.Hub.Pages;

/// <summary>What the organisation has before it, in all rooms or one.</summary>
internal sealed class MeetingsModel(PeopleDesk people, Agenda agenda, RoomStore rooms) : HubPage(people)
{
    public const int Days = 31;

    private const int OnAPage = 50;

    public IReadOnlyList<Room> Rooms { get; private set; } = [];

    public IReadOnlyList<AgendaEntry> Entries { get; private set; } = [];

    public PageLinks Links { get; private set; } = new(null, null);

    [BindProperty(SupportsGet = true)]
    public Guid? Room { get; set; }

    [BindProperty(SupportsGet = true)]
    public int From { get; set; }

    public async Task<IActionResult> OnGetAsync()
    {
        Rooms = await rooms.AllAsync(Me.Organisation, Cancel);
        if (Room is { } only && Rooms.All(room => room.Id != only))
            return NotFound();

        int skip = Math.Clamp(From, 0, Agenda.MostSkipped);
        List<AgendaEntry> some = await agenda.ListAsync(Me.Organisation, Room, Now, Now.AddDays(Days), skip, OnAPage + 1, Cancel);
        Entries = [.. some.Take(OnAPage)];
        string way = Room is null ? "/meetings?" : $"/meetings?room={Room:D}&";
        Links = new PageLinks(skip == 0 ? null : way[..^1], some.Count > OnAPage ? $"{way}from={skip + OnAPage}" : null);
        return Page();
    }
}
