using System.Diagnostics;
using RoomAgent.Agent.Calendar;
using RoomAgent.Agent.Diagnostics;
using RoomAgent.Agent.Ports;
using RoomAgent.Agent.Room;
using RoomAgent.Agent.Settings;
using RoomAgent.Cloud;
using RoomAgent.Cloud.Account;
using RoomAgent.Hal;
using RoomAgent.Host.Devices;
using RoomAgent.Host.Logging;
using RoomAgent.Host.Meetings;
using RoomAgent.Identity;
using RoomAgent.Store;

namespace RoomAgent.Whole.Tests;

/// <summary>A room with everything that the daemon has: state directory, membership, devices, screen. It can be switched off at any moment, and on again.</summary>
internal sealed class WholeRoom : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly string _folder = Directory.CreateTempSubdirectory("room-").FullName;
    private readonly RoomLog _logs = new(new Dictionary<string, string>(), TimeProvider.System);
    private readonly Func<IHubServices, IHubServices> _hub;
    private readonly Func<IMeetingTrust, IMeetingTrust> _trust;
    private readonly TimeProvider _clock;
    private readonly DateTimeOffset _floor;
    private CancellationTokenSource _stop = new();
    private AgendaSettings _agenda = new();
    private StateDirectory _state = null!;
    private Membership _account = null!;
    private RoomDevices _devices = null!;
    private Task _running = Task.CompletedTask;

    private WholeRoom(RoomSettings settings, Func<IHubServices, IHubServices> hub, Func<IMeetingTrust, IMeetingTrust> trust, TimeProvider clock, DateTimeOffset floor) =>
        (Settings, _hub, _trust, _clock, _floor) = (settings, hub, trust, clock, floor);

    public RoomSettings Settings { get; }

    public RoomLoop Room { get; private set; } = null!;

    /// <summary>What the hub does for this room's account.</summary>
    public HubServices Account { get; private set; } = null!;

    public RoomStatus Status => Room.Status;

    public MeetingStatus? Meeting => Status.Meeting;

    public static WholeRoom Start(
        string setup,
        AgendaSettings? agenda = null,
        Func<RoomSettings, RoomSettings>? change = null,
        Func<IHubServices, IHubServices>? hub = null,
        Func<IMeetingTrust, IMeetingTrust>? trust = null,
        TimeProvider? clock = null,
        DateTimeOffset floor = default)
    {
        var settings = new RoomSettings
        {
            Hardware = HardwareMode.Simulated,
            SetupCode = setup,
            PictureFormat = new VideoFormat(320, 180, 15),
            DisplaySize = new VideoFormat(640, 360, 30),
            JoinsUnmuted = true,
        };
        var room = new WholeRoom(change?.Invoke(settings) ?? settings, hub ?? (services => services), trust ?? (own => own), clock ?? TimeProvider.System, floor);
        room.Begin(agenda ?? new AgendaSettings { Countdown = TimeSpan.FromSeconds(1) });
        return room;
    }

    public async Task UntilAsync(Func<RoomStatus, bool> isSo, TimeSpan? patience = null)
    {
        var watch = Stopwatch.StartNew();
        while (!isSo(Status))
        {
            if (_running.IsFaulted)
                await _running;
            if (watch.Elapsed > (patience ?? s_patience))
                Assert.Fail($"{Status.Phase} {Status.Account} time known {Status.IsTimeKnown} certified {Status.CertifiedUntil} calendar {Status.Calendar.Count}, countdown {Status.Countdown?.JoinsAt}; {Meeting?.Stage} {Meeting?.Trouble} epoch {Meeting?.Epoch} of {Meeting?.Members.Count}, {Meeting?.Media} {string.Join(" ", Meeting?.Media.Streams ?? [])}");
            await Task.Delay(20);
        }
    }

    /// <summary>The device is switched off in order, and on again: what it kept is all that it has.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        _stop = new CancellationTokenSource();
        Begin(_agenda);
    }

    private async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
        Room.Dispose();
        _devices.Dispose();
        _account.Dispose();
        _state.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _logs.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void Begin(AgendaSettings agenda)
    {
        _agenda = agenda;
        TimeProvider clock = _clock;
        _state = StateDirectory.Open(_folder);
        var vault = new PlainVault(_state);
        _account = Membership.Open(new CloudSettings { Serial = "SN-1", Model = "Pi 5", Software = "test" }, vault, new VaultKeys(vault), clock, _logs.For<Membership>());
        _devices = new RoomDevices(Settings, clock, _logs.Factory);
        Account = new HubServices(_account, clock, _logs.Factory);
        Assert.Null(InstalledAuthorities.Read(Settings.Authorities, out IReadOnlyList<TrustAnchor> authorities));
        Room = new RoomLoop(
            Settings.Hardware,
            new RoomParts
            {
                Account = _account,
                Hub = _hub(Account),
                Trust = _trust(new MeetingTrust(authorities)),
                Vault = vault,
                Paths = new MediaPaths((_, presented, _, errors) => _account.IsHub(presented, errors), proxy: null, clock),
                Devices = _devices.Media,
                Screen = _devices.Screen,
                Notices = _devices.Notices,
                IsClockSet = () => false,
                ClockFloor = () => _floor,
                Agenda = agenda,
                JoinsUnmuted = Settings.JoinsUnmuted,
                ConfiguredHub = Settings.SetupCode.Length > 0 ? Settings.SetupCode : Settings.HubAddress,
                Clock = clock,
                Logs = _logs.Factory,
            },
            new NoBoard());
        _running = Task.WhenAll(Task.Run(() => Room.RunAsync(_stop.Token)), Task.Run(() => _account.RunAsync(_stop.Token)));
    }

    private sealed class NoBoard : IStatusBoard
    {
        public void Post(StatusTopic topic, string? text)
        {
        }
    }
}
