namespace RoomAgent.Hub.Devices;

/// <summary>How long the tokens of a class of clients live, which an organisation decides.</summary>
/// <param name="AccessLife">An access token.</param>
/// <param name="RefreshLife">A refresh token.</param>
/// <param name="AutoExtend">Whether each new refresh token lives that long again; else all end when the first would have, and the device is paired anew.</param>
public sealed record TokenPolicy(TimeSpan AccessLife, TimeSpan RefreshLife, bool AutoExtend)
{
    /// <summary>The class of room devices.</summary>
    public const string Device = "device";

    /// <summary>The class of integrations.</summary>
    public const string Integration = "integration";

    /// <summary>The class of people's clients.</summary>
    public const string Person = "person";

    /// <summary>All classes.</summary>
    public static IReadOnlyList<string> Classes { get; } = [Device, Integration, Person];

    /// <summary>What holds until somebody decides otherwise: 12 hours and 60 days; devices extend.</summary>
    public static TokenPolicy DefaultOf(string clientClass) => new(TimeSpan.FromHours(12), TimeSpan.FromDays(60), AutoExtend: clientClass == Device);

    /// <summary>Whether the lives are such that both security and a night without network are served: access 5 minutes to 24 hours, refresh 1 day to 1 year.</summary>
    public bool IsReasonable =>
        AccessLife >= TimeSpan.FromMinutes(5) && AccessLife <= TimeSpan.FromHours(24)
        && RefreshLife >= TimeSpan.FromDays(1) && RefreshLife <= TimeSpan.FromDays(365);
}
