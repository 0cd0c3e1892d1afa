using RoomAgent.Wire;

namespace RoomAgent.Identity;

/// <summary>What is known of the revocation of a certificate.</summary>
public enum RevocationStatus
{
    /// <summary>The issuer says that it is not revoked, recently enough.</summary>
    Good,

    /// <summary>The issuer says that it is revoked.</summary>
    Revoked,

    /// <summary>The issuer says nothing, or nothing recent.</summary>
    Unknown,
}

/// <summary>
/// Tells what is known of revocation, from lists and answers that were fetched before. A port: fetching takes files and network and happens apart;
/// this is asked while somebody waits and answers at once.
/// </summary>
public interface IRevocation
{
    /// <summary>The status of a certificate.</summary>
    /// <param name="certificate">The certificate in DER; its signature was verified.</param>
    /// <param name="issuer">The issuer's certificate in DER.</param>
    /// <param name="date">The present, by which the age of an answer counts.</param>
    RevocationStatus StatusOf(ByteString certificate, ByteString issuer, DateTimeOffset date);
}

/// <summary>What becomes of a certificate of which nobody knows whether it is revoked. There is no default.</summary>
public enum UnknownRevocation
{
    /// <summary>It is taken to be good. For authorities that publish nothing and issue for a short time.</summary>
    Tolerated,

    /// <summary>Its owner is unverified.</summary>
    Unverified,
}
