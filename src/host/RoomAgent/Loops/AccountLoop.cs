using RoomAgent.Agent.Diagnostics;
using RoomAgent.Cloud.Account;

namespace RoomAgent.Host.Loops;

/// <summary>Runs the membership beside the other loops. It waits for the hub, which may be slow or gone, so that it answers the watchdog as long as it runs at all.</summary>
internal sealed class AccountLoop(Membership account) : ILoop
{
    private Task _running = Task.CompletedTask;

    public string Name => "account";

    public Task PingAsync() => _running.IsCompleted && !_running.IsCompletedSuccessfully ? _running : Task.CompletedTask;

    public Task RunAsync(CancellationToken stopping) => _running = account.RunAsync(stopping);
}
