using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Connections;

namespace RoomAgent.LocalApi.Doors;

/// <summary>A door: who comes through it, and how many of them at a time.</summary>
/// <param name="caller">Who.</param>
/// <param name="mostConnections">How many connections at one time; others are closed.</param>
/// <param name="requestsPerSecond">How many requests a second.</param>
internal sealed class Door(Caller caller, int mostConnections, int requestsPerSecond) : IDisposable
{
    private const int BurstSeconds = 4;

    private readonly TokenBucketRateLimiter _limiter = new(new TokenBucketRateLimiterOptions
    {
        TokenLimit = requestsPerSecond * BurstSeconds,
        TokensPerPeriod = Math.Max(1, requestsPerSecond / 10),
        ReplenishmentPeriod = TimeSpan.FromMilliseconds(100),
        QueueLimit = 0,
        AutoReplenishment = true,
    });

    private int _connections;

    /// <summary>Who comes through it.</summary>
    public Caller Caller => caller;

    /// <summary>Whether one more request is borne now.</summary>
    public bool TryEnter()
    {
        using RateLimitLease lease = _limiter.AttemptAcquire();
        return lease.IsAcquired;
    }

    /// <summary>Marks each connection with its door, as the first thing that happens to it.</summary>
    public ConnectionDelegate Guard(ConnectionDelegate next) => async connection =>
    {
        if (Interlocked.Increment(ref _connections) > mostConnections)
        {
            Interlocked.Decrement(ref _connections);
            connection.Abort();
            return;
        }

        try
        {
            connection.Features.Set(this);
            await next(connection);
        }
        finally
        {
            Interlocked.Decrement(ref _connections);
        }
    };

    /// <inheritdoc/>
    public void Dispose() => _limiter.Dispose();
}
