namespace RoomAgent.Hub.Calendar.Files;

/// <summary>Meeting services that rooms of ours cannot join, known by their links. Nothing of a link is kept but whose it is.</summary>
internal static class ForeignService
{
    private const string Teams = "Microsoft Teams";
    private const string Zoom = "Zoom";
    private const string Meet = "Google Meet";
    private const string Webex = "Webex";

    // Only what leads into a meeting: a page with help or a download says nothing about where the meeting is.
    private static readonly (string Link, string Service)[] s_links =
    [
        ("teams.microsoft.com/l/meetup-join/", Teams),
        ("teams.microsoft.com/meet/", Teams),
        ("teams.microsoft.us/l/meetup-join/", Teams),
        ("teams.live.com/meet/", Teams),
        ("zoom.us/j/", Zoom),
        ("zoom.us/my/", Zoom),
        ("zoom.us/s/", Zoom),
        ("zoom.us/w/", Zoom),
        ("zoomgov.com/j/", Zoom),
        ("meet.google.com/", Meet),
        ("webex.com/meet/", Webex),
        ("webex.com/join/", Webex),
        ("webex.com/wbxmjs/", Webex),
    ];

    // With something of the site between the host and this.
    private const string WebexHost = ".webex.com/";
    private const string WebexJoin = "/j.php?";

    /// <summary>What a line says about where the meeting is: <see langword="null"/> when it names no other service.</summary>
    public static string? Of(ContentLine line) => line.Name switch
    {
        // Outlook writes these words there in many languages, also into calendars that keep the link to themselves.
        "LOCATION" => Find(line.Value) ?? (line.Value.Split([';', ','], StringSplitOptions.TrimEntries).Any(place => place.StartsWith(Teams, StringComparison.OrdinalIgnoreCase)) ? Teams : null),
        "DESCRIPTION" or "X-ALT-DESC" or "URL" or "CONFERENCE" => Find(line.Value),
        "X-MICROSOFT-SKYPETEAMSMEETINGURL" when line.Value.Trim().Length > 0 => Find(line.Value) ?? Teams,
        "X-GOOGLE-CONFERENCE" when line.Value.Trim().Length > 0 => Find(line.Value) ?? Meet,
        _ => null,
    };

    /// <summary>The service whose link is in a text.</summary>
    public static string? Find(string text)
    {
        // Programs that look into mails hide a link in their own: there its slashes are written by number.
        if (text.Contains("%2F", StringComparison.OrdinalIgnoreCase))
            text = text.Replace("%3A", ":", StringComparison.OrdinalIgnoreCase).Replace("%2F", "/", StringComparison.OrdinalIgnoreCase).Replace("%3F", "?", StringComparison.OrdinalIgnoreCase);

        (int At, string Service)? first = null;
        foreach ((string link, string service) in s_links)
        {
            if (At(text, link) is { } at && !(first?.At < at))
                first = (at, service);
        }

        return first?.Service ?? (IsWebexSite(text) ? Webex : null);
    }

    // Where a link begins, a host below it included; a host that only ends with the same letters is another's.
    private static int? At(string text, string link)
    {
        for (int at = text.IndexOf(link, StringComparison.OrdinalIgnoreCase); at >= 0; at = text.IndexOf(link, at + 1, StringComparison.OrdinalIgnoreCase))
        {
            bool isWhole = at == 0 || !(char.IsLetterOrDigit(text[at - 1]) || text[at - 1] is '-' or '_');
            int end = at + link.Length;
            if (isWhole && end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '%'))
                return at;
        }

        return null;
    }

    private static bool IsWebexSite(string text)
    {
        int host = text.IndexOf(WebexHost, StringComparison.OrdinalIgnoreCase);
        if (host < 0)
            return false;

        ReadOnlySpan<char> rest = text.AsSpan(host + WebexHost.Length - 1);
        int end = rest.IndexOfAny(' ', '\\', '<');
        return (end < 0 ? rest : rest[..end]).Contains(WebexJoin, StringComparison.OrdinalIgnoreCase);
    }
}
