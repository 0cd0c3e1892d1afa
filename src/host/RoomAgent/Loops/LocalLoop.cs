using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using RoomAgent.Agent.Diagnostics;
using RoomAgent.Agent.Room;
using RoomAgent.Agent.Settings;
using RoomAgent.LocalApi;
using RoomAgent.Store;

namespace RoomAgent.Host.Loops;

/// <summary>Keeps the local interface open. A door that cannot be opened is no reason for the room to miss a meeting: it is tried again.</summary>
internal sealed class LocalLoop(IRoom room, Func<byte[]?> snapshot, LocalSettings settings, TimeProvider clock, ILoggerFactory logs) : ILoop
{
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(5);

    private readonly ILogger _log = logs.CreateLogger<LocalLoop>();

    public string Name => "local interface";

    /// <summary>Where the local interface is: in the service's runtime directory, and without one in the state directory.</summary>
    public static LocalSettings Describe(RoomSettings settings, StateDirectory state, IReadOnlyDictionary<string, string> environment) => new()
    {
        SocketPath = environment.GetValueOrDefault("RUNTIME_DIRECTORY")?.Split(':')[0] is ['/', ..] runtime ? Path.Combine(runtime, "local.sock") : state.File("local.sock"),
        Page = settings.LocalListen.Length > 0 ? IPEndPoint.Parse(settings.LocalListen) : null,
    };

    // It owns no mailbox: what it is asked goes straight to the room, which answers for itself.
    public Task PingAsync() => Task.CompletedTask;

    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await using LocalServer server = await LocalServer.StartAsync(room, snapshot, settings, clock, logs, stopping);
                await Task.Delay(Timeout.InfiniteTimeSpan, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception) when (stopping.IsCancellationRequested)
            {
                // The room closes while the door was being opened, and what opens it breaks off as it can.
                return;
            }
            catch (Exception refusal) when (refusal is IOException or SocketException)
            {
                _log.DoorShut(refusal.Message);
                await Task.Delay(s_retry, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
