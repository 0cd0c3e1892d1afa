using Microsoft.AspNetCore.Mvc;
using RoomAgent.Hub.Calendar;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Meetings;
using RoomAgent.Hub.People;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Pages;

/// <summary>One open meeting: who is in, who waits. What is done here is done by the service and shown so (MEETING section 4).</summary>
internal sealed class OpenMeetingModel(PeopleDesk people, OpenMeetings meetings) : HubPage(people)
{
    /// <summary>After how many seconds the page is read anew.</summary>
    public const int Seconds = 10;

    // Longer than any name of a meeting or a member in base64url.
    private const int MostLetters = 2_000;

    public RunningMeeting? Open { get; private set; }

    public IReadOnlyList<Attendant> Members { get; private set; } = [];

    public IReadOnlyList<Attendant> Waiting { get; private set; } = [];

    public bool MayAdmit => Open!.State is { IsStrict: false, IsLocked: false };

    public bool MayRemove => !Open!.State.IsStrict;

    /// <summary>Whether it is not read anew, for whoever needs more time.</summary>
    [BindProperty(SupportsGet = true)]
    public bool Still { get; set; }

    [BindProperty]
    public string? Who { get; set; }

    /// <summary>Where the page of a meeting is.</summary>
    public static string WayTo(MeetingInstance instance) => $"/open/{TextOf(instance.MeetingId)}/{TextOf(instance.Instance)}";

    /// <summary>Bytes as they stand in addresses and forms.</summary>
    public static string TextOf(ByteString bytes) => Base64UrlText.Encode(bytes.Span);

    public async Task<IActionResult> OnGetAsync(string meeting, string instance)
    {
        Open = Read(meeting) is { } id && Read(instance) is { } occurrence ? await meetings.FindAsync(Me.Organisation, new MeetingInstance(id, occurrence), Cancel) : null;
        if (Open is null)
            return NotFound();

        Members = await meetings.NamesAsync(Me.Organisation, Open.State.Members, Cancel);
        Waiting = await meetings.NamesAsync(Me.Organisation, Open.State.Waiting, Cancel);

        // To the same page, but without the word for what was done last.
        if (!Still)
            Response.Headers["Refresh"] = $"{Seconds}; url={WayTo(Open.State.Instance)}";
        return Page();
    }

    public Task<IActionResult> OnPostAdmitAsync(string meeting, string instance) => DoAsync(meeting, instance, meetings.AdmitAsync, "let-in");

    public Task<IActionResult> OnPostRemoveAsync(string meeting, string instance) => DoAsync(meeting, instance, meetings.RemoveAsync, "put-out");

    private async Task<IActionResult> DoAsync(string meeting, string instance, Deed deed, string word)
    {
        if (Read(meeting) is not { } id || Read(instance) is not { } occurrence || Read(Who) is not { } who)
            return NotFound();

        var name = new MeetingInstance(id, occurrence);
        if (await meetings.FindAsync(Me.Organisation, name, Cancel) is null)
            return NotFound();
        bool isDone = await deed(Me.Organisation, name, who, Actor, Now, Cancel);
        return Done(WayTo(name), $"{(isDone ? word : "not-possible")}{(Still ? "&still=true" : "")}");
    }

    private static ByteString? Read(string? text) =>
        text is { Length: > 0 and <= MostLetters } && Base64UrlText.Decode(text) is { Length: > 0 } bytes ? ByteString.Owning(bytes) : null;

    private delegate Task<bool> Deed(OrganisationId organisation, MeetingInstance instance, ByteString identity, string actor, DateTimeOffset now, CancellationToken cancel);
}
