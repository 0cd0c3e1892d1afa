using System.Diagnostics.Metrics;
using RoomAgent.Hub.Operations;
using RoomAgent.Hub.Store;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Meetings;

/// <summary>Says every second that this hub lives, looks whether others do, and gives up desks that are served elsewhere.</summary>
internal sealed class HubPulse(Store.Presence presence, SignallingContext context, SignalConnections connections, MeetingDesks desks, IMeterFactory meters, MediaNode.MediaNode? node = null) : IHostedLifecycleService, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task _beating = Task.CompletedTask;
    private long _beatAt;

    /// <summary>Whether the other hubs can see that this one lives.</summary>
    public bool IsBeating => context.Now - new Instant(Interlocked.Read(ref _beatAt)) < Store.Presence.Lease;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        Meter meter = meters.Create(HubMeter.Name);
        meter.CreateObservableGauge("roomhub.meetings", () => desks.Count, "{meeting}", "Meetings that this hub serves.");
        meter.CreateObservableGauge("roomhub.connections", () => connections.Count, "{connection}", "Clients that are connected to this hub.");
        await context.Homes.BuryPredecessorsAsync(cancellationToken);
        await presence.BeatAsync(cancellationToken);
        Interlocked.Exchange(ref _beatAt, context.Now.Ticks);
        _beating = Task.Run(RunAsync, CancellationToken.None);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Clients were told before (<see cref="SignalConnections.DrainAsync"/>), and find the meetings free.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _beating;
        await desks.DisposeAsync();

        // Its WebSockets are calls for whose end the server would wait.
        if (node is not null)
            await node.DisposeAsync();
        try
        {
            await presence.EndAsync(cancellationToken);
        }
        catch (Exception problem) when (problem is StoreException or OperationCanceledException or ObjectDisposedException)
        {
            // Then the others bury us.
            SignallingLog.NoPulse(context.Log, problem.Message);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _stop.Dispose();

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Store.Presence.Beat, context.Clock);
        bool isMissing = false;
        while (true)
        {
            try
            {
                await timer.WaitForNextTickAsync(_stop.Token);
                await BeatAsync();
                isMissing = false;
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Whatever it was, a hub that does not beat is buried while it works.
            catch (Exception problem)
#pragma warning restore CA1031
            {
                if (!isMissing)
                    SignallingLog.NoPulse(context.Log, problem.Message);
                isMissing = true;
            }
        }
    }

    private async Task BeatAsync()
    {
        bool wasKnown = await presence.BeatAsync(_stop.Token);
        Interlocked.Exchange(ref _beatAt, context.Now.Ticks);
        if (!wasKnown)
        {
            SignallingLog.WasBuried(context.Log);
            await connections.NoteAllAsync();
        }

        IReadOnlyList<HubConnection> lost = await presence.BuryAsync(context.Now, _stop.Token);
        if (lost.Count > 0)
            SignallingLog.Buried(context.Log, lost.Count);
        await desks.StepDownAsync(_stop.Token);
    }
}
