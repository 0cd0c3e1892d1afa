namespace RoomAgent.Hub.Calendar;

/// <summary>What the calendar logs: ids and counts, never a title, a name or an address.</summary>
internal static partial class CalendarLog
{
    [LoggerMessage(EventId = 4300, Level = LogLevel.Warning, Message = "Somebody who wanted to know of a changed calendar could not be told")]
    public static partial void NotTold(ILogger log, Exception problem);

    [LoggerMessage(EventId = 4301, Level = LogLevel.Warning, Message = "Calendar {Feed} could not be taken over: {Fault}")]
    public static partial void FeedFailed(ILogger log, Guid feed, string fault);

    [LoggerMessage(EventId = 4302, Level = LogLevel.Information, Message = "Calendar {Feed}: {Added} new, {Changed} changed, {Removed} gone")]
    public static partial void FeedTaken(ILogger log, Guid feed, int added, int changed, int removed);

    [LoggerMessage(EventId = 4303, Level = LogLevel.Error, Message = "The calendar's regular work failed, and is tried again")]
    public static partial void WorkFailed(ILogger log, Exception problem);

    [LoggerMessage(EventId = 4350, Level = LogLevel.Error, Message = "Calendar {Feed} could not be taken over, for no reason that was expected")]
    public static partial void FeedBroken(ILogger log, Guid feed, Exception problem);

    [LoggerMessage(EventId = 4351, Level = LogLevel.Error, Message = "Coming occurrences could not be made, which is tried again in an hour")]
    public static partial void RollFailed(ILogger log, Exception problem);

    [LoggerMessage(EventId = 4352, Level = LogLevel.Error, Message = "The coming occurrences of meeting {Meeting} could not be made")]
    public static partial void NotRolled(ILogger log, Guid meeting);
}
