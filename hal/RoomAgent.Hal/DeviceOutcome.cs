namespace RoomAgent.Hal;

/// <summary>What came of asking a device for something. Hardware that fails is normal: nothing of this is an exception.</summary>
public enum DeviceOutcome
{
    /// <summary>Here it is.</summary>
    Done,

    /// <summary>Nothing came in the time allowed. Ask again.</summary>
    Nothing,

    /// <summary>A file that is not played in a loop is at its end.</summary>
    Ended,

    /// <summary>The device is there, and another program has it or we lack the right to it.</summary>
    Refused,

    /// <summary>The device does nothing that fits what was asked for.</summary>
    Unsupported,

    /// <summary>The device is not there, or not any more. Close it, and try again a while later.</summary>
    Gone,

    /// <summary>The device answered with something that no one can use. Close it, and try again a while later.</summary>
    Failed,
}
