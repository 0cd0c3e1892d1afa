using Microsoft.AspNetCore.Http.Features;
using RoomAgent.Hub.Calendar.Files;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;
using static RoomAgent.Hub.Devices.ApiAnswers;

namespace RoomAgent.Hub.Calendar;

/// <summary>Calendars from elsewhere: files that are uploaded, and addresses that are polled.</summary>
internal static class ImportEndpoints
{
    /// <summary>The largest file that is uploaded, in bytes.</summary>
    public const int MaxFile = 1024 * 1024;

    private const string FileType = "text/calendar";

    /// <summary>Maps them.</summary>
    public static void MapImport(this IEndpointRouteBuilder endpoints)
    {
        RouteGroupBuilder api = endpoints.MapAdministration("Calendars");
        api.MapPost("/calendar/import", ImportAsync).Describe("importCalendar", "Takes over a file of calendars (RFC 5545), at most 1 MiB: events with a room of ours. With METHOD:CANCEL it calls them off.")
            .TakesBytes(FileType).Gives<ImportAnswer>().Refuses(400, 404, 409, 413);
        api.MapGet("/calendar/feeds", ListAsync).Describe("listFeeds", "The calendars that are polled, and how that went last.").Gives<IReadOnlyList<FeedAnswerBody>>();
        api.MapPost("/calendar/feeds", AddAsync).Describe("makeFeed", "Has a calendar polled every five minutes. Its meetings follow it: what is not in it any more goes.").Takes<FeedRequest>().Gives<FeedAnswerBody>(201).Refuses(404, 409);
        api.MapDelete("/calendar/feeds/{id:guid}", RemoveAsync).Describe("removeFeed", "Polls a calendar no longer, and calls its meetings off.").Gives(204).Refuses(404);
    }

    private static async Task<IResult> ImportAsync(HttpContext context, Importer importer, RoomStore rooms, TimeProvider clock, string? zone, string? @class, Guid? room)
    {
        // The content type keeps forms of other sites out.
        if (context.Request.ContentType is not { } type || !type.Split(';', 2)[0].Trim().Equals(FileType, StringComparison.OrdinalIgnoreCase))
            return Invalid($"the content type is {FileType}");
        if (zone is not null && !Zones.IsKnown(zone))
            return Invalid("zone is the IANA name of a time zone, such as Europe/Berlin");
        if (MeetingBodies.ReadClass(@class) is not { } meetingClass)
            return Invalid("class is end-to-end or encrypted");

        (string administrator, OrganisationId organisation, _) = Administrator(context);
        if (room is { } one && await rooms.FindAsync(organisation, one, context.RequestAborted) is null)
            return NotFound();
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = MaxFile + 1;
        if (await Requests.ReadBodyAsync(context, MaxFile) is not { } bytes)
            return Problem(OAuthError.TooLarge);

        DateTimeOffset now = clock.GetUtcNow();
        if (CalendarFile.Read(bytes.Span, zone ?? "Etc/UTC", now.Year, out FileProblem? problem) is not { } file)
            return Problem(StatusCodes.Status400BadRequest, "not-a-calendar", problem!.Line > 0 ? $"Line {problem.Line}: {problem.What}." : $"{problem.What}.");
        if (await importer.ImportAsync(file, new ImportOrder(organisation, [], meetingClass, room), administrator, now, context.RequestAborted) is not { } outcome)
            return Problem(StatusCodes.Status409Conflict, "too-many-meetings", "The file brings more meetings or occurrences than there may be.");

        return Results.Ok(new ImportAnswer(
            outcome.Added, outcome.Changed, outcome.Removed, outcome.Unchanged, outcome.Ignored, file.LeftOutCount, [.. file.LeftOut.Select(left => new LeftOutAnswer(left.Line, left.What))]));
    }

    private static async Task<IResult> ListAsync(HttpContext context, FeedStore feeds)
    {
        List<Feed> listed = await feeds.ListAsync(Administrator(context).Organisation, context.RequestAborted);
        return Results.Ok(listed.Select(Answer));
    }

    private static async Task<IResult> AddAsync(HttpContext context, FeedStore feeds, RoomStore rooms, TimeProvider clock)
    {
        (FeedRequest? body, OAuthError? error) = await Requests.ReadJsonAsync<FeedRequest>(context, ignoreUnknown: false);
        if (error is not null)
            return Problem(error);
        if (FeedClient.ReadAddress(body!.Address) is not { } address)
            return Invalid("address is an https address in ASCII without a user");
        if (body.Zone is not null && !Zones.IsKnown(body.Zone))
            return Invalid("zone is the IANA name of a time zone, such as Europe/Berlin");
        if (MeetingBodies.ReadClass(body.Class) is not { } meetingClass)
            return Invalid("class is end-to-end or encrypted");

        (string administrator, OrganisationId organisation, _) = Administrator(context);
        if (body.Room is { } room && await rooms.FindAsync(organisation, room, context.RequestAborted) is null)
            return NotFound();

        var feed = new Feed(Guid.NewGuid(), organisation, address.AbsoluteUri, body.Zone ?? "Etc/UTC", meetingClass, body.Room, null, null, null, null, null, null, 0);
        return await feeds.AddAsync(feed, administrator, clock.GetUtcNow(), context.RequestAborted)
            ? Results.Created((string?)null, Answer(feed))
            : Problem(StatusCodes.Status409Conflict, "taken", "That calendar is polled already, or too many are.");
    }

    private static async Task<IResult> RemoveAsync(HttpContext context, FeedStore feeds, TimeProvider clock, Guid id)
    {
        (string administrator, OrganisationId organisation, _) = Administrator(context);
        return await feeds.RemoveAsync(organisation, id, administrator, clock.GetUtcNow(), context.RequestAborted) ? Results.NoContent() : NotFound();
    }

    private static FeedAnswerBody Answer(Feed feed) =>
        new(feed.Id, feed.Address, feed.Zone, MeetingBodies.WordOf(feed.Class), feed.Room, feed.PolledAt, feed.GoodAt, feed.Fault, feed.FaultLine, feed.Failures);

    private sealed record ImportAnswer(int Added, int Changed, int Removed, int Unchanged, int Ignored, int LeftOut, IReadOnlyList<LeftOutAnswer> Problems);

    private sealed record LeftOutAnswer(int Line, string What);

    private sealed record FeedAnswerBody(Guid Id, string Address, string Zone, string Class, Guid? Room, DateTimeOffset? PolledAt, DateTimeOffset? GoodAt, string? Fault, int? FaultLine, int Failures);

    private sealed record FeedRequest
    {
        public required string Address { get; init; }

        public string? Zone { get; init; }

        public string? Class { get; init; }

        public Guid? Room { get; init; }
    }
}
