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

    /// <summary>Whether something stands between rooms and node that can lose or block what goes through.</summary>
    public bool HasLink { get => field || Loss > 0; init; }

    /// <summary>The largest pictures that the cameras give.</summary>
    public string Pictures { get; init; } = "640x360@15";

    /// <summary>Whether a voice speaks in each room; otherwise a tone sounds, which needs no synthesizer in the room's process.</summary>
    public bool HasVoices { get; init; } = true;

    /// <summary>The displays.</summary>
    public string Display { get; init; } = "1280x720@30";
}
