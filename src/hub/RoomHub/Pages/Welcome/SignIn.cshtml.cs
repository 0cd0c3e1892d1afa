using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Mvc;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.People;

namespace RoomAgent.Hub.Pages;

/// <summary>Signing in.</summary>
internal sealed class SignInModel(PeopleDesk people, ILogger<PeopleDesk> log) : HubPage(people)
{
    [BindProperty(SupportsGet = true)]
    public string? Back { get; set; }

    [BindProperty]
    public string? MailboxText { get; set; }

    [BindProperty]
    public string? Password { get; set; }

    public IActionResult OnGet() => User.Identity?.IsAuthenticated == true ? Redirect("/") : Page();

    public async Task<IActionResult> OnPostAsync()
    {
        SignInOutcome outcome = await People.SignIn.TryAsync(MailboxText, Password, Requests.SourceOf(HttpContext), Cancel);
        if (outcome.Wait is { } wait)
        {
            PeopleLog.TooManyGuesses(log);
            Response.StatusCode = StatusCodes.Status429TooManyRequests;
            Response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString();
            Refuse("", PersonWords.TooManyTries);
            return Page();
        }

        if (outcome.Who is not { } who)
        {
            // One sentence for all of it, so that nobody learns which mailboxes there are.
            Refuse(nameof(MailboxText), "Mailbox and password do not fit together.");
            return Page();
        }

        HttpContext.Features.Set(who);
        await HttpContext.SignInAsync(SessionAuthentication.SchemeName, new ClaimsPrincipal(new ClaimsIdentity(SessionAuthentication.SchemeName)));
        PeopleLog.SignedIn(log, who.Person.Id);

        // Never to another site, whatever the link said.
        return Url.IsLocalUrl(Back) ? Redirect(Back!) : Redirect("/");
    }
}
