using System.Net;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RoomAgent.Enrolment;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Store;
using RoomAgent.Hub.Testing;

namespace RoomAgent.Hub.Tests;

/// <summary>A hub with all endpoints of accounts, one more for each scope, an SQLite file of its own, and people who say who they are in a header.</summary>
public sealed class TestHub : IAsyncDisposable, IAccessListener, IDeviceHub
{
    /// <summary>The header in which a person says who they are: organisation, id, role.</summary>
    public const string PersonHeader = "Test-Person";

    /// <summary>The header that says from where a request comes.</summary>
    public const string SourceHeader = TestDevice.SourceHeader;

    private readonly string _folder = Directory.CreateTempSubdirectory("roomhub-accounts-").FullName;
    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(HubSecret.Size);
    private readonly byte[] _rootSecret = RandomNumberGenerator.GetBytes(HubSecret.Size);
    private X509Certificate2? _served;
    private WebApplication _web = null!;

    private readonly Action<TestHub, IServiceCollection>? _add;
    private readonly Action<WebApplication>? _map;

    private TestHub(VirtualClock clock, string address, X509Certificate2? tls, Action<TestHub, IServiceCollection>? add, Action<WebApplication>? map)
    {
        Clock = clock;
        TlsCertificate = tls;
        _served = tls;
        Address = HubAddress.Read(address)!;
        _add = add;
        _map = map;
    }

    public VirtualClock Clock { get; }

    TimeProvider IDeviceHub.Clock => Clock;

    public HubAddress Address { get; private set; }

    public Accounts Accounts { get; private set; } = null!;

    public Database Database { get; private set; } = null!;

    public HttpClient Http { get; private set; } = null!;

    public IServiceProvider Services => _web.Services;

    public HubMove? Move { get; set; }

    public X509Certificate2? TlsCertificate { get; set; }

    /// <summary>Who has lost its access, and why, in order.</summary>
    public List<(MachineAccount Account, string Reason)> Ended { get; } = [];

    public string DatabaseFile => Path.Combine(_folder, "hub.db");

    /// <summary>The port it listens on, another after each start.</summary>
    public int Port => new Uri(_web.Urls.Single()).Port;

    /// <summary>What stands between the network and the hub, to lose answers and to spoil them.</summary>
    public Func<HttpContext, RequestDelegate, Task>? Between { get; set; }

    /// <summary>Starts one, perhaps with other parts of the hub beside the accounts.</summary>
    /// <param name="clock">Its time.</param>
    /// <param name="address">Where it says that it is.</param>
    /// <param name="tls">What it serves TLS with; without one it does not.</param>
    /// <param name="add">Further services.</param>
    /// <param name="map">Further endpoints.</param>
    public static async Task<TestHub> StartAsync(
        VirtualClock? clock = null, string address = "https://hub.example.org", X509Certificate2? tls = null, Action<TestHub, IServiceCollection>? add = null, Action<WebApplication>? map = null)
    {
        var hub = new TestHub(clock ?? new VirtualClock(), address, tls, add, map);
        await hub.OpenAsync();
        return hub;
    }

    /// <summary>The process ends and starts again, perhaps at another address, with another certificate.</summary>
    public async Task RestartAsync(string? address = null, bool withRootSecret = true, X509Certificate2? tls = null)
    {
        await CloseAsync();
        if (tls is not null)
            _served = TlsCertificate = tls;
        Address = address is null ? Address : HubAddress.Read(address)!;
        await OpenAsync(withRootSecret);
    }

    /// <summary>A copy of the database as it is now.</summary>
    public async Task<byte[]> BackUpAsync()
    {
        await CloseAsync();
        byte[] copy = await File.ReadAllBytesAsync(DatabaseFile);
        await OpenAsync();
        return copy;
    }

    /// <summary>The hub comes back with an earlier copy.</summary>
    public async Task RestoreAsync(byte[] copy)
    {
        await CloseAsync();
        await File.WriteAllBytesAsync(DatabaseFile, copy);
        await OpenAsync();
    }

