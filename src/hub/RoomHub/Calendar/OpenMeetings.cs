using System.Text;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Meetings;
using RoomAgent.Hub.Store;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Calendar;

/// <summary>Somebody in a meeting or before it, as people know it.</summary>
/// <param name="Identity">As certificates have it, such as <c>dns:room1.example.org</c>.</param>
/// <param name="Name">The room's name, the person's mailbox.</param>
/// <param name="IsGuest">Whether nobody has verified who it is.</param>
internal sealed record Attendant(ByteString Identity, string Name, bool IsGuest);

/// <summary>A meeting that is open now.</summary>
/// <param name="State">How it stands.</param>
/// <param name="Title">What it is called; nothing when it is in the calendar no more.</param>
internal sealed record RunningMeeting(OpenOccurrence State, string? Title);

/// <summary>The open meetings of an organisation, and what an administrator may do there in the service's name (MEETING section 4): it is in the audit log.</summary>
internal sealed class OpenMeetings(IMeetingDesks desks, Agenda agenda, Database database)
{
    /// <summary>All of them.</summary>
    public async Task<List<RunningMeeting>> ListAsync(OrganisationId organisation, CancellationToken cancel)
    {
        var open = new List<RunningMeeting>();
        foreach (OpenOccurrence state in await desks.ListAsync(organisation, cancel))
            open.Add(new RunningMeeting(state, await agenda.TitleAsync(organisation, state.Instance, cancel)));
        return [.. open.OrderBy(meeting => meeting.Title, StringComparer.OrdinalIgnoreCase)];
    }

    /// <summary>One of them; <see langword="null"/> when it is not open, or of another organisation.</summary>
    public async Task<RunningMeeting?> FindAsync(OrganisationId organisation, MeetingInstance instance, CancellationToken cancel)
    {
        OpenOccurrence? state = (await desks.ListAsync(organisation, cancel)).FirstOrDefault(one => one.Instance == instance);
        return state is null ? null : new RunningMeeting(state, await agenda.TitleAsync(organisation, instance, cancel));
    }

    /// <summary>Those of a meeting by the names that the organisation knows them by, each once.</summary>
    public Task<List<Attendant>> NamesAsync(OrganisationId organisation, IEnumerable<ByteString> identities, CancellationToken cancel) => database.ReadAsync(
        async transaction =>
        {
            var named = new List<Attendant>();
            foreach (ByteString identity in identities.Distinct())
                named.Add(await NameAsync(transaction, organisation, identity, cancel));
            return named;
        },
        cancel);

    /// <summary>Lets in somebody who waits.</summary>
    /// <returns>Whether it was possible.</returns>
    public async Task<bool> AdmitAsync(OrganisationId organisation, MeetingInstance instance, ByteString identity, string actor, DateTimeOffset now, CancellationToken cancel)
    {
        if (await FindAsync(organisation, instance, cancel) is not { } open || !open.State.Waiting.Contains(identity) || !await desks.AdmitAsync(organisation, instance, identity, cancel))
            return false;

        await NoteAsync(CalendarEvents.AdmittedByService, organisation, instance, actor, now, cancel);
        return true;
    }

    /// <summary>Removes a member.</summary>
    /// <returns>Whether it was possible.</returns>
    public async Task<bool> RemoveAsync(OrganisationId organisation, MeetingInstance instance, ByteString identity, string actor, DateTimeOffset now, CancellationToken cancel)
    {
        if (!await desks.RemoveAsync(organisation, instance, identity, cancel))
            return false;

        await NoteAsync(CalendarEvents.RemovedByService, organisation, instance, actor, now, cancel);
        return true;
    }

    private Task NoteAsync(string kind, OrganisationId organisation, MeetingInstance instance, string actor, DateTimeOffset now, CancellationToken cancel) => database.WriteAsync(
        transaction => AccountStore.NoteAsync(transaction, kind, organisation, null, actor, now, cancel, instance.MeetingId.ToArray()),
        cancel: cancel);

    private static async Task<Attendant> NameAsync(Transaction transaction, OrganisationId organisation, ByteString identity, CancellationToken cancel)
    {
        string text = Encoding.ASCII.GetString(identity.Span);
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string name = text[(colon + 1)..];
        switch (text[..Math.Max(colon, 0)])
        {
            case "dns":
                string? known = await transaction.FirstAsync(
                    $"SELECT r.name, a.name FROM machine_account a LEFT JOIN room r ON r.device = a.device WHERE a.dns_name = {name} AND a.organisation = {organisation.ToBytes()}",
                    row => row.TextOrNull(0) ?? row.Text(1),
                    cancel);
                return new Attendant(identity, known is { Length: > 0 } ? known : name, IsGuest: false);
            case "mail":
                return new Attendant(identity, name, IsGuest: false);
            default:
                // A guest's name is random; its end tells two of them apart.
                return new Attendant(identity, $"Guest {name[^Math.Min(name.Length, 4)..]}", IsGuest: true);
        }
    }
}
