using RoomAgent.Meetings;
using RoomAgent.Mls;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Meetings;

/// <summary>A connection of a client, as whoever carries it numbers it. No number comes twice.</summary>
/// <param name="Value">The number.</param>
public readonly record struct ConnectionId(long Value);

/// <summary>One client's connection: who it is, whether it wants in, and what it left with us for that.</summary>
internal sealed class Seat(ConnectionId id, ByteString identity, bool isInvited)
{
    public ConnectionId Id { get; } = id;

    /// <summary>The identity that the hub authenticated, such as <c>dns:room1.example.org</c>. Certificates must name it.</summary>
    public ByteString Identity { get; } = identity;

    public bool IsInvited { get; } = isInvited;

    /// <summary>By which it is found in the tree: empty before Hello.</summary>
    public ByteString SignatureKey { get; set; }

    public Instant LastHeard { get; set; }

    public ulong LastSeq { get; set; }

    /// <summary>A Hello that could not be answered yet.</summary>
    public bool IsWaitingForState { get; set; }

    public bool WantsIn { get; set; }

    /// <summary>A host or, where that is enough, the service let it in.</summary>
    public bool IsLetIn { get; set; }

    /// <summary>What it lets itself in by, when it is a host.</summary>
    public IReadOnlyList<SignedHostAction> OwnActions { get; set; } = [];

    public Queue<KeyPackage> KeyPackages { get; } = new();

    public KeyPackage? LastResort { get; set; }

    public Instant? PublishedAt { get; set; }

    public JoinOutcome? Told { get; set; }

    /// <summary>Has asked again, and is told again.</summary>
    public bool IsAsking { get; set; }

    /// <summary>Messages relayed since <see cref="RelayedSince"/>.</summary>
    public int Relayed { get; set; }

    public Instant RelayedSince { get; set; }

    /// <summary>The key package with which it would be added next.</summary>
    public KeyPackage? NextKeyPackage => KeyPackages.TryPeek(out KeyPackage? next) ? next : LastResort;
}

/// <summary>A member of the group, connected or not. It is known by its signature key, since its leaf may move when it comes back.</summary>
internal sealed class Presence(ByteString signatureKey, ByteString identity, LeafIndex leaf, Instant since)
{
    public ByteString SignatureKey { get; } = signatureKey;

    public ByteString Identity { get; } = identity;

    public LeafIndex Leaf { get; set; } = leaf;

    /// <summary>Since when it must be ready; when it was added.</summary>
    public Instant Since { get; set; } = since;

    public Seat? Seat { get; set; }

    /// <summary>Since when it is not connected.</summary>
    public Instant? GoneSince { get; set; } = since;

    /// <summary>The newest epoch that it has merged, as it says; none when it has no state.</summary>
    public ulong? ReadyEpoch { get; set; }

    /// <summary>Said that it goes.</summary>
    public bool HasLeft { get; set; }

    /// <summary>What lets it in, until it is ready.</summary>
    public WelcomeDelivery? Welcome { get; set; }

    public Instant? LastResync { get; set; }

    public bool ClaimsMore { get; set; }

    public bool IsConnected => Seat is not null && GoneSince is null && !HasLeft;
}

/// <summary>A request that is open.</summary>
internal sealed class OpenRequest(MeetingRequest request, Instant visibleAt)
{
    public MeetingRequest Request { get; set; } = request;

    /// <summary>When its window closes and the members are asked.</summary>
    public Instant VisibleAt { get; set; } = visibleAt;

    public Instant? DeliveredAt { get; set; }

    public Instant ExpiresAt { get; init; } = Instant.Never;

    /// <summary>The signature key of the one to be added, removed or asked.</summary>
    public ByteString Target { get; init; }

    /// <summary>For an Add: whose it is.</summary>
    public Seat? Seat { get; init; }

    /// <summary>For an Add: with what.</summary>
    public KeyPackage? KeyPackage { get; init; }

    public HashSet<ByteString> RefusedBy { get; } = [];

    public bool IsEject => Request.Actions is [{ Action.Kind: HostActionKind.Eject }] && Request.Kind is RequestKind.Remove or RequestKind.Policy;
}
