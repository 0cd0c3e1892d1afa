using RoomAgent.Cloud;

namespace RoomAgent.Host.Devices;

/// <summary>The machine that the daemon runs on, as its firmware describes it.</summary>
internal static class Board
{
    // The device tree of a board ends its texts with a zero.
    private const string ModelFile = "/proc/device-tree/model";
    private const string SerialFile = "/proc/device-tree/serial-number";
    private const string ProductFile = "/sys/class/dmi/id/product_name";
    private const string MachineFile = "/etc/machine-id";
    private const string SynchronisedFile = "/run/systemd/timesync/synchronized";
    private const int Longest = 60;

    /// <summary>Whether NTP has set the clock since the machine started.</summary>
    public static bool IsClockSynchronised => File.Exists(SynchronisedFile);

    /// <summary>What the administrator sees when the device is claimed. A machine without a serial number gets the start of its id, which tells it apart from its neighbours.</summary>
    public static CloudSettings Describe(Version version) => new()
    {
        Serial = Read(SerialFile) ?? Read(MachineFile)?[..12] ?? "unknown",
        Model = Read(ModelFile) ?? Read(ProductFile) ?? "Linux machine",
        Software = $"roomagent {version}",
    };

    private static string? Read(string path)
    {
        try
        {
            string text = new([.. File.ReadAllText(path).Trim('\0', '\n', ' ').Where(letter => letter is >= ' ' and <= '~').Take(Longest)]);
            return text.Length > 0 ? text : null;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
