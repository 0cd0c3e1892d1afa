using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace RoomAgent.Hub.Tests;

/// <summary>Keeps what is logged.</summary>
internal sealed class Lines : ILoggerProvider
{
    private readonly ConcurrentQueue<(string Category, string Line)> _lines = new();

    public IEnumerable<string> All => _lines.Select(line => line.Line);

    /// <summary>What our own parts say, and the framework at the levels that the program shows.</summary>
    public IEnumerable<string> Ours => _lines.Where(line => line.Category.StartsWith("RoomAgent.", StringComparison.Ordinal) || line.Line.StartsWith("Warning", StringComparison.Ordinal) || line.Line.StartsWith("Error", StringComparison.Ordinal)).Select(line => line.Line);

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
    }

    private sealed class Logger(Lines lines, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines._lines.Enqueue((category, $"{logLevel} {formatter(state, exception)} {exception}"));
    }
}
