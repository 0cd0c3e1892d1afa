using RoomAgent.Hub.Identity;

namespace RoomAgent.Hub.People;

/// <summary>A person as the hub knows it.</summary>
/// <param name="Id">The account.</param>
/// <param name="Organisation">To which it belongs.</param>
/// <param name="OrganisationName">What that is called.</param>
/// <param name="Mailbox">With which the person signs in, and which is the name in the person's certificates.</param>
/// <param name="Name">What the person is called.</param>
/// <param name="Role">What the person may do.</param>
/// <param name="CreatedAt">When the account was made.</param>
/// <param name="DisabledAt">Since when it is switched off; <see langword="null"/> while it is not.</param>
internal sealed record Person(
    PersonId Id,
    OrganisationId Organisation,
    string OrganisationName,
    string Mailbox,
    string Name,
    string Role,
    DateTimeOffset CreatedAt,
    DateTimeOffset? DisabledAt)
{
    /// <summary>Whether the person administers the organisation.</summary>
    public bool IsAdministrator => Role == Roles.Administrator;

    /// <summary>Only who it is: the rest is personal.</summary>
    public override string ToString() => $"person {Id}";
}

/// <summary>What people may do. The words are in the database.</summary>
internal static class Roles
{
    /// <summary>Everything in the own organisation.</summary>
    public const string Administrator = Devices.HubClaims.AdministratorRole;

    /// <summary>Meetings.</summary>
    public const string Person = "person";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Person, Administrator];
}
