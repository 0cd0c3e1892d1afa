using RoomAgent.Hub.Identity;

namespace RoomAgent.Hub.Meetings;

/// <summary>What a connection can be told about beside its meeting.</summary>
public enum DeviceNotice
{
    /// <summary>The calendar changed; read it.</summary>
    CalendarChanged = 1,
}

/// <summary>Reaches the connections of a device or a person, on whichever hubs they are. Who is not connected is not told later.</summary>
public interface IDeviceNotices
{
    /// <summary>Ends the access of all connections of a subject: they are told why, closed, and leave their meetings.</summary>
    /// <param name="subject">Whom.</param>
    /// <param name="reason">Why, in a word such as those of <see cref="Devices.AccessEvents"/>.</param>
    /// <param name="cancel">Gives up.</param>
    Task EndAsync(string subject, string reason, CancellationToken cancel);

    /// <summary>The subject of a device's connections.</summary>
    static string SubjectOf(DeviceId device) => $"device:{device}";

    /// <summary>The subject of a person's connections.</summary>
    /// <param name="person">The person's id (<see cref="System.Security.Claims.ClaimTypes.NameIdentifier"/>): up to 100 characters.</param>
    static string SubjectOfPerson(string person) => $"person:{person}";
}
