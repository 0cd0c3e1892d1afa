using RoomAgent.Hub.Devices;

namespace RoomAgent.Hub.Operations;

/// <summary>The end of the process, in order: not ready any more, no new work, everybody is told to go, and only then the listener closes.</summary>
internal sealed class Drain(IServiceProvider services, TimeProvider clock, ILogger<Drain> log) : IHostedLifecycleService, IDisposable
{
    /// <summary>The longest that the end may take.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    // The rest is for calls that were under way.
    private static readonly TimeSpan s_toGo = TimeSpan.FromSeconds(8);

    private readonly CancellationTokenSource _over = new();
    private int _hasBegun;

    /// <summary>Whether the process is about to end.</summary>
    public bool HasBegun => Volatile.Read(ref _hasBegun) != 0;

    /// <summary>Everybody has gone, or has had the time: what is still open, such as connections between machines, is closed.</summary>
    public CancellationToken IsOver => _over.Token;

    /// <summary>Refuses calls that come after the drain has begun, except from those who ask how the hub is.</summary>
    public Task AdmitAsync(HttpContext context, RequestDelegate next)
    {
        if (!HasBegun || context.Request.Path.StartsWithSegments("/health") || context.Request.Path == "/metrics")
            return next(context);

        if (HttpProtocol.IsHttp11(context.Request.Protocol))
            context.Response.Headers.Connection = "close";
        return OAuthAnswers.RefuseAsync(context, OAuthError.GoesAway, TimeSpan.FromSeconds(1));
    }

    /// <inheritdoc/>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _hasBegun, 1) != 0)
            return;

        IDrain[] parts = [.. services.GetServices<IDrain>()];
        OperationsLog.Draining(log);
        using var limit = new CancellationTokenSource(s_toGo, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            // Whoever does not look at the token does not hold up the end either.
            await Task.WhenAll(parts.Select(part => part.DrainAsync(either.Token))).WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            OperationsLog.NotAllGone(log);
        }
#pragma warning disable CA1031 // One part that cannot say goodbye must not keep the process from ending.
        catch (Exception problem)
#pragma warning restore CA1031
        {
            OperationsLog.DrainFailed(log, problem);
        }

        await _over.CancelAsync();
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose() => _over.Dispose();
}
