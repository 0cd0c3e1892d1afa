namespace RoomAgent.Hub.Devices;

/// <summary>Where devices and administrators find what is here, below the hub's address.</summary>
public static class DevicePaths
{
    /// <summary>What the authorization server can do (RFC 8414).</summary>
    public const string Metadata = "/.well-known/oauth-authorization-server";

    /// <summary>A device asks for a code to show (RFC 8628 section 3.1).</summary>
    public const string DeviceAuthorization = "/oauth/device_authorization";

    /// <summary>Tokens (RFC 6749 section 3.2).</summary>
    public const string Token = "/oauth/token";

    /// <summary>Registering a device (RFC 7591); one device's registration is below it (RFC 7592).</summary>
    public const string Register = "/oauth/register";

    /// <summary>The page on which an administrator enters the code of a display. Another part of the hub has it.</summary>
    public const string PairingPage = "/pair";
}
