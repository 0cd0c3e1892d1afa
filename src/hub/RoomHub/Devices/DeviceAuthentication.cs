using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using RoomAgent.Hub.Identity;

namespace RoomAgent.Hub.Devices;

/// <summary>Authenticates a device: an account in the database that still has access, with that key and that family of tokens.</summary>
internal sealed class DeviceAuthentication(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory log, UrlEncoder encoder, Accounts accounts)
    : TokenAuthentication(options, log, encoder, accounts)
{
    private readonly AccountStore _store = accounts.Store;

    protected override TokenKind Kind => TokenKind.Access;

    protected override bool IsAlone => true;

    protected override async Task<Caller?> FindAsync(TokenClaims claims, DeviceKey key)
    {
        if (DeviceId.Read(claims.Subject) is not { } device
            || await _store.FindAsync(device, Context.RequestAborted) is not { IsActive: true } account
            || account.Family != claims.Family
            || account.Organisation != claims.Organisation
            || !account.Key.Equals(key))
        {
            return null;
        }

        var identity = new ClaimsIdentity(HubClaims.DeviceScheme);
        identity.AddClaim(new Claim(HubClaims.Device, account.Id.ToString()));
        identity.AddClaim(new Claim(HubClaims.Organisation, account.Organisation.ToString()));
        identity.AddClaim(new Claim(HubClaims.OrganisationName, account.OrganisationName));
        return new Caller(identity, account);
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Prepare();
        if (Error is { Status: StatusCodes.Status429TooManyRequests } busy)
            return OAuthAnswers.RefuseAsync(Context, busy, DpopNonces.Life);

        // Without credentials there is nothing to say about them (RFC 6750 section 3.1).
        if (Error is not null)
            return OAuthAnswers.RefuseAsync(Context, Error with { Status = StatusCodes.Status401Unauthorized });

        OAuthAnswers.Prepare(Context, StatusCodes.Status401Unauthorized);
        Response.Headers.WWWAuthenticate = "DPoP algs=\"ES256\"";
        return Task.CompletedTask;
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "DPoP algs=\"ES256\", error=\"insufficient_scope\"";
        return OAuthAnswers.AnswerAsync(Context, StatusCodes.Status403Forbidden, new { error = "insufficient_scope", error_description = "the token is not for that" });
    }
}
