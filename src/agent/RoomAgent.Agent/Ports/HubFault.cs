namespace RoomAgent.Agent.Ports;

/// <summary>Why there is no answer of the hub.</summary>
public enum HubFault
{
    /// <summary>There is one.</summary>
    None,

    /// <summary>No name, no route, no connection, or it broke off.</summary>
    NoConnection,

    /// <summary>It did not come in time.</summary>
    TooSlow,

    /// <summary>It is larger than any good one.</summary>
    TooLarge,

    /// <summary>Whoever answers has not the TLS key that the hub's identity key has signed.</summary>
    NotTheHub,

    /// <summary>It has not the form of an answer.</summary>
    Malformed,

    /// <summary>There is nothing to call with: the device is not paired, or its token has expired and there is no new one yet.</summary>
    NoToken,
}
