using RoomAgent.Wire;

namespace RoomAgent.Mls;

/// <summary>Types of credentials (RFC 9420 section 17.5).</summary>
public enum CredentialType : ushort
{
    /// <summary>Bytes that the application understands.</summary>
    Basic = 0x0001,

    /// <summary>A chain of X.509 certificates.</summary>
    X509 = 0x0002,
}

/// <summary>Who a member says it is (RFC 9420 section 5.3). Nothing here was checked: that is the work of an identity provider.</summary>
/// <param name="Type">Which of the two kinds.</param>
/// <param name="Identity">For <see cref="CredentialType.Basic"/> the identity, else empty.</param>
/// <param name="Certificates">For <see cref="CredentialType.X509"/> the chain in DER, the member's own certificate first, else empty.</param>
public sealed record Credential(CredentialType Type, ByteString Identity, IReadOnlyList<ByteString> Certificates)
{
    /// <summary>A basic credential.</summary>
    public static Credential Basic(ReadOnlySpan<byte> identity) => new(CredentialType.Basic, ByteString.CopyOf(identity), []);

    /// <summary>An X.509 credential of a chain, the member's own certificate first.</summary>
    public static Credential X509(IReadOnlyList<ByteString> chain) => new(CredentialType.X509, ByteString.Empty, chain);

    /// <summary>Whether both are the same to the byte.</summary>
    public bool Equals(Credential? other) =>
        other is not null && Type == other.Type && Identity == other.Identity && Certificates.SequenceEqual(other.Certificates);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Type, Identity, Certificates.Count > 0 ? Certificates[0] : default);

    // struct { CredentialType credential_type; select { basic: opaque identity<V>; x509: Certificate certificates<V>; }; }
    internal void Write(ref WireWriter writer)
    {
        writer.WriteUInt16((ushort)Type);
        if (Type == CredentialType.Basic)
        {
            writer.WriteVector(Identity);
            return;
        }

        int start = writer.BeginVector();
        foreach (ByteString certificate in Certificates)
            writer.WriteVector(certificate);
        writer.EndVector(start);
    }

    internal static Credential Read(ref WireReader reader)
    {
        var type = (CredentialType)reader.ReadUInt16();
        switch (type)
        {
            case CredentialType.Basic:
                return new Credential(type, reader.ReadBytes(), []);
            case CredentialType.X509:
                return new Credential(type, ByteString.Empty, reader.ReadList(static (ref WireReader r) => r.ReadBytes()));
            default:
                // Without knowing the type nobody knows where it ends.
                reader.Fail();
                return new Credential(type, ByteString.Empty, []);
        }
    }
}
