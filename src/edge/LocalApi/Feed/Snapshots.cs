namespace RoomAgent.LocalApi.Feed;

/// <summary>Pictures of the display, made seldom however many ask.</summary>
/// <param name="take">Makes a PNG; <see langword="null"/> when there is nothing to see.</param>
/// <param name="every">How long one is good.</param>
/// <param name="clock">The machine's clock.</param>
internal sealed class Snapshots(Func<byte[]?> take, TimeSpan every, TimeProvider clock)
{
    private readonly Lock _turn = new();
    private Task<byte[]?> _last = Task.FromResult<byte[]?>(null);
    private long _takenAt;
    private bool _isTaken;

    /// <summary>The newest one.</summary>
    public Task<byte[]?> TakeAsync()
    {
        lock (_turn)
        {
            if (!_last.IsCompleted || (_isTaken && clock.GetElapsedTime(_takenAt) < every))
                return _last;

            (_takenAt, _isTaken) = (clock.GetTimestamp(), true);
            _last = Task.Run(take);
            return _last;
        }
    }
}
