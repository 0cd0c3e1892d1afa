using Microsoft.AspNetCore.Mvc;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.People;

namespace RoomAgent.Hub.Pages;

/// <summary>An administrator invites somebody. The link is shown once; bringing it there is the administrator's business.</summary>
internal sealed class InviteModel(PeopleDesk people) : HubPage(people)
{
    public ShownOnce? Made { get; private set; }

    [BindProperty]
    public string? MailboxText { get; set; }

    [BindProperty]
    public string? Name { get; set; }

    [BindProperty]
    public string? Role { get; set; }

    public IActionResult OnGet() => Page();

    public async Task<IActionResult> OnPostAsync()
    {
        string? mailbox = Mailbox.Read(MailboxText);
        if (mailbox is null)
            Refuse(nameof(MailboxText), "Write a mailbox such as name@example.org, in letters without accents.");
        string? name = Requests.Label(Name);
        if (name is null)
            Refuse(nameof(Name), "Use at most 100 letters.");
        if (!Roles.All.Contains(Role))
            Refuse("", "Choose a role.");
        if (!ModelState.IsValid)
            return Page();

        InvitationSecret secret = InvitationSecret.Generate();
        switch (await People.Invitations.AddAsync(secret.HashWith(People.Codes), Me.Organisation, mailbox, name!, Role!, PersonEvents.Invited, Actor, Now, Invitation.Life, Cancel))
        {
            case InviteOutcome.Made:
                Made = new ShownOnce("The invitation is made", $"Give this link to {mailbox} and to nobody else. It is good once, for seven days.", [("link", "Link", secret.LinkAt(People.Address))]);
                break;
            case InviteOutcome.TooMany:
                Refuse("", "There are too many people and invitations. Remove some first.");
                break;
            default:
                Refuse(nameof(MailboxText), "Somebody has an account with this mailbox already.");
                break;
        }

        return Page();
    }
}
