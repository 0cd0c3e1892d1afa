namespace RoomAgent.Hub.Calendar;

/// <summary>What is noted of calendars in the organisation's audit log. The words are in the database.</summary>
internal static class CalendarEvents
{
    public const string RoomMade = "room-made";
    public const string RoomChanged = "room-changed";
    public const string RoomRemoved = "room-removed";
    public const string MeetingMade = "meeting-made";
    public const string MeetingChanged = "meeting-changed";
    public const string MeetingRemoved = "meeting-removed";
    public const string Imported = "calendar-imported";
    public const string FeedMade = "feed-made";
    public const string FeedRemoved = "feed-removed";
    public const string GuestLinkMade = "guest-link-made";
    public const string GuestLinkRevoked = "guest-link-revoked";
    public const string AnchorAdded = "anchor-added";
    public const string AnchorRemoved = "anchor-removed";
    public const string AdmittedByService = "admitted-by-service";
    public const string RemovedByService = "removed-by-service";
}
