using System.Security.Cryptography;
using System.Text.Json;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Store;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Calendar;

/// <summary>What a device reads: the calendar of its room, and the present occurrence of a personal room.</summary>
internal static class DeviceCalendarEndpoints
{
    private static readonly JsonSerializerOptions s_json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Maps them.</summary>
    public static void MapDeviceCalendar(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/calendar", ReadAsync).RequireScope(Scopes.Calendar).WithTags("Devices' calendar")
            .Describe("readOwnCalendar", "For devices: the coming seven days of the room that the device stands in, and what runs now. With ETag.").Gives<RoomCalendar>().Gives(304).Produces<OAuthBody>(404);
        endpoints.MapPost("/calendar/personal/{address}", EnterAsync).RequireScope(Scopes.MeetingsJoin).WithTags("Devices' calendar")
            .Describe("enterPersonalRoom", "For devices: the present occurrence of a personal room, which is a fresh one when the last is over.").Gives<CalendarItem>().Produces<OAuthBody>(404);
    }

    private static async Task ReadAsync(HttpContext context, Database database, MeetingDirectory directory, TimeProvider clock)
    {
        DeviceId device = DeviceId.Read(context.User.FindFirst(HubClaims.Device)!.Value)!.Value;
        DateTimeOffset now = clock.GetUtcNow();
        RoomCalendar? calendar = await database.ReadAsync(
            async transaction =>
            {
                if (await RoomStore.OfDeviceAsync(transaction, device, context.RequestAborted) is not { } room)
                    return null;

                List<InvitedOccurrence> entries = await directory.OfRoomAsync(transaction, room.Id, now, now + MeetingDirectory.DeviceDays, MeetingDirectory.MostEntries, context.RequestAborted);
                return new RoomCalendar(room.Id, room.Name, room.Zone, [.. entries.Select(Item)]);
            },
            context.RequestAborted);
        if (calendar is null)
        {
            await OAuthAnswers.RefuseAsync(context, new OAuthError(StatusCodes.Status404NotFound, "no_room", "the device stands in no room: an administrator has to say in which"));
            return;
        }

        byte[] body = JsonSerializer.SerializeToUtf8Bytes(calendar, s_json);
        string tag = $"\"{Base64UrlText.Encode(SHA256.HashData(body).AsSpan(0, 16))}\"";
        context.Response.Headers.ETag = tag;
        context.Response.Headers.CacheControl = "private, no-cache";
        if (context.Request.Headers.IfNoneMatch is [{ } known] && known == tag)
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    private static async Task EnterAsync(HttpContext context, MeetingDirectory directory, TimeProvider clock, string address)
    {
        OrganisationId organisation = OrganisationId.Read(context.User.FindFirst(HubClaims.Organisation)!.Value)!.Value;
        InvitedOccurrence? entered = address.Length is > 0 and <= 50 ? await directory.EnterPersonalAsync(organisation, address, clock.GetUtcNow(), context.RequestAborted) : null;
        if (entered is null)
            await OAuthAnswers.RefuseAsync(context, new OAuthError(StatusCodes.Status404NotFound, "no_room", "there is no personal room at that address"));
        else
            await context.Response.WriteAsJsonAsync(Item(entered), s_json, context.RequestAborted);
    }

    /// <summary>An occurrence as whoever joins needs it.</summary>
    public static CalendarItem Item(InvitedOccurrence occurrence) => new(
        Base64UrlText.Encode(occurrence.Scheduled.Policy.Name.MeetingId.Span),
        Base64UrlText.Encode(occurrence.Scheduled.Policy.Name.Instance.Span),
        occurrence.Title,
        occurrence.Plan.OrganiserName,
        occurrence.StartsAt,
        occurrence.Scheduled.EndsAt,
        occurrence.Scheduled.OpensAt,
        MeetingBodies.WordOf(occurrence.Plan.Class),
        !occurrence.Plan.MustWaitForHost,
        Convert.ToBase64String(occurrence.Scheduled.Policy.Encode().Span),
        occurrence.Elsewhere);

    private sealed record RoomCalendar(Guid Room, string Name, string Zone, IReadOnlyList<CalendarItem> Entries);

    private sealed record OAuthBody(string Error, string ErrorDescription);
}

/// <summary>An occurrence in a device's calendar.</summary>
/// <param name="MeetingId">The meeting, in base64url.</param>
/// <param name="Instance">The occurrence, in base64url.</param>
/// <param name="Title">What it is called.</param>
/// <param name="Organiser">What the organiser is called; may be empty.</param>
/// <param name="StartsAt">When it starts.</param>
/// <param name="EndsAt">When it is scheduled to end.</param>
/// <param name="OpensAt">From when on it may be joined.</param>
/// <param name="Class">end-to-end or encrypted.</param>
/// <param name="JoinBeforeHost">Whether those who are invited may begin without a host.</param>
/// <param name="Policy">The policy of generation 0 (<see cref="RoomAgent.Meetings.RoomPolicy"/>), encoded, in base64.</param>
/// <param name="Elsewhere">The other service at which it takes place, such as Zoom: to be shown, not to be joined.</param>
internal sealed record CalendarItem(
    string MeetingId, string Instance, string Title, string Organiser, DateTimeOffset StartsAt, DateTimeOffset EndsAt, DateTimeOffset OpensAt, string Class, bool JoinBeforeHost, string Policy, string? Elsewhere);
