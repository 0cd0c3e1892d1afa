using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RoomAgent.Agent.Diagnostics;

namespace RoomAgent.Host.Loops;

/// <summary>
/// Runs every loop of the daemon. They live and die together: one that ends unasked takes the others down, so that
/// systemd starts all of them anew from a state that is known.
/// </summary>
internal sealed class LoopRunner(
    IEnumerable<ILoop> loops,
    IHostApplicationLifetime lifetime,
    ExitStatus exit,
    ILogger<LoopRunner> log) : IHostedService, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private Task[] _running = [];

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _running = [.. loops.Select(SuperviseAsync)];
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();

        Task all = Task.WhenAll(_running);
        await all.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (all.IsCompleted)
            return;

        log.LoopsDidNotStop();
        exit.Failed();
    }

    public void Dispose() => _stopping.Dispose();

    private async Task SuperviseAsync(ILoop loop)
    {
        try
        {
            // A thread of the pool, so that a loop that is slow to start does not hold up the others.
            await Task.Run(() => loop.RunAsync(_stopping.Token));
            if (_stopping.IsCancellationRequested)
                return;
            log.LoopEnded(loop.Name);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            return;
        }
        catch (Exception problem)
        {
            log.LoopFailed(problem, loop.Name);
        }

        exit.Failed();
        lifetime.StopApplication();
    }
}
