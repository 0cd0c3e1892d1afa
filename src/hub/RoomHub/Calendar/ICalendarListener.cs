using RoomAgent.Hub.Identity;

namespace RoomAgent.Hub.Calendar;

/// <summary>
/// Is told that the calendar of a device has changed, so that the device can be told to read it again. A port: whoever holds connections implements it, and ignores devices that are not connected to this hub.
/// </summary>
public interface ICalendarListener
{
    /// <summary>The calendar of a device has changed, by whichever hub.</summary>
    Task CalendarChangedAsync(DeviceId device, CancellationToken cancel);

    /// <summary>Changes may have been missed, because the database was away: every connected device reads its calendar again.</summary>
    Task CalendarsMayHaveChangedAsync(CancellationToken cancel);
}
