using RoomAgent.Hub.Identity;

namespace RoomAgent.Hub.Devices;

/// <summary>What is logged of accounts. Ids alone: no names, no codes, no tokens.</summary>
internal static partial class AccountLog
{
    [LoggerMessage(EventId = 4101, Level = LogLevel.Warning, Message = "A refresh token of device {Device} was used twice: somebody has a copy of its secrets. Its access is ended; see that nobody else has the device, and pair it anew.")]
    public static partial void ClonedDevice(ILogger log, DeviceId device);

    [LoggerMessage(EventId = 4102, Level = LogLevel.Information, Message = "Device {Device} has no access any more: {Reason}.")]
    public static partial void AccessEnded(ILogger log, DeviceId device, string reason);

    [LoggerMessage(EventId = 4103, Level = LogLevel.Error, Message = "Keys could not be renewed or old codes not be forgotten; it is tried again in an hour.")]
    public static partial void NotTidied(ILogger log, Exception problem);

    [LoggerMessage(EventId = 4105, Level = LogLevel.Error, Message = "Not everyone on this hub could be told that device {Device} has no access any more.")]
    public static partial void NotTold(ILogger log, DeviceId device, Exception problem);

    [LoggerMessage(EventId = 4106, Level = LogLevel.Error, Message = "The database does not answer as it should; requests are refused.")]
    public static partial void NoDatabase(ILogger log, Exception problem);

    [LoggerMessage(EventId = 4104, Level = LogLevel.Warning, Message = "An intermediate of the certificate authority is due for renewal: start the hub once with the secret of the root.")]
    public static partial void NeedsRoot(ILogger log);
}
