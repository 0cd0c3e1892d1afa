using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Mvc;
using RoomAgent.Hub.People;

namespace RoomAgent.Hub.Pages;

/// <summary>Signing out.</summary>
internal sealed class SignOutModel(PeopleDesk people) : HubPage(people)
{
    public IActionResult OnGet() => Page();

    public async Task<IActionResult> OnPostAsync()
    {
        await HttpContext.SignOutAsync(SessionAuthentication.SchemeName);
        return Done("/sign-in", "signed-out");
    }
}
