using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;
using RoomAgent.Host.Logging;

namespace RoomAgent.Host.Tests.Logging;

public sealed class JournalSinkTests : IDisposable
{
    private readonly TemporaryDirectory _home = new();

    [Fact]
    public void AJournalThatIsAwayIsToldAfterwardsHowMuchItMissed()
    {
        using var sink = new JournalSink(_home["journal"]);
        sink.Write(Entry("one"));
        sink.Write(Entry("two"));

        using Socket journal = Listen();
        sink.Write(Entry("three"));

        Assert.Contains("MESSAGE=three\n", Receive(journal));
        string missed = Receive(journal);
        Assert.Contains("MESSAGE=2 messages before this one were lost", missed);
        Assert.Contains("ROOMAGENT_COUNT=2\n", missed);
    }

    [Fact]
    public void AJournalThatDoesNotReadHoldsUpNobodyForLong()
    {
        using Socket journal = Listen();
        using var sink = new JournalSink(_home["journal"]);
        int queue = int.Parse(File.ReadAllText("/proc/sys/net/unix/max_dgram_qlen"));

        for (int i = 0; i <= queue + 2; i++)
            sink.Write(Entry($"message {i}"));

        Assert.Contains("MESSAGE=message 0\n", Receive(journal));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("8")]
    [InlineData("8:1")]
    [InlineData("nonsense:")]
    public void AnotherStreamThanOursIsNotTheJournal(string? stream)
    {
        Assert.False(JournalSink.IsConnected(stream));
    }

    public void Dispose() => _home.Dispose();

    private static LogEntry Entry(string text) => new(LogLevel.Information, "Test", new EventId(1), text, [], Exception: null);

    private static string Receive(Socket journal)
    {
        byte[] buffer = new byte[4096];
        return Encoding.UTF8.GetString(buffer, 0, journal.Receive(buffer));
    }

    private Socket Listen()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 30_000 };
        socket.Bind(new UnixDomainSocketEndPoint(_home["journal"]));
        return socket;
    }
}
