using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;
using static RoomAgent.Hub.Devices.ApiAnswers;

namespace RoomAgent.Hub.Calendar;

/// <summary>What administrators do about rooms, and about the authorities from outside that their organisation relies on.</summary>
internal static class RoomEndpoints
{
    /// <summary>Maps them.</summary>
    public static void MapRooms(this IEndpointRouteBuilder endpoints)
    {
        RouteGroupBuilder api = endpoints.MapAdministration("Rooms");
        api.MapGet("/rooms", ListAsync).Describe("listRooms", "The rooms of the organisation; those after one of them.").Gives<RoomPage>();
        api.MapPost("/rooms", AddAsync).Describe("makeRoom", "Makes a room.").Takes<RoomRequest>().Gives<RoomAnswer>(201).Refuses(404, 409);
        api.MapGet("/rooms/{id:guid}", FindAsync).Describe("readRoom", "One room.").Gives<RoomAnswer>().Refuses(404);
        api.MapPut("/rooms/{id:guid}", ChangeAsync).Describe("changeRoom", "Puts another description in the place of the one of a room.").Takes<RoomRequest>().Gives<RoomAnswer>().Refuses(404, 409);
        api.MapDelete("/rooms/{id:guid}", RemoveAsync).Describe("removeRoom", "Removes a room. Meetings go on without it.").Gives(204).Refuses(404);
        api.MapPut("/devices/{id:guid}/room", PlaceAsync).Describe("placeDevice", "Says in which room a device stands: in one that there is, or in the one of the device's name, which is made if there is none.")
            .Takes<PlaceRequest>().Gives<RoomAnswer>().Refuses(404, 409);

        RouteGroupBuilder anchors = endpoints.MapAdministration("Identity");
        anchors.MapGet("/anchors", ListAnchorsAsync).Describe("listAnchors", "The certificate authorities from outside whose certificates the organisation takes in its meetings.").Gives<IReadOnlyList<AnchorAnswer>>();
        anchors.MapPost("/anchors", AddAnchorAsync).Describe("addAnchor", "Adds a certificate authority from outside, in PEM. Meetings made known from then on take its certificates.").Takes<AnchorRequest>().Gives<AnchorAnswer>(201).Refuses(409);
        anchors.MapDelete("/anchors/{id:guid}", RemoveAnchorAsync).Describe("removeAnchor", "Removes a certificate authority from outside.").Gives(204).Refuses(404);
    }

    private static async Task<IResult> ListAsync(HttpContext context, RoomStore rooms, Guid? after)
    {
        List<Room> listed = await rooms.ListAsync(Administrator(context).Organisation, after, context.RequestAborted);
        return Results.Ok(new RoomPage([.. listed.Select(Answer)], listed.Count == RoomStore.MostListed ? listed[^1].Id : null));
    }

    private static async Task<IResult> FindAsync(HttpContext context, RoomStore rooms, Guid id) =>
        await rooms.FindAsync(Administrator(context).Organisation, id, context.RequestAborted) is { } room ? Results.Ok(Answer(room)) : NotFound();

    private static async Task<IResult> AddAsync(HttpContext context, RoomStore rooms, TimeProvider clock)
    {
        (Room? room, IResult? refusal) = await ReadAsync(context, Guid.NewGuid());
        if (room is null)
            return refusal!;

        RoomOutcome outcome = await rooms.AddAsync(room, Administrator(context).Id, clock.GetUtcNow(), context.RequestAborted);
        return outcome == RoomOutcome.Done ? Results.Created($"/api/rooms/{room.Id}", Answer(room)) : Refused(outcome);
    }

    private static async Task<IResult> ChangeAsync(HttpContext context, RoomStore rooms, TimeProvider clock, Guid id)
    {
        (Room? room, IResult? refusal) = await ReadAsync(context, id);
        if (room is null)
            return refusal!;

        RoomOutcome outcome = await rooms.ChangeAsync(room, Administrator(context).Id, clock.GetUtcNow(), context.RequestAborted);
        return outcome == RoomOutcome.Done ? Results.Ok(Answer(room)) : Refused(outcome);
    }

    private static async Task<IResult> RemoveAsync(HttpContext context, RoomStore rooms, TimeProvider clock, Guid id)
    {
        (string administrator, OrganisationId organisation, _) = Administrator(context);
        return await rooms.RemoveAsync(organisation, id, administrator, clock.GetUtcNow(), context.RequestAborted) ? Results.NoContent() : NotFound();
    }

