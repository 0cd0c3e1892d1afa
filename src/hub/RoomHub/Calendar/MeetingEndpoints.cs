using System.Globalization;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Store;
using RoomAgent.Wire;
using static RoomAgent.Hub.Devices.ApiAnswers;

namespace RoomAgent.Hub.Calendar;

/// <summary>What administrators do about meetings, their occurrences and the links for guests.</summary>
internal static class MeetingEndpoints
{
    private const int MostEntries = 500;

    private static readonly TimeSpan s_longestWindow = TimeSpan.FromDays(62);

    /// <summary>Maps them.</summary>
    public static void MapMeetings(this IEndpointRouteBuilder endpoints)
    {
        RouteGroupBuilder api = endpoints.MapAdministration("Meetings");
        api.MapGet("/meetings", ListAsync).Describe("listMeetings", "The meetings of the organisation; those after one of them.").Gives<MeetingPage>();
        api.MapPost("/meetings", AddAsync).Describe("makeMeeting", "Makes a meeting.").Takes<MeetingRequest>().Gives<MeetingAnswer>(201).Refuses(409);
        api.MapGet("/meetings/{id:guid}", FindAsync).Describe("readMeeting", "One meeting, with its occurrences of the coming quarter.").Gives<MeetingAnswer>().Refuses(404);
        api.MapPut("/meetings/{id:guid}", ChangeAsync).Describe("changeMeeting", "Puts another description in the place of the one of a meeting. Its class never changes. With If-Match only when it has that version.")
            .Takes<MeetingRequest>().Gives<MeetingAnswer>().Refuses(404, 409, 412);
        api.MapDelete("/meetings/{id:guid}", RemoveAsync).Describe("removeMeeting", "Calls a meeting off, with all its occurrences.").Gives(204).Refuses(404);
        api.MapPut("/meetings/{id:guid}/occurrences/{original}", ChangeOccurrenceAsync).Describe("changeOccurrence", "Moves, changes or calls off one occurrence of a meeting that repeats, or makes it as the others again.")
            .Takes<OccurrenceRequest>().Gives<MeetingAnswer>().Refuses(404);
        api.MapGet("/calendar", CalendarAsync).Describe("readCalendar", "What is in the rooms of the organisation, or in one of them, between two moments that are at most 62 days apart; occurrences are made for a quarter ahead.")
            .Gives<CalendarAnswer>().Refuses(400, 404);
        api.MapPost("/meetings/{id:guid}/guest-link", AddLinkAsync).Describe("makeGuestLink", "Makes a link by which guests come to a meeting. It is shown once.").Takes<LinkRequest>().Gives<MadeLink>(201).Refuses(404, 409);
        api.MapGet("/meetings/{id:guid}/guest-links", ListLinksAsync).Describe("listGuestLinks", "The links of a meeting, without their secrets.").Gives<IReadOnlyList<LinkAnswer>>().Refuses(404);
        api.MapDelete("/meetings/{id:guid}/guest-links/{link:guid}", RevokeLinkAsync).Describe("revokeGuestLink", "Takes a link back. Who came by it is refused from then on.").Gives(204).Refuses(404);
    }

    private static async Task<IResult> ListAsync(HttpContext context, PlanStore plans, Guid? after)
    {
        List<KeptMeeting> listed = await plans.ListAsync(Administrator(context).Organisation, after, context.RequestAborted);
        return Results.Ok(new MeetingPage([.. listed.Select(meeting => MeetingBodies.Answer(meeting, occurrences: null))], listed.Count == PlanStore.MostListed ? listed[^1].Id : null));
    }

    private static Task<IResult> FindAsync(HttpContext context, PlanStore plans, TimeProvider clock, Guid id) => AnswerAsync(context, plans, clock, id, StatusCodes.Status200OK);

    private static async Task<IResult> AddAsync(HttpContext context, PlanStore plans, Planner planner, TimeProvider clock)
    {
        (MeetingPlan? plan, IResult? refusal) = await ReadAsync(context, planner);
        if (plan is null)
            return refusal!;

        (string administrator, OrganisationId organisation, _) = Administrator(context);
        return await plans.AddAsync(organisation, plan, administrator, clock.GetUtcNow(), context.RequestAborted) is { } made
            ? await AnswerAsync(context, plans, clock, made.Id, StatusCodes.Status201Created)
            : Problem(StatusCodes.Status409Conflict, "too-many-meetings", "There are too many meetings: remove some.");
    }

