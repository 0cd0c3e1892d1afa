using static RoomAgent.Agent.Room.DevicePhase;

namespace RoomAgent.Agent.Room;

/// <summary>What the device finds out about itself and its hub. It is found out again and again, so each of them may come twice.</summary>
public enum DeviceEvent
{
    /// <summary>It has neither an account nor a hub.</summary>
    HubNeeded,

    /// <summary>It has a hub, and works on an account: words are to be compared, a code is shown, a registration is under way.</summary>
    HubFound,

    /// <summary>It has an account, and no connection yet.</summary>
    AccountGained,

    /// <summary>It has a connection, and no certificate that is good now.</summary>
    Connected,

    /// <summary>It has a connection and a certificate.</summary>
    Certified,

    /// <summary>The hub, which it belongs to, is not reached.</summary>
    HubLost,

    /// <summary>The hub does not know its account any more, or refuses its code or tokens.</summary>
    AccessLost,

    /// <summary>Somebody in the room gave the account back.</summary>
    Left,

    /// <summary>The process ended, by whatever cause. What comes next is found out from what is kept.</summary>
    PowerLost,
}

/// <summary>The life of a device, from the box to the box.</summary>
/// <remarks>All that a device can be when it starts is found out from <see cref="Starting"/>; so that column has no gap, and an event that cannot be is taken as if the device had just started.</remarks>
public static class DeviceLife
{
    /// <summary>The table.</summary>
    public static LifeTable<DevicePhase, DeviceEvent> Table { get; } = new(
        //                           Starting    Unpaired    Pairing     Paired      Registered  Offline     Revoked
        (DeviceEvent.HubNeeded,     [Unpaired,   Unpaired,   Unpaired,   None,       None,       None,       Unpaired]),
        (DeviceEvent.HubFound,      [Pairing,    Pairing,    Pairing,    None,       None,       None,       Pairing]),
        (DeviceEvent.AccountGained, [Paired,     Paired,     Paired,     Paired,     None,       Paired,     Paired]),
        (DeviceEvent.Connected,     [Paired,     None,       None,       Paired,     Paired,     Paired,     None]),
        (DeviceEvent.Certified,     [Registered, None,       None,       Registered, Registered, Registered, None]),
        (DeviceEvent.HubLost,       [Offline,    None,       Offline,    Offline,    Offline,    Offline,    None]),
        (DeviceEvent.AccessLost,    [Revoked,    None,       Revoked,    Revoked,    Revoked,    Revoked,    Revoked]),
        (DeviceEvent.Left,          [Unpaired,   Unpaired,   Unpaired,   Unpaired,   Unpaired,   Unpaired,   Unpaired]),
        (DeviceEvent.PowerLost,     [Starting,   Starting,   Starting,   Starting,   Starting,   Starting,   Starting]));

    private static DevicePhase? None => null;
}
