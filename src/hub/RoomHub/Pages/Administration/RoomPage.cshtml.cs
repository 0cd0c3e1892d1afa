using Microsoft.AspNetCore.Mvc;
using RoomAgent.Hub.Calendar;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.People;

namespace RoomAgent.Hub.Pages;

/// <summary>One room: what stands in it, what it is called.</summary>
internal sealed class RoomPageModel(PeopleDesk people, RoomStore rooms, Accounts accounts) : RoomForm(people)
{
    public Room? Room { get; private set; }

    public MachineAccount? Device { get; private set; }

    public IReadOnlyList<MachineAccount> Devices { get; private set; } = [];

    [BindProperty]
    public Guid? Placed { get; set; }

    public async Task<IActionResult> OnGetAsync(Guid id)
    {
        if (!await FindAsync(id))
            return NotFound();

        Show(Room!);
        return Page();
    }

    public async Task<IActionResult> OnPostChangeAsync(Guid id)
    {
        if (!await FindAsync(id))
            return NotFound();
        if (Read(id, Room) is not { } room)
            return Page();

        return await AnswerAsync(await rooms.ChangeAsync(room, Actor, Now, Cancel), "saved");
    }

    public async Task<IActionResult> OnPostPlaceAsync(Guid id)
    {
        if (!await FindAsync(id))
            return NotFound();

        Show(Room!);
        (RoomOutcome outcome, _) = Placed is { } device
            ? await rooms.PlaceDeviceAsync(Me.Organisation, new DeviceId(device), id, Room!.Zone, Actor, Now, Cancel)
            : (RoomOutcome.NotFound, null);
        return await AnswerAsync(outcome, "placed");
    }

    public async Task<IActionResult> OnPostVacateAsync(Guid id)
    {
        if (!await FindAsync(id))
            return NotFound();

        Show(Room!);
        return await AnswerAsync(await rooms.ChangeAsync(Room! with { Device = null }, Actor, Now, Cancel), "vacated");
    }

    private async Task<IActionResult> AnswerAsync(RoomOutcome outcome, string word)
    {
        if (outcome == RoomOutcome.Done)
            return Done($"/rooms/{Room!.Id}", word);

        Refuse(outcome);
        return await FindAsync(Room!.Id) ? Page() : NotFound();
    }

    private async Task<bool> FindAsync(Guid id)
    {
        Room = await rooms.FindAsync(Me.Organisation, id, Cancel);
        if (Room?.Device is { } device)
            Device = await accounts.Store.FindAsync(device, Cancel);
        else if (Room is not null)
            Devices = [.. (await accounts.Store.ListAsync(Me.Organisation, cancel: Cancel)).Where(account => account.IsActive)];
        return Room is not null;
    }
}
