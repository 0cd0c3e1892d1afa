using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Meetings;

namespace RoomAgent.Hub.People;

/// <summary>
/// Authenticates a person's program: a session that is not over. The session is one as browsers have it, so that whatever ends those ends this one; its secret is the token.
/// </summary>
/// <remarks>The principal has no role: whatever a person administers, a program for meetings does not.</remarks>
internal sealed class ProgramAuthentication(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory log, UrlEncoder encoder, Accounts accounts, PeopleDesk people)
    : TokenAuthentication(options, log, encoder, accounts)
{
    protected override TokenKind Kind => TokenKind.Person;

    /// <summary>What stands for the session in the database. Made with the hub's key, so that nobody who reads the database makes a session of a browser from it or the other way round.</summary>
    public static byte[] HashOf(PeopleDesk people, Guid session) => people.Codes.Of("program-session", session.ToString("N"));

    protected override async Task<Caller?> FindAsync(TokenClaims claims, DeviceKey key)
    {
        byte[] hash = HashOf(people, claims.Family);
        if (await people.Sessions.FindAsync(hash, people.Clock.GetUtcNow(), Context.RequestAborted) is not { } found
            || found.Person.Id.ToString() != claims.Subject
            || found.Person.Organisation != claims.Organisation)
        {
            return null;
        }

        (Person person, Session session) = found;
        var identity = new ClaimsIdentity(HubClaims.ProgramScheme);
        identity.AddClaim(new Claim(ClaimTypes.NameIdentifier, person.Id.ToString()));
        identity.AddClaim(new Claim(ClaimTypes.Name, person.Name));
        identity.AddClaim(new Claim(ClaimTypes.Email, person.Mailbox));
        identity.AddClaim(new Claim(HubClaims.Organisation, person.Organisation.ToString()));
        identity.AddClaim(new Claim(HubClaims.OrganisationName, person.OrganisationName));
        identity.AddClaim(new Claim(SessionAuthentication.SessionClaim, session.Id.ToString("D")));

        // A connection outlives this request and its token, so nothing of them is in it: it ends with the session.
        PeopleDesk desk = people;
        var ground = new AccessGround(SessionStore.EndedTopic, session.Id, SessionStore.EndReason, (wasUsed, cancel) => desk.Sessions.IsGoodAsync(hash, wasUsed, desk.Clock.GetUtcNow(), cancel));
        return new Caller(identity, key, person, session, ground);
    }
}
