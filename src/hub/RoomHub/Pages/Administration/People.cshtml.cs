using Microsoft.AspNetCore.Mvc;
using RoomAgent.Hub.People;

namespace RoomAgent.Hub.Pages;

/// <summary>The people of an organisation, and who is invited.</summary>
internal sealed class PeopleModel(PeopleDesk people) : HubPage(people)
{
    private const int OnAPage = 100;

    public IReadOnlyList<Person> Everybody { get; private set; } = [];

    public IReadOnlyList<Invitation> Open { get; private set; } = [];

    public PageLinks Links { get; private set; } = new(null, null);

    [BindProperty(SupportsGet = true)]
    public int From { get; set; }

    public async Task OnGetAsync()
    {
        int skip = Math.Clamp(From, 0, PeopleStore.MostPeople);
        List<Person> some = await People.Store.ListAsync(Me.Organisation, skip, OnAPage + 1, Cancel);
        Everybody = some.Take(OnAPage).ToList();
        Links = new PageLinks(skip == 0 ? null : "/people", some.Count > OnAPage ? $"/people?from={skip + OnAPage}" : null);
        Open = await People.Invitations.ListAsync(Me.Organisation, Now, OnAPage, Cancel);
    }

    public async Task<IActionResult> OnPostRemoveAsync(Guid id) =>
        await People.Invitations.RemoveAsync(Me.Organisation, id, Actor, Now, Cancel) ? Done("/people", "invitation-removed") : NotFound();
}
