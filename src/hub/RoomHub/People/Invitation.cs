using RoomAgent.Hub.Identity;

namespace RoomAgent.Hub.People;

/// <summary>An invitation that is open: never its secret.</summary>
/// <param name="Id">By which it is taken back.</param>
/// <param name="Organisation">Into which.</param>
/// <param name="OrganisationName">What that is called.</param>
/// <param name="Person">Whose new password it is for; <see langword="null"/> when it is for somebody who has no account yet.</param>
/// <param name="Mailbox">Whom it is for; <see langword="null"/> when whoever has it says so: it was made at the console.</param>
/// <param name="Name">What the one whom it is for is called.</param>
/// <param name="Role">What it makes of somebody.</param>
/// <param name="MadeAt">When it was made.</param>
/// <param name="ExpiresAt">Until when it is good.</param>
/// <param name="IsFirst">Whether nobody is in the organisation yet.</param>
internal sealed record Invitation(
    Guid Id,
    OrganisationId Organisation,
    string OrganisationName,
    PersonId? Person,
    string? Mailbox,
    string Name,
    string Role,
    DateTimeOffset MadeAt,
    DateTimeOffset ExpiresAt,
    bool IsFirst)
{
    /// <summary>How long an invitation by an administrator lives.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromDays(7);

    /// <summary>How long one lives that gives a new password or was made at the console.</summary>
    public static readonly TimeSpan ShortLife = TimeSpan.FromDays(1);

    /// <summary>Only which it is: the rest is personal.</summary>
    public override string ToString() => $"invitation {Id}";
}
