using System.Security.Claims;
using RoomAgent.Hub.Identity;

namespace RoomAgent.Hub.Devices;

/// <summary>
/// What an administrator does about devices: codes, decisions, ending access, token policy, audit log. All within the own organisation; what belongs to another one is not found.
/// Refusals are problem details (RFC 9457). Bodies are JSON, of which nothing unknown is accepted; the content type keeps forms of other sites out.
/// </summary>
internal static class AdministrationEndpoints
{
    private static readonly TimeSpan s_usualLife = TimeSpan.FromHours(24);

    /// <summary>Maps them.</summary>
    public static void MapDeviceAdministration(this IEndpointRouteBuilder endpoints)
    {
        RouteGroupBuilder api = endpoints.MapGroup("/api").RequireAuthorization(HubClaims.AdministratorPolicy);
        api.MapPost("/pairing/lookup", LookUpAsync);
        api.MapPost("/pairing/decision", DecideAsync);
        api.MapPost("/activation-codes", MakeCodeAsync);
        api.MapGet("/activation-codes", ListCodesAsync);
        api.MapDelete("/activation-codes/{id:guid}", RemoveCodeAsync);
        api.MapGet("/devices", ListDevicesAsync);
        api.MapPost("/devices/{id:guid}/reset-access", ResetAsync);
        api.MapPost("/devices/reset-access", ResetAllAsync);
        api.MapGet("/token-policies/{clientClass}", ReadPolicyAsync);
        api.MapPut("/token-policies/{clientClass}", WritePolicyAsync);
        api.MapGet("/access-events", ListEventsAsync);
    }

    // The consent page: what the device says of itself, and the six digits to compare with its display.
    private static async Task<IResult> LookUpAsync(HttpContext context, Accounts accounts)
    {
        (UserCodeRequest? body, OAuthError? error) = await Requests.ReadJsonAsync<UserCodeRequest>(context, ignoreUnknown: false);
        if (error is not null)
            return Problem(error);

        string guesser = GuesserOf(context);
        if (!accounts.UserCodeGuesses.TryBegin(guesser, out TimeSpan wait))
            return TooMany(context, wait);
        if (UserCode.Read(body!.UserCode) is not { } code
            || await accounts.Grants.FindAsync(code.HashWith(accounts.Codes), accounts.Clock.GetUtcNow(), context.RequestAborted) is not { } grant)
        {
            return NotFound();
        }

        accounts.UserCodeGuesses.WasRight(guesser);
        return Results.Ok(new
        {
            device_serial = grant.Serial,
            device_model = grant.Model,
            confirmation = Confirmation.Digits(grant.Thumbprint, grant.Nonce),
            expires_at = grant.ExpiresAt,
        });
    }

    private static async Task<IResult> DecideAsync(HttpContext context, Accounts accounts)
    {
        (DecisionRequest? body, OAuthError? error) = await Requests.ReadJsonAsync<DecisionRequest>(context, ignoreUnknown: false);
        if (error is not null)
            return Problem(error);
        if (Requests.Label(body!.DeviceName) is not { } name)
            return Problem(OAuthError.InvalidRequest("device_name is at most 100 letters without control characters"));

        (string administrator, OrganisationId organisation, string organisationName) = Administrator(context);
        string guesser = GuesserOf(context);
        if (!accounts.UserCodeGuesses.TryBegin(guesser, out TimeSpan wait))
            return TooMany(context, wait);
        if (UserCode.Read(body.UserCode) is not { } code
            || !await accounts.Grants.DecideAsync(code.HashWith(accounts.Codes), body.Approve, organisation, organisationName, name, administrator, accounts.Clock.GetUtcNow(), context.RequestAborted))
        {
            return NotFound();
        }

        accounts.UserCodeGuesses.WasRight(guesser);
        return Results.NoContent();
    }

