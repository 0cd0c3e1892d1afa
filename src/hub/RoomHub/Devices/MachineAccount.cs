using RoomAgent.Hub.Identity;

namespace RoomAgent.Hub.Devices;

/// <summary>A device as the hub knows it.</summary>
/// <param name="Id">Its account.</param>
/// <param name="Organisation">To whom it belongs.</param>
/// <param name="OrganisationName">What they are called.</param>
/// <param name="Name">What the administrator calls it.</param>
/// <param name="Serial">What it says of itself.</param>
/// <param name="Model">What it says of itself.</param>
/// <param name="Software">What it says of itself.</param>
/// <param name="DnsName">Its name in certificates of the internal authority.</param>
/// <param name="Key">The key with which it authenticates and to which its tokens are bound.</param>
/// <param name="CreatedAt">When it was paired.</param>
/// <param name="EndedAt">When its access was ended; <see langword="null"/> while it has it.</param>
/// <param name="EndedBy">Why; see <see cref="AccessEvents"/>.</param>
/// <param name="Family">Its tokens: those of another family are no longer worth anything.</param>
public sealed record MachineAccount(
    DeviceId Id,
    OrganisationId Organisation,
    string OrganisationName,
    string Name,
    string Serial,
    string Model,
    string Software,
    string DnsName,
    DeviceKey Key,
    DateTimeOffset CreatedAt,
    DateTimeOffset? EndedAt,
    string? EndedBy,
    Guid Family)
{
    /// <summary>Whether it has access.</summary>
    public bool IsActive => EndedAt is null;
}

/// <summary>What is noted of accounts, for the organisation's audit log. The words are in the database.</summary>
public static class AccessEvents
{
    /// <summary>An activation code was made.</summary>
    public const string CodeMade = "code-made";

    /// <summary>An activation code that nobody had used was taken back.</summary>
    public const string CodeRemoved = "code-removed";

    /// <summary>The code on a display was approved.</summary>
    public const string Approved = "pairing-approved";

    /// <summary>A device was paired.</summary>
    public const string Paired = "paired";

    /// <summary>The same device used the same code again within its time, as after a power cut; its earlier tokens are void.</summary>
    public const string PairedAgain = "paired-again";

    /// <summary>A device was paired anew, which ended this account of it.</summary>
    public const string Replaced = "replaced";

    /// <summary>A device exchanged its key.</summary>
    public const string KeyReplaced = "key-replaced";

    /// <summary>A refresh token came that had been replaced and whose successor was in use: two devices have the same secrets. Both are out.</summary>
    public const string ClonedDevice = "cloned-device";

    /// <summary>An administrator ended a device's access.</summary>
    public const string AccessReset = "access-reset";

    /// <summary>The device removed itself.</summary>
    public const string Removed = "removed";

    /// <summary>The token policy was changed.</summary>
    public const string PolicyChanged = "token-policy-changed";

    /// <summary>The update policy was changed.</summary>
    public const string UpdatePolicyChanged = "update-policy-changed";
}

/// <summary>A line of the audit log.</summary>
/// <param name="At">When.</param>
/// <param name="Kind">What; see <see cref="AccessEvents"/>.</param>
/// <param name="Device">Which device, where there is one.</param>
/// <param name="Actor">Who: an administrator's id, or the device itself.</param>
/// <param name="About">The id of what else it is about: a room, a meeting.</param>
public sealed record AccessEvent(DateTimeOffset At, string Kind, DeviceId? Device, string Actor, Guid? About = null);

/// <summary>
/// Is told when a device loses its access, so that its connection is closed and it leaves its meeting at once. A port: whoever holds connections implements it.
/// What it is told has happened; calls of the device are refused from then on, on every hub.
/// </summary>
public interface IAccessListener
{
    /// <summary>A device has lost its access, on this hub.</summary>
    /// <param name="account">Its account, as it was.</param>
    /// <param name="reason">Why; see <see cref="AccessEvents"/>.</param>
    Task AccessEndedAsync(MachineAccount account, string reason);
}
