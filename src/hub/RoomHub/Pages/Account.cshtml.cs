using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Mvc;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.People;

namespace RoomAgent.Hub.Pages;

/// <summary>One's own account: password and sessions.</summary>
internal sealed class AccountModel(PeopleDesk people) : HubPage(people)
{
    public IReadOnlyList<Session> Sessions { get; private set; } = [];

    public Guid Own => Guid.Parse(User.FindFirstValue(SessionAuthentication.SessionClaim)!);

    [BindProperty]
    public string? Present { get; set; }

    [BindProperty]
    public string? Next { get; set; }

    [BindProperty]
    public string? Again { get; set; }

    public async Task OnGetAsync() => Sessions = await People.Sessions.ListAsync(Me.Id, Now, Cancel);

    public async Task<IActionResult> OnPostPasswordAsync()
    {
        if (PasswordRules.Fault(Next, Me.Mailbox, Me.Name, Me.OrganisationName) is { } fault)
            Refuse(nameof(Next), fault);
        else if (Next != Again)
            Refuse(nameof(Again), "The two are not the same.");
        SigningIn? who = null;
        if (ModelState.IsValid)
        {
            // Whoever finds an open browser guesses here as at the sign-in.
            SignInOutcome outcome = await People.SignIn.TryAsync(Me.Mailbox, Present, Requests.SourceOf(HttpContext), Cancel);
            if (outcome.Wait is not null)
                Refuse(nameof(Present), PersonWords.TooManyTries);
            else if (outcome.Who is null)
                Refuse(nameof(Present), "This is not your password.");
            who = outcome.Who;
        }

        if (ModelState.IsValid)
        {
            if (await People.Passwords.HashAsync(Next!, Cancel) is not { } after)
                return StatusCode(StatusCodes.Status503ServiceUnavailable);
            if (await People.Store.ChangePasswordAsync(Me, who!.Password, after, Now, Cancel))
            {
                // All sessions are over; here a new one begins.
                HttpContext.Features.Set(new SigningIn(Me, after));
                await HttpContext.SignInAsync(SessionAuthentication.SchemeName, User);
                return Done("/account", "password-changed");
            }

            Refuse("", "Your password was changed somewhere else at the same time.");
        }

        await OnGetAsync();
        return Page();
    }

    public async Task<IActionResult> OnPostEndAsync(Guid id)
    {
        if (!await People.Sessions.EndAsync(Me.Id, id, Cancel))
            return NotFound();

        return Done("/account", "session-ended");
    }

    public async Task<IActionResult> OnPostEverywhereAsync()
    {
        await People.Sessions.EndAllAsync(Me, Now, Cancel);
        await HttpContext.SignOutAsync(SessionAuthentication.SchemeName);
        return Done("/sign-in", "signed-out-everywhere");
    }
}
