using Microsoft.AspNetCore.Mvc;
using RoomAgent.Hub.Calendar;
using RoomAgent.Hub.People;

namespace RoomAgent.Hub.Pages;

/// <summary>The form of a room, for a new one and for one that there is.</summary>
internal abstract class RoomForm(PeopleDesk people) : HubPage(people)
{
    [BindProperty]
    public string? Name { get; set; }

    [BindProperty]
    public string? Zone { get; set; }

    [BindProperty]
    public string? MailboxText { get; set; }

    [BindProperty]
    public string? Owner { get; set; }

    [BindProperty]
    public string? Address { get; set; }

    /// <summary>Fills the form with a room.</summary>
    protected void Show(Room room) => (Name, Zone, MailboxText, Owner, Address) = (room.Name, room.Zone, room.Mailbox, room.Owner, room.Address);

    /// <summary>Reads the form; notes what is wrong with it.</summary>
    /// <param name="id">Which room it is to be.</param>
    /// <param name="before">The room as it was.</param>
    protected Room? Read(Guid id, Room? before)
    {
        var body = new RoomRequest { Name = Name ?? "", Zone = Zone?.Trim() ?? "", Mailbox = Given(MailboxText), Owner = Given(Owner), Address = Given(Address), Device = before?.Device?.Value };
        Room? room = RoomBodies.Read(body, Me.Organisation, id, out BodyFault? fault);
        if (fault is not null)
            Refuse(fault.Member == nameof(RoomRequest.Mailbox) ? nameof(MailboxText) : fault.Member, MeetingWords.SentenceOf(fault));
        return room;
    }

    /// <summary>Notes why a change was not made.</summary>
    protected void Refuse(RoomOutcome outcome) => Refuse(
        "",
        outcome switch
        {
            RoomOutcome.Taken => "Another room has that name, mailbox or address.",
            RoomOutcome.TooMany => "There are too many rooms. Remove some first.",
            _ => "The device or the room is not there any more.",
        });

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
