namespace RoomAgent.Hub.People;

/// <summary>What is noted of people, for the organisation's audit log. The words are in the database.</summary>
internal static class PersonEvents
{
    /// <summary>The actor of what somebody at the console did, or nobody: the hub itself.</summary>
    public const string Console = "console";

    public const string Invited = "person-invited";
    public const string InvitationRemoved = "invitation-removed";
    public const string Joined = "person-joined";
    public const string AdministratorReset = "administrator-reset";
    public const string ResetOffered = "password-reset-offered";
    public const string PasswordChanged = "password-changed";
    public const string SignedIn = "signed-in";
    public const string RoleChanged = "role-changed";
    public const string Disabled = "person-disabled";
    public const string Enabled = "person-enabled";
    public const string Removed = "person-removed";
    public const string SessionsEnded = "sessions-ended";
    public const string OrganisationRenamed = "organisation-renamed";
}