    /// <summary>An administrator of an organisation.</summary>
    public Administrator Administrator(OrganisationId? organisation = null, string name = "School", string id = "alice") => new(this, organisation ?? OrganisationId.New(), name, id);

    /// <summary>Stands for a part of the hub that fails when it is told.</summary>
    public bool FailsWhenTold { get; set; }

    public Task AccessEndedAsync(MachineAccount account, string reason)
    {
        Ended.Add((account, reason));
        return FailsWhenTold ? throw new InvalidOperationException("The test wants it so.") : Task.CompletedTask;
    }

    public HubSecret Secret() => HubSecret.CopyOf(_secret);

    public HubSecret RootSecret() => HubSecret.CopyOf(_rootSecret);

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task OpenAsync(bool withRootSecret = true)
    {
        Database = Database.Sqlite(DatabaseFile);
        await Database.MigrateAsync(Clock.GetUtcNow());
        Accounts = await Accounts.OpenAsync(Database, Address, Secret(), () => withRootSecret ? RootSecret() : null, Clock);

        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(server => server.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (_served is not null)
                listen.UseHttps(_served);
        }));
        builder.Services.AddRoutingCore();
        builder.Services.AddLogging();
        builder.Services.AddSingleton<IAccessListener>(this);
        builder.Services.AddAuthentication("test").AddScheme<AuthenticationSchemeOptions, People>("test", configureOptions: null);
        builder.Services.AddAccounts(Accounts);
        _add?.Invoke(this, builder.Services);

        _web = builder.Build();
        _web.Use((context, next) =>
        {
            if (context.Request.Headers.TryGetValue(SourceHeader, out var source))
                context.Connection.RemoteIpAddress = IPAddress.Parse(source!);
            return next(context);
        });
        _web.Use((context, next) =>
        {
            // Whoever answers in the hub's place lives in its time.
            context.Response.Headers.Date = Clock.GetUtcNow().ToString("R");
            return Between is { } between ? between(context, next) : next(context);
        });
        _web.UseExceptionHandler(_ => { });
        _web.UseRouting();
        _web.UseAuthentication();
        _web.UseAuthorization();
        _web.MapAccounts(new HubPresence(() => TlsCertificate, Move));
        foreach (string scope in Scopes.OfDevices)
            _web.MapGet($"/test/{scope}", (ClaimsPrincipal user) => user.FindFirstValue(HubClaims.Device)).RequireScope(scope);
        _map?.Invoke(_web);
        await _web.StartAsync();
        Http = new HttpClient(new SocketsHttpHandler { UseProxy = false, SslOptions = { RemoteCertificateValidationCallback = (_, presented, _, _) => presented is not null && _served is not null && presented.GetRawCertData().AsSpan().SequenceEqual(_served.RawData) } }) { BaseAddress = new Uri(_web.Urls.Single()) };
    }

    private async Task CloseAsync()
    {
        Http.Dispose();
        await _web.StopAsync();
        await _web.DisposeAsync();
        Accounts.Dispose();
        await Database.DisposeAsync();
    }

    /// <summary>What stands in for the sign-in of people.</summary>
    private sealed class People(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory log, UrlEncoder encoder) : AuthenticationHandler<AuthenticationSchemeOptions>(options, log, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            if (Request.Headers[PersonHeader] is not [{ } header])
                return Task.FromResult(AuthenticateResult.NoResult());

            string[] parts = header.Split('|');
            var identity = new ClaimsIdentity("test");
            identity.AddClaim(new Claim(HubClaims.Organisation, parts[0]));
            identity.AddClaim(new Claim(HubClaims.OrganisationName, parts[1]));
            identity.AddClaim(new Claim(ClaimTypes.NameIdentifier, parts[2]));
            identity.AddClaim(new Claim(ClaimTypes.Role, parts[3]));
            identity.AddClaim(new Claim(ClaimTypes.Email, $"{parts[2]}@example.org"));
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme.Name)));
        }
    }
}
