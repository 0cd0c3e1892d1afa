namespace RoomAgent.Hub.MediaNode.Alone;

/// <summary>What is logged of media nodes that run alone: events 4550 to 4599. Names of nodes are the operator's own.</summary>
internal static partial class NodeLog
{
    [LoggerMessage(EventId = 4550, Level = LogLevel.Information, Message = "The media node {Node} is here.")]
    public static partial void Attached(ILogger log, string node);

    [LoggerMessage(EventId = 4551, Level = LogLevel.Warning, Message = "The media node {Node} is gone.")]
    public static partial void Lost(ILogger log, string node);

    [LoggerMessage(EventId = 4552, Level = LogLevel.Error, Message = "The media node {Node} said what no node says, and was cut off.")]
    public static partial void WrongMessage(ILogger log, string node);

    [LoggerMessage(EventId = 4553, Level = LogLevel.Warning, Message = "A media node with a certificate that does not count (any more) was refused.")]
    public static partial void Refused(ILogger log);

    [LoggerMessage(EventId = 4554, Level = LogLevel.Warning, Message = "The certificate of the media node {Node} does not count any more; it was cut off.")]
    public static partial void Revoked(ILogger log, string node);

    [LoggerMessage(EventId = 4555, Level = LogLevel.Warning, Message = "The meeting {Conference} goes from the media node {Before} to {After}.")]
    public static partial void Moved(ILogger log, Guid conference, string before, string after);

    [LoggerMessage(EventId = 4556, Level = LogLevel.Information, Message = "This media node serves {Hub}.")]
    public static partial void Connected(ILogger log, Uri hub);

    [LoggerMessage(EventId = 4557, Level = LogLevel.Warning, Message = "No connection with {Hub}: {Problem}. It is tried again.")]
    public static partial void NotConnected(ILogger log, Uri hub, string problem);

    [LoggerMessage(EventId = 4558, Level = LogLevel.Error, Message = "The media node {Node} could not be looked up; it stays until the database answers.")]
    public static partial void NotLookedUp(ILogger log, string node, Exception problem);

    [LoggerMessage(EventId = 4559, Level = LogLevel.Error, Message = "An offer made the media node fail.")]
    public static partial void CallFailed(ILogger log, Exception problem);
}
