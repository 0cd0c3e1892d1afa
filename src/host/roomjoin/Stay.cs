using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using RoomAgent.Agent.Calendar;
using RoomAgent.Agent.Clock;
using RoomAgent.Agent.Devices;
using RoomAgent.Agent.Diagnostics;
using RoomAgent.Agent.Media;
using RoomAgent.Agent.Room;
using RoomAgent.Agent.Settings;
using RoomAgent.Cloud.Visits;
using RoomAgent.Hal;
using RoomAgent.Host.Devices;
using RoomAgent.Host.Meetings;
using RoomAgent.LocalApi;

namespace RoomAgent.Join;

/// <summary>
/// A person in a meeting: a room loop as a device has it, of which this laptop is the room. Its calendar has one meeting, which it joins as soon as that opens; orders come from standard input.
/// </summary>
/// <param name="wish">What is wanted.</param>
/// <param name="visit">The way to the hub.</param>
/// <param name="vault">Keeps keys while the program runs.</param>
/// <param name="teller">Tells what happens.</param>
/// <param name="lines">Orders.</param>
/// <param name="clock">The machine's clock.</param>
/// <param name="logs">Where the log goes.</param>
internal sealed class Stay(JoinWish wish, HubVisit visit, MemoryVault vault, Teller teller, Lines lines, TimeProvider clock, ILoggerFactory logs)
{
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(5);

    private readonly Channel<Happening> _happenings = Channel.CreateUnbounded<Happening>(new UnboundedChannelOptions { SingleReader = true });

    /// <summary>Stays until the person leaves, is put out, or the meeting is over.</summary>
    /// <param name="stop">Leaves.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="JoinProblem">The local page cannot be opened.</exception>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        // 1. Devices: whatever is not wanted is not there.
        RoomSettings settings = SettingsOf(wish);
        using var devices = new RoomDevices(settings, clock, logs);
        MediaDevices media = devices.Media with { Camera = wish.Camera is null ? null : devices.Media.Camera, Microphones = wish.Microphone is null ? null : devices.Media.Microphones };
        Watch("camera", media.Camera);
        Watch("microphone", media.Microphones);
        Watch("speaker", media.Speaker);
        bool hasScreen = wish.Page is not null;

        // 2. The room.
        using var room = new RoomLoop(
            settings.Hardware,
            new RoomParts
            {
                Account = visit,
                Hub = visit,
                Trust = new MeetingTrust(installed: []),
                Vault = vault,
                Paths = new MediaPaths((_, presented, _, errors) => visit.IsHub(presented, errors), proxy: null, clock),
                Devices = media,
                Screen = hasScreen ? devices.Screen : null,
                Notices = hasScreen ? devices.Notices : null,
                IsClockSet = () => false,
                ClockFloor = () => ClockFloor.ReleaseOf(typeof(Stay).Assembly.GetName().Version!),
                Agenda = new AgendaSettings { Countdown = TimeSpan.Zero, JoinsBefore = TimeSpan.FromDays(1) },
                JoinsUnmuted = wish.Unmuted,
                Clock = clock,
                Logs = logs,
            },
            new NoBoard());
        room.Changed += status => _happenings.Writer.TryWrite(new Happening { Status = status });

        // 3. A door for the user who runs this, and for a browser of this machine when it is wanted.
        using var place = new Place();
        await using LocalServer door = await OpenAsync(room, devices, place, stop);

        // 4. Until it is over.
        using var ending = new CancellationTokenSource();
        Task living = Task.Run(() => room.RunAsync(ending.Token), CancellationToken.None);
        _ = ListenAsync(stop);
        try
        {
            return await FollowAsync(room, living, stop);
        }
        finally
        {
            // The others learn at once that we are gone.
            await ending.CancelAsync();
            await living.WaitAsync(s_farewell, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>The settings of a room that has these devices. It counts as simulated, so that files and devices may stand beside each other.</summary>
    internal static RoomSettings SettingsOf(JoinWish wish) => new()
    {
        Hardware = HardwareMode.Simulated,
        Camera = wish.Camera ?? "",
        Microphones = wish.Microphone ?? "",
        Speaker = wish.Speaker,
        DisplaySize = new VideoFormat(1280, 720, 15),
        JoinsUnmuted = wish.Unmuted,
    };

    private async Task<LocalServer> OpenAsync(IRoom room, RoomDevices devices, Place place, CancellationToken cancel)
    {
        var settings = new LocalSettings { SocketPath = place.Socket, Page = wish.Page is { } port ? new IPEndPoint(IPAddress.Loopback, port) : null };
        try
        {
            LocalServer door = await LocalServer.StartAsync(room, devices.TakeSnapshot, settings, clock, logs, cancel);
            teller.Tell("page", settings.Page is { } page ? $"Pictures, and who is there: http://{page}/" : "", new() { ["socket"] = place.Socket, ["page"] = settings.Page is { } open ? $"http://{open}/" : null });
            return door;
        }
        catch (Exception refusal) when (refusal is IOException or SocketException)
        {
            throw new JoinProblem(ExitStatus.Failure, $"The local page cannot be opened: {refusal.Message} Choose another port with --page.");
        }
    }

    private async Task ListenAsync(CancellationToken stop)
    {
        try
        {
            while (await lines.ReadAsync(stop) is { } line)
                _happenings.Writer.TryWrite(new Happening { Order = line });
        }
        catch (OperationCanceledException)
        {
            // It is over.
        }
    }

    // One thing after the other: what is told stands in the order in which it happened.
    private async Task<int> FollowAsync(RoomLoop room, Task living, CancellationToken stop)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        if (wish.Stays is { } stays)
            over.CancelAfter(stays);
        _ = living.ContinueWith(_ => _happenings.Writer.TryComplete(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        var reporter = new Reporter(teller, clock);
        var orders = new Orders(room, teller);
        try
        {
            await foreach (Happening happening in _happenings.Reader.ReadAllAsync(over.Token))
            {
                if (happening.Status is { } status && reporter.Tell(status) is { } code)
                    return code;
                if (happening.Device is var (device, state))
                    reporter.Tell(device, state);
                if (happening.Order is { } order && !await orders.DoAsync(order))
                    break;
            }
        }
        catch (OperationCanceledException)
        {
            // The time is up, or somebody wants the program to end.
        }

        if (living.IsFaulted)
            await living;
        teller.Tell("left", "You have left.");
        return ExitStatus.Good;
    }

    private void Watch(string name, DeviceLoop? device)
    {
        if (device is not null)
            device.Changed += status => _happenings.Writer.TryWrite(new Happening { Device = (name, status) });
    }

    // One of them.
    private readonly record struct Happening
    {
        public RoomStatus? Status { get; init; }

        public string? Order { get; init; }

        public (string Name, DeviceStatus Status)? Device { get; init; }
    }

    // A folder that its owner alone may enter.
    private sealed class Place : IDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("roomjoin-").FullName;

        public string Socket => Path.Combine(_folder, "local.sock");

        public void Dispose()
        {
            try
            {
                Directory.Delete(_folder, recursive: true);
            }
            catch (Exception left) when (left is IOException or UnauthorizedAccessException)
            {
                // An empty folder among temporary ones.
            }
        }
    }

    private sealed class NoBoard : IStatusBoard
    {
        public void Post(StatusTopic topic, string? text)
        {
        }
    }
}
