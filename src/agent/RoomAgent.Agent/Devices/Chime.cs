namespace RoomAgent.Agent.Devices;

/// <summary>What a room says by a sound. Of two that are wanted at once the first in this list is heard first.</summary>
public enum Chime
{
    /// <summary>Something is wrong that people should look at.</summary>
    Alarm,

    /// <summary>Somebody has left, or the room has.</summary>
    Leave,

    /// <summary>Somebody has come, or the room has.</summary>
    Join,

    /// <summary>Something will happen soon: look at the screen.</summary>
    Countdown,

    /// <summary>One of the last seconds before it happens.</summary>
    Tick,
}
