using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RoomAgent.Cloud.Tests;

/// <summary>The way to the hub through an HTTP proxy (J03): it sees a name and ciphertext.</summary>
public sealed class ProxyTests
{
    [Fact]
    public async Task ADeviceIsPairedThroughAProxy()
    {
        await using Lab lab = await Lab.StartAsync();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var stopping = new CancellationTokenSource();
        var asked = new List<string>();
        Task serving = ServeAsync(listener, () => lab.Hub.Port, asked, stopping.Token);
        var proxy = new WebProxy($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
        Room room = lab.NewRoom(change: settings => settings with { Proxy = proxy, Connect = null });

        await room.PairAsync(await lab.MakeSetupCodeAsync());

        Assert.Equal(200, (await room.CallAsync()).Status);
        Assert.All(asked, line => Assert.Equal($"CONNECT {Lab.Host}:443 HTTP/1.1", line));
        Assert.NotEmpty(asked);
        await stopping.CancelAsync();
        await serving;
    }

    // CONNECT (RFC 9110 section 9.3.6) to the hub, whatever name is asked for.
    private static async Task ServeAsync(TcpListener listener, Func<int> port, List<string> asked, CancellationToken stopping)
    {
        var tunnels = new List<Task>();
        try
        {
            while (true)
            {
                TcpClient client = await listener.AcceptTcpClientAsync(stopping);
                tunnels.Add(TunnelAsync(client, port(), asked, stopping));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(tunnels);
        }
    }

    private static async Task TunnelAsync(TcpClient client, int port, List<string> asked, CancellationToken stopping)
    {
        using (client)
        {
            using var hub = new TcpClient();
            try
            {
                NetworkStream near = client.GetStream();
                var head = new StringBuilder();
                byte[] one = new byte[1];
                while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await near.ReadAsync(one, stopping) == 1)
                    head.Append((char)one[0]);
                lock (asked)
                    asked.Add(head.ToString().Split("\r\n")[0]);

                await hub.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), stopping);
                await near.WriteAsync("HTTP/1.1 200 OK\r\n\r\n"u8.ToArray(), stopping);
                await Task.WhenAny(near.CopyToAsync(hub.GetStream(), stopping), hub.GetStream().CopyToAsync(near, stopping));
            }
            catch (Exception problem) when (problem is IOException or SocketException or OperationCanceledException)
            {
                // One side has hung up.
            }
        }
    }
}
