using RoomAgent.Hub.Devices;

namespace RoomAgent.Hub.Pages;

/// <summary>How pages speak of devices.</summary>
internal static class DeviceWords
{
    /// <summary>What a device is called, or else which it is.</summary>
    public static string NameOf(MachineAccount device) => device.Name.Length > 0 ? device.Name : device.Serial.Length > 0 ? $"device {device.Serial}" : "a device without a name";

    /// <summary>How it stands, with the word by which that is coloured.</summary>
    public static (string Text, string Look) StateOf(MachineAccount device) => device.EndedBy switch
    {
        _ when device.IsActive => ("Paired", "good"),
        AccessEvents.ClonedDevice => ("Ended: its secrets were copied", "bad"),
        AccessEvents.AccessReset => ("Ended by an administrator", "warn"),
        AccessEvents.Replaced => ("Ended: it was paired anew", "warn"),
        AccessEvents.Removed => ("Ended by the device itself", "warn"),
        _ => ("Ended", "warn"),
    };
}
