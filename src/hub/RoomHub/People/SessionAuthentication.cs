using System.Security.Claims;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Meetings;
using RoomAgent.Wire;

namespace RoomAgent.Hub.People;

/// <summary>
/// Authenticates people by a cookie: 256 random bits whose keyed hash stands beside a person in the database. The principal is made of what the person is there at this very call.
/// </summary>
/// <remarks>
/// <para>Not the cookie handler of the framework with a ticket store: at sign-in that one goes on with the session that the request came with, which somebody else may have planted (session fixation),
/// and it keeps claims as they were at sign-in.</para>
/// <para>A second factor would stand between the password and <see cref="HandleSignInAsync"/>, as a page of its own with a short-lived right; somebody else's sign-in (OpenID Connect, SAML)
/// would be another scheme that signs in to this one.</para>
/// </remarks>
internal sealed class SessionAuthentication(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory log, UrlEncoder encoder, PeopleDesk people)
    : SignInAuthenticationHandler<AuthenticationSchemeOptions>(options, log, encoder)
{
    /// <summary>The authentication scheme of people.</summary>
    public const string SchemeName = "session";

    /// <summary>The cookie. Its prefix has browsers see to it that it is this host's, over TLS alone (RFC 6265bis section 4.1.3.2).</summary>
    public const string CookieName = "__Host-roomhub";

    /// <summary>The session within the principal.</summary>
    public const string SessionClaim = "session";

    private const int SecretSize = 32;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (HashOfCookie() is not { } hash || await people.Sessions.FindAsync(hash, people.Clock.GetUtcNow(), Context.RequestAborted) is not { } found)
            return AuthenticateResult.NoResult();

        (Person person, Session session) = found;
        var identity = new ClaimsIdentity(SchemeName, ClaimTypes.Name, ClaimTypes.Role);
        identity.AddClaim(new Claim(ClaimTypes.NameIdentifier, person.Id.ToString()));
        identity.AddClaim(new Claim(ClaimTypes.Name, person.Name));
        identity.AddClaim(new Claim(ClaimTypes.Email, person.Mailbox));
        identity.AddClaim(new Claim(ClaimTypes.Role, person.Role));
        identity.AddClaim(new Claim(HubClaims.Organisation, person.Organisation.ToString()));
        identity.AddClaim(new Claim(HubClaims.OrganisationName, person.OrganisationName));
        identity.AddClaim(new Claim(SessionClaim, session.Id.ToString("D")));
        Context.Features.Set(person);

        // A connection outlives this request, so nothing of the request is in it.
        PeopleDesk desk = people;
        Context.Features.Set(new AccessGround(SessionStore.EndedTopic, session.Id, SessionStore.EndReason, (wasUsed, cancel) => desk.Sessions.IsGoodAsync(hash, wasUsed, desk.Clock.GetUtcNow(), cancel)));
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme.Name));
    }

    // Always a new session with a new secret, whatever the request came with, and that one is over.
    protected override async Task HandleSignInAsync(ClaimsPrincipal user, AuthenticationProperties? properties)
    {
        SigningIn who = Context.Features.Get<SigningIn>() ?? throw new InvalidOperationException("Nobody has been checked.");
        if (HashOfCookie() is { } before)
            await people.Sessions.EndAsync(before, Context.RequestAborted);

        string secret = Base64UrlText.Encode(RandomNumberGenerator.GetBytes(SecretSize));
        if (await people.Sessions.TryAddAsync(HashOf(secret), Guid.NewGuid(), who.Person, who.Password, people.Clock.GetUtcNow(), Context.RequestAborted))
            Response.Cookies.Append(CookieName, secret, Attributes());
    }

    protected override async Task HandleSignOutAsync(AuthenticationProperties? properties)
    {
        if (HashOfCookie() is { } hash)
            await people.Sessions.EndAsync(hash, Context.RequestAborted);
        Response.Cookies.Delete(CookieName, Attributes());
    }

    // A browser that wants to see a page is led to where one signs in and comes back from there; everything else gets an answer.
    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        // Where devices may come too, their scheme has answered already.
        if (Response.HasStarted)
            return Task.CompletedTask;

        Response.Headers.CacheControl = "no-store";
        if (!PageRequests.IsPage(Context))
            return Results.Problem(statusCode: StatusCodes.Status401Unauthorized, title: "Sign in first.", type: "urn:roomhub:problem:not-signed-in").ExecuteAsync(Context);

        string back = HttpMethods.IsGet(Request.Method) ? $"?back={Uri.EscapeDataString(Request.Path + Request.QueryString)}" : "";
        Response.Redirect($"/sign-in{back}");
        return Task.CompletedTask;
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        if (Response.HasStarted)
            return Task.CompletedTask;

        Response.StatusCode = StatusCodes.Status403Forbidden;
        return PageRequests.IsPage(Context)
            ? Task.CompletedTask
            : Results.Problem(statusCode: StatusCodes.Status403Forbidden, title: "That is for administrators.", type: "urn:roomhub:problem:forbidden").ExecuteAsync(Context);
    }

    // It ends with the browser; how long it is good is the database's business. Lax, so that the link of a display's code leads to the page and not to the sign-in.
    private static CookieOptions Attributes() => new() { Path = "/", Secure = true, HttpOnly = true, SameSite = SameSiteMode.Lax, IsEssential = true };

    private byte[]? HashOfCookie() => Request.Cookies[CookieName] is { Length: > 0 and < 2 * SecretSize } secret ? HashOf(secret) : null;

    private byte[] HashOf(string secret) => people.Codes.Of("session", secret);
}

/// <summary>Who has just shown the password, on the way to <see cref="SessionAuthentication"/>.</summary>
/// <param name="Person">Who it is.</param>
/// <param name="Password">The hash of that password.</param>
internal sealed record SigningIn(Person Person, string Password)
{
    /// <summary>Only who it is.</summary>
    public override string ToString() => Person.ToString();
}
