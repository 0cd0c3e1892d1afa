namespace RoomAgent.Agent.Diagnostics;

/// <summary>Asks every loop of the daemon whether it still makes progress.</summary>
public sealed class RollCall(IEnumerable<ILoop> loops, TimeProvider clock)
{
    private readonly Place[] _places = [.. loops.Select(loop => new Place(loop))];

    /// <summary>
    /// Pings every loop and waits until all have answered, at most for <paramref name="patience"/>. A loop that still owes
    /// an answer from the last time is not asked again: it gets through its mailbox or it does not.
    /// </summary>
    /// <returns>The names of the loops that are silent.</returns>
    public async Task<IReadOnlyList<string>> CallAsync(TimeSpan patience, CancellationToken cancellation)
    {
        foreach (Place place in _places)
            place.Answer ??= place.Loop.PingAsync();

        await Task.WhenAll(_places.Select(place => place.Answer!))
            .WaitAsync(patience, clock, cancellation)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellation.ThrowIfCancellationRequested();

        var silent = new List<string>();
        foreach (Place place in _places)
        {
            if (place.Answer!.IsCompletedSuccessfully)
                place.Answer = null;
            else
                silent.Add(place.Loop.Name);
        }

        return silent;
    }

    private sealed class Place(ILoop loop)
    {
        public ILoop Loop => loop;

        public Task? Answer { get; set; }
    }
}
