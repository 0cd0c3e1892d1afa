using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using RoomAgent.XApi;

namespace RoomAgent.LocalApi.Page;

/// <summary>The page for those who look: the display's picture, and the same in words. No script; the browser asks again by a header.</summary>
internal static class RoomPage
{
    /// <summary>How it looks.</summary>
    public const string Style =
        """
        :root { color-scheme: light dark; font: 100%/1.5 system-ui, sans-serif; }
        body { margin: 0 auto; max-width: 60rem; padding: 1rem; }
        h1, h2 { line-height: 1.2; }
        img { display: block; width: 100%; height: auto; background: #111; border-radius: .5rem; }
        dl { display: grid; grid-template-columns: minmax(8rem, max-content) 1fr; gap: .25rem 1rem; }
        dt { font-weight: 600; }
        dd { margin: 0; overflow-wrap: anywhere; }
        table { border-collapse: collapse; width: 100%; }
        th, td { text-align: left; padding: .25rem .75rem .25rem 0; vertical-align: top; }
        .code { font-size: 1.5rem; font-variant-numeric: tabular-nums; letter-spacing: .05em; }
        @media (max-width: 30rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; } }
        """;

    private static readonly HtmlEncoder s_encoder = HtmlEncoder.Default;

    /// <summary>Writes it.</summary>
    /// <param name="room">The room.</param>
    /// <param name="isStill">Whether it does not ask again by itself.</param>
    public static string Write(RoomView room, bool isStill)
    {
        string name = room.RoomName.Length > 0 ? room.RoomName : "This room";
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture,
            $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{Safe(name)}: {Safe(Summary(room))}</title>
            <link rel="stylesheet" href="/style.css">
            </head>
            <body>
            <main>
            <h1>{Safe(name)}</h1>
            <p role="status">{Safe(Summary(room))}</p>
            <p>{(isStill ? """<a href="/">Follow what happens</a>""" : """<a href="/?still">Stand still</a>""")}</p>
            <img src="/display.png?{room.Version}" width="1280" height="720" alt="The picture on the room's display. What it says is below in words.">

            """);
        WriteAccount(page, room);
        if (room.Meeting is { } meeting)
            WriteMeeting(page, room, meeting);
        WriteCalendar(page, room);
        page.Append("<p>Here one looks only. Who is in the room uses <code>roomctl</code> on the device.</p>\n</main>\n</body>\n</html>\n");
        return page.ToString();
    }

    /// <summary>How the room stands, in a sentence.</summary>
    public static string Summary(RoomView room) => room switch
    {
        { Meeting: { Stage: "Ended", Trouble: { } trouble } } => $"The meeting ended: {trouble}.",
        { Meeting: { Stage: "Ended" } } => "The meeting is over.",
        { Meeting: { Stage: "Lobby" } } => "Waits to be let in.",
        { Meeting: { Stage: "Reconnecting" } } => "In a meeting; the connection is being mended.",
        { Meeting: { Stage: "Member" } meeting } => $"In a meeting with {(meeting.Members.Count - 1).ToString(CultureInfo.InvariantCulture)} others, {(room.IsMuted ? "muted" : "heard")}, {(room.IsCameraOff ? "camera off" : "seen")}.",
        { Meeting: not null } => "On the way into a meeting.",
        { Countdown: { } countdown } => $"Joins {(countdown.Title.Length > 0 ? countdown.Title : "a meeting")} at {Time(countdown.JoinsAt)}.",
        { Account: { State: "HubUnknown" } } => "Found a hub: compare its words with those on its page.",
        { Account: { State: "Pairing" } } => "Waits until its code is entered at the hub.",
        { Account: { State: "Claimed" } account } => $"Belongs to {account.Organisation} from now on.",
        { Phase: "Unpaired" } => "Belongs to nobody yet.",
        { Phase: "Revoked" } => "Lost its access: pair it again.",
        { Phase: "Offline" } => "Does not reach its hub.",
        { IsWithoutRoom: true } => "Is paired, and the hub does not know yet in which room it stands.",
        { Phase: "Registered" } => "Ready.",
        _ => "Starts.",
    };

    private static void WriteAccount(StringBuilder page, RoomView room)
    {
        AccountView account = room.Account;
        page.Append("<h2>Device</h2>\n<dl>\n");
        Row(page, "State", room.Phase);
        Row(page, "Hub", account.Why is { } why ? $"{account.State}: {why}" : account.State);
        Row(page, "Organisation", account.Organisation);
        Row(page, "Words of the hub", account.Words);
        Row(page, "Code", account.Code, "code");
        Row(page, "Enter it at", account.Page);
        Row(page, "Digits that have to be there", account.Digits, "code");
        Row(page, "Name", room.DnsName);
        Row(page, "Certificate until", room.CertifiedUntil is { } until ? Time(until) : null);
        Row(page, "Time", room.IsTimeKnown ? "known" : "not known yet");
        Row(page, "Microphones", room.IsMuted ? "closed" : "open");
        Row(page, "Camera", room.IsCameraOff ? "closed" : "open");
        Row(page, "Joins nothing until", room.DoNotDisturbUntil is { } quiet ? Time(quiet) : null);
        page.Append("</dl>\n");
    }

    private static void WriteMeeting(StringBuilder page, RoomView room, MeetingView meeting)
    {
        page.Append(CultureInfo.InvariantCulture, $"<h2>Meeting: {Safe(meeting.Title.Length > 0 ? meeting.Title : "private")}</h2>\n<dl>\n");
        Row(page, "State", meeting.Trouble is { } trouble ? $"{meeting.Stage}: {trouble}" : meeting.Stage);
        Row(page, "Encryption", meeting.IsEndToEnd ? "end to end" : "to the service, which could listen");
        Row(page, "Security code", meeting.Code is { } code ? room.IsSecurityShown ? code.Full : code.Short : null, "code");
        Row(page, "of epoch", meeting.Code?.Epoch.ToString(CultureInfo.InvariantCulture));
        Row(page, "Epoch", meeting.Epoch?.ToString(CultureInfo.InvariantCulture));
        foreach (string warning in meeting.Warnings())
            Row(page, "Warning", warning);
        Row(page, "Door", meeting.IsLocked ? "locked" : null);
        Row(page, "Transport", meeting.Media.Transport);
        Row(page, "Round trip", meeting.Media.RoundTrip is { } trip ? string.Create(CultureInfo.InvariantCulture, $"{trip:0} ms") : null);
        Row(page, "Encoder", meeting.Media.Encoder);
        Row(page, "Frames that could not be opened", meeting.Media.Undecryptable.ToString(CultureInfo.InvariantCulture));
        page.Append("</dl>\n<table>\n<caption>Who is there</caption>\n<thead><tr><th scope=\"col\">Name</th><th scope=\"col\">Identity</th><th scope=\"col\">State</th></tr></thead>\n<tbody>\n");
        foreach (MemberView member in meeting.Members)
        {
            string state = $"{(member.IsMuted ? "muted" : "heard")}, {(member.IsCameraOff ? "camera off" : "seen")}{(member.IsHost ? ", host" : "")}{(member.IsSelf ? ", this room" : "")}";
            page.Append(CultureInfo.InvariantCulture, $"<tr><th scope=\"row\">{Safe(member.Name)}</th><td>{Safe(member.Reason.Length > 0 ? $"{member.Verdict}: {member.Reason}" : member.Verdict)}</td><td>{Safe(state)}</td></tr>\n");
        }

        page.Append("</tbody>\n</table>\n");
    }

    private static void WriteCalendar(StringBuilder page, RoomView room)
    {
        if (room.Calendar.Count == 0)
            return;

        page.Append("<h2>Calendar</h2>\n<ul>\n");
        foreach (BookingView booking in room.Calendar.Take(10))
        {
            string where = booking.Elsewhere is { } elsewhere ? $", at {elsewhere}, which this room cannot join" : "";
            page.Append(CultureInfo.InvariantCulture, $"<li>{Time(booking.StartsAt)} to {Time(booking.EndsAt)}: {Safe(booking.Title.Length > 0 ? booking.Title : "private")}{Safe(where)}</li>\n");
        }

        page.Append("</ul>\n");
    }

    private static void Row(StringBuilder page, string name, string? value, string? style = null)
    {
        if (!string.IsNullOrEmpty(value))
            page.Append(CultureInfo.InvariantCulture, $"<dt>{name}</dt><dd{(style is null ? "" : $" class=\"{style}\"")}>{Safe(value)}</dd>\n");
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    private static string Safe(string text) => s_encoder.Encode(text);
}
