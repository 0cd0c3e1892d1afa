using RoomAgent.Hub.Identity;

namespace RoomAgent.Hub.Calendar;

/// <summary>A room of an organisation.</summary>
/// <param name="Id">Which.</param>
/// <param name="Organisation">Whose.</param>
/// <param name="Name">What it is called; no two of an organisation have the same name, capitals or not.</param>
/// <param name="Zone">The IANA name of its time zone.</param>
/// <param name="Mailbox">Where calendars of others invite it.</param>
/// <param name="Device">The machine account of what stands in it.</param>
/// <param name="Owner">The mailbox of the person whose room it is, of a personal room.</param>
/// <param name="Address">The lasting address of a personal room: the last part of a URL.</param>
internal sealed record Room(Guid Id, OrganisationId Organisation, string Name, string Zone, string? Mailbox, DeviceId? Device, string? Owner, string? Address)
{
    /// <summary>The name as two are compared.</summary>
    public string NameKey => KeyOf(Name);

    /// <summary>A name as two are compared.</summary>
    public static string KeyOf(string name) => name.Trim().ToLowerInvariant();
}
