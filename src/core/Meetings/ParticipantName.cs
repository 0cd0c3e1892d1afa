using System.Text;
using RoomAgent.Mls;
using RoomAgent.Wire;

namespace RoomAgent.Meetings;

/// <summary>The one name of a participant, as its certificate gives it: a subject alternative name in its one form.</summary>
/// <param name="Kind">What kind of name.</param>
/// <param name="Value">The name in ASCII: 1 to <see cref="Limits.Name"/> bytes.</param>
public readonly record struct ParticipantName(NameKind Kind, ByteString Value) : IStructure
{
    /// <summary>The name in a certificate.</summary>
    public static ParticipantName Of(CertifiedName name) => new(name.Kind, ByteString.Owning(Encoding.ASCII.GetBytes(name.Value.Reveal())));

    /// <summary>The name in a credential: <see langword="null"/> when there is none.</summary>
    public static ParticipantName? Of(Credential credential) => CertificateChain.NameOf(credential) is { } name ? Of(name) : null;

    /// <summary>Only the kind: names are personal.</summary>
    public override string ToString() => $"{Kind}:(private)";

    void IStructure.Write(ref WireWriter writer)
    {
        writer.WriteUInt8((byte)Kind);
        writer.WriteVector(Value);
    }

    // struct { uint8 san_type; opaque san<V>; }
    internal static ParticipantName Read(ref WireReader reader)
    {
        var kind = (NameKind)reader.ReadUInt8();
        if (kind is not (NameKind.Dns or NameKind.Mailbox or NameKind.Uri))
            reader.Fail();
        return new ParticipantName(kind, reader.ReadOpaque(Limits.Name, 1));
    }
}

/// <summary>Somebody at one place: the key that signs for it, and its name.</summary>
/// <param name="KeyHash">SHA-256 of the signature key: <see cref="Limits.Digest"/> bytes.</param>
/// <param name="Name">The name.</param>
public readonly record struct Participant(ByteString KeyHash, ParticipantName Name) : IStructure
{
    /// <summary>The owner of a leaf: <see langword="null"/> when its credential has no name.</summary>
    public static Participant? Of(Crypto.ICryptoProvider crypto, LeafNode leaf)
    {
        if (ParticipantName.Of(leaf.Credential) is not { } name)
            return null;

        return new Participant(HashOfKey(crypto, leaf.SignatureKey), name);
    }

    /// <summary>SHA-256 of a signature key.</summary>
    public static ByteString HashOfKey(Crypto.ICryptoProvider crypto, ReadOnlySpan<byte> signatureKey)
    {
        byte[] digest = new byte[Limits.Digest];
        crypto.Hash(Crypto.HashAlgorithm.Sha256, signatureKey, digest);
        return ByteString.Owning(digest);
    }

    void IStructure.Write(ref WireWriter writer)
    {
        writer.WriteBytes(KeyHash);
        ((IStructure)Name).Write(ref writer);
    }

    // struct { opaque key_hash[32]; ParticipantName name; }
    internal static Participant Read(ref WireReader reader) => new(reader.ReadFixed(Limits.Digest), ParticipantName.Read(ref reader));
}
