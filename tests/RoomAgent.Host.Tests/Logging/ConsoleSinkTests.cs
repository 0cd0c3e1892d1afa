using Microsoft.Extensions.Logging;
using RoomAgent.Host.Logging;

namespace RoomAgent.Host.Tests.Logging;

public sealed class ConsoleSinkTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 22, 4, 31, 2, 125, TimeSpan.Zero);

    [Fact]
    public void AMessageIsALine()
    {
        Assert.Equal("04:31:02.125 warning RoomLoop: the door is open\n", ConsoleSink.Format(s_now, Entry("the door is open")));
    }

    [Fact]
    public void TextFromOutsideCannotFakeALineNorSteerTheTerminal()
    {
        string line = ConsoleSink.Format(s_now, Entry("x\n04:31:02.125 info all is well\u001b[2J\r"));

        Assert.Equal('\n', line[^1]);
        Assert.DoesNotContain(line[..^1], char.IsControl);
    }

    [Fact]
    public void AnExceptionFollowsIndented()
    {
        LogEntry entry = Entry("it broke") with { Exception = new InvalidOperationException("first\nsecond") };

        Assert.Equal(
            "04:31:02.125 warning RoomLoop: it broke\n    System.InvalidOperationException: first\n    second\n",
            ConsoleSink.Format(s_now, entry));
    }

    [Fact]
    public void ATerminalThatIsGoneIsNoReasonToFail()
    {
        new ConsoleSink(new Closed(), TimeProvider.System).Write(Entry("nobody reads this"));
    }

    private static LogEntry Entry(string text) =>
        new(LogLevel.Warning, "RoomAgent.Agent.Room.RoomLoop", new EventId(1), text, [], Exception: null);

    private sealed class Closed : StringWriter
    {
        public override void Flush() => throw new IOException("Input/output error");
    }
}
