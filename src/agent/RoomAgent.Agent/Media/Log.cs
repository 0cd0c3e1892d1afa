using Microsoft.Extensions.Logging;

namespace RoomAgent.Agent.Media;

/// <summary>What the media of meetings logs: events 430 to 439.</summary>
internal static partial class Log
{
    [LoggerMessage(430, LogLevel.Warning, "The media node was not agreed with: {Problem}. It is tried again")]
    public static partial void OfferRefused(this ILogger log, string problem);
}
