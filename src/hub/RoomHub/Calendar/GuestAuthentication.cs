using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Meetings;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Calendar;

/// <summary>Authenticates a guest at every call: the token that a link gave, a proof for this very request by the key that it is bound to, and a link that nobody has revoked.</summary>
internal sealed class GuestAuthentication(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory log, UrlEncoder encoder, Accounts accounts, GuestLinks links)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, log, encoder)
{
    private OAuthError? _error;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        // What is on the wire is the same as of a device (RFC 9449 section 7.1); the token's type tells them apart.
        if (Requests.Authorization(Context, HubClaims.DeviceScheme) is not { } token)
            return AuthenticateResult.NoResult();

        DpopFault fault = accounts.Proofs.Check(Request.Headers["DPoP"], Request.Method, Request.Path.Value ?? "", token, out DpopProof? proof);
        if (fault != DpopFault.None)
            return Refuse(OAuthError.Of(fault));
        if (await accounts.Tokens.ReadAsync(token, TokenKind.Guest, Context.RequestAborted) is not { Meeting: { } meeting, Organisation: { } organisation } claims
            || claims.KeyThumbprint != proof!.Key.ThumbprintText
            || !await links.IsGoodAsync(claims.Family, accounts.Clock.GetUtcNow(), Context.RequestAborted))
        {
            return Refuse(OAuthError.InvalidToken);
        }

        fault = accounts.Proofs.Use(proof);
        if (fault != DpopFault.None)
            return Refuse(OAuthError.Of(fault));

        var identity = new ClaimsIdentity(HubClaims.GuestScheme);
        identity.AddClaim(new Claim(ClaimTypes.NameIdentifier, claims.Subject));
        identity.AddClaim(new Claim(HubClaims.Organisation, organisation.ToString()));
        identity.AddClaim(new Claim(HubClaims.GuestMeeting, Base64UrlText.Encode(meeting.MeetingId.Span)));
        identity.AddClaim(new Claim(HubClaims.GuestInstance, Base64UrlText.Encode(meeting.Instance.Span)));
        foreach (string scope in claims.Scope)
            identity.AddClaim(new Claim(HubClaims.Scope, scope));

        // The token's end is the end of what it opened. Nothing of this request is in it.
        (GuestLinks every, TimeProvider clock, Guid link, DateTimeOffset end) = (links, accounts.Clock, claims.Family, claims.ExpiresAt);
        Context.Features.Set(new AccessGround(
            GuestLinks.RevokedTopic, link, GuestLinks.EndReason, async (_, cancel) => clock.GetUtcNow() < end && await every.IsGoodAsync(link, clock.GetUtcNow(), cancel)));
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme.Name));
    }

    // Where devices may come too, their scheme has answered already.
    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (Response.HasStarted || Response.StatusCode == StatusCodes.Status401Unauthorized)
            return Task.CompletedTask;

        Response.Headers.Date = accounts.Clock.GetUtcNow().ToString("R");
        Response.Headers["DPoP-Nonce"] = accounts.Proofs.Nonces.Next();
        return OAuthAnswers.RefuseAsync(Context, (_error ?? OAuthError.InvalidToken) with { Status = StatusCodes.Status401Unauthorized });
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => Response.HasStarted ? Task.CompletedTask : base.HandleForbiddenAsync(properties);

    private AuthenticateResult Refuse(OAuthError error)
    {
        _error = error;
        return AuthenticateResult.Fail(error.Error);
    }
}
