using Microsoft.AspNetCore.Mvc;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.People;

namespace RoomAgent.Hub.Pages;

/// <summary>Whoever has the link of an invitation sets a password. Looking at it does not use it up: programs that look at mail do that.</summary>
internal sealed class InvitationModel(PeopleDesk people) : HubPage(people)
{
    public Invitation? Invitation { get; private set; }

    [BindProperty]
    public string? Organisation { get; set; }

    [BindProperty]
    public string? MailboxText { get; set; }

    [BindProperty]
    public string? Name { get; set; }

    [BindProperty]
    public string? Password { get; set; }

    [BindProperty]
    public string? Again { get; set; }

    public async Task<IActionResult> OnGetAsync(string secret) => await FindAsync(secret) is { } refused ? refused : Page();

    public async Task<IActionResult> OnPostAsync(string secret)
    {
        if (await FindAsync(secret) is { } refused)
            return refused;

        // 1. who
        Invitation invitation = Invitation!;
        string? mailbox = invitation.Mailbox ?? Mailbox.Read(MailboxText);
        if (mailbox is null)
            Refuse(nameof(MailboxText), "Write a mailbox such as name@example.org, in letters without accents.");
        string? organisation = invitation.IsFirst ? Requests.Label(Organisation) : invitation.OrganisationName;
        if (organisation is null or "")
            Refuse(nameof(Organisation), "Write what your organisation is called, in at most 100 letters.");
        string? name = invitation.Person is null ? Requests.Label(Name) : invitation.Name;
        if (name is null or "")
            Refuse(nameof(Name), "Write your name, in at most 100 letters.");

        // 2. with which password
        if (PasswordRules.Fault(Password, mailbox, name, organisation) is { } fault)
            Refuse(nameof(Password), fault);
        else if (Password != Again)
            Refuse(nameof(Again), "The two are not the same.");
        if (!ModelState.IsValid)
            return Page();
        if (await People.Passwords.HashAsync(Password!, Cancel) is not { } hash)
            return StatusCode(StatusCodes.Status503ServiceUnavailable);

        // 3. all in one
        byte[] right = InvitationSecret.Read(secret)!.HashWith(People.Codes);
        (AcceptOutcome outcome, _) = await People.Invitations.AcceptAsync(right, mailbox!, name!, invitation.IsFirst ? organisation : null, hash, Now, Cancel);
        switch (outcome)
        {
            case AcceptOutcome.Accepted:
                return Done("/sign-in", "joined");
            case AcceptOutcome.MailboxTaken:
                Refuse(invitation.Mailbox is null ? nameof(MailboxText) : "", "This mailbox cannot be used here.");
                return Page();
            default:
                return NotFound();
        }
    }

    private async Task<IActionResult?> FindAsync(string secret)
    {
        if (!People.InvitationLimit.TryTake(Requests.SourceOf(HttpContext), out _))
            return StatusCode(StatusCodes.Status429TooManyRequests);

        Invitation = InvitationSecret.Read(secret) is { } read ? await People.Invitations.FindAsync(read.HashWith(People.Codes), Now, Cancel) : null;
        return Invitation is null ? NotFound() : null;
    }
}
