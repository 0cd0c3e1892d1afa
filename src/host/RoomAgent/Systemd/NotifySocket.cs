using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;

namespace RoomAgent.Host.Systemd;

/// <summary>
/// Tells systemd how the daemon is: sd_notify(3), which is one datagram of NAME=value lines. Started by hand there is
/// nobody to tell, and then every call does nothing.
/// </summary>
internal sealed class NotifySocket : IDisposable
{
    private readonly Socket? _socket;
    private readonly UnixDomainSocketEndPoint? _systemd;
    private readonly TimeProvider _clock;
    private readonly ILogger<NotifySocket> _log;

    /// <param name="path">The value of NOTIFY_SOCKET; null or empty when nobody listens.</param>
    /// <param name="clock">The clock whose timestamps are those of CLOCK_MONOTONIC.</param>
    /// <param name="log">Where it is said that systemd cannot be reached.</param>
    public NotifySocket(string? path, TimeProvider clock, ILogger<NotifySocket> log)
    {
        _clock = clock;
        _log = log;
        if (string.IsNullOrEmpty(path))
            return;

        // @ stands for the zero byte at the start of a name outside the file system.
        _systemd = new UnixDomainSocketEndPoint(path[0] == '@' ? '\0' + path[1..] : path);
        // A systemd that does not read must not hold up a loop that has something to say.
        _socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { SendTimeout = 250 };
    }

    public void Ready() => Send("READY=1");

    /// <summary>systemd wants to know since when, to tell this reload from the one before.</summary>
    public void Reloading() => Send($"RELOADING=1\nMONOTONIC_USEC={Microseconds(_clock.GetTimestamp())}");

    public void Stopping() => Send("STOPPING=1");

    public void Status(string text) => Send($"STATUS={text.ReplaceLineEndings(" ")}");

    public void Watchdog() => Send("WATCHDOG=1");

    public void Dispose() => _socket?.Dispose();

    private void Send(string message)
    {
        if (_socket is null)
            return;

        try
        {
            _socket.SendTo(Encoding.UTF8.GetBytes(message), _systemd!);
        }
        catch (SocketException problem)
        {
            _log.SystemdUnreachable(problem.Message);
        }
    }

    private string Microseconds(long timestamp) =>
        ((Int128)timestamp * 1_000_000 / _clock.TimestampFrequency).ToString(CultureInfo.InvariantCulture);
}
