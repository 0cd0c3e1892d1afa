namespace RoomAgent.Agent.Diagnostics;

/// <summary>Where the daemon says in a few words how it is. Everyone on the machine may read it: no names, no addresses.</summary>
public interface IStatusBoard
{
    /// <summary>Replaces what is said about <paramref name="topic"/>; null says nothing more about it.</summary>
    void Post(StatusTopic topic, string? text);
}

/// <summary>What the daemon says something about, in the order in which it says it.</summary>
public enum StatusTopic
{
    /// <summary>What the room does.</summary>
    Room,

    /// <summary>Loops that no longer answer.</summary>
    Loops,

    /// <summary>A clock that is not to be trusted.</summary>
    Clock,

    /// <summary>A configuration that is not in force.</summary>
    Configuration,
}