    private static async Task<IResult> MakeCodeAsync(HttpContext context, Accounts accounts)
    {
        (CodeRequest? body, OAuthError? error) = await Requests.ReadJsonAsync<CodeRequest>(context, ignoreUnknown: false);
        if (error is not null)
            return Problem(error);

        ActivationCodeForm? form = body!.Form switch { null or "letters" => ActivationCodeForm.Letters, "digits" => ActivationCodeForm.Digits, _ => null };
        TimeSpan life = body.LifeHours is { } hours ? TimeSpan.FromHours(hours) : s_usualLife;
        if (form is not { } wanted || Requests.Label(body.DeviceName) is not { } name || life < TimeSpan.FromHours(1) || life > ActivationCode.LongestLife(wanted))
            return Problem(OAuthError.InvalidRequest("form is letters (1 to 720 hours) or digits (1 to 24 hours), device_name at most 100 letters without control characters"));

        (string administrator, OrganisationId organisation, string organisationName) = Administrator(context);
        if (await accounts.MakeCodeAsync(wanted, organisation, organisationName, name, administrator, life, context.RequestAborted) is not { } made)
            return Results.Problem(statusCode: StatusCodes.Status409Conflict, title: "Too many activation codes are open: remove some.", type: "urn:roomhub:problem:too-many-codes");

        // Shown once: it is not kept.
        context.Response.Headers.CacheControl = "no-store";
        return Results.Created((string?)null, new
        {
            id = made.Id,
            code = made.Code.RevealGrouped(),
            setup_code = wanted == ActivationCodeForm.Letters ? new SetupCode(accounts.Address, accounts.Identity.KeyHash, made.Code).Reveal() : null,
            expires_at = made.ExpiresAt,
        });
    }

    private static async Task<IResult> ListCodesAsync(HttpContext context, Accounts accounts)
    {
        List<OpenCode> codes = await accounts.Pairing.ListCodesAsync(Administrator(context).Organisation, context.RequestAborted);
        return Results.Ok(codes.Select(code => new
        {
            id = code.Id,
            device_name = code.DeviceName,
            made_by = code.MadeBy,
            made_at = code.MadeAt,
            expires_at = code.ExpiresAt,
            used_at = code.UsedAt,
            device = code.Device?.ToString(),
        }));
    }

    private static async Task<IResult> RemoveCodeAsync(HttpContext context, Accounts accounts, Guid id)
    {
        (string administrator, OrganisationId organisation, _) = Administrator(context);
        bool removed = await accounts.Pairing.RemoveCodeAsync(organisation, id, administrator, accounts.Clock.GetUtcNow(), context.RequestAborted);
        return removed ? Results.NoContent() : NotFound();
    }

    private static async Task<IResult> ListDevicesAsync(HttpContext context, Accounts accounts, Guid? after)
    {
        List<MachineAccount> devices = await accounts.Store.ListAsync(Administrator(context).Organisation, after is { } id ? new DeviceId(id) : null, context.RequestAborted);
        return Results.Ok(new { devices = devices.Select(Describe), next = devices.Count == AccountStore.MostListed ? devices[^1].Id.ToString() : null });

        static object Describe(MachineAccount device) => new
        {
            id = device.Id.ToString(),
            name = device.Name,
            device_serial = device.Serial,
            device_model = device.Model,
            software_version = device.Software,
            dns_name = device.DnsName,
            paired_at = device.CreatedAt,
            ended_at = device.EndedAt,
            ended_by = device.EndedBy,
        };
    }

    private static async Task<IResult> ResetAsync(HttpContext context, Accounts accounts, Guid id)
    {
        (string administrator, OrganisationId organisation, _) = Administrator(context);
        MachineAccount? ended = await accounts.Store.EndAsync(new DeviceId(id), AccessEvents.AccessReset, administrator, accounts.Clock.GetUtcNow(), organisation, context.RequestAborted);
        if (ended is null)
            return NotFound();

        await Accounts.TellAsync(context, [ended], AccessEvents.AccessReset);
        return Results.NoContent();
    }

    private static async Task<IResult> ResetAllAsync(HttpContext context, Accounts accounts)
    {
        (string administrator, OrganisationId organisation, _) = Administrator(context);
        List<MachineAccount> ended = await accounts.Store.EndAllAsync(organisation, AccessEvents.AccessReset, administrator, accounts.Clock.GetUtcNow(), context.RequestAborted);
        await Accounts.TellAsync(context, ended, AccessEvents.AccessReset);
        return Results.Ok(new { ended = ended.Count });
    }

