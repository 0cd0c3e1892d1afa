using System.Globalization;
using System.Text.Json;
using RoomAgent.Hub.Identity;
using static RoomAgent.Hub.Devices.ApiAnswers;

namespace RoomAgent.Hub.Devices;

/// <summary>When devices take new versions: administrators decide, devices ask.</summary>
internal static class UpdateEndpoints
{
    private const string Clock = "HH:mm";
    private static readonly JsonSerializerOptions s_json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Maps them.</summary>
    public static void MapUpdates(this IEndpointRouteBuilder endpoints)
    {
        RouteGroupBuilder api = endpoints.MapAdministration("Updates");
        api.MapGet("/update-policy", ReadAsync).Describe("readUpdatePolicy", "When the devices of the organisation take new versions.").Gives<PolicyBody>();
        api.MapPut("/update-policy", WriteAsync).Describe("writeUpdatePolicy", "Decides when: latest (at once), schedule (at the times given, by the clock of each room) or hold (never). Nowhere while somebody meets.").Takes<PolicyBody>().Gives(204);
        endpoints.MapGet("/updates/policy", TellAsync).RequireScope(Scopes.Update).WithTags("Updates")
            .Describe("readOwnUpdatePolicy", "For devices: when they take new versions.").Gives<PolicyBody>();
    }

    private static async Task<IResult> ReadAsync(HttpContext context, Accounts accounts) =>
        Results.Ok(PolicyBody.Of(await accounts.Updates.FindAsync(Administrator(context).Organisation, context.RequestAborted)));

    private static async Task<IResult> WriteAsync(HttpContext context, Accounts accounts)
    {
        (PolicyBody? body, OAuthError? error) = await Requests.ReadJsonAsync<PolicyBody>(context, ignoreUnknown: false);
        if (error is not null)
            return Problem(error);
        if (body!.Read() is not { IsReasonable: true } policy)
            return Invalid("cadence is latest, hold, or schedule; only a schedule has days (monday to sunday, each once) and from and until (HH:mm) at least 30 minutes apart");

        (string administrator, OrganisationId organisation, _) = Administrator(context);
        await accounts.Updates.SetAsync(organisation, policy, administrator, accounts.Clock.GetUtcNow(), context.RequestAborted);
        return Results.NoContent();
    }

    private static async Task TellAsync(HttpContext context, Accounts accounts)
    {
        OrganisationId organisation = OrganisationId.Read(context.User.FindFirst(HubClaims.Organisation)!.Value)!.Value;
        UpdatePolicy policy = await accounts.Updates.FindAsync(organisation, context.RequestAborted);
        context.Response.Headers.CacheControl = "private, no-cache";
        await context.Response.WriteAsJsonAsync(PolicyBody.Of(policy), s_json, context.RequestAborted);
    }

    private sealed record PolicyBody
    {
        public required string Cadence { get; init; }

        public IReadOnlyList<string?>? Days { get; init; }

        public string? From { get; init; }

        public string? Until { get; init; }

        public static PolicyBody Of(UpdatePolicy policy)
        {
            string cadence = policy.Cadence.ToString().ToLowerInvariant();
            return policy.Cadence == UpdateCadence.Schedule
                ? new PolicyBody { Cadence = cadence, Days = policy.DayNames, From = policy.From.ToString(Clock, CultureInfo.InvariantCulture), Until = policy.Until.ToString(Clock, CultureInfo.InvariantCulture) }
                : new PolicyBody { Cadence = cadence };
        }

        public UpdatePolicy? Read() => (Cadence, Days, From, Until) switch
        {
            ("latest", null, null, null) => new UpdatePolicy(UpdateCadence.Latest),
            ("hold", null, null, null) => new UpdatePolicy(UpdateCadence.Hold),
            ("schedule", { } names, { } from, { } until) when UpdatePolicy.ReadDays(names) is { } days && TimeOf(from) is { } first && TimeOf(until) is { } last =>
                new UpdatePolicy(UpdateCadence.Schedule, days, first, last),
            _ => null,
        };
    }

    /// <summary>Reads a time of day, such as 22:00.</summary>
    internal static TimeOnly? TimeOf(string text) => TimeOnly.TryParseExact(text, Clock, CultureInfo.InvariantCulture, DateTimeStyles.None, out TimeOnly time) ? time : null;
}
