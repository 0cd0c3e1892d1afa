using System.Collections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RoomAgent.Agent.Calendar;
using RoomAgent.Agent.Clock;
using RoomAgent.Agent.Diagnostics;
using RoomAgent.Agent.Ports;
using RoomAgent.Agent.Room;
using RoomAgent.Agent.Settings;
using RoomAgent.Cloud;
using RoomAgent.Cloud.Account;
using RoomAgent.Hal;
using RoomAgent.Hal.Media;
using RoomAgent.Host.Clock;
using RoomAgent.Host.Configuration;
using RoomAgent.Host.Devices;
using RoomAgent.Host.Logging;
using RoomAgent.Host.Loops;
using RoomAgent.Host.Meetings;
using RoomAgent.Host.Systemd;
using RoomAgent.Identity;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Store;

namespace RoomAgent.Host;

/// <summary>The table of contents: who lives in this house, and who knows whom.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        Dictionary<string, string> environment = Environment.GetEnvironmentVariables()
            .Cast<DictionaryEntry>()
            .ToDictionary(variable => (string)variable.Key, variable => (string)variable.Value!);

        return CommandLine.Run(args, environment, sources => Live(sources, environment));
    }

    /// <summary>The life of the daemon, from its first message to its exit code.</summary>
    private static int Live(ConfigurationSources sources, Dictionary<string, string> environment)
    {
        // 1. The one clock there is; and a log, so that all that follows can say what is wrong.
        TimeProvider clock = TimeProvider.System;
        using var logs = new RoomLog(environment, clock);
        ILogger log = logs.Factory.CreateLogger(typeof(Program));
        try
        {
            return Live(sources, environment, clock, logs, log);
        }
        catch (Exception mistake)
        {
            log.Broke(mistake);
            return ExitStatus.Failure;
        }
    }

    private static int Live(
        ConfigurationSources sources, Dictionary<string, string> environment, TimeProvider clock, RoomLog logs, ILogger log)
    {
        // 2. The configuration.
        CheckedSettings loaded = sources.Load();
        if (!loaded.AreGood)
        {
            log.StartRefused(loaded.Problems);
            return ExitStatus.Configuration;
        }

        RoomSettings settings = loaded.Settings;
        logs.Level.Apply(settings);
        log.Starting(CommandLine.Version, settings.StateDirectory);

        // 3. The library that all cryptography goes through. Without it a room is better closed than open.
        if (!HasCryptography(log))
            return ExitStatus.Failure;

        // 4. Pictures and sound: their libraries are loaded with the first device that needs them. systemd has had --check-media see that they are there.
        ILogger lines = logs.Factory.CreateLogger("RoomAgent.Media.Library");
        MediaLibrary.OpenWhenNeeded((level, line) => lines.MediaLine(level == MediaLogLevel.Error ? LogLevel.Warning : LogLevel.Debug, line), log.MediaBy);

        // 5. The state directory, which nobody else may have while we live.
        using StateDirectory? state = TakeState(settings, log);
        if (state is null)
            return ExitStatus.Failure;

        // 6. On whom this room relies itself.
        if (InstalledAuthorities.Read(settings.Authorities, out IReadOnlyList<TrustAnchor> authorities) is { } unreadable)
        {
            log.AuthoritiesRefused(unreadable);
            return ExitStatus.Configuration;
        }

        // 7. What systemd is told.
        using var systemd = new NotifySocket(environment.GetValueOrDefault("NOTIFY_SOCKET"), clock, logs.For<NotifySocket>());
        var status = new StatusBoard(systemd);

        // 8. The hub, as far as this device knows one, and what meetings need of the edge.
        IVault vault = new PlainVault(state);
        using Membership account = Membership.Open(Board.Describe(CommandLine.Version), vault, new VaultKeys(vault), clock, logs.For<Membership>());
        new SetupFile(settings.SetupFile, state.File(SetupFile.MarkName), logs.For<SetupFile>()).Use(account);
        var hub = new AccountLoop(account);
        using var devices = new RoomDevices(settings, clock, logs.Factory);

        // 9. What goes on in the room: loops, each with a state of its own.
        DateTimeOffset released = ClockFloor.ReleaseOf(CommandLine.Version);
        using var time = new ClockLoop(settings, released, clock, new ClockFile(state), status, logs.For<ClockLoop>());
        using var room = new RoomLoop(
            settings.Hardware,
            new RoomParts
            {
                Account = account,
                Hub = new HubServices(account, clock, logs.Factory),
                Trust = new MeetingTrust(authorities),
                Vault = vault,
                Paths = new MediaPaths((_, presented, _, errors) => account.IsHub(presented, errors), proxy: null, clock),
                Devices = devices.Media,
                Screen = devices.Screen,
                Notices = devices.Notices,
                IsClockSet = () => time.IsTrusted && Board.IsClockSynchronised,
                ClockFloor = () => time.Floor,
                Look = new ScreenLook { Language = settings.Language, Theme = settings.Theme },
                Agenda = new AgendaSettings { Countdown = settings.Countdown },
                JoinsUnmuted = settings.JoinsUnmuted,
                ConfiguredHub = settings.SetupCode.Length > 0 ? settings.SetupCode : settings.HubAddress,
                Clock = clock,
                Logs = logs.Factory,
            },
            status);
        var inForce = new SettingsLoop(settings, [logs.Level, time], logs.For<SettingsLoop>());
        var reload = new ReloadLoop(sources, inForce, systemd, status, logs.For<ReloadLoop>());
        var local = new LocalLoop(room, devices.TakeSnapshot, LocalLoop.Describe(settings, state, environment), clock, logs.Factory);
        ILoop[] loops = [time, hub, room, local, inForce, reload];

        // 10. Who lets them run, watches them, and ends them.
        var exit = new ExitStatus();
        var watchdogPeriod = WatchdogPeriod.From(environment, Environment.ProcessId);
        var house = new HostApplicationBuilder(new HostApplicationBuilderSettings
        {
            DisableDefaults = true,
            ContentRootPath = AppContext.BaseDirectory,
        });
        house.Services
            .AddSingleton(logs.Factory)
            .Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(5))
            .AddSingleton<IHostLifetime>(host => new SignalLifetime(Lifetime(host), reload, systemd, exit, logs.For<SignalLifetime>()))
            .AddHostedService(host => new LoopRunner(loops, Lifetime(host), exit, logs.For<LoopRunner>()))
            .AddHostedService(_ => new Watchdog(watchdogPeriod, new RollCall(loops, clock), systemd, status, clock, logs.For<Watchdog>()));

        // 11. Until somebody asks it to end, or it has to.
        using (IHost host = house.Build())
            host.Run();

        log.Stopped(exit.Code);
        return exit.Code;
    }

    private static bool HasCryptography(ILogger log)
    {
        try
        {
            log.CryptographyBy(OpenSslLibrary.Version);
            return true;
        }
        catch (DllNotFoundException missing)
        {
            log.CryptographyMissing(missing.Message);
            return false;
        }
    }

    private static StateDirectory? TakeState(RoomSettings settings, ILogger log)
    {
        try
        {
            return StateDirectory.Open(settings.StateDirectory);
        }
        catch (IOException refusal)
        {
            log.StateRefused(refusal.Message);
            return null;
        }
    }

    private static IHostApplicationLifetime Lifetime(IServiceProvider host) => host.GetRequiredService<IHostApplicationLifetime>();
}
