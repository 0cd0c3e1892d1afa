using Microsoft.Extensions.Logging;
using RoomAgent.Hal;

namespace RoomAgent.Agent.Devices;

/// <summary>What is logged about devices: events 400 to 499.</summary>
internal static partial class Log
{
    [LoggerMessage(400, LogLevel.Information, "The {Device} is running")]
    public static partial void DeviceRunning(this ILogger log, string device);

    [LoggerMessage(401, LogLevel.Information, "The {Device} is closed")]
    public static partial void DeviceClosed(this ILogger log, string device);

    [LoggerMessage(402, LogLevel.Warning, "The {Device} does not work ({Outcome}: {Problem}); it is tried again until it does")]
    public static partial void DeviceLost(this ILogger log, string device, DeviceOutcome outcome, string problem);

    [LoggerMessage(403, LogLevel.Information, "Pictures are encoded by {Encoder}, hardware: {IsHardware}")]
    public static partial void EncoderRunning(this ILogger log, string encoder, bool isHardware);

    [LoggerMessage(404, LogLevel.Information, "An encoder does not run: {Refusal}")]
    public static partial void EncoderRefused(this ILogger log, string refusal);

    [LoggerMessage(405, LogLevel.Information, "Pictures are sent in {Format} now, limited by: {Limit}")]
    public static partial void QualityChanged(this ILogger log, string format, QualityLimit limit);

    [LoggerMessage(406, LogLevel.Warning, "The encoder takes no pictures of {Format}")]
    public static partial void FormatRefused(this ILogger log, string format);

    [LoggerMessage(407, LogLevel.Information, "The display answers: {Outcome}")]
    public static partial void ScreenChanged(this ILogger log, DeviceOutcome outcome);

    [LoggerMessage(408, LogLevel.Error, "The {Device} was given up by a mistake of ours; it is tried again")]
    public static partial void DeviceMistaken(this ILogger log, Exception mistake, string device);

    [LoggerMessage(409, LogLevel.Warning, "No decoder opens for the pictures of the others: {Problem}")]
    public static partial void DecoderMissing(this ILogger log, string problem);

    [LoggerMessage(410, LogLevel.Error, "The decoder of stream {Stream} was given up by a mistake of ours; the stream gets another")]
    public static partial void DecoderMistaken(this ILogger log, Exception mistake, uint stream);

    [LoggerMessage(411, LogLevel.Error, "The screen could not be drawn by a mistake of ours; it is tried again")]
    public static partial void ScreenMistaken(this ILogger log, Exception mistake);

    [LoggerMessage(412, LogLevel.Error, "The loop of the media was ended by a mistake of ours; who owns it begins anew")]
    public static partial void MediaMistaken(this ILogger log, Exception mistake);

    [LoggerMessage(413, LogLevel.Error, "Who was told how the {Device} is made a mistake")]
    public static partial void ListenerMistaken(this ILogger log, Exception mistake, string device);
}
