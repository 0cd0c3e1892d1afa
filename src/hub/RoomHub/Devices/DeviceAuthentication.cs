using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using RoomAgent.Hub.Identity;

namespace RoomAgent.Hub.Devices;

/// <summary>
/// Authenticates a device at every call: a token of ours that is valid now, a proof for this very request by the key that the token is bound to,
/// and an account in the database that still has access, with that key and that family of tokens.
/// </summary>
internal sealed class DeviceAuthentication(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory log, UrlEncoder encoder, Accounts accounts)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, log, encoder)
{
    private OAuthError? _error;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Request.Headers.Authorization.Count == 0)
            return AuthenticateResult.NoResult();

        // A token that is bound to a key is no bearer's (RFC 9449 section 7.2).
        if (Requests.Authorization(Context, HubClaims.DeviceScheme) is not { } token)
            return Refuse(OAuthError.InvalidToken);

        DpopFault fault = accounts.Proofs.Check(Request.Headers["DPoP"], Request.Method, Request.Path.Value ?? "", token, out DpopProof? proof);
        if (fault != DpopFault.None)
            return Refuse(OAuthError.Of(fault));
        if (await accounts.Tokens.ReadAsync(token, TokenKind.Access, Context.RequestAborted) is not { } claims
            || claims.KeyThumbprint != proof!.Key.ThumbprintText
            || DeviceId.Read(claims.Subject) is not { } device
            || await accounts.Store.FindAsync(device, Context.RequestAborted) is not { IsActive: true } account
            || account.Family != claims.Family
            || account.Organisation != claims.Organisation
            || !account.Key.Equals(proof.Key))
        {
            return Refuse(OAuthError.InvalidToken);
        }

        // Only now, so that nobody without a token fills the memory of what was used.
        fault = accounts.Proofs.Use(proof);
        if (fault != DpopFault.None)
            return Refuse(OAuthError.Of(fault));

        var identity = new ClaimsIdentity(HubClaims.DeviceScheme);
        identity.AddClaim(new Claim(HubClaims.Device, account.Id.ToString()));
        identity.AddClaim(new Claim(HubClaims.Organisation, account.Organisation.ToString()));
        identity.AddClaim(new Claim(HubClaims.OrganisationName, account.OrganisationName));
        foreach (string scope in claims.Scope)
            identity.AddClaim(new Claim(HubClaims.Scope, scope));
        Context.Features.Set(account);
        Prepare();
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme.Name));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Prepare();
        if (_error is { Status: StatusCodes.Status429TooManyRequests } busy)
            return OAuthAnswers.RefuseAsync(Context, busy, DpopNonces.Life);

        // Without credentials there is nothing to say about them (RFC 6750 section 3.1).
        if (_error is not null)
            return OAuthAnswers.RefuseAsync(Context, _error with { Status = StatusCodes.Status401Unauthorized });

        OAuthAnswers.Prepare(Context, StatusCodes.Status401Unauthorized);
        Response.Headers.WWWAuthenticate = "DPoP algs=\"ES256\"";
        return Task.CompletedTask;
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "DPoP algs=\"ES256\", error=\"insufficient_scope\"";
        return OAuthAnswers.AnswerAsync(Context, StatusCodes.Status403Forbidden, new { error = "insufficient_scope", error_description = "the token is not for that" });
    }

    private AuthenticateResult Refuse(OAuthError error)
    {
        _error = error;
        return AuthenticateResult.Fail(error.Error);
    }

    // Our time, by which the device corrects its clock, and the nonce for its next proof.
    private void Prepare()
    {
        Response.Headers.Date = accounts.Clock.GetUtcNow().ToString("R");
        Response.Headers["DPoP-Nonce"] = accounts.Proofs.Nonces.Next();
    }
}
