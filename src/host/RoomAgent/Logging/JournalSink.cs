using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace RoomAgent.Host.Logging;

/// <summary>
/// Sends messages to systemd's journal with all their values, so that one can ask
/// <c>journalctl -u roomagent EVENT_ID=301</c> or <c>ROOMAGENT_LOOP=room</c>.
/// </summary>
/// <remarks>
/// Speaks https://systemd.io/JOURNAL_NATIVE_PROTOCOL/: one datagram a message. Of that page it leaves out the memory file
/// for messages too long for a datagram; <see cref="JournalMessage"/> shortens them instead.
/// </remarks>
internal sealed class JournalSink : ILogSink, IDisposable
{
    /// <summary>Where journald listens.</summary>
    public const string SocketPath = "/run/systemd/journal/socket";

    /// <summary>How long a message may wait for a busy journal before it is given up.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(250);

    private readonly Socket _socket;
    private readonly UnixDomainSocketEndPoint _journal;
    private int _lost;

    public JournalSink(string path = SocketPath)
    {
        _journal = new UnixDomainSocketEndPoint(path);
        _socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified)
        {
            SendTimeout = (int)s_patience.TotalMilliseconds,
        };
    }

    /// <summary>
    /// Whether our standard error is a line to the journal. systemd puts the socket's identity into JOURNAL_STREAM as
    /// device:inode; sockets all live on one device, so the inode alone tells.
    /// </summary>
    public static bool IsConnected(string? journalStream)
    {
        string? inode = journalStream?.Split(':').ElementAtOrDefault(1);
        return inode is not null && new FileInfo("/proc/self/fd/2").LinkTarget == $"socket:[{inode}]";
    }

    public void Write(in LogEntry entry)
    {
        if (!TrySend(entry))
        {
            Interlocked.Increment(ref _lost);
            return;
        }

        int missing = Interlocked.Exchange(ref _lost, 0);
        if (missing > 0 && !TrySend(Missing(missing)))
            Interlocked.Add(ref _lost, missing);
    }

    public void Dispose() => _socket.Dispose();

    private bool TrySend(in LogEntry entry)
    {
        try
        {
            _socket.SendTo(JournalMessage.Format(entry), _journal);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static LogEntry Missing(int count) => new(
        LogLevel.Warning,
        typeof(JournalSink).FullName!,
        new EventId(400, "MessagesLost"),
        $"{count} messages before this one were lost: the journal did not take them",
        [new("Count", count)],
        Exception: null);
}
