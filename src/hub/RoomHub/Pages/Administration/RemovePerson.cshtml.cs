using Microsoft.AspNetCore.Mvc;
using RoomAgent.Hub.People;

namespace RoomAgent.Hub.Pages;

/// <summary>Removes a person's account.</summary>
internal sealed class RemovePersonModel(PeopleDesk people) : HubPage(people)
{
    public Person? Person { get; private set; }

    public async Task<IActionResult> OnGetAsync(Guid id)
    {
        Person = (await People.Store.FindAsync(Me.Organisation, new PersonId(id), Cancel))?.Person;
        return Person is not null ? Page() : NotFound();
    }

    public async Task<IActionResult> OnPostAsync(Guid id)
    {
        Change change = await People.Store.RemoveAsync(Me.Organisation, new PersonId(id), Actor, Now, Cancel);
        if (change == Change.Made)
            return Done("/people", "removed");
        if (change == Change.LastAdministrator)
            Refuse("", "This is the only administrator. Make somebody else one first.");
        return await OnGetAsync(id);
    }
}
