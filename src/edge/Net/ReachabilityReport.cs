namespace RoomAgent.Net;

/// <summary>How one transport to one node fared.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Reachable">Whether STUN was answered over it.</param>
/// <param name="RoundTripMilliseconds">Median of the answers; <see langword="null"/> when there was none.</param>
/// <param name="MappedAddress">Under which address and port the node saw us. It says where the room is: for the hub, not for logs.</param>
public sealed record TransportReachability(TransportKind Kind, bool Reachable, double? RoundTripMilliseconds, string? MappedAddress);

/// <summary>How the transports to one node fared.</summary>
/// <param name="Node">The name under which the hub gave it.</param>
/// <param name="Transports">Best transport first.</param>
public sealed record NodeReachability(string Node, IReadOnlyList<TransportReachability> Transports);

/// <summary>What the hub chooses a node by (requirements G15, G16).</summary>
/// <param name="At">When.</param>
/// <param name="Nodes">Each node that was asked.</param>
public sealed record ReachabilityReport(DateTimeOffset At, IReadOnlyList<NodeReachability> Nodes);
