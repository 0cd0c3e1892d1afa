namespace RoomAgent.XApi;

/// <summary>The names of commands. Those outside <c>RoomAgent</c> are the ones that integrators know from other room devices.</summary>
public static class CommandNames
{
    /// <summary>Closes the microphones.</summary>
    public const string Mute = "xCommand/Audio/Microphones/Mute";

    /// <summary>Opens the microphones.</summary>
    public const string Unmute = "xCommand/Audio/Microphones/Unmute";

    /// <summary>Closes the microphones when they are open, and opens them when they are closed.</summary>
    public const string ToggleMute = "xCommand/Audio/Microphones/ToggleMute";

    /// <summary>Closes the camera.</summary>
    public const string CameraOff = "xCommand/Video/Input/MainVideo/Mute";

    /// <summary>Opens the camera.</summary>
    public const string CameraOn = "xCommand/Video/Input/MainVideo/Unmute";

    /// <summary>Joins a personal room: <c>Number</c>.</summary>
    public const string Dial = "xCommand/Dial";

    /// <summary>Leaves the meeting.</summary>
    public const string Leave = "xCommand/Call/Disconnect";

    /// <summary>Joins nothing by itself for a while: <c>Timeout</c> in minutes.</summary>
    public const string Disturb = "xCommand/Conference/DoNotDisturb/Activate";

    /// <summary>Joins meetings by itself again.</summary>
    public const string DisturbAgain = "xCommand/Conference/DoNotDisturb/Deactivate";

    /// <summary>As host: lets somebody in: <c>ParticipantId</c>.</summary>
    public const string Admit = "xCommand/Conference/Participant/Admit";

    /// <summary>As host: puts somebody out: <c>ParticipantId</c>.</summary>
    public const string Eject = "xCommand/Conference/Participant/Disconnect";

    /// <summary>As host: lets nobody new in, or lets them in again: <c>Lock</c>.</summary>
    public const string Lock = "xCommand/Conference/Lock";

    /// <summary>The room's calendar.</summary>
    public const string Bookings = "xCommand/Bookings/List";

    /// <summary>Joins a meeting of the calendar: <c>MeetingId</c> and <c>Instance</c>, or the one that runs or is next.</summary>
    public const string Join = "xCommand/RoomAgent/Meeting/Join";

    /// <summary>Does not join the meeting whose countdown runs.</summary>
    public const string StopCountdown = "xCommand/RoomAgent/Meeting/StopCountdown";

    /// <summary>Shows or hides the security page: <c>Shown</c>.</summary>
    public const string Security = "xCommand/RoomAgent/Security/Show";

    /// <summary>Pairs the device by a setup code, or shows a code for the hub at an address: <c>With</c>. A secret.</summary>
    public const string Pair = "xCommand/RoomAgent/Pairing/Start";

    /// <summary>Says that the words of the hub were compared: <c>Words</c>.</summary>
    public const string ConfirmHub = "xCommand/RoomAgent/Pairing/Confirm";

    /// <summary>Shows a new code to a device that lost its account.</summary>
    public const string PairAnew = "xCommand/RoomAgent/Pairing/Anew";

    /// <summary>Gives the account back and forgets the hub.</summary>
    public const string Unpair = "xCommand/RoomAgent/Pairing/End";
}
