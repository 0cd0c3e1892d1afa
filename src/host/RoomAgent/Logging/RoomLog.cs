using Microsoft.Extensions.Logging;

namespace RoomAgent.Host.Logging;

/// <summary>The log of the daemon, open before anything else so that everything else can say what is wrong with it.</summary>
internal sealed class RoomLog : IDisposable
{
    private readonly ILogSink _sink;

    public RoomLog(IReadOnlyDictionary<string, string> environment, TimeProvider clock)
    {
        _sink = JournalSink.IsConnected(environment.GetValueOrDefault("JOURNAL_STREAM"))
            ? new JournalSink()
            : new ConsoleSink(Console.Error, clock);
        Factory = new LoggerFactory(
            [new SinkLoggerProvider(_sink, Level)],
            new LoggerFilterOptions { MinLevel = LogLevel.Trace });
    }

    /// <summary>What is logged at all.</summary>
    public LogLevelSwitch Level { get; } = new();

    /// <summary>Makes loggers.</summary>
    public ILoggerFactory Factory { get; }

    /// <summary>The logger of <typeparamref name="T"/>.</summary>
    public ILogger<T> For<T>() => Factory.CreateLogger<T>();

    public void Dispose()
    {
        Factory.Dispose();
        (_sink as IDisposable)?.Dispose();
    }
}
