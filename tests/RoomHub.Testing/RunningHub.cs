using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RoomAgent.Enrolment;
using RoomAgent.Hub.Hosting;

namespace RoomAgent.Hub.Testing;

/// <summary>The whole hub in this process, on a free port of the loopback interface, with a folder of its own.</summary>
public sealed class RunningHub : IAsyncDisposable, IDeviceHub, IVisitableHub
{
    private readonly string? _folder;
    private readonly HubServer _server;
    private Action<IServiceCollection>? _services;

    private RunningHub(HubServer server, HubSettings settings, TimeProvider clock, string? folder)
    {
        Clock = clock;
        _server = server;
        _folder = folder;
        Settings = settings;
        Http = NewClient();
    }

    public HubSettings Settings { get; }

    /// <summary>Where the hub says it is, which is not where it listens: clients are led there.</summary>
    public HubAddress Address => Settings.Address;

    public TimeProvider Clock { get; }

    /// <inheritdoc/>
    public Uri? FirstInvitation { get; private init; }

    /// <summary>A client that ends up here whatever host it asks for, and takes this hub's own certificate.</summary>
    public HttpClient Http { get; }

    public IPEndPoint EndPoint => new(IPAddress.Loopback, _server.Listening[0].Port);

    public T Get<T>()
        where T : notnull => _server.Services.GetRequiredService<T>();

    /// <summary>Starts one.</summary>
    /// <param name="clock">Its time.</param>
    /// <param name="change">What is not as usual.</param>
    /// <param name="log">Where the log goes; nowhere.</param>
    /// <param name="services">Services that it has besides, or in the place of its own.</param>
    public static async Task<RunningHub> StartAsync(
        TimeProvider? clock = null, Func<HubSettings, HubSettings>? change = null, Action<ILoggingBuilder>? log = null, Action<IServiceCollection>? services = null)
    {
        string folder = Directory.CreateTempSubdirectory("roomhub-").FullName;
        var settings = new HubSettings
        {
            Data = folder,
            Address = HubAddress.Read("https://hub.example.org")!,
            Listen = [new IPEndPoint(IPAddress.Loopback, 0)],
            Media = new() { Listen = [IPAddress.Loopback], UdpPorts = [0, 0], TcpPort = 0, Loops = 1 },
        };
        settings = change?.Invoke(settings) ?? settings;
        HubServer server = await HubServer.StartAsync(settings, clock ?? TimeProvider.System, log ?? (_ => { }), services);
        return await GreetAsync(server, settings, clock ?? TimeProvider.System, folder, services);
    }

    /// <summary>The process ends, in order, and another one begins with what is kept.</summary>
    public async Task<RunningHub> RestartAsync(TimeProvider? clock = null, Func<HubSettings, HubSettings>? change = null)
    {
        Http.Dispose();
        await _server.DisposeAsync();
        HubSettings settings = change?.Invoke(Settings) ?? Settings;
        return await GreetAsync(await HubServer.StartAsync(settings, clock ?? Clock, _ => { }, _services), settings, clock ?? Clock, _folder, _services);
    }

    private static async Task<RunningHub> GreetAsync(HubServer server, HubSettings settings, TimeProvider clock, string? folder, Action<IServiceCollection>? services) =>
        new(server, settings, clock, folder) { _services = services, FirstInvitation = await server.People.InviteFirstAsync() is { } link ? new Uri(link) : null };

    /// <summary>Another client, with cookies of its own, perhaps from another address of this machine.</summary>
    public HttpClient NewClient(bool followsRedirects = false, IPAddress? from = null) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = followsRedirects,
        UseProxy = false,
        SslOptions = { RemoteCertificateValidationCallback = (_, presented, _, _) => IsOurs(presented) },
        ConnectCallback = async (_, cancel) =>
        {
            var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp) { NoDelay = true };
            if (from is not null)
                socket.Bind(new IPEndPoint(from, 0));
            await socket.ConnectAsync(EndPoint, cancel);
            return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
        },
    })
    {
        BaseAddress = new Uri(Address.Url),
    };

    private bool IsOurs(X509Certificate? presented)
    {
        using X509Certificate2 own = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(Settings.Data, "tls.pem"));
        return presented is not null && own.RawDataMemory.Span.SequenceEqual(presented.GetRawCertData());
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _server.DisposeAsync();
        if (_folder is not null)
            Directory.Delete(_folder, recursive: true);
    }
}
