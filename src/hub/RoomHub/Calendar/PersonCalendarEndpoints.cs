using System.Security.Claims;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.People;
using RoomAgent.Hub.Store;

namespace RoomAgent.Hub.Calendar;

/// <summary>What a person's program reads: the meetings that the person is invited to, and the present occurrence of a personal room. In the form in which devices read theirs.</summary>
internal static class PersonCalendarEndpoints
{
    /// <summary>Maps them.</summary>
    public static void MapPersonCalendar(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet($"{ProgramEndpoints.Path}/calendar", ReadAsync).RequireAuthorization(HubClaims.ProgramPolicy).WithTags("People's programs")
            .Describe("readPersonCalendar", "For people's programs: what the person is invited to in the coming seven days, what runs now, and what ended in the hour before and may still go on.").Gives<PersonCalendar>().Produces<OAuthBody>(429);
        endpoints.MapPost($"{ProgramEndpoints.Path}/personal/{{address}}", EnterAsync).RequireAuthorization(HubClaims.ProgramPolicy).WithTags("People's programs")
            .Describe("enterPersonalRoomAsPerson", "For people's programs: the present occurrence of a personal room, which is a fresh one when the last is over.").Gives<CalendarItem>().Produces<OAuthBody>(404).Produces<OAuthBody>(429);
    }

    private static async Task ReadAsync(HttpContext context, Accounts accounts, Database database, MeetingDirectory directory)
    {
        if (!await accounts.AdmitAsync(context, accounts.CallLimit))
            return;

        string mailbox = context.User.FindFirstValue(ClaimTypes.Email)!;
        DateTimeOffset now = accounts.Clock.GetUtcNow();
        List<InvitedOccurrence> entries = await database.ReadAsync(
            transaction => directory.OfPersonAsync(transaction, OrganisationOf(context), mailbox, now - GuestEndpoints.Overtime, now + MeetingDirectory.DeviceDays, context.RequestAborted),
            context.RequestAborted);
        OAuthAnswers.Prepare(context, StatusCodes.Status200OK);
        await context.Response.WriteAsJsonAsync(new PersonCalendar(context.User.FindFirstValue(ClaimTypes.Name) ?? "", [.. entries.Select(DeviceCalendarEndpoints.Item)]), context.RequestAborted);
    }

    private static async Task EnterAsync(HttpContext context, Accounts accounts, MeetingDirectory directory, string address)
    {
        if (!await accounts.AdmitAsync(context, accounts.CallLimit))
            return;

        InvitedOccurrence? entered = address.Length is > 0 and <= 50 ? await directory.EnterPersonalAsync(OrganisationOf(context), address, accounts.Clock.GetUtcNow(), context.RequestAborted) : null;
        if (entered is null)
        {
            await OAuthAnswers.RefuseAsync(context, new OAuthError(StatusCodes.Status404NotFound, "no_room", "there is no personal room at that address"));
            return;
        }

        OAuthAnswers.Prepare(context, StatusCodes.Status200OK);
        await context.Response.WriteAsJsonAsync(DeviceCalendarEndpoints.Item(entered), context.RequestAborted);
    }

    private static OrganisationId OrganisationOf(HttpContext context) => OrganisationId.Read(context.User.FindFirst(HubClaims.Organisation)!.Value)!.Value;

    private sealed record PersonCalendar(string Name, IReadOnlyList<CalendarItem> Entries);

    private sealed record OAuthBody(string Error, string ErrorDescription);
}