    private static async Task<IResult> ChangeAsync(HttpContext context, PlanStore plans, Planner planner, TimeProvider clock, Guid id)
    {
        (MeetingPlan? plan, IResult? refusal) = await ReadAsync(context, planner);
        if (plan is null)
            return refusal!;

        long? version = null;
        if (context.Request.Headers.IfMatch is [{ } tag])
        {
            if (!long.TryParse(tag.Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out long seen))
                return Problem(StatusCodes.Status412PreconditionFailed, "changed", "The meeting has another version: read it again.");
            version = seen;
        }

        (string administrator, OrganisationId organisation, _) = Administrator(context);
        return await planner.ChangeAsync(organisation, id, version, plan, administrator, clock.GetUtcNow(), context.RequestAborted) switch
        {
            PlanOutcome.Done => await AnswerAsync(context, plans, clock, id, StatusCodes.Status200OK),
            PlanOutcome.OtherClass => Problem(StatusCodes.Status409Conflict, "class-is-for-good", "The class of a meeting never changes: make another meeting."),
            PlanOutcome.OtherVersion => Problem(StatusCodes.Status412PreconditionFailed, "changed", "The meeting has another version: read it again."),
            _ => NotFound(),
        };
    }

    private static async Task<IResult> RemoveAsync(HttpContext context, PlanStore plans, TimeProvider clock, Guid id)
    {
        (string administrator, OrganisationId organisation, _) = Administrator(context);
        return await plans.RemoveAsync(organisation, id, administrator, clock.GetUtcNow(), context.RequestAborted) ? Results.NoContent() : NotFound();
    }

    private static async Task<IResult> ChangeOccurrenceAsync(HttpContext context, PlanStore plans, Planner planner, TimeProvider clock, Guid id, string original)
    {
        (OccurrenceRequest? body, OAuthError? error) = await Requests.ReadJsonAsync<OccurrenceRequest>(context, ignoreUnknown: false);
        if (error is not null)
            return Problem(error);
        if (MeetingBodies.ReadLocal(original) is not { } which)
            return NotFound();

        (string administrator, OrganisationId organisation, _) = Administrator(context);
        return await planner.ChangeOccurrenceAsync(organisation, id, which, body!, administrator, clock.GetUtcNow(), context.RequestAborted) switch
        {
            PlanOutcome.Done => await AnswerAsync(context, plans, clock, id, StatusCodes.Status200OK),
            PlanOutcome.UnknownRoom => Invalid(Planner.UnknownRoom),
            PlanOutcome.Invalid => Invalid("start and end are local times at most 14 days apart, title is 1 to 200 letters, rooms are at most 64; with cancelled there is nothing else"),
            _ => NotFound(),
        };
    }

    private static async Task<IResult> CalendarAsync(HttpContext context, Database database, MeetingDirectory directory, DateTimeOffset from, DateTimeOffset to, Guid? room)
    {
        if (to <= from || to - from > s_longestWindow)
            return Invalid("from is before to, at most 62 days");

        OrganisationId organisation = Administrator(context).Organisation;
        List<CalendarEntry>? entries = await database.ReadAsync<List<CalendarEntry>?>(
            async transaction =>
            {
                List<Room> rooms = await RoomStore.AllAsync(transaction, organisation, context.RequestAborted);
                if (room is { } only)
                    rooms = rooms.FindAll(one => one.Id == only);
                if (room is not null && rooms.Count == 0)
                    return null;

                var found = new List<CalendarEntry>();
                foreach (Room one in rooms)
                {
                    foreach (InvitedOccurrence occurrence in await directory.OfRoomAsync(transaction, one.Id, from, to, MostEntries + 1 - found.Count, context.RequestAborted))
                        found.Add(Entry(one.Id, occurrence));
                    if (found.Count > MostEntries)
                        break;
                }

                return found;
            },
            context.RequestAborted);
        return entries is null ? NotFound() : Results.Ok(new CalendarAnswer([.. entries.Take(MostEntries)], entries.Count > MostEntries));
    }

