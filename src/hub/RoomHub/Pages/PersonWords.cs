using RoomAgent.Hub.People;

namespace RoomAgent.Hub.Pages;

/// <summary>How pages speak of people.</summary>
internal static class PersonWords
{
    /// <summary>What helps to choose a password.</summary>
    public static string PasswordHint { get; } = $"At least {PasswordRules.MinLength} characters. Three or four words that do not belong together are easy to remember.";

    /// <summary>What somebody is told who has guessed too often, or sits beside somebody who has.</summary>
    public const string TooManyTries = "Too many tries came from here or for this mailbox. Wait for a quarter of an hour, then try again.";

    /// <summary>A role.</summary>
    public static string RoleOf(string role) => role == Roles.Administrator ? "Administrator" : "Person";

    /// <summary>What happened, as the audit log says it.</summary>
    public static string EventOf(string kind) => kind.Replace('-', ' ');
}
