using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Meetings;

namespace RoomAgent.Hub.People;

/// <summary>
/// Authenticates a person's program at every call: the token that signing in gave, a proof for this very request by the key that it is bound to, and a session that is not over.
/// The session is one as browsers have it, so that whatever ends those ends this one; its secret is the token.
/// </summary>
/// <remarks>The principal has no role: whatever a person administers, a program for meetings does not.</remarks>
internal sealed class ProgramAuthentication(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory log, UrlEncoder encoder, Accounts accounts, PeopleDesk people)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, log, encoder)
{
    private OAuthError? _error;

    /// <summary>What stands for the session in the database. Made with the hub's key, so that nobody who reads the database makes a session of a browser from it or the other way round.</summary>
    public static byte[] HashOf(PeopleDesk people, Guid session) => people.Codes.Of("program-session", session.ToString("N"));

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        // What is on the wire is the same as of a device (RFC 9449 section 7.1); the token's type tells them apart.
        if (Requests.Authorization(Context, HubClaims.DeviceScheme) is not { } token)
            return AuthenticateResult.NoResult();

        DpopFault fault = accounts.Proofs.Check(Request.Headers["DPoP"], Request.Method, Request.Path.Value ?? "", token, out DpopProof? proof);
        if (fault != DpopFault.None)
            return Refuse(OAuthError.Of(fault));
        if (await accounts.Tokens.ReadAsync(token, TokenKind.Person, Context.RequestAborted) is not { } claims
            || claims.KeyThumbprint != proof!.Key.ThumbprintText
            || await people.Sessions.FindAsync(HashOf(people, claims.Family), people.Clock.GetUtcNow(), Context.RequestAborted) is not { } found
            || found.Person.Id.ToString() != claims.Subject
            || found.Person.Organisation != claims.Organisation)
        {
            return Refuse(OAuthError.InvalidToken);
        }

        // Only now, so that nobody without a token fills the memory of what was used.
        fault = accounts.Proofs.Use(proof);
        if (fault != DpopFault.None)
            return Refuse(OAuthError.Of(fault));

        (Person person, Session session) = found;
        var identity = new ClaimsIdentity(HubClaims.ProgramScheme);
        identity.AddClaim(new Claim(ClaimTypes.NameIdentifier, person.Id.ToString()));
        identity.AddClaim(new Claim(ClaimTypes.Name, person.Name));
        identity.AddClaim(new Claim(ClaimTypes.Email, person.Mailbox));
        identity.AddClaim(new Claim(HubClaims.Organisation, person.Organisation.ToString()));
        identity.AddClaim(new Claim(HubClaims.OrganisationName, person.OrganisationName));
        identity.AddClaim(new Claim(SessionAuthentication.SessionClaim, session.Id.ToString("D")));
        foreach (string scope in claims.Scope)
            identity.AddClaim(new Claim(HubClaims.Scope, scope));
        Context.Features.Set(proof.Key);
        Context.Features.Set(person);
        Context.Features.Set(session);

        // A connection outlives this request and its token, so nothing of them is in it: it ends with the session.
        (PeopleDesk desk, byte[] hash) = (people, HashOf(people, claims.Family));
        Context.Features.Set(new AccessGround(SessionStore.EndedTopic, session.Id, SessionStore.EndReason, (wasUsed, cancel) => desk.Sessions.IsGoodAsync(hash, wasUsed, desk.Clock.GetUtcNow(), cancel)));
        Prepare();
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme.Name));
    }

    // Where devices may come too, their scheme has answered already.
    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (Response.HasStarted || Response.StatusCode == StatusCodes.Status401Unauthorized)
            return Task.CompletedTask;

        Prepare();
        return OAuthAnswers.RefuseAsync(Context, (_error ?? OAuthError.InvalidToken) with { Status = StatusCodes.Status401Unauthorized });
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => Response.HasStarted ? Task.CompletedTask : base.HandleForbiddenAsync(properties);

    private AuthenticateResult Refuse(OAuthError error)
    {
        _error = error;
        return AuthenticateResult.Fail(error.Error);
    }

    // Our time, by which the program corrects its clock, and the nonce for its next proof.
    private void Prepare()
    {
        Response.Headers.Date = accounts.Clock.GetUtcNow().ToString("R");
        Response.Headers["DPoP-Nonce"] = accounts.Proofs.Nonces.Next();
    }
}
