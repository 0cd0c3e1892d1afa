using Microsoft.AspNetCore.Mvc;
using RoomAgent.Hub.Calendar;
using RoomAgent.Hub.Calendar.Files;
using RoomAgent.Hub.People;
using RoomAgent.Meetings;

namespace RoomAgent.Hub.Pages;

/// <summary>What both ways to bring a calendar ask for.</summary>
/// <param name="Prefix">What the ids of the inputs begin with.</param>
/// <param name="Page">The page.</param>
internal sealed record CalendarFields(string Prefix, CalendarsModel Page);

/// <summary>What became of a file.</summary>
/// <param name="Summary">In a sentence.</param>
/// <param name="LeftOut">What could not be understood.</param>
internal sealed record TakenFile(string Summary, IReadOnlyList<string> LeftOut);

/// <summary>Calendars from elsewhere: files, and addresses that are polled. A file may be larger than other forms.</summary>
[RequestSizeLimit(ImportEndpoints.MaxFile + 16 * 1024)]
internal sealed class CalendarsModel(PeopleDesk people, FeedStore feeds, RoomStore rooms, Importer importer) : HubPage(people)
{
    public IReadOnlyList<Feed> Feeds { get; private set; } = [];

    public IReadOnlyList<Room> Rooms { get; private set; } = [];

    public TakenFile? Taken { get; private set; }

    [BindProperty]
    public string? Address { get; set; }

    [BindProperty]
    public string? Zone { get; set; }

    [BindProperty]
    public Guid? Room { get; set; }

    [BindProperty]
    public string? Class { get; set; }

    [BindProperty]
    public IFormFile? Upload { get; set; }

    public string NameOf(Guid? room) => Rooms.FirstOrDefault(one => one.Id == room)?.Name ?? "-";

    public async Task OnGetAsync()
    {
        Feeds = await feeds.ListAsync(Me.Organisation, Cancel);
        Rooms = await rooms.AllAsync(Me.Organisation, Cancel);
        Zone ??= Rooms is [{ } first, ..] ? first.Zone : "Etc/UTC";
    }

    public async Task<IActionResult> OnPostAddAsync()
    {
        Uri? address = FeedClient.ReadAddress(Address?.Trim());
        if (address is null)
            Refuse(nameof(Address), "Write an address that begins with https://, in ASCII and without a user.");
        if (await ReadAsync() is { } meetingClass && address is not null)
        {
            var feed = new Feed(Guid.NewGuid(), Me.Organisation, address.AbsoluteUri, Zone!, meetingClass, Room, null, null, null, null, null, null, 0);
            if (await feeds.AddAsync(feed, Actor, Now, Cancel))
                return Done("/calendars", "feed-made");
            Refuse(nameof(Address), "That calendar is fetched already, or too many are.");
        }

        await OnGetAsync();
        return Page();
    }

    public async Task<IActionResult> OnPostRemoveAsync(Guid id) =>
        await feeds.RemoveAsync(Me.Organisation, id, Actor, Now, Cancel) ? Done("/calendars", "feed-removed") : NotFound();

    public async Task<IActionResult> OnPostImportAsync()
    {
        if (Upload is not { Length: > 0 and <= ImportEndpoints.MaxFile })
            Refuse(nameof(Upload), "Choose a file of at most 1 MiB.");
        else if (await ReadAsync() is { } meetingClass)
            await ImportAsync(Upload, meetingClass);

        await OnGetAsync();
        return Page();
    }

    private async Task ImportAsync(IFormFile upload, MeetingClass meetingClass)
    {
        byte[] bytes = new byte[upload.Length];
        await using (Stream stream = upload.OpenReadStream())
            await stream.ReadExactlyAsync(bytes, Cancel);

        if (CalendarFile.Read(bytes, Zone!, Now.Year, out FileProblem? problem) is not { } file)
        {
            Refuse(nameof(Upload), $"This is no calendar: {Of(problem!)}.");
        }
        else if (await importer.ImportAsync(file, new ImportOrder(Me.Organisation, [], meetingClass, Room), Actor, Now, Cancel) is not { } outcome)
        {
            Refuse(nameof(Upload), "It brings more meetings than there may be. Nothing was taken over.");
        }
        else
        {
            Taken = new TakenFile(
                $"New: {outcome.Added}. Changed: {outcome.Changed}. Called off: {outcome.Removed}. As before: {outcome.Unchanged}. Over, or without a room of yours: {outcome.Ignored}. Not understood: {file.LeftOutCount}.",
                [.. file.LeftOut.Select(Of)]);
        }
    }

    private async Task<MeetingClass?> ReadAsync()
    {
        if (!Zones.IsKnown(Zone = Zone?.Trim()))
            Refuse("", "Write the name of a time zone, such as Europe/Berlin.");
        if (Room is { } room && await rooms.FindAsync(Me.Organisation, room, Cancel) is null)
            Refuse("", "That room is not there any more.");
        MeetingClass? meetingClass = MeetingBodies.ReadClass(Class);
        if (meetingClass is null)
            Refuse("", "Choose a class.");
        return ModelState.IsValid ? meetingClass : null;
    }

    private static string Of(FileProblem problem) => problem.Line > 0 ? $"line {problem.Line}: {problem.What}" : problem.What;
}
