using System.Security.Claims;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;

namespace RoomAgent.Hub.People;

/// <summary>
/// Where a person's program signs in, gets a certificate and signs out. It has no cookie and gets none: a token that is bound to the program's key, whose session stands beside those of browsers.
/// What it reads of the person's meetings is in the calendar (<c>/session/calendar</c>).
/// </summary>
internal static class ProgramEndpoints
{
    /// <summary>What all of it begins with.</summary>
    public const string Path = "/session";

    /// <summary>Maps them.</summary>
    public static void MapPrograms(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost(Path, SignInAsync).WithTags("People's programs")
            .WithName("signInProgram").WithSummary("For people's programs: a token for mailbox and password, bound to the key of the proof (DPoP, RFC 9449). It ends with its session.")
            .WithMetadata(new ApiBody(typeof(SignInRequest), "application/json")).Gives<ProgramToken>().Produces<OAuthBody>(400).Produces<OAuthBody>(413).Produces<OAuthBody>(429).Produces<OAuthBody>(503);
        endpoints.MapDelete(Path, SignOutAsync).RequireAuthorization(HubClaims.ProgramPolicy).WithTags("People's programs")
            .Describe("signOutProgram", "For people's programs: ends the session, and with it the token and every connection.").Gives(204);
        endpoints.MapPost($"{Path}/token", RenewAsync).RequireAuthorization(HubClaims.ProgramPolicy).WithTags("People's programs")
            .Describe("renewProgramToken", "For people's programs: another token for the same key and session, before the one that asks ends. The session's end stays what it is.").Gives<ProgramToken>().Produces<OAuthBody>(429);
        endpoints.MapPost($"{Path}/certificate", CertifyAsync).RequireAuthorization(HubClaims.ProgramPolicy).WithTags("People's programs")
            .Describe("certifyProgram", "For people's programs: a certificate of the person's mailbox for another key than the token's. Takes a request (PKCS #10).")
            .TakesBytes("application/pkcs10").Produces(200, contentType: "application/pem-certificate-chain").Produces<OAuthBody>(400).Produces<OAuthBody>(413).Produces<OAuthBody>(429);
    }

    // 1. how often    2. by whose key    3. the password, which is counted and checked as the page does it    4. a session and a token for it
    private static async Task SignInAsync(HttpContext context, Accounts accounts, PeopleDesk people, ILogger<PeopleDesk> log)
    {
        if (!await accounts.AdmitAsync(context, accounts.CallLimit))
            return;

        (SignInRequest? body, OAuthError? error) = await Requests.ReadJsonAsync<SignInRequest>(context, ignoreUnknown: false);
        if (error is not null)
        {
            await OAuthAnswers.RefuseAsync(context, error);
            return;
        }

        DpopFault fault = accounts.Prove(context, token: null, out DpopProof? proof);
        if (fault != DpopFault.None)
        {
            await OAuthAnswers.RefuseAsync(context, OAuthError.Of(fault));
            return;
        }

        SignInOutcome outcome = await people.SignIn.TryAsync(body!.Mailbox, body.Password, Requests.SourceOf(context), context.RequestAborted);
        if (outcome.Wait is { } wait)
        {
            PeopleLog.TooManyGuesses(log);
            await OAuthAnswers.RefuseAsync(context, OAuthError.Busy, wait);
            return;
        }

        DateTimeOffset now = people.Clock.GetUtcNow();
        var session = Guid.NewGuid();
        if (outcome.Who is not { Person: var person } who || !await people.Sessions.TryAddAsync(ProgramAuthentication.HashOf(people, session), session, person, who.Password, now, context.RequestAborted))
        {
            // One sentence for all of it, so that nobody learns which mailboxes there are.
            await OAuthAnswers.RefuseAsync(context, OAuthError.InvalidGrant with { Description = "mailbox and password do not fit together" });
            return;
        }

        PeopleLog.SignedIn(log, person.Id);
        await GiveTokenAsync(context, accounts, person, session, proof!.Key, now + people.Sessions.Life);
    }

    private static async Task RenewAsync(HttpContext context, Accounts accounts, PeopleDesk people)
    {
        if (!await accounts.AdmitAsync(context, accounts.CallLimit))
            return;

        Session session = context.Features.Get<Session>()!;
        await GiveTokenAsync(context, accounts, context.Features.Get<Person>()!, session.Id, context.Features.Get<DeviceKey>()!, session.CreatedAt + people.Sessions.Life);
    }

    // As long as the organisation wants it, and no longer than the session can last.
    private static async Task GiveTokenAsync(HttpContext context, Accounts accounts, Person person, Guid session, DeviceKey key, DateTimeOffset most)
    {
        TokenPolicy policy = await accounts.Store.PolicyAsync(person.Organisation, TokenPolicy.Person, context.RequestAborted);
        DateTimeOffset now = accounts.Clock.GetUtcNow();
        DateTimeOffset end = now + policy.AccessLife < most ? now + policy.AccessLife : most;
        OAuthAnswers.Prepare(context, StatusCodes.Status200OK);
        await context.Response.WriteAsJsonAsync(
            new ProgramToken(
                accounts.Tokens.Person(person.Id.ToString(), person.Organisation, session, key, end),
                HubClaims.DeviceScheme,
                (long)(end - now).TotalSeconds,
                person.Mailbox,
                person.Name,
                person.OrganisationName),
            context.RequestAborted);
    }

    private static async Task SignOutAsync(HttpContext context, PeopleDesk people)
    {
        var person = PersonId.Read(context.User.FindFirstValue(ClaimTypes.NameIdentifier)!)!.Value;
        await people.Sessions.EndAsync(person, Guid.Parse(context.User.FindFirstValue(SessionAuthentication.SessionClaim)!), context.RequestAborted);
        OAuthAnswers.Prepare(context, StatusCodes.Status204NoContent);
    }

    private static Task CertifyAsync(HttpContext context, Accounts accounts) =>
        IdentityEndpoints.IssueAsync(context, accounts, CertifiedKind.Person, context.User.FindFirstValue(ClaimTypes.Email)!.ToLowerInvariant(), context.Features.Get<DeviceKey>());

    private sealed record SignInRequest
    {
        public required string Mailbox { get; init; }

        public required string Password { get; init; }
    }

    private sealed record ProgramToken(string AccessToken, string TokenType, long ExpiresIn, string Mailbox, string Name, string OrganisationName);

    private sealed record OAuthBody(string Error, string ErrorDescription);
}