    private static async Task<IResult> PlaceAsync(HttpContext context, RoomStore rooms, TimeProvider clock, Guid id)
    {
        (PlaceRequest? body, OAuthError? error) = await Requests.ReadJsonAsync<PlaceRequest>(context, ignoreUnknown: false);
        if (error is not null)
            return Problem(error);
        if (body!.Zone is { } zone && !Zones.IsKnown(zone))
            return Invalid("zone is the IANA name of a time zone, such as Europe/Berlin");

        (string administrator, OrganisationId organisation, _) = Administrator(context);
        (RoomOutcome outcome, Room? room) = await rooms.PlaceDeviceAsync(organisation, new DeviceId(id), body.Room, body.Zone ?? "Etc/UTC", administrator, clock.GetUtcNow(), context.RequestAborted);
        return outcome == RoomOutcome.Done ? Results.Ok(Answer(room!)) : Refused(outcome);
    }

    private static async Task<IResult> ListAnchorsAsync(HttpContext context, AnchorStore anchors)
    {
        List<Anchor> listed = await anchors.ListAsync(Administrator(context).Organisation, context.RequestAborted);
        return Results.Ok(listed.Select(Answer));
    }

    private static async Task<IResult> AddAnchorAsync(HttpContext context, AnchorStore anchors, TimeProvider clock)
    {
        (AnchorRequest? body, OAuthError? error) = await Requests.ReadJsonAsync<AnchorRequest>(context, ignoreUnknown: false);
        if (error is not null)
            return Problem(error);
        if (Requests.Label(body!.Label) is not { Length: > 0 } label || AnchorStore.Read(body.Certificate, label) is not { } anchor)
            return Invalid("label is 1 to 100 letters; certificate is one certificate in PEM, of an authority, at most 8 KiB");

        (string administrator, OrganisationId organisation, _) = Administrator(context);
        return await anchors.AddAsync(organisation, anchor, administrator, clock.GetUtcNow(), context.RequestAborted) is { } added
            ? Results.Created((string?)null, Answer(added))
            : Problem(StatusCodes.Status409Conflict, "too-many-anchors", "There are too many authorities: remove some.");
    }

    private static async Task<IResult> RemoveAnchorAsync(HttpContext context, AnchorStore anchors, TimeProvider clock, Guid id)
    {
        (string administrator, OrganisationId organisation, _) = Administrator(context);
        return await anchors.RemoveAsync(organisation, id, administrator, clock.GetUtcNow(), context.RequestAborted) ? Results.NoContent() : NotFound();
    }

    private static async Task<(Room? Room, IResult? Refusal)> ReadAsync(HttpContext context, Guid id)
    {
        (RoomRequest? body, OAuthError? error) = await Requests.ReadJsonAsync<RoomRequest>(context, ignoreUnknown: false);
        if (error is not null)
            return (null, Problem(error));
        return RoomBodies.Read(body!, Administrator(context).Organisation, id, out BodyFault? fault) is { } room ? (room, null) : (null, Invalid(fault!.Sentence));
    }

    private static IResult Refused(RoomOutcome outcome) => outcome switch
    {
        RoomOutcome.Taken => Problem(StatusCodes.Status409Conflict, "taken", "Another room has that name, mailbox or address."),
        RoomOutcome.TooMany => Problem(StatusCodes.Status409Conflict, "too-many-rooms", "There are too many rooms: remove some."),
        _ => NotFound(),
    };

    private static RoomAnswer Answer(Room room) => new(room.Id, room.Name, room.Zone, room.Mailbox, room.Device?.Value, room.Owner, room.Address);

    private static AnchorAnswer Answer(Anchor anchor) => new(anchor.Id, anchor.Label, Convert.ToHexStringLower(anchor.KeyHash.Span), anchor.AddedAt);

    private sealed record RoomPage(IReadOnlyList<RoomAnswer> Rooms, Guid? Next);

    private sealed record RoomAnswer(Guid Id, string Name, string Zone, string? Mailbox, Guid? Device, string? Owner, string? Address);

    private sealed record AnchorAnswer(Guid Id, string Label, string SpkiSha256, DateTimeOffset AddedAt);

    private sealed record PlaceRequest
    {
        public Guid? Room { get; init; }

        public string? Zone { get; init; }
    }

    private sealed record AnchorRequest
    {
        public required string Label { get; init; }

        public required string Certificate { get; init; }
    }
}
