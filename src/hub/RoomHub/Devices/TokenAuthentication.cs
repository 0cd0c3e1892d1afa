using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace RoomAgent.Hub.Devices;

/// <summary>
/// Authenticates whoever calls with a token of ours at every call: the token is valid now, a proof for this very request is by the key that the token is bound to (RFC 9449 section 7.1),
/// and what it rests on still holds. Devices, guests and people's programs differ in the type of the token and in what that is.
/// </summary>
internal abstract class TokenAuthentication(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory log, UrlEncoder encoder, Accounts accounts)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, log, encoder)
{
    /// <summary>Why the credentials are none; <see langword="null"/> when there were none.</summary>
    protected OAuthError? Error { get; private set; }

    /// <summary>Which tokens are taken.</summary>
    protected abstract TokenKind Kind { get; }

    /// <summary>Whether other credentials than these are none at all, and not those of another scheme.</summary>
    protected virtual bool IsAlone => false;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Request.Headers.Authorization.Count == 0)
            return AuthenticateResult.NoResult();

        // A token that is bound to a key is no bearer's (RFC 9449 section 7.2).
        if (Requests.Authorization(Context, HubClaims.DeviceScheme) is not { } token)
            return IsAlone ? Refuse(OAuthError.InvalidToken) : AuthenticateResult.NoResult();

        DpopFault fault = accounts.Proofs.Check(Request.Headers["DPoP"], Request.Method, Request.Path.Value ?? "", token, out DpopProof? proof);
        if (fault != DpopFault.None)
            return Refuse(OAuthError.Of(fault));
        if (await accounts.Tokens.ReadAsync(token, Kind, Context.RequestAborted) is not { } claims
            || claims.KeyThumbprint != proof!.Key.ThumbprintText
            || await FindAsync(claims, proof.Key) is not { } caller)
        {
            return Refuse(OAuthError.InvalidToken);
        }

        // Only now, so that nobody without a token fills the memory of what was used.
        fault = accounts.Proofs.Use(proof);
        if (fault != DpopFault.None)
            return Refuse(OAuthError.Of(fault));

        foreach (string scope in claims.Scope)
            caller.Identity.AddClaim(new Claim(HubClaims.Scope, scope));
        foreach (object feature in caller.Features)
            Context.Features[feature.GetType()] = feature;
        Prepare();
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(caller.Identity), Scheme.Name));
    }

    /// <summary>Looks whether what the token rests on still holds.</summary>
    /// <param name="claims">The token's.</param>
    /// <param name="key">The key of the proof, which is the token's.</param>
    /// <returns>Who calls; <see langword="null"/> when it does not hold any more.</returns>
    protected abstract Task<Caller?> FindAsync(TokenClaims claims, DeviceKey key);

    // Where devices may come too, their scheme has answered already.
    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (Response.HasStarted || Response.StatusCode == StatusCodes.Status401Unauthorized)
            return Task.CompletedTask;

        Prepare();
        return OAuthAnswers.RefuseAsync(Context, (Error ?? OAuthError.InvalidToken) with { Status = StatusCodes.Status401Unauthorized });
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => Response.HasStarted ? Task.CompletedTask : base.HandleForbiddenAsync(properties);

    /// <summary>Our time, by which the caller corrects its clock, and the nonce for its next proof.</summary>
    protected void Prepare()
    {
        Response.Headers.Date = accounts.Clock.GetUtcNow().ToString("R");
        Response.Headers["DPoP-Nonce"] = accounts.Proofs.Nonces.Next();
    }

    private AuthenticateResult Refuse(OAuthError error)
    {
        Error = error;
        return AuthenticateResult.Fail(error.Error);
    }

    /// <summary>Who calls.</summary>
    /// <param name="Identity">Without scopes, which are the token's.</param>
    /// <param name="Features">What the request has for those who answer it, once everything about it is good.</param>
    protected sealed record Caller(ClaimsIdentity Identity, params IReadOnlyList<object> Features);
}
