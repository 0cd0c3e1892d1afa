using RoomAgent.Agent.Diagnostics;
using RoomAgent.Cloud.Account;

namespace RoomAgent.Host.Loops;

/// <summary>Runs the membership beside the other loops.</summary>
internal sealed class AccountLoop(Membership account) : ILoop
{
    public string Name => "account";

    // It owns no mailbox, and may wait for a hub that is slow or gone: that is no reason to begin anew.
    public Task PingAsync() => Task.CompletedTask;

    public Task RunAsync(CancellationToken stopping) => account.RunAsync(stopping);
}
