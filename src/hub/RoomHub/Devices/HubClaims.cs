using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;
using RoomAgent.Hub.Identity;

namespace RoomAgent.Hub.Devices;

/// <summary>Names of claims and policies, for all endpoints of the hub.</summary>
public static class HubClaims
{
    /// <summary>The authentication scheme of devices: an access token and a proof (RFC 9449 section 7.1).</summary>
    public const string DeviceScheme = "DPoP";

    /// <summary>The organisation of whoever is signed in; see <see cref="OrganisationId.Read"/>.</summary>
    public const string Organisation = "org";

    /// <summary>What the organisation is called.</summary>
    public const string OrganisationName = "org_name";

    /// <summary>The machine account; see <see cref="DeviceId.Read"/>.</summary>
    public const string Device = "device";

    /// <summary>The authentication scheme of guests: what a link gave, and a proof as devices give it.</summary>
    public const string GuestScheme = "DPoP-guest";

    /// <summary>The authentication scheme of people's programs: what signing in without a browser gave, and a proof as devices give it.</summary>
    public const string ProgramScheme = "DPoP-person";

    /// <summary>The policy of endpoints for people's programs: a token whose session is not over, with the claims of the person, but never a role. Requires the scope of joining meetings.</summary>
    public const string ProgramPolicy = "hub:program";

    /// <summary>The one meeting that a guest may join: its id in base64url. Nobody else has this claim.</summary>
    public const string GuestMeeting = "guest_meeting";

    /// <summary>The one occurrence of it, in base64url.</summary>
    public const string GuestInstance = "guest_instance";

    /// <summary>The policy of endpoints for guests: a guest's token for <see cref="GuestMeeting"/> and <see cref="GuestInstance"/>, whose link was not revoked. The name identifier is the name in the guest's certificate.</summary>
    public const string GuestPolicy = "hub:guest";

    /// <summary>One claim for each scope of the token.</summary>
    public const string Scope = "scope";

    /// <summary>The role of those who administer an organisation.</summary>
    public const string AdministratorRole = "administrator";

    /// <summary>The policy of endpoints for administrators: signed in as a person, with that role and an organisation.</summary>
    public const string AdministratorPolicy = "hub:administrator";

    /// <summary>The policy of endpoints for people: signed in, with a mailbox (<see cref="ClaimTypes.Email"/>) that the hub has verified.</summary>
    public const string PersonPolicy = "hub:person";

    /// <summary>The policy of endpoints that need a scope.</summary>
    public static string PolicyOf(string scope) => $"scope:{scope}";

    /// <summary>Lets nobody in but devices whose token has a scope of <see cref="Scopes"/>.</summary>
    public static TBuilder RequireScope<TBuilder>(this TBuilder endpoint, string scope)
        where TBuilder : IEndpointConventionBuilder => endpoint.RequireAuthorization(PolicyOf(scope));

    internal static void AddPolicies(AuthorizationOptions options)
    {
        foreach (string scope in Scopes.OfDevices)
        {
            options.AddPolicy(PolicyOf(scope), policy => policy
                .AddAuthenticationSchemes(DeviceScheme)
                .RequireAuthenticatedUser()
                .RequireClaim(Device)
                .RequireClaim(Scope, scope));
        }

        options.AddPolicy(GuestPolicy, policy => policy
            .AddAuthenticationSchemes(GuestScheme)
            .RequireAuthenticatedUser()
            .RequireClaim(GuestMeeting)
            .RequireClaim(GuestInstance)
            .RequireClaim(Scope, Scopes.MeetingsJoin));

        options.AddPolicy(ProgramPolicy, policy => policy
            .AddAuthenticationSchemes(ProgramScheme)
            .RequireAuthenticatedUser()
            .RequireClaim(ClaimTypes.Email)
            .RequireClaim(Scope, Scopes.MeetingsJoin));

        // A device's principal never has these, whichever scheme comes first.
        options.AddPolicy(AdministratorPolicy, policy => policy
            .RequireAuthenticatedUser()
            .RequireRole(AdministratorRole)
            .RequireClaim(ClaimTypes.NameIdentifier)
            .RequireClaim(Organisation)
            .RequireAssertion(context => !context.User.HasClaim(claim => claim.Type == Device)));
        options.AddPolicy(PersonPolicy, policy => policy
            .RequireAuthenticatedUser()
            .RequireClaim(ClaimTypes.Email)
            .RequireAssertion(context => !context.User.HasClaim(claim => claim.Type == Device)));
    }
}
