using Microsoft.Extensions.Logging;
using RoomAgent.Host.Logging;
using RoomAgent.Wire;

namespace RoomAgent.Host.Tests.Logging;

public sealed partial class PrivacyTests
{
    [Fact]
    public void APrivateValueIsRedactedInTheTextAndAmongTheValuesOfAGeneratedMessage()
    {
        var sink = new MemorySink();
        using var factory = new LoggerFactory([new SinkLoggerProvider(sink, new LogLevelSwitch())]);

        GuestArrived(factory.CreateLogger("Test"), Private.Of("Ada Lovelace"), seat: 3);

        LogEntry entry = Assert.Single(sink.Entries);
        Assert.Equal("(private) sits down at 3", entry.Text);
        Assert.Equal("(private)", entry.Values.First(value => value.Key == "Guest").Value?.ToString());
        Assert.DoesNotContain("Ada", ConsoleSink.Format(DateTimeOffset.UnixEpoch, entry));
    }

    [LoggerMessage(1, LogLevel.Information, "{Guest} sits down at {Seat}")]
    private static partial void GuestArrived(ILogger log, Private<string> guest, int seat);

    private sealed class MemorySink : ILogSink
    {
        public List<LogEntry> Entries { get; } = [];

        public void Write(in LogEntry entry) => Entries.Add(entry);
    }
}
