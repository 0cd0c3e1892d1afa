using System.Diagnostics.CodeAnalysis;
using RoomAgent.Wire;

namespace RoomAgent.Mls;

/// <summary>Types of extensions (RFC 9420 section 17.3). Any other number is one that this library carries without knowing it.</summary>
public enum ExtensionType : ushort
{
    /// <summary>An identifier that the application gives a key package.</summary>
    ApplicationId = 0x0001,

    /// <summary>The ratchet tree, in a GroupInfo.</summary>
    RatchetTree = 0x0002,

    /// <summary>What every member must support.</summary>
    RequiredCapabilities = 0x0003,

    /// <summary>The key for joining by an external commit, in a GroupInfo.</summary>
    ExternalPub = 0x0004,

    /// <summary>Who may propose from outside.</summary>
    ExternalSenders = 0x0005,

    /// <summary>Marks a key package that may be used again when no other is left (an extension of draft-ietf-mls-extensions).</summary>
    LastResort = 0x000a,
}

/// <summary>An extension: a type and data that only the type explains.</summary>
public sealed record Extension(ExtensionType Type, ByteString Data) : IStructure
{
    void IStructure.Write(ref WireWriter writer)
    {
        writer.WriteUInt16((ushort)Type);
        writer.WriteVector(Data);
    }

    internal static Extension Read(ref WireReader reader) => new((ExtensionType)reader.ReadUInt16(), reader.ReadBytes());
}

/// <summary>Operations on a list of extensions.</summary>
public static class ExtensionList
{
    /// <summary>Finds the extension of a type.</summary>
    public static bool TryFind(this IReadOnlyList<Extension> extensions, ExtensionType type, [NotNullWhen(true)] out Extension? found)
    {
        found = null;
        foreach (Extension extension in extensions)
        {
            if (extension.Type == type)
            {
                found = extension;
                return true;
            }
        }

        return false;
    }

    // Section 7.3, 8.1, 12.1.7: no type twice
    internal static bool HasDuplicates(this IReadOnlyList<Extension> extensions)
    {
        if (extensions.Count < 2)
            return false;

        var seen = new HashSet<ExtensionType>(extensions.Count);
        return !extensions.All(extension => seen.Add(extension.Type));
    }
}

/// <summary>The required_capabilities extension (RFC 9420 section 11.1).</summary>
public sealed record RequiredCapabilities(IReadOnlyList<ushort> Extensions, IReadOnlyList<ushort> Proposals, IReadOnlyList<ushort> Credentials) : IStructure
{
    /// <summary>The extension that carries it.</summary>
    public Extension ToExtension() => new(ExtensionType.RequiredCapabilities, this.Encode());

    void IStructure.Write(ref WireWriter writer)
    {
        writer.WriteUInt16List(Extensions);
        writer.WriteUInt16List(Proposals);
        writer.WriteUInt16List(Credentials);
    }

    internal static RequiredCapabilities Read(ref WireReader reader) => new(reader.ReadUInt16List(), reader.ReadUInt16List(), reader.ReadUInt16List());
}

/// <summary>One entry of the external_senders extension (RFC 9420 section 12.1.8.1).</summary>
public sealed record ExternalSender(ByteString SignatureKey, Credential Credential) : IStructure
{
    /// <summary>The extension that carries a list of them.</summary>
    public static Extension ToExtension(IReadOnlyList<ExternalSender> senders)
    {
        var writer = WireWriter.Growing();
        writer.WriteList(senders);
        var extension = new Extension(ExtensionType.ExternalSenders, ByteString.Owning(writer.ToArray()));
        writer.Dispose();
        return extension;
    }

    void IStructure.Write(ref WireWriter writer)
    {
        writer.WriteVector(SignatureKey);
        Credential.Write(ref writer);
    }

    internal static ExternalSender Read(ref WireReader reader) => new(reader.ReadBytes(), Credential.Read(ref reader));

    internal static IReadOnlyList<ExternalSender>? Decode(ByteString data)
    {
        var reader = new WireReader(data);
        IReadOnlyList<ExternalSender> senders = reader.ReadList(Read);
        return reader.Complete ? senders : null;
    }
}
