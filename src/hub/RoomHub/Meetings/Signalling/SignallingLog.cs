using RoomAgent.Hub.Identity;

namespace RoomAgent.Hub.Meetings;

/// <summary>What is logged of signalling: ids only.</summary>
internal static partial class SignallingLog
{
    [LoggerMessage(EventId = 4200, Level = LogLevel.Information, Message = "The desk of {Meeting} is open.")]
    public static partial void DeskOpened(ILogger log, string meeting);

    [LoggerMessage(EventId = 4201, Level = LogLevel.Information, Message = "The desk of {Meeting} is closed.")]
    public static partial void DeskClosed(ILogger log, string meeting);

    [LoggerMessage(EventId = 4202, Level = LogLevel.Error, Message = "The desk of {Meeting} failed and is opened anew.")]
    public static partial void DeskFailed(ILogger log, string meeting, Exception problem);

    [LoggerMessage(EventId = 4203, Level = LogLevel.Information, Message = "Another hub serves {Meeting} now.")]
    public static partial void DeskSuperseded(ILogger log, string meeting);

    [LoggerMessage(EventId = 4204, Level = LogLevel.Warning, Message = "The store did not answer the desk of {Meeting}: {Problem}")]
    public static partial void StoreFailed(ILogger log, string meeting, string problem);

    [LoggerMessage(EventId = 4205, Level = LogLevel.Warning, Message = "A leg of {Meeting} could not be renewed or cut off.")]
    public static partial void LegFailed(ILogger log, string meeting, Exception problem);

    [LoggerMessage(EventId = 4206, Level = LogLevel.Information, Message = "The access of {Subject} ended; its connection is closed.")]
    public static partial void AccessEnded(ILogger log, string subject);

    [LoggerMessage(EventId = 4207, Level = LogLevel.Information, Message = "{Subject} does not take what it is sent; its connection is closed.")]
    public static partial void TooSlow(ILogger log, string subject);

    [LoggerMessage(EventId = 4208, Level = LogLevel.Warning, Message = "Whether {Subject} still has access could not be looked up.")]
    public static partial void NotRechecked(ILogger log, string subject, Exception problem);

    [LoggerMessage(EventId = 4209, Level = LogLevel.Warning, Message = "This hub could not say that it lives: {Problem}")]
    public static partial void NoPulse(ILogger log, string problem);

    [LoggerMessage(EventId = 4210, Level = LogLevel.Warning, Message = "Other hubs took this one for dead; its meetings are served elsewhere.")]
    public static partial void WasBuried(ILogger log);

    [LoggerMessage(EventId = 4211, Level = LogLevel.Information, Message = "A dead hub is buried; it had {Connections} connections.")]
    public static partial void Buried(ILogger log, int connections);

    [LoggerMessage(EventId = 4212, Level = LogLevel.Information, Message = "Linked with the hub {Hub}.")]
    public static partial void Linked(ILogger log, Wire.ByteString hub);

    [LoggerMessage(EventId = 4213, Level = LogLevel.Information, Message = "The link with the hub {Hub} ended.")]
    public static partial void Unlinked(ILogger log, Wire.ByteString hub);

    [LoggerMessage(EventId = 4214, Level = LogLevel.Warning, Message = "The hub {Hub} at {Address} cannot be reached: {Problem}")]
    public static partial void NoLink(ILogger log, Wire.ByteString hub, string address, string problem);

    [LoggerMessage(EventId = 4215, Level = LogLevel.Warning, Message = "Somebody tried to link as a hub and does not have the hubs' secret.")]
    public static partial void FalseHub(ILogger log);

    [LoggerMessage(EventId = 4216, Level = LogLevel.Warning, Message = "The meeting {Meeting} of {Organisation} cannot be served as it was scheduled.")]
    public static partial void BadMeeting(ILogger log, string meeting, OrganisationId organisation, Exception problem);

    [LoggerMessage(EventId = 4217, Level = LogLevel.Warning, Message = "A seat at {Meeting} could not be told something.")]
    public static partial void SeatFailed(ILogger log, string meeting, Exception problem);

    [LoggerMessage(EventId = 4218, Level = LogLevel.Information, Message = "{Connections} connections are told to go elsewhere.")]
    public static partial void Draining(ILogger log, int connections);

    [LoggerMessage(EventId = 4219, Level = LogLevel.Warning, Message = "Logs of meetings that are over could not be deleted; it is tried again in an hour: {Problem}")]
    public static partial void NotEnded(ILogger log, string problem);

    [LoggerMessage(EventId = 4230, Level = LogLevel.Warning, Message = "The meeting {Meeting} is taken over from the hub {Hub}, which is lost.")]
    public static partial void TakenOver(ILogger log, string meeting, Wire.ByteString hub);

    [LoggerMessage(EventId = 4231, Level = LogLevel.Warning, Message = "A media node did not say that it has cut its legs off; it does when their leases are over.")]
    public static partial void LegsLeft(ILogger log);

    [LoggerMessage(EventId = 4232, Level = LogLevel.Warning, Message = "There is no room for a connection of {Subject}.")]
    public static partial void NoRoom(ILogger log, string subject);
}
