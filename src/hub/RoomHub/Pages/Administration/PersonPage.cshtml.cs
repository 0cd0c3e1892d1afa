using Microsoft.AspNetCore.Mvc;
using RoomAgent.Hub.People;

namespace RoomAgent.Hub.Pages;

/// <summary>One person: role, access, a new password.</summary>
internal sealed class PersonPageModel(PeopleDesk people) : HubPage(people)
{
    public Person? Person { get; private set; }

    public ShownOnce? Made { get; private set; }

    [BindProperty]
    public string? Role { get; set; }

    public async Task<IActionResult> OnGetAsync(Guid id) => await FindAsync(id) ? Page() : NotFound();

    public async Task<IActionResult> OnPostRoleAsync(Guid id)
    {
        if (!Roles.All.Contains(Role))
            return BadRequest();

        return await AnswerAsync(id, await People.Store.SetRoleAsync(Me.Organisation, new PersonId(id), Role!, Actor, Now, Cancel), "role-changed");
    }

    public async Task<IActionResult> OnPostDisableAsync(Guid id) =>
        await AnswerAsync(id, await People.Store.SetDisabledAsync(Me.Organisation, new PersonId(id), isDisabled: true, Actor, Now, Cancel), "disabled");

    public async Task<IActionResult> OnPostEnableAsync(Guid id) =>
        await AnswerAsync(id, await People.Store.SetDisabledAsync(Me.Organisation, new PersonId(id), isDisabled: false, Actor, Now, Cancel), "enabled");

    public async Task<IActionResult> OnPostNewPasswordAsync(Guid id)
    {
        InvitationSecret secret = InvitationSecret.Generate();
        if (await People.Invitations.AddResetAsync(secret.HashWith(People.Codes), Me.Organisation, new PersonId(id), Actor, Now, Cancel) != InviteOutcome.Made || !await FindAsync(id))
            return NotFound();

        Made = new ShownOnce("The link is made", $"Give it to {Person!.Mailbox} and to nobody else. It is good once, for a day. Until it is used the present password stays.", [("link", "Link", secret.LinkAt(People.Address))]);
        return Page();
    }

    private async Task<IActionResult> AnswerAsync(Guid id, Change change, string word)
    {
        if (change == Change.Made)
            return Done($"/people/{id}", word);
        if (change == Change.NotFound || !await FindAsync(id))
            return NotFound();

        Refuse("", "This is the only administrator. Make somebody else one first.");
        return Page();
    }

    private async Task<bool> FindAsync(Guid id)
    {
        Person = (await People.Store.FindAsync(Me.Organisation, new PersonId(id), Cancel))?.Person;
        return Person is not null;
    }
}