    private static async Task<IResult> AddLinkAsync(HttpContext context, GuestLinks links, Accounts accounts, TimeProvider clock, Guid id)
    {
        (LinkRequest? body, OAuthError? error) = await Requests.ReadJsonAsync<LinkRequest>(context, ignoreUnknown: false);
        if (error is not null)
            return Problem(error);

        if (body!.LifeHours is < 1 or > GuestLinks.MostHours)
            return Invalid($"life_hours is 1 to {GuestLinks.MostHours}");
        TimeSpan life = body.LifeHours is { } hours ? TimeSpan.FromHours(hours) : GuestLinks.UsualLife;

        (string administrator, OrganisationId organisation, _) = Administrator(context);
        if (await links.AddAsync(organisation, id, life, administrator, clock.GetUtcNow(), context.RequestAborted) is not { } made)
            return NotFound();
        if (made.Secret is null)
            return Problem(StatusCodes.Status409Conflict, "too-many-links", "The meeting has too many links: revoke some.");

        context.Response.Headers.CacheControl = "no-store";
        return Results.Created((string?)null, new MadeLink(made.Link.Id, GuestEndpoints.LinkOf(accounts, made.Secret), made.Link.ExpiresAt));
    }

    private static async Task<IResult> ListLinksAsync(HttpContext context, GuestLinks links, TimeProvider clock, Guid id)
    {
        List<GuestLink>? listed = await links.ListAsync(Administrator(context).Organisation, id, clock.GetUtcNow(), context.RequestAborted);
        return listed is null ? NotFound() : Results.Ok(listed.Select(link => new LinkAnswer(link.Id, link.MadeBy, link.MadeAt, link.ExpiresAt)));
    }

    private static async Task<IResult> RevokeLinkAsync(HttpContext context, GuestLinks links, TimeProvider clock, Guid id, Guid link)
    {
        (string administrator, OrganisationId organisation, _) = Administrator(context);
        return await links.RevokeAsync(organisation, id, link, administrator, clock.GetUtcNow(), context.RequestAborted) ? Results.NoContent() : NotFound();
    }

    private static async Task<(MeetingPlan? Plan, IResult? Refusal)> ReadAsync(HttpContext context, Planner planner)
    {
        (MeetingRequest? body, OAuthError? error) = await Requests.ReadJsonAsync<MeetingRequest>(context, ignoreUnknown: false);
        if (error is not null)
            return (null, Problem(error));
        (MeetingPlan? plan, BodyFault? fault) = await planner.ReadAsync(Administrator(context).Organisation, body!, context.RequestAborted);
        return plan is null ? (null, Invalid(fault!.Sentence)) : (plan, null);
    }

    private static async Task<IResult> AnswerAsync(HttpContext context, PlanStore plans, TimeProvider clock, Guid id, int status)
    {
        (KeptMeeting? meeting, List<KeptOccurrence> occurrences) = await plans.FindAsync(Administrator(context).Organisation, id, clock.GetUtcNow(), context.RequestAborted);
        if (meeting is null)
            return NotFound();

        context.Response.Headers.ETag = $"\"{meeting.Version}\"";
        MeetingAnswer answer = MeetingBodies.Answer(meeting, occurrences);
        return status == StatusCodes.Status201Created ? Results.Created($"/api/meetings/{id}", answer) : Results.Ok(answer);
    }

    private static CalendarEntry Entry(Guid room, InvitedOccurrence occurrence) => new(
        room,
        new Guid(occurrence.Scheduled.Policy.Name.MeetingId.Span, bigEndian: true),
        Occurrences.OriginalOf(occurrence.Key) is { } original ? MeetingBodies.Text(original) : null,
        Base64UrlText.Encode(occurrence.Scheduled.Policy.Name.Instance.Span),
        occurrence.Title,
        occurrence.StartsAt,
        occurrence.Scheduled.EndsAt,
        MeetingBodies.WordOf(occurrence.Plan.Class));

    private sealed record MeetingPage(IReadOnlyList<MeetingAnswer> Meetings, Guid? Next);

    private sealed record CalendarEntry(Guid Room, Guid Meeting, string? Original, string Instance, string Title, DateTimeOffset StartsAt, DateTimeOffset EndsAt, string Class);

    private sealed record CalendarAnswer(IReadOnlyList<CalendarEntry> Entries, bool More);

    private sealed record LinkRequest
    {
        public int? LifeHours { get; init; }
    }

    private sealed record MadeLink(Guid Id, string Url, DateTimeOffset ExpiresAt);

    private sealed record LinkAnswer(Guid Id, string MadeBy, DateTimeOffset MadeAt, DateTimeOffset ExpiresAt);
}
