using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using RoomAgent.Hub.Calendar;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.MediaNode;
using RoomAgent.Hub.MediaNode.Alone;
using RoomAgent.Hub.Meetings;
using RoomAgent.Hub.Operations;
using RoomAgent.Hub.People;
using RoomAgent.Hub.Store;

namespace RoomAgent.Hub.Hosting;

/// <summary>One hub: the table of contents of the process. Who lives here, and who knows whom.</summary>
public sealed class HubServer : IAsyncDisposable
{
    private readonly Database _database;
    private readonly MeetingStore _meetings;
    private readonly Accounts _accounts;
    private readonly PeopleDesk _people;
    private readonly ServerCertificate _certificate;
    private readonly NodeAuthority? _nodes;
    private readonly WebApplication _web;

    private HubServer(Database database, MeetingStore meetings, Accounts accounts, PeopleDesk people, ServerCertificate certificate, NodeAuthority? nodes, WebApplication web)
    {
        _database = database;
        _meetings = meetings;
        _accounts = accounts;
        _people = people;
        _certificate = certificate;
        _nodes = nodes;
        _web = web;
    }

    /// <summary>Where it listens, once it has started: with the ports that the system chose where 0 was asked for.</summary>
    public IReadOnlyList<Uri> Listening => [.. _web.Urls.Select(url => new Uri(url))];

    /// <summary>The parts of the running hub.</summary>
    public IServiceProvider Services => _web.Services;

    /// <summary>Organisations and people.</summary>
    internal PeopleDesk People => _people;

    /// <summary>Opens a hub's data, makes at first start what is missing, and listens.</summary>
    /// <param name="settings">How.</param>
    /// <param name="clock">The time.</param>
    /// <param name="configureLog">Where the log goes.</param>
    /// <param name="configure">Adds services, or others in the place of ours.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="IOException">A file or a port is not to be had.</exception>
    /// <exception cref="StoreException">The database does not answer, or was made by a newer program.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">A secret does not belong to the database.</exception>
    public static async Task<HubServer> StartAsync(HubSettings settings, TimeProvider clock, Action<ILoggingBuilder> configureLog, Action<IServiceCollection>? configure = null, CancellationToken cancel = default)
    {
        // 1. What is kept.
        var data = new DataFolder(settings.Data);
        Database database = settings.Database is { } server ? Database.PostgreSql(server) : Database.Sqlite(data.Database);
        await database.MigrateAsync(clock.GetUtcNow(), cancel);
        MeetingStore meetings = MeetingStore.Start(database);

        // 2. Who the hub is, and whom it knows.
        Accounts accounts = await Accounts.OpenAsync(database, settings.Address, data.OpenSecret(), data.OpenRootSecret, clock, cancel);
        PeopleDesk people = await PeopleDesk.OpenAsync(database, settings.Address, data.OpenSecret(), clock, settings.SessionIdle, settings.SessionLife, cancel);
        HubMove? move = await new HubMoves(database).LastAsync(cancel);
        NodeAuthority? nodes = await OpenNodesAsync(settings, data, database, clock, cancel);
        ServerCertificate certificate = ServerCertificate.Open(settings, clock);
        using HubSecret secret = data.OpenSecret();

        // 3. What there is to call.
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = typeof(HubServer).Assembly.GetName().Name, ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.Sources.Clear();
        builder.Logging.ClearProviders();
        configureLog(builder.Logging);
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => Listen(kestrel, settings, certificate, nodes));
        builder.Services
            .AddSingleton(settings)
            .AddSingleton(clock)
            .AddSingleton(database)
            .AddSingleton(meetings)
            .AddSingleton(certificate)
            .AddMediaNodes()
            .AddHostedService(services => new CertificateWatch(certificate, clock, services.GetRequiredService<ILogger<HubServer>>()))
            .AddPeople(people)
            .AddAccounts(accounts)
            .AddCalendar(settings.MayPollPrivateCalendars)
            .AddSignalling(new LinkSecret(secret))
            .AddApiDocument()
            // Last, because what was added last is asked first to stop: everybody is told to go before anything closes.
            .AddOperations(settings);
        configure?.Invoke(builder.Services);

        WebApplication web = builder.Build();
        web.UseOperations();
        web.UseWebSockets();
        web.Use(NodeDoor.KeepApartAsync);
        web.UsePageAnswers(settings.Certificate is null);
        web.UseExceptionHandler(_ => { });
        web.UseRouting();
        web.UseAuthentication();
        web.UseCrossSiteGuard(people);
        web.UseAuthorization();
        web.MapOperations();
        NodeDoor.Map(web);
        web.MapPeople();
        web.MapAccounts(new HubPresence(() => certificate.Current, move));
        web.MapCalendar();
        await web.MapSignallingAsync(() => certificate.Current);
        web.MapApiDocument();

        // 4. Until it is disposed of.
        var hub = new HubServer(database, meetings, accounts, people, certificate, nodes, web);
        try
        {
            // Opens the sockets of media: a port that is taken is noticed now, and not in the first meeting.
            web.Services.GetRequiredService<IMediaNode>();
            await web.StartAsync(cancel);
        }
        catch
        {
            await hub.DisposeAsync();
            throw;
        }

        string fingerprint = accounts.Identity.Fingerprint;
        ILogger log = web.Services.GetRequiredService<ILogger<HubServer>>();
        HostingLog.Started(log, CommandLine.Version, settings.Address.Url, fingerprint);
        return hub;
    }

    /// <summary>Completes when somebody asked the process to end, and all calls have ended or were cut off.</summary>
    public Task WaitAsync() => _web.WaitForShutdownAsync();

    /// <summary>Stops listening and closes everything.</summary>
    public async ValueTask DisposeAsync()
    {
        await _web.StopAsync();
        await _web.DisposeAsync();
        await _meetings.DisposeAsync();
        _people.Dispose();
        _accounts.Dispose();
        _certificate.Dispose();
        _nodes?.Dispose();
        await _database.DisposeAsync();
    }

    private static async Task<NodeAuthority?> OpenNodesAsync(HubSettings settings, DataFolder data, Database database, TimeProvider clock, CancellationToken cancel)
    {
        if (settings.NodeListen is null)
            return null;

        using HubSecret secret = data.OpenSecret();
        return await NodeAuthority.OpenAsync(new KeyStore(database), secret, clock, cancel);
    }

    private static void Listen(KestrelServerOptions kestrel, HubSettings settings, ServerCertificate certificate, NodeAuthority? nodes)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = 64 * 1024;
        kestrel.Limits.MaxRequestHeadersTotalSize = 32 * 1024;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        foreach (IPEndPoint endpoint in settings.Listen)
        {
            kestrel.Listen(endpoint, listen => listen.UseHttps(new TlsHandshakeCallbackOptions
            {
                HandshakeTimeout = TimeSpan.FromSeconds(10),
                OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions
                {
                    EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                    ServerCertificateContext = certificate.Context,
                }),
            }));
        }

        if (nodes is not null)
            NodeDoor.Listen(kestrel, settings.NodeListen!, nodes);
    }

    /// <summary>Looks every half minute whether the certificate's files have changed.</summary>
    private sealed class CertificateWatch(ServerCertificate certificate, TimeProvider clock, ILogger<HubServer> log) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            using var timer = new PeriodicTimer(TimeSpan.FromSeconds(30), clock);
            while (await timer.WaitForNextTickAsync(stoppingToken))
                certificate.Refresh(log);
        }
    }
}
