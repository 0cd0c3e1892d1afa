namespace RoomAgent.Agent.Room;

/// <summary>A life cycle as a table that one can read across: a row for each event, a column for each state, in it the state that follows.</summary>
/// <typeparam name="TState">States, numbered from 0 in the order of the columns.</typeparam>
/// <typeparam name="TEvent">Events.</typeparam>
public sealed class LifeTable<TState, TEvent>
    where TState : struct, Enum
    where TEvent : struct, Enum
{
    private readonly Dictionary<TEvent, TState?[]> _rows;

    /// <summary>A table of rows.</summary>
    /// <param name="rows">For each event what follows in each state; <see langword="null"/> where it cannot happen.</param>
    /// <exception cref="ArgumentException">An event or a state is left out, or an event is there twice.</exception>
    public LifeTable(params (TEvent What, TState?[] Next)[] rows)
    {
        _rows = rows.ToDictionary(row => row.What, row => row.Next);
        if (_rows.Count != Enum.GetValues<TEvent>().Length || _rows.Values.Any(next => next.Length != Enum.GetValues<TState>().Length))
            throw new ArgumentException("Every event has a row, and every state a column.", nameof(rows));
    }

    /// <summary>What follows when something happens in a state; <see langword="null"/> where it cannot.</summary>
    public TState? Next(TState state, TEvent what) => _rows[what][Convert.ToInt32(state, System.Globalization.CultureInfo.InvariantCulture)];
}
