namespace RoomAgent.LocalApi.Doors;

/// <summary>Who calls, by the door that they came through. More is more.</summary>
internal enum Caller
{
    /// <summary>Anybody on this machine: looks, and changes nothing.</summary>
    Onlooker = 0,

    /// <summary>The owner of the daemon, who stands for people in the room.</summary>
    InTheRoom = 1,
}
