using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging.Abstractions;
using RoomAgent.Agent.Ports;
using RoomAgent.Cloud.Account;
using RoomAgent.Enrolment;
using RoomAgent.Hub.Testing;
using RoomAgent.Hub.Tests;
using RoomAgent.Native.OpenSsl;

namespace RoomAgent.Cloud.Tests;

/// <summary>A hub, the network around it, and virtual time. Its endpoints are the real ones, over TLS.</summary>
internal sealed class Lab : IAsyncDisposable
{
    public const string Host = "hub.example.org";
    public const string NewHost = "new.example.org";

    private readonly List<Room> _rooms = [];
    private readonly X509Certificate2 _certificate;

    private Lab(TestHub hub, X509Certificate2 certificate, X509Certificate2 authority)
    {
        Hub = hub;
        _certificate = certificate;
        Authority = authority;
        Alice = hub.Administrator();
        Network[Host] = () => hub.Port;
    }

    public TestHub Hub { get; }

    public Network Network { get; } = new();

    /// <summary>An administrator, of an organisation that is called "School".</summary>
    public Administrator Alice { get; }

    /// <summary>What counts as a public authority here.</summary>
    public X509Certificate2 Authority { get; }

    public static async Task<Lab> StartAsync(bool isPublic = false, VirtualClock? clock = null, Action<WebApplication>? more = null)
    {
        X509Certificate2 authority = TlsCertificates.Authority();
        X509Certificate2 certificate = isPublic ? TlsCertificates.Of(authority, Host) : TlsCertificates.Own(Host);
        return new Lab(await TestHub.StartAsync(clock, $"https://{Host}", certificate, map: more), certificate, authority);
    }

    /// <summary>A device that was never switched on.</summary>
    public Room NewRoom(TimeSpan clockError = default, MemoryVault? vault = null, Func<CloudSettings, CloudSettings>? change = null)
    {
        var settings = new CloudSettings
        {
            Serial = "SN-1",
            Model = "Pi 5",
            Software = "46.11",
            Connect = Network.ConnectAsync,
            PublicAuthority = Authority,
        };
        var room = new Room(Hub.Clock, change?.Invoke(settings) ?? settings, vault ?? new MemoryVault(), clockError);
        _rooms.Add(room);
        return room;
    }

    /// <summary>What an administrator prints for a device.</summary>
    public async Task<SetupCode> MakeSetupCodeAsync(Administrator? by = null)
    {
        Answer made = await (by ?? Alice).PostAsync("/api/activation-codes", new { device_name = "Room 1" });
        return SetupCode.Read(made.Text("setup_code"), OpenSslCrypto.Instance)!;
    }

    /// <summary>The accounts of an organisation that have access.</summary>
    public async Task<IReadOnlyList<string>> ActiveAccountsAsync(Administrator? of = null)
    {
        Answer answer = await (of ?? Alice).GetAsync("/api/devices");
        return [.. answer.Body!["devices"]!.AsArray().Where(device => device!["ended_at"] is null).Select(device => (string)device!["id"]!)];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Room room in _rooms)
            room.Dispose();
        await Hub.DisposeAsync();
        _certificate.Dispose();
        Authority.Dispose();
    }
}

/// <summary>A device: its storage, which stays, and its process, which may end at any moment.</summary>
internal sealed class Room : IDisposable
{
    private readonly VirtualClock _world;
    private readonly CloudSettings _settings;

    public Room(VirtualClock world, CloudSettings settings, MemoryVault vault, TimeSpan clockError)
    {
        _world = world;
        _settings = settings;
        Vault = vault;
        Clock = new DeviceTime(world) { Error = clockError };
        Membership = Open();
    }

    public MemoryVault Vault { get; }

    public DeviceTime Clock { get; }

    public Membership Membership { get; private set; }

    /// <summary>The states it was in since it was switched on, in order.</summary>
    public List<CloudState> States { get; } = [];

    public CloudState State => Membership.State;

    /// <summary>The power comes back.</summary>
    public void Restart()
    {
        Membership.Dispose();
        Vault.SwitchOn();
        States.Clear();
        Membership = Open();
    }

    /// <summary>Takes steps, each when it is due in virtual time, until a state is reached. Fails when it has not been after so long.</summary>
    public async Task<T> UntilAsync<T>(TimeSpan? most = null, Func<T, bool>? isIt = null)
        where T : CloudState
    {
        DateTimeOffset end = _world.GetUtcNow() + (most ?? TimeSpan.FromMinutes(2));
        while (true)
        {
            TimeSpan pause = await Membership.StepAsync(CancellationToken.None);
            if (State is T reached && (isIt?.Invoke(reached) ?? true))
                return reached;
            if (pause == Timeout.InfiniteTimeSpan || _world.GetUtcNow() + pause > end)
                throw new InvalidOperationException($"It was {typeof(T).Name} that was wanted; it is {State}, and pauses for {pause}.");
            _world.Advance(pause);
        }
    }

    /// <summary>Takes all steps that are due in a time.</summary>
    /// <returns>How many.</returns>
    public async Task<int> LiveAsync(TimeSpan time)
    {
        DateTimeOffset end = _world.GetUtcNow() + time;
        for (int steps = 0; ; steps++)
        {
            TimeSpan pause = await Membership.StepAsync(CancellationToken.None);
            TimeSpan rest = end - _world.GetUtcNow();
            if (pause == Timeout.InfiniteTimeSpan || pause >= rest)
            {
                _world.Advance(rest);
                return steps + 1;
            }

            _world.Advance(pause);
        }
    }

    /// <summary>From a setup code to a member.</summary>
    public async Task<CloudState.Paired> PairAsync(SetupCode setup)
    {
        Assert.True(await Membership.UseSetupCodeAsync(setup));
        return await UntilAsync<CloudState.Paired>();
    }

    /// <summary>Calls an endpoint that only members may.</summary>
    public async Task<Calls.HubAnswer> CallAsync(string path = "/test/mls") => await Membership.CallAsync(new Calls.HubRequest(HttpMethod.Get, path), CancellationToken.None);

    public void Dispose() => Membership.Dispose();

    private Membership Open()
    {
        var membership = Account.Membership.Open(_settings, Vault, new VaultKeys(Vault), Clock, NullLogger<Membership>.Instance);
        membership.Changed += States.Add;
        return membership;
    }
}
