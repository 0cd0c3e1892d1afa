namespace RoomAgent.Agent.Ports;

/// <summary>The key that a certificate is for: P-256, the signature key of this device's leaves in meetings. Another than the one of its account.</summary>
public interface IIdentityKey : IDisposable
{
    /// <summary>The public key, a SubjectPublicKeyInfo in DER.</summary>
    ReadOnlyMemory<byte> PublicKey { get; }

    /// <summary>Signs with ECDSA and SHA-256, in DER (RFC 9420 section 5.1.2).</summary>
    byte[] Sign(ReadOnlySpan<byte> text);
}
