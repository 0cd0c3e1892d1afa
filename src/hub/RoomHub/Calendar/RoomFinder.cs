using RoomAgent.Hub.Calendar.Files;
using RoomAgent.Meetings;

namespace RoomAgent.Hub.Calendar;

/// <summary>Finds the rooms that an event of a file is in: by mailbox, else by name.</summary>
internal sealed class RoomFinder(IReadOnlyList<Room> rooms, Guid? always)
{
    private readonly Dictionary<string, Room> _byMailbox = rooms.Where(room => room.Mailbox is not null).ToDictionary(room => room.Mailbox!, StringComparer.Ordinal);
    private readonly Dictionary<string, Room> _byName = rooms.ToDictionary(room => room.NameKey, StringComparer.Ordinal);

    /// <summary>The plan of an event.</summary>
    public MeetingPlan Plan(FileEvent read, MeetingClass meetingClass)
    {
        var found = new List<Guid>();
        var people = new List<string>();
        foreach (string mailbox in read.Attendees)
        {
            if (_byMailbox.TryGetValue(mailbox, out Room? room))
                found.Add(room.Id);
            else
                people.Add(mailbox);
        }

        if (always is { } own)
            found.Add(own);
        found.AddRange(read.Places.Select(place => _byName.GetValueOrDefault(Room.KeyOf(place))).OfType<Room>().Select(room => room.Id));

        // The organiser comes too, without being among those who are invited.
        if (read.Organiser is { } organiser && !_byMailbox.ContainsKey(organiser) && !people.Contains(organiser))
            people.Insert(0, organiser);

        FileTime start = read.Start;
        return new MeetingPlan
        {
            Title = read.Title,
            OrganiserName = read.OrganiserName,
            Organiser = read.Organiser,
            Zone = start.Zone,
            Start = start.Value,
            DurationSeconds = (long)read.Duration.TotalSeconds,
            Rule = read.Rule,
            Excluded = [.. read.Excluded.Select(Local).Distinct().Order()],
            Added = [.. read.Added.Select(Local).Distinct().Order()],
            Rooms = [.. found.Distinct().Take(MeetingPlan.MaxRooms)],
            People = [.. people.Take(MeetingPlan.MaxPeople)],
            Class = meetingClass,
            Elsewhere = read.Elsewhere,
        };

        // A date stands for the occurrence on that day, as Outlook means it.
        DateTime Local(FileTime time) => time.IsDate && !start.IsDate ? time.Value + start.Value.TimeOfDay : time.In(start.Zone);
    }
}
