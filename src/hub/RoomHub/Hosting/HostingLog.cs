
namespace RoomAgent.Hub.Hosting;

/// <summary>What is logged of the process itself.</summary>
internal static partial class HostingLog
{
    [LoggerMessage(EventId = 4001, Level = LogLevel.Information, Message = "RoomHub {Version} is at {Address}; its identity is \"{Fingerprint}\".")]
    public static partial void Started(ILogger log, Version version, string address, string fingerprint);

    [LoggerMessage(EventId = 4002, Level = LogLevel.Information, Message = "TLS has a new certificate, valid until {NotAfter}.")]
    public static partial void CertificateChanged(ILogger log, DateTime notAfter);

    [LoggerMessage(EventId = 4003, Level = LogLevel.Error, Message = "The TLS certificate could not be read, and the one before stays: {Problem}")]
    public static partial void CertificateUnreadable(ILogger log, string problem);
}
