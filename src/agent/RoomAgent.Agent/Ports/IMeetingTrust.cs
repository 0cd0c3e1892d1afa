using RoomAgent.Crypto;
using RoomAgent.Hal;
using RoomAgent.Meetings;
using RoomAgent.Mls;
using RoomAgent.Wire;

namespace RoomAgent.Agent.Ports;

/// <summary>Cryptography, and who is who: paths of certificates are validated at the edge.</summary>
public interface IMeetingTrust
{
    /// <summary>The suite of the groups.</summary>
    CipherSuite Suite { get; }

    /// <summary>Where chance comes from.</summary>
    IRandom Random { get; }

    /// <summary>Who may be in the group of one meeting; decided alike by everyone.</summary>
    IMeetingIdentities IdentitiesOf(RoomPolicy policy);

    /// <summary>This room's own opinion of somebody, from the anchors that it has and the date.</summary>
    /// <param name="credential">A chain.</param>
    /// <param name="signatureKey">The key of its leaf.</param>
    /// <param name="date">The present.</param>
    MemberOpinion Judge(Credential credential, ByteString signatureKey, DateTimeOffset date);

    /// <summary>Learns the authorities of the hub, whose certificates are vouched for from now on: in DER.</summary>
    void LearnAuthorities(IReadOnlyList<ReadOnlyMemory<byte>> certificates);
}

/// <summary>What this room thinks of somebody.</summary>
/// <param name="Name">What to show: the name in the certificate.</param>
/// <param name="Verdict">What it is worth.</param>
/// <param name="Reason">Why it is not worth more; empty when it is verified.</param>
/// <param name="Issuer">Who says so; empty when nobody does whom we rely on.</param>
/// <param name="Refusal">Why this room would rather not be in a meeting with them; <see langword="null"/> when it does not mind.</param>
public sealed record MemberOpinion(string Name, IdentityVerdict Verdict, string Reason, string Issuer, Refusal? Refusal);
