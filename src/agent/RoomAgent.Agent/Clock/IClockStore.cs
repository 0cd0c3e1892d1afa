namespace RoomAgent.Agent.Clock;

/// <summary>Keeps one moment over a power cut.</summary>
public interface IClockStore
{
    /// <summary>The moment saved last; null when there is none or it cannot be read.</summary>
    DateTimeOffset? Load();

    /// <summary>Saves <paramref name="moment"/>. After a power cut the store has either it or the one before.</summary>
    /// <exception cref="IOException">The storage is full or broken.</exception>
    /// <exception cref="UnauthorizedAccessException">It became read-only.</exception>
    void Save(DateTimeOffset moment);
}
