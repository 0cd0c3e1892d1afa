using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Meetings;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Calendar;

/// <summary>Authenticates a guest: a link that nobody has revoked.</summary>
internal sealed class GuestAuthentication(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory log, UrlEncoder encoder, Accounts accounts, GuestLinks links)
    : TokenAuthentication(options, log, encoder, accounts)
{
    private readonly TimeProvider _clock = accounts.Clock;

    protected override TokenKind Kind => TokenKind.Guest;

    protected override async Task<Caller?> FindAsync(TokenClaims claims, DeviceKey key)
    {
        if (claims is not { Meeting: { } meeting, Organisation: { } organisation } || !await links.IsGoodAsync(claims.Family, _clock.GetUtcNow(), Context.RequestAborted))
            return null;

        var identity = new ClaimsIdentity(HubClaims.GuestScheme);
        identity.AddClaim(new Claim(ClaimTypes.NameIdentifier, claims.Subject));
        identity.AddClaim(new Claim(HubClaims.Organisation, organisation.ToString()));
        identity.AddClaim(new Claim(HubClaims.GuestMeeting, Base64UrlText.Encode(meeting.MeetingId.Span)));
        identity.AddClaim(new Claim(HubClaims.GuestInstance, Base64UrlText.Encode(meeting.Instance.Span)));

        // The token's end is the end of what it opened. Nothing of this request is in it.
        (GuestLinks every, TimeProvider clock, Guid link, DateTimeOffset end) = (links, _clock, claims.Family, claims.ExpiresAt);
        return new Caller(identity, new AccessGround(
            GuestLinks.RevokedTopic, link, GuestLinks.EndReason, async (_, cancel) => clock.GetUtcNow() < end && await every.IsGoodAsync(link, clock.GetUtcNow(), cancel)));
    }
}
