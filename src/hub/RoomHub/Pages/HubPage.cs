using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.RazorPages;
using RoomAgent.Hub.People;

namespace RoomAgent.Hub.Pages;

/// <summary>What all pages have in common. Their forms have a token that is checked before anything of them runs.</summary>
internal abstract class HubPage(PeopleDesk people) : PageModel
{
    /// <summary>Everything about people.</summary>
    protected PeopleDesk People => people;

    /// <summary>Who has signed in.</summary>
    public Person Me => HttpContext.Features.Get<Person>() ?? throw new InvalidOperationException("Nobody has signed in.");

    /// <summary>Who has signed in, as the audit log has it.</summary>
    protected string Actor => Me.Id.ToString();

    /// <summary>The present.</summary>
    public DateTimeOffset Now => people.Clock.GetUtcNow();

    /// <summary>Given up when the browser has gone.</summary>
    protected CancellationToken Cancel => HttpContext.RequestAborted;

    // Without this a page would be shown for any method, its handler unasked.
    public override void OnPageHandlerExecuting(PageHandlerExecutingContext context)
    {
        if (context.HandlerMethod is null)
            context.Result = new StatusCodeResult(StatusCodes.Status405MethodNotAllowed);
        else if (!ModelState.IsValid)
            context.Result = new StatusCodeResult(StatusCodes.Status400BadRequest);
    }

    /// <summary>Notes what is wrong with a field, or with all of them (no name).</summary>
    protected void Refuse(string field, string sentence) => ModelState.AddModelError(field, sentence);

    /// <summary>Leads to a page that says that something was done, so that going back or reloading does not do it again.</summary>
    protected static RedirectResult Done(string path, string word) => new($"{path}?done={word}");
}
