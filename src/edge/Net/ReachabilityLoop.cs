using System.Threading.Channels;

namespace RoomAgent.Net;

/// <summary>Probes at the start, when the network changes, and from time to time (requirements G11 to G13).</summary>
public sealed class ReachabilityLoop
{
    private readonly ReachabilityProbe _probe;
    private readonly Func<IReadOnlyList<(string Name, MediaNodeAddress Address)>> _nodes;
    private readonly Action<ReachabilityReport> _report;
    private readonly Func<TimeSpan> _pause;
    private readonly TimeProvider _time;
    private readonly Channel<bool> _now = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private ReachabilityReport? _latest;

    /// <summary>A loop that does nothing before <see cref="RunAsync"/>.</summary>
    /// <param name="probe">Probes.</param>
    /// <param name="nodes">The nodes that the hub names at that time.</param>
    /// <param name="report">Gets each report, on the loop.</param>
    /// <param name="interval">Time between probes, which varies by a fifth either way so that rooms do not probe together. 30 minutes when none is given.</param>
    /// <param name="time">The clock.</param>
    public ReachabilityLoop(
        ReachabilityProbe probe, Func<IReadOnlyList<(string Name, MediaNodeAddress Address)>> nodes, Action<ReachabilityReport> report, TimeSpan? interval = null, TimeProvider? time = null)
    {
        _probe = probe;
        _nodes = nodes;
        _report = report;
        _time = time ?? TimeProvider.System;
        TimeSpan between = interval ?? TimeSpan.FromMinutes(30);
#pragma warning disable CA5394 // spreads load, protects nothing
        _pause = () => between * (0.8 + (0.4 * Random.Shared.NextDouble()));
#pragma warning restore CA5394
    }

    /// <summary>The last report, to begin a path with; <see langword="null"/> before the first.</summary>
    public ReachabilityReport? Latest => Volatile.Read(ref _latest);

    /// <summary>Probes now.</summary>
    public void ProbeNow() => _now.Writer.TryWrite(true);

    /// <summary>Runs until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        using var watch = new NetworkWatch(ProbeNow);
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                ReachabilityReport report = await _probe.RunAsync(_nodes(), cancel).ConfigureAwait(false);
                Volatile.Write(ref _latest, report);
                _report(report);
                await PauseAsync(cancel).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task PauseAsync(CancellationToken cancel)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Task wanted = _now.Reader.WaitToReadAsync(enough.Token).AsTask();
        Task pause = Task.Delay(_pause(), _time, enough.Token);
        await Task.WhenAny(wanted, pause).ConfigureAwait(false);
        _now.Reader.TryRead(out _);
        await enough.CancelAsync().ConfigureAwait(false);
        cancel.ThrowIfCancellationRequested();
    }
}
