using RoomAgent.Hal.Simulated;

namespace RoomAgent.RoomLab;

/// <summary>Something to be measured.</summary>
internal interface ILab : IDisposable
{
    /// <summary>Where pictures come out.</summary>
    MemoryDisplay Display { get; }

    /// <summary>What watches the display.</summary>
    PictureWatch Pictures { get; }

    /// <summary>What compares what is said with what is heard; <see langword="null"/> without sound.</summary>
    SoundWatch? Sound { get; }

    /// <summary>What went wrong so far, by its name.</summary>
    IReadOnlyDictionary<string, long> Counters { get; }
}
