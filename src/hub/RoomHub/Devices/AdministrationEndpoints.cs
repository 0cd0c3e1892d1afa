using RoomAgent.Enrolment;
using RoomAgent.Hub.Identity;
using RoomAgent.Native.OpenSsl;
using static RoomAgent.Hub.Devices.ApiAnswers;

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
        RouteGroupBuilder api = endpoints.MapAdministration("Devices");
        api.MapPost("/pairing/lookup", LookUpAsync).Describe("lookUpPairing", "What a device that shows a code says of itself, and the six digits to compare with its display.")
            .Takes<UserCodeRequest>().Gives<WaitingDevice>().Refuses(404, 429);
        api.MapPost("/pairing/decision", DecideAsync).Describe("decidePairing", "Lets a device that shows a code in, or not.")
            .Takes<DecisionRequest>().Gives(204).Refuses(404, 429);
        api.MapPost("/activation-codes", MakeCodeAsync).Describe("makeActivationCode", "Makes a code with which one device can be paired. It is shown once.")
            .Takes<CodeRequest>().Gives<MadeCode>(201).Refuses(409);
        api.MapGet("/activation-codes", ListCodesAsync).Describe("listActivationCodes", "The codes that were made, without the codes themselves.").Gives<IReadOnlyList<ListedCode>>();
        api.MapDelete("/activation-codes/{id:guid}", RemoveCodeAsync).Describe("removeActivationCode", "Takes back a code that nobody has used.").Gives(204).Refuses(404);
        api.MapGet("/devices", ListDevicesAsync).Describe("listDevices", "The devices of the organisation, oldest first; those after one of them.").Gives<DevicePage>();
        api.MapPost("/devices/{id:guid}/reset-access", ResetAsync).Describe("resetDevice", "Ends the access of a device at once.").Gives(204).Refuses(404);
        api.MapPost("/devices/reset-access", ResetAllAsync).Describe("resetAllDevices", "Ends the access of all devices of the organisation at once.").Gives<EndedDevices>();
        api.MapGet("/token-policies/{clientClass}", ReadPolicyAsync).Describe("readTokenPolicy", "How long the tokens of a class of clients live: device, integration or person.").Gives<PolicyRequest>().Refuses(404);
        api.MapPut("/token-policies/{clientClass}", WritePolicyAsync).Describe("writeTokenPolicy", "Decides how long the tokens of a class of clients live.").Takes<PolicyRequest>().Gives(204).Refuses(404);
        api.MapGet("/access-events", ListEventsAsync).Describe("listEvents", "The audit log of the organisation, the latest first.").Gives<IReadOnlyList<LoggedEvent>>();
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
        return Results.Ok(new WaitingDevice(grant.Serial, grant.Model, Confirmation.Digits(grant.Thumbprint, grant.Nonce), grant.ExpiresAt));
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
        string? setupCode = wanted == ActivationCodeForm.Letters ? new SetupCode(accounts.Address, accounts.Identity.KeyHash, made.Code).Reveal(OpenSslCrypto.Instance) : null;
        return Results.Created((string?)null, new MadeCode(made.Id, made.Code.RevealGrouped(), setupCode, made.ExpiresAt));
    }

    private static async Task<IResult> ListCodesAsync(HttpContext context, Accounts accounts)
    {
        List<OpenCode> codes = await accounts.Pairing.ListCodesAsync(Administrator(context).Organisation, context.RequestAborted);
        return Results.Ok(codes.Select(code => new ListedCode(code.Id, code.DeviceName, code.MadeBy, code.MadeAt, code.ExpiresAt, code.UsedAt, code.Device?.Value)));
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
        return Results.Ok(new DevicePage([.. devices.Select(Describe)], devices.Count == AccountStore.MostListed ? devices[^1].Id.Value : null));

        static ListedDevice Describe(MachineAccount device) =>
            new(device.Id.Value, device.Name, device.Serial, device.Model, device.Software, device.DnsName, device.CreatedAt, device.EndedAt, device.EndedBy);
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
        return Results.Ok(new EndedDevices(ended.Count));
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
        return Results.Ok(events.Select(noted => new LoggedEvent(noted.At, noted.Kind, noted.Device?.Value, noted.About, noted.Actor)));
    }

    private static string GuesserOf(HttpContext context)
    {
        (string administrator, OrganisationId organisation, _) = Administrator(context);
        return $"{organisation}/{administrator}";
    }

    private static IResult TooMany(HttpContext context, TimeSpan wait)
    {
        context.Response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString();
        return Results.Problem(statusCode: StatusCodes.Status429TooManyRequests, title: "Too many wrong codes: wait.", type: "urn:roomhub:problem:too-many-guesses");
    }

    private sealed record WaitingDevice(string DeviceSerial, string DeviceModel, string Confirmation, DateTimeOffset ExpiresAt);

    private sealed record MadeCode(Guid Id, string Code, string? SetupCode, DateTimeOffset ExpiresAt);

    private sealed record ListedCode(Guid Id, string DeviceName, string MadeBy, DateTimeOffset MadeAt, DateTimeOffset ExpiresAt, DateTimeOffset? UsedAt, Guid? Device);

    private sealed record ListedDevice(Guid Id, string Name, string DeviceSerial, string DeviceModel, string SoftwareVersion, string DnsName, DateTimeOffset PairedAt, DateTimeOffset? EndedAt, string? EndedBy);

    private sealed record DevicePage(IReadOnlyList<ListedDevice> Devices, Guid? Next);

    private sealed record EndedDevices(int Ended);

    private sealed record LoggedEvent(DateTimeOffset At, string Kind, Guid? Device, Guid? About, string Actor);

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
