using Microsoft.Extensions.Logging;

namespace RoomAgent.Host.Logging;

/// <summary>Brings what is logged to a sink.</summary>
internal sealed class SinkLoggerProvider(ILogSink sink, LogLevelSwitch level) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new SinkLogger(categoryName, sink, level);

    public void Dispose()
    {
    }

    private sealed class SinkLogger(string category, ILogSink sink, LogLevelSwitch level) : ILogger
    {
        public bool IsEnabled(LogLevel logLevel) => level.Allows(logLevel);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel))
                return;

            IReadOnlyList<KeyValuePair<string, object?>> values = state as IReadOnlyList<KeyValuePair<string, object?>> ?? [];
            sink.Write(new LogEntry(logLevel, category, eventId, formatter(state, exception), values, exception));
        }
    }
}
