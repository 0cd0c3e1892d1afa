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
        ["room-made"] = "The room is made.",
        ["room-removed"] = "The room is removed. Its meetings go on without it.",
        ["placed"] = "The device stands in this room now.",
        ["vacated"] = "No device stands in this room any more.",
        ["meeting-made"] = "The meeting is scheduled. The rooms know it already.",
        ["meeting-removed"] = "The meeting is called off.",
        ["moved"] = "This one is changed. The others stay as they are.",
        ["called-off"] = "This one is called off. The others stay as they are.",
        ["restored"] = "This one is as the others again.",
        ["link-revoked"] = "The link is void. Who came by it is refused from now on.",
        ["feed-made"] = "The calendar is fetched in a moment and every five minutes from then on.",
        ["feed-removed"] = "The calendar is not fetched any more, and its meetings are called off.",
        ["let-in"] = "Everybody in the meeting is told that the service let somebody in.",
        ["put-out"] = "Everybody in the meeting is told that the service removed somebody.",
        ["not-possible"] = "That was not possible: it is not so any more, or only a host may do it.",
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
