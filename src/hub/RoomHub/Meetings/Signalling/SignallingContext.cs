using System.Security.Cryptography;
using RoomAgent.Hub.MediaNode;
using RoomAgent.Hub.Store;
using RoomAgent.Identity;
using RoomAgent.Meetings;
using RoomAgent.Mls;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Meetings;

/// <summary>What all desks of this hub share.</summary>
internal sealed class SignallingContext(MeetingStore store, Database database, IMediaNode node, MeetingHomes homes, SignallingSettings settings, TimeProvider clock, ILogger<SignallingContext> log)
{
    private readonly CertificatePaths _paths = new(OpenSslCrypto.Instance);
    private readonly long _start = clock.GetTimestamp();

    public MeetingStore Store => store;

    public IMediaNode Node => node;

    public MeetingHomes Homes => homes;

    public SignallingSettings Settings => settings;

    public TimeProvider Clock => clock;

    public ILogger Log => log;

    /// <summary>The suite of all groups (DESIGN decision 3).</summary>
    public CipherSuite Suite { get; } = CipherSuite.Find(OpenSslCrypto.Instance, CipherSuiteId.P256Aes128GcmSha256P256)!;

    /// <summary>Whether other hubs may work on the same store.</summary>
    public bool IsShared { get; } = database.Dialect == Dialect.PostgreSql;

    /// <summary>The monotonic clock.</summary>
    public Instant Now => new(clock.GetElapsedTime(_start).Ticks);

    /// <summary>Who decides on chains in a meeting with these anchors.</summary>
    public IMeetingIdentities IdentitiesOf(IReadOnlyList<ByteString> anchors) => new MeetingIdentities(_paths, Suite.Signature, anchors);
}

/// <summary>This process among the hubs: a name that none had before.</summary>
internal sealed class HubName
{
    /// <summary>Bytes.</summary>
    public const int Size = 16;

    public ByteString Value { get; } = ByteString.Owning(RandomNumberGenerator.GetBytes(Size));

    public override string ToString() => Value.ToString();
}
