using Microsoft.AspNetCore.Mvc;
using RoomAgent.Hub.People;

namespace RoomAgent.Hub.Pages;

/// <summary>What a guest sees who opens the link in a browser. The same for every link, so that nobody learns here which are good.</summary>
internal sealed class JoinModel(PeopleDesk people) : HubPage(people)
{
    public IActionResult OnGet() => Page();
}
