namespace RoomAgent.Hub.People;

/// <summary>What is logged of people. Ids alone: no names, no mailboxes, no secrets.</summary>
internal static partial class PeopleLog
{
    [LoggerMessage(EventId = 4401, Level = LogLevel.Information, Message = "A sign-in was not looked at: too many wrong passwords came before it.")]
    public static partial void TooManyGuesses(ILogger log);

    [LoggerMessage(EventId = 4402, Level = LogLevel.Information, Message = "Person {Person} has signed in.")]
    public static partial void SignedIn(ILogger log, PersonId person);

    [LoggerMessage(EventId = 4403, Level = LogLevel.Warning, Message = "A call with a person's session came from another site and was refused.")]
    public static partial void CrossSite(ILogger log);

    [LoggerMessage(EventId = 4404, Level = LogLevel.Error, Message = "Old sessions and invitations could not be forgotten; it is tried again in an hour.")]
    public static partial void NotTidied(ILogger log, Exception problem);

    [LoggerMessage(EventId = 4405, Level = LogLevel.Error, Message = "A page could not be made.")]
    public static partial void PageFailed(ILogger log, Exception problem);
}
