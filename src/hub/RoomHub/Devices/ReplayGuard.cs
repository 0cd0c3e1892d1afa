using RoomAgent.Wire;

namespace RoomAgent.Hub.Devices;

/// <summary>What became of an attempt to use something for the first time.</summary>
internal enum FirstUse
{
    /// <summary>It is the first time.</summary>
    Yes,

    /// <summary>It was used before.</summary>
    No,

    /// <summary>This user, or all together, have used so much of late that it cannot be remembered, and therefore not be allowed.</summary>
    Busy,
}

/// <summary>
/// Remembers what must be used only once, for at least <paramref name="life"/> (and at most twice that). Nothing is forgotten earlier to make room: what does not fit is refused.
/// </summary>
/// <remarks>
/// In the memory of one hub, on purpose: a proof names a nonce that only this hub, since its start, has given out (<see cref="DpopNonces"/>), so it cannot be replayed to another one or after a restart.
/// </remarks>
internal sealed class ReplayGuard(TimeProvider clock, TimeSpan life, int mostPerUser = 3_000, int mostForAll = 200_000)
{
    private readonly Lock _lock = new();
    private Generation _new = new();
    private Generation _old = new();
    private DateTimeOffset _since = clock.GetUtcNow();

    /// <summary>Notes the use of something.</summary>
    /// <param name="user">Whose it is: the thumbprint of a key.</param>
    /// <param name="id">What it is, among the user's.</param>
    public FirstUse Use(ByteString user, string id)
    {
        DateTimeOffset now = clock.GetUtcNow();
        lock (_lock)
        {
            if (now - _since >= life)
            {
                _old = now - _since >= 2 * life ? new Generation() : _new;
                _new = new Generation();
                _since = now;
            }

            if (_new.Used.Contains((user, id)) || _old.Used.Contains((user, id)))
                return FirstUse.No;
            if (_new.Used.Count >= mostForAll || _new.ByUser.GetValueOrDefault(user) >= mostPerUser)
                return FirstUse.Busy;

            _new.Used.Add((user, id));
            _new.ByUser[user] = _new.ByUser.GetValueOrDefault(user) + 1;
            return FirstUse.Yes;
        }
    }

    private sealed class Generation
    {
        public HashSet<(ByteString User, string Id)> Used { get; } = [];

        public Dictionary<ByteString, int> ByUser { get; } = [];
    }
}
