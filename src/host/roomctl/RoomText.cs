using System.Globalization;
using System.Text;
using RoomAgent.XApi;

namespace RoomAgent.Control;

/// <summary>The room in words for a terminal. Names come from strangers, and are cleaned of what a terminal would obey.</summary>
internal static class RoomText
{
    private const int ShownChanges = 5;

    /// <summary>How it stands.</summary>
    public static string Describe(RoomView room)
    {
        var text = new StringBuilder();
        Line(text, "room", room.RoomName.Length > 0 ? room.RoomName : "(no name yet)");
        Line(text, "state", room.Phase);
        Line(text, "hub", room.Account.Organisation is { } organisation ? $"{room.Account.State}, {organisation}" : room.Account.Why is { } why ? $"{room.Account.State}: {why}" : room.Account.State);
        if (room.Account.State is "HubUnknown" or "Pairing")
            text.Append(DescribePairing(room));
        Line(text, "certificate", room.CertifiedUntil is { } until ? $"{room.DnsName} until {Time(until)}" : "none yet");
        if (!room.IsTimeKnown)
            Line(text, "time", "not known yet");
        if (room.IsWithoutRoom)
            Line(text, "place", "the hub does not know in which room the device stands: an administrator has to say so");
        Line(text, "microphones", room.IsMuted ? "closed" : "open");
        Line(text, "camera", room.IsCameraOff ? "closed" : "open");
        if (room.DoNotDisturbUntil is { } quiet)
            Line(text, "quiet", $"until {Time(quiet)}");
        if (room.Countdown is { } countdown)
            Line(text, "joins", $"{Title(countdown.Title)} at {Time(countdown.JoinsAt)}; roomctl stop keeps it from that");
        if (room.Meeting is { } meeting)
            Describe(text, meeting);
        else if (room.Calendar.Count > 0)
            Line(text, "next", $"{Title(room.Calendar[0].Title)} at {Time(room.Calendar[0].StartsAt)}");
        return text.ToString();
    }

    /// <summary>What there is to do until the device is paired.</summary>
    public static string DescribePairing(RoomView room)
    {
        var text = new StringBuilder();
        AccountView account = room.Account;
        switch (account.State)
        {
            case "HubUnknown":
                Line(text, "words", account.Words ?? "");
                Line(text, "to do", $"compare them with the words on the page of the hub, then: roomctl pair --confirm {account.Words}");
                break;
            case "Pairing":
                Line(text, "code", account.Code ?? "");
                Line(text, "digits", account.Digits ?? "");
                Line(text, "to do", $"enter the code at {account.Page}, and say yes only when that page shows the same digits");
                break;
            case "Paired" or "Claimed":
                Line(text, "paired", $"with {account.Organisation}");
                break;
            case "NoHub":
                Line(text, "to do", "roomctl pair with a setup code or the address of a hub");
                break;
            default:
                Line(text, "hub", account.Why is { } why ? $"{account.State}: {why}" : account.State);
                break;
        }

        return text.ToString();
    }

    /// <summary>The security code, and who is there.</summary>
    public static string DescribeSecurity(RoomView room)
    {
        if (room.Meeting is not { } meeting)
            return "The room is in no meeting.\n";

        var text = new StringBuilder();
        DescribeCode(text, meeting.Code, isFull: true);
        DescribeMembers(text, meeting);
        return text.ToString();
    }

    /// <summary>The calendar.</summary>
    public static string DescribeCalendar(RoomView room)
    {
        if (room.Calendar.Count == 0)
            return "There is nothing in the calendar.\n";

        var text = new StringBuilder();
        foreach (BookingView booking in room.Calendar)
        {
            string where = booking.Elsewhere is { } elsewhere ? $"  ({elsewhere}: this room cannot join it)" : "";
            text.Append(CultureInfo.InvariantCulture, $"{Time(booking.StartsAt)} to {Time(booking.EndsAt)}  {ForeignText.Clean(Title(booking.Title))}{ForeignText.Clean(where)}\n");
        }

        return text.ToString();
    }

    private static void Describe(StringBuilder text, MeetingView meeting)
    {
        Line(text, "meeting", $"{Title(meeting.Title)}: {meeting.Stage}{(meeting.Trouble is { } trouble ? $", {trouble}" : "")}");
        Line(text, "encryption", meeting.IsEndToEnd ? "end to end" : "to the service only, which could listen");
        foreach (string warning in meeting.Warnings())
            Line(text, "warning", warning);
        if (meeting.Epoch is { } epoch)
            Line(text, "epoch", epoch.ToString(CultureInfo.InvariantCulture));
        DescribeCode(text, meeting.Code, isFull: false);
        if (meeting.Media.Transport.Length > 0)
            Line(text, "media", string.Create(CultureInfo.InvariantCulture, $"{meeting.Media.Transport}{(meeting.Media.RoundTrip is { } trip ? $", {trip:0} ms" : "")}, {meeting.Media.Encoder}, {meeting.Media.Undecryptable} undecryptable"));
        DescribeMembers(text, meeting);
        foreach (WaitingView waiting in meeting.Waiting)
            Line(text, "waits", $"{waiting.Name} ({waiting.Verdict})");
        foreach (ChangeView change in meeting.Changes.TakeLast(ShownChanges))
            Line(text, change.HasCome ? "came" : "went", $"{change.Name}, by {ByWhom(change.Cause)} (epoch {change.Epoch})");
    }

    private static string ByWhom(string cause) => cause switch
    {
        "Host" => "a host",
        "Own" => "themselves",
        "Lost" => "a lost connection",
        _ => "the service",
    };

    private static void DescribeCode(StringBuilder text, CodeView? code, bool isFull)
    {
        if (code is null)
            Line(text, "code", "none yet");
        else
            Line(text, "code", string.Create(CultureInfo.InvariantCulture, $"{(isFull ? code.Full : code.Short)}  (epoch {code.Epoch}{(code.Status == "Current" ? "" : $", {code.Status}")})"));
    }

    private static void DescribeMembers(StringBuilder text, MeetingView meeting)
    {
        foreach (MemberView member in meeting.Members)
            Line(text, member.IsSelf ? "this room" : "member", $"{member.Name} ({member.Verdict}{(member.Reason.Length > 0 ? $": {member.Reason}" : "")}){(member.IsHost ? ", host" : "")}{(member.IsMuted ? ", muted" : "")}{(member.IsCameraOff ? ", camera off" : "")}{(member.IsConfirmed || member.IsSelf ? "" : ", not confirmed")}");
    }

    private static void Line(StringBuilder text, string name, string value) => text.Append(CultureInfo.InvariantCulture, $"{name,-12} {ForeignText.Clean(value)}\n");

    private static string Title(string title) => title.Length > 0 ? title : "(private)";

    private static string Time(DateTimeOffset time) => time.ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
}
