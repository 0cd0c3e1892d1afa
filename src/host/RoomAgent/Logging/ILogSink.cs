using Microsoft.Extensions.Logging;

namespace RoomAgent.Host.Logging;

/// <summary>Where log entries go. Called from any thread; never throws, because nobody's work may fail for want of a log.</summary>
internal interface ILogSink
{
    void Write(in LogEntry entry);
}

/// <summary>One message, with the values it was made from.</summary>
/// <param name="Level">How bad it is.</param>
/// <param name="Category">The full name of the type that logs.</param>
/// <param name="Event">The fixed number and name of the message.</param>
/// <param name="Text">The message for people.</param>
/// <param name="Values">The named values in it, for machines.</param>
/// <param name="Exception">What was caught, if anything.</param>
internal readonly record struct LogEntry(
    LogLevel Level,
    string Category,
    EventId Event,
    string Text,
    IReadOnlyList<KeyValuePair<string, object?>> Values,
    Exception? Exception)
{
    /// <summary>The level in the words of syslog, which are also the journal's.</summary>
    public int Priority => Level switch
    {
        LogLevel.Critical => 2,
        LogLevel.Error => 3,
        LogLevel.Warning => 4,
        LogLevel.Information => 6,
        _ => 7,
    };
}
