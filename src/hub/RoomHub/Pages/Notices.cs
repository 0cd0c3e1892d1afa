namespace RoomAgent.Hub.Pages;

/// <summary>What a page says after something was done. The address has a word of ours, never a text: whoever makes a link writes nothing on our pages.</summary>
internal static class Notices
{
    private static readonly Dictionary<string, string> s_all = new()
    {
        ["access-reset"] = "The device has lost its access. Pair it again to use it again.",
        ["all-reset"] = "All devices have lost their access. Pair each one again to use it again.",
        ["approved"] = "The device is being paired. It shows the name of your organisation now and appears below in a moment.",
        ["denied"] = "The device was refused. Its code is void.",
        ["code-removed"] = "The activation code is void.",
        ["invitation-removed"] = "The invitation is void.",
        ["role-changed"] = "The role was changed. The person has been signed out everywhere.",
        ["disabled"] = "The account is switched off. The person has been signed out everywhere.",
        ["enabled"] = "The account is switched on again.",
        ["removed"] = "The account is removed.",
        ["saved"] = "Saved.",
        ["password-changed"] = "Your password was changed, and you were signed out everywhere else.",
        ["session-ended"] = "That session is over.",
        ["signed-out"] = "You have signed out.",
        ["signed-out-everywhere"] = "You have been signed out everywhere.",
        ["joined"] = "Your password is set. Sign in with it.",
    };

    /// <summary>The sentence for a word; <see langword="null"/> for a word that is none.</summary>
    public static string? Of(string? word) => word is not null ? s_all.GetValueOrDefault(word) : null;
}
