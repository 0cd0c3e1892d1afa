using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;

namespace RoomAgent.LocalApi.Tests;

/// <summary>The whole local interface in a folder of its own, and clients of both of its doors.</summary>
internal sealed class OpenDoor : IAsyncDisposable
{
    private readonly string _folder;
    private LocalServer _server = null!;

    private OpenDoor(string folder, LocalSettings settings)
    {
        (_folder, Settings) = (folder, settings);
        Socket = NewSocketClient();
        Page = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri($"http://{settings.Page}") };
    }

    public TestRoom Room { get; } = new();

    public LocalSettings Settings { get; }

    /// <summary>What the display shows; nothing at first.</summary>
    public byte[]? Picture { get; set; }

    public int Pictures { get; private set; }

    /// <summary>Somebody in the room.</summary>
    public HttpClient Socket { get; }

    /// <summary>Somebody who looks.</summary>
    public HttpClient Page { get; }

    public static async Task<OpenDoor> OpenAsync(Func<LocalSettings, LocalSettings>? change = null)
    {
        string folder = Directory.CreateTempSubdirectory("door-").FullName;
        var settings = new LocalSettings { SocketPath = Path.Combine(folder, "local.sock"), Page = new IPEndPoint(IPAddress.Loopback, FreePort()) };
        var door = new OpenDoor(folder, change?.Invoke(settings) ?? settings);
        door._server = await LocalServer.StartAsync(door.Room, door.Take, door.Settings, TimeProvider.System, NullLoggerFactory.Instance);
        return door;
    }

    /// <summary>Another client of the socket, with connections of its own.</summary>
    public HttpClient NewSocketClient() => new(new SocketsHttpHandler
    {
        UseProxy = false,
        ConnectCallback = async (_, cancel) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(Settings.SocketPath), cancel);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    {
        BaseAddress = new Uri("http://room"),
    };

    /// <summary>Calls a command in the room.</summary>
    public Task<JsonNode> CallAsync(string method, string arguments = "{}") => CallAsync(Socket, $$"""{"jsonrpc":"2.0","id":1,"method":"{{method}}","params":{{arguments}}}""");

    /// <summary>Sends a body and reads the reply.</summary>
    public static async Task<JsonNode> CallAsync(HttpClient by, string body)
    {
        using HttpResponseMessage response = await PostAsync(by, body);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
    }

    public static Task<HttpResponseMessage> PostAsync(HttpClient by, string body) =>
        by.PostAsync("/rpc", new StringContent(body, Encoding.UTF8, "application/json"));

    public async ValueTask DisposeAsync()
    {
        Socket.Dispose();
        Page.Dispose();
        await _server.DisposeAsync();
        Assert.False(File.Exists(Settings.SocketPath));
        Directory.Delete(_folder, recursive: true);
    }

    private byte[]? Take()
    {
        Pictures++;
        return Picture;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
