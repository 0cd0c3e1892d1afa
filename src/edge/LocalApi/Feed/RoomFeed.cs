using RoomAgent.Agent.Room;
using RoomAgent.XApi;

namespace RoomAgent.LocalApi.Feed;

/// <summary>How the room stands, numbered, for those who wait for changes.</summary>
internal sealed class RoomFeed : IDisposable
{
    private readonly IRoom _room;
    private readonly Lock _turn = new();
    private Stand _now;

    public RoomFeed(IRoom room)
    {
        _room = room;
        _now = new Stand(1, room.Status, NewSignal());
        room.Changed += Handle;

        // What changed before we listened.
        lock (_turn)
        {
            if (_now.Version == 1)
                _now = new Stand(1, room.Status, NewSignal());
        }
    }

    /// <summary>How it stands now.</summary>
    public RoomView Now => _now.Told.Value;

    /// <summary>How it stands once that is newer than a version, or when patience is over.</summary>
    /// <param name="after">What the caller has seen. One that is still to come is of a daemon before this one, so that nobody waits for it.</param>
    /// <param name="patience">How long to wait.</param>
    /// <param name="clock">The machine's clock.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<RoomView> WaitAsync(long after, TimeSpan patience, TimeProvider clock, CancellationToken cancel)
    {
        Stand now = _now;
        if (now.Version == after)
            await now.Replaced.Task.WaitAsync(patience, clock, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        return Now;
    }

    public void Dispose() => _room.Changed -= Handle;

    private void Handle(RoomStatus status)
    {
        Stand before;
        lock (_turn)
        {
            before = _now;
            Volatile.Write(ref _now, new Stand(before.Version + 1, status, NewSignal()));
        }

        before.Replaced.TrySetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Told only when somebody asks: the room changes often, and mostly nobody looks.
    private sealed record Stand(long Version, RoomStatus Status, TaskCompletionSource Replaced)
    {
        public Lazy<RoomView> Told { get; } = new(() => RoomViews.Of(Status, Version));
    }
}