    private static async Task<IResult> ReadPolicyAsync(HttpContext context, Accounts accounts, string clientClass)
    {
        if (!TokenPolicy.Classes.Contains(clientClass))
            return NotFound();

        TokenPolicy policy = await accounts.Store.PolicyAsync(Administrator(context).Organisation, clientClass, context.RequestAborted);
        return Results.Ok(new PolicyRequest { AccessSeconds = (long)policy.AccessLife.TotalSeconds, RefreshSeconds = (long)policy.RefreshLife.TotalSeconds, AutoExtend = policy.AutoExtend });
    }

    private static async Task<IResult> WritePolicyAsync(HttpContext context, Accounts accounts, string clientClass)
    {
        if (!TokenPolicy.Classes.Contains(clientClass))
            return NotFound();

        (PolicyRequest? body, OAuthError? error) = await Requests.ReadJsonAsync<PolicyRequest>(context, ignoreUnknown: false);
        if (error is not null)
            return Problem(error);

        const long mostSeconds = 366 * 24 * 3600;
        TokenPolicy? policy = body!.AccessSeconds is >= 0 and <= mostSeconds && body.RefreshSeconds is >= 0 and <= mostSeconds
            ? new TokenPolicy(TimeSpan.FromSeconds(body.AccessSeconds), TimeSpan.FromSeconds(body.RefreshSeconds), body.AutoExtend)
            : null;
        if (policy is not { IsReasonable: true })
            return Problem(OAuthError.InvalidRequest("access tokens live 5 minutes to 24 hours, refresh tokens 1 to 365 days"));

        (string administrator, OrganisationId organisation, _) = Administrator(context);
        await accounts.Store.SetPolicyAsync(organisation, clientClass, policy, administrator, accounts.Clock.GetUtcNow(), context.RequestAborted);
        return Results.NoContent();
    }

    private static async Task<IResult> ListEventsAsync(HttpContext context, Accounts accounts)
    {
        List<AccessEvent> events = await accounts.Store.EventsAsync(Administrator(context).Organisation, context.RequestAborted);
        return Results.Ok(events.Select(noted => new { at = noted.At, kind = noted.Kind, device = noted.Device?.ToString(), actor = noted.Actor }));
    }

    // The policy has seen that the claims are there.
    private static (string Id, OrganisationId Organisation, string OrganisationName) Administrator(HttpContext context)
    {
        ClaimsPrincipal user = context.User;
        OrganisationId organisation = OrganisationId.Read(user.FindFirstValue(HubClaims.Organisation)) ?? throw new InvalidOperationException("The administrator's organisation is not the id of one.");
        return (user.FindFirstValue(ClaimTypes.NameIdentifier)!, organisation, user.FindFirstValue(HubClaims.OrganisationName) ?? "");
    }

    private static string GuesserOf(HttpContext context)
    {
        (string administrator, OrganisationId organisation, _) = Administrator(context);
        return $"{organisation}/{administrator}";
    }

    private static IResult Problem(OAuthError error) => Results.Problem(statusCode: error.Status, title: error.Description, type: $"urn:roomhub:problem:{error.Error.Replace('_', '-')}");

    private static IResult NotFound() => Results.Problem(statusCode: StatusCodes.Status404NotFound, title: "There is nothing of that kind in this organisation.", type: "urn:roomhub:problem:not-found");

    private static IResult TooMany(HttpContext context, TimeSpan wait)
    {
        context.Response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString();
        return Results.Problem(statusCode: StatusCodes.Status429TooManyRequests, title: "Too many wrong codes: wait.", type: "urn:roomhub:problem:too-many-guesses");
    }

    private sealed record UserCodeRequest
    {
        public required string UserCode { get; init; }
    }

    private sealed record DecisionRequest
    {
        public required string UserCode { get; init; }

        public required bool Approve { get; init; }

        public string? DeviceName { get; init; }
    }

    private sealed record CodeRequest
    {
        public string? DeviceName { get; init; }

        public string? Form { get; init; }

        public int? LifeHours { get; init; }
    }

    private sealed record PolicyRequest
    {
        [System.Text.Json.Serialization.JsonPropertyName("access_seconds")]
        public required long AccessSeconds { get; init; }

        [System.Text.Json.Serialization.JsonPropertyName("refresh_seconds")]
        public required long RefreshSeconds { get; init; }

        [System.Text.Json.Serialization.JsonPropertyName("auto_extend")]
        public required bool AutoExtend { get; init; }
    }
}
