using RoomAgent.Hub.Calendar;

namespace RoomAgent.Hub.Pages;

/// <summary>A table of occurrences.</summary>
/// <param name="Caption">What they are.</param>
/// <param name="Entries">The occurrences.</param>
/// <param name="Rooms">The rooms of the organisation.</param>
internal sealed record AgendaTable(string Caption, IReadOnlyList<AgendaEntry> Entries, IReadOnlyList<Room> Rooms)
{
    private readonly Dictionary<Guid, string> _names = Rooms.ToDictionary(room => room.Id, room => room.Name);

    /// <summary>The rooms that one is in; those that were removed are not named.</summary>
    public string PlacesOf(AgendaEntry entry) => entry.Rooms.Select(room => _names.GetValueOrDefault(room)).OfType<string>().ToArray() is { Length: > 0 } names ? string.Join(", ", names) : "-";
}
