using System.Net.Sockets;
using System.Text;

namespace RoomAgent.Host.Tests;

/// <summary>The other end of NOTIFY_SOCKET: a real datagram socket, as systemd has one.</summary>
internal sealed class NotifyListener : IDisposable
{
    /// <summary>Long enough for the slowest machine; a test that passes does not wait for it.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

    /// <param name="address">A path, or a name that starts with @.</param>
    public NotifyListener(string address)
    {
        Address = address;
        _socket.Bind(new UnixDomainSocketEndPoint(address[0] == '@' ? '\0' + address[1..] : address));
    }

    /// <summary>What NOTIFY_SOCKET has to say.</summary>
    public string Address { get; }

    /// <summary>The next datagram.</summary>
    public async Task<string> NextAsync()
    {
        using var timeout = new CancellationTokenSource(s_patience);
        byte[] buffer = new byte[4096];
        int length = await _socket.ReceiveAsync(buffer, timeout.Token);
        return Encoding.UTF8.GetString(buffer, 0, length);
    }

    /// <summary>The next datagram that starts with <paramref name="start"/>, and those that came before it.</summary>
    public async Task<List<string>> UntilAsync(string start)
    {
        var datagrams = new List<string>();
        do
        {
            try
            {
                datagrams.Add(await NextAsync());
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"waited for {start}, got: {string.Join(" | ", datagrams)}");
            }
        }
        while (!datagrams[^1].StartsWith(start, StringComparison.Ordinal));

        return datagrams;
    }

    /// <summary>What is there already and what comes until <paramref name="span"/> is over.</summary>
    public async Task<List<string>> DuringAsync(TimeSpan span)
    {
        using var over = new CancellationTokenSource(span);
        var datagrams = new List<string>();
        byte[] buffer = new byte[4096];
        while (true)
        {
            try
            {
                int length = await _socket.ReceiveAsync(buffer, over.Token);
                datagrams.Add(Encoding.UTF8.GetString(buffer, 0, length));
            }
            catch (OperationCanceledException)
            {
                return datagrams;
            }
        }
    }

    public void Dispose() => _socket.Dispose();
}
