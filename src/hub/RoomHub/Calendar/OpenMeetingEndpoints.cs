using System.Text;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Meetings;
using RoomAgent.Meetings;
using RoomAgent.Wire;
using static RoomAgent.Hub.Devices.ApiAnswers;

namespace RoomAgent.Hub.Calendar;

/// <summary>What administrators see of meetings that are open, and do there in the service's name (MEETING section 4).</summary>
internal static class OpenMeetingEndpoints
{
    /// <summary>Maps them.</summary>
    public static void MapOpenMeetings(this IEndpointRouteBuilder endpoints)
    {
        RouteGroupBuilder api = endpoints.MapAdministration("Open meetings");
        api.MapGet("/open-meetings", ListAsync).Describe("listOpenMeetings", "The meetings that are open now, with who is in them and who waits.").Gives<IReadOnlyList<OpenMeetingAnswer>>();
        api.MapPost("/open-meetings/admit", AdmitAsync).Describe("admit", "Lets in somebody who waits, shown to everyone as done by the service. Not in a strict or locked meeting.").Takes<DeedRequest>().Gives(204).Refuses(409);
        api.MapPost("/open-meetings/remove", RemoveAsync).Describe("removeMember", "Removes a member, shown to everyone as done by the service. Not in a strict meeting.").Takes<DeedRequest>().Gives(204).Refuses(409);
    }

    private static async Task<IResult> ListAsync(HttpContext context, OpenMeetings meetings)
    {
        OrganisationId organisation = Administrator(context).Organisation;
        var answers = new List<OpenMeetingAnswer>();
        foreach (RunningMeeting open in await meetings.ListAsync(organisation, context.RequestAborted))
        {
            OpenOccurrence state = open.State;
            answers.Add(new OpenMeetingAnswer(
                Base64UrlText.Encode(state.Instance.MeetingId.Span),
                Base64UrlText.Encode(state.Instance.Instance.Span),
                open.Title,
                MeetingBodies.WordOf(state.Class),
                state.IsStrict,
                state.IsLocked,
                state.Epoch,
                await NamesAsync(meetings, organisation, state.Members, context.RequestAborted),
                await NamesAsync(meetings, organisation, state.Waiting, context.RequestAborted)));
        }

        return Results.Ok(answers);
    }

    private static Task<IResult> AdmitAsync(HttpContext context, OpenMeetings meetings, TimeProvider clock) => DoAsync(context, (administrator, organisation, instance, identity) =>
        meetings.AdmitAsync(organisation, instance, identity, administrator, clock.GetUtcNow(), context.RequestAborted));

    private static Task<IResult> RemoveAsync(HttpContext context, OpenMeetings meetings, TimeProvider clock) => DoAsync(context, (administrator, organisation, instance, identity) =>
        meetings.RemoveAsync(organisation, instance, identity, administrator, clock.GetUtcNow(), context.RequestAborted));

    private static async Task<IResult> DoAsync(HttpContext context, Func<string, OrganisationId, MeetingInstance, ByteString, Task<bool>> deed)
    {
        (DeedRequest? body, OAuthError? error) = await Requests.ReadJsonAsync<DeedRequest>(context, ignoreUnknown: false);
        if (error is not null)
            return Problem(error);
        if (Base64UrlText.Decode(body!.MeetingId) is not { Length: > 0 and <= Limits.MeetingId } meeting || Base64UrlText.Decode(body.Instance) is not { Length: Limits.Instance } instance)
            return Invalid("meeting_id and instance are those of an open meeting, in base64url");
        if (body.Identity.Length is 0 or > Limits.Name + 8 || !Ascii.IsValid(body.Identity))
            return Invalid("identity is one of an open meeting, such as dns:room1.example.org");

        (string administrator, OrganisationId organisation, _) = Administrator(context);
        return await deed(administrator, organisation, new MeetingInstance(ByteString.Owning(meeting), ByteString.Owning(instance)), ByteString.Owning(Encoding.ASCII.GetBytes(body.Identity)))
            ? Results.NoContent()
            : Problem(StatusCodes.Status409Conflict, "not-possible", "The meeting is not open, they are not in it, or a host's own device has to do that.");
    }

    private static async Task<IReadOnlyList<AttendantAnswer>> NamesAsync(OpenMeetings meetings, OrganisationId organisation, IReadOnlyList<ByteString> identities, CancellationToken cancel) =>
        [.. (await meetings.NamesAsync(organisation, identities, cancel)).Select(one => new AttendantAnswer(Encoding.ASCII.GetString(one.Identity.Span), one.Name, one.IsGuest))];

    private sealed record AttendantAnswer(string Identity, string Name, bool IsGuest);

    private sealed record OpenMeetingAnswer(
        string MeetingId, string Instance, string? Title, string Class, bool IsStrict, bool IsLocked, ulong? Epoch, IReadOnlyList<AttendantAnswer> Members, IReadOnlyList<AttendantAnswer> Waiting);

    private sealed record DeedRequest
    {
        public required string MeetingId { get; init; }

        public required string Instance { get; init; }

        public required string Identity { get; init; }
    }
}
