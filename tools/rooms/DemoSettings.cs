namespace RoomAgent.Rooms;

/// <summary>What is to be shown.</summary>
internal sealed record DemoSettings
{
    /// <summary>How many rooms.</summary>
    public int Rooms { get; init; } = 2;

    /// <summary>Whether it ends by itself, with a table.</summary>
    public bool IsOnce { get; init; }

    /// <summary>After how long it ends; <see langword="null"/> for when somebody wants it to.</summary>
    public TimeSpan? Lasts { get; init; }

    /// <summary>How much of what goes between rooms and hub is lost, in percent.</summary>
    public double Loss { get; init; }

    /// <summary>A camera of this machine for the first room, instead of a test picture.</summary>
    public string? Camera { get; init; }

    /// <summary>Microphones of this machine for the first room, instead of a voice.</summary>
    public string? Microphone { get; init; }
}
