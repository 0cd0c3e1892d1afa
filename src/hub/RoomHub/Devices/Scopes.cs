namespace RoomAgent.Hub.Devices;

/// <summary>What a token is good for (RFC 6749 section 3.3). Each endpoint names one.</summary>
public static class Scopes
{
    /// <summary>To register a device, once.</summary>
    public const string DeviceRegister = "device.register";

    /// <summary>To join meetings.</summary>
    public const string MeetingsJoin = "meetings.join";

    /// <summary>To take part in groups: key packages, commits, messages.</summary>
    public const string Mls = "mls";

    /// <summary>To send and receive media.</summary>
    public const string Media = "media";

    /// <summary>To read the room's calendar.</summary>
    public const string Calendar = "calendar.read";

    /// <summary>To get settings from the hub.</summary>
    public const string Config = "config";

    /// <summary>To report how things stand.</summary>
    public const string Telemetry = "telemetry";

    /// <summary>To get updates.</summary>
    public const string Update = "update";

    /// <summary>To get certificates of the internal authority.</summary>
    public const string Certify = "identity.certify";

    /// <summary>What a device gets when it asks for nothing less.</summary>
    public static IReadOnlyList<string> OfDevices { get; } = [MeetingsJoin, Mls, Media, Calendar, Config, Telemetry, Update, Certify];

    /// <summary>What a person's program gets.</summary>
    public static IReadOnlyList<string> OfPrograms { get; } = [MeetingsJoin, Mls, Media, Calendar, Certify];

    /// <summary>Reads a <c>scope</c> parameter within what is granted.</summary>
    /// <param name="asked">The parameter; without one it is all.</param>
    /// <param name="granted">What may be had.</param>
    /// <returns>In the order of <paramref name="granted"/>; <see langword="null"/> when something else is asked for.</returns>
    public static IReadOnlyList<string>? Narrow(string? asked, IReadOnlyList<string> granted)
    {
        if (asked is null)
            return granted;

        string[] wanted = asked.Split(' ');
        return wanted.All(granted.Contains) ? [.. granted.Where(wanted.Contains)] : null;
    }
}
