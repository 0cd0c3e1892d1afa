using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace RoomAgent.Devices.Tests;

/// <summary>Keeps what is logged.</summary>
internal class Journal : ILogger
{
    private readonly ConcurrentQueue<Line> _lines = new();

    /// <summary>All lines so far.</summary>
    public IReadOnlyList<Line> Lines => [.. _lines];

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue(new Line(eventId.Id, logLevel, formatter(state, exception), exception));

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    internal sealed record Line(int Id, LogLevel Level, string Text, Exception? Mistake);
}

/// <summary>The same for one feature.</summary>
internal sealed class Journal<T> : Journal, ILogger<T>;
