using RoomAgent.Crypto;
using RoomAgent.Wire;

namespace RoomAgent.Mls;

/// <summary>What a message carries (RFC 9420 section 6).</summary>
public enum ContentType : byte
{
    /// <summary>Data of the application.</summary>
    Application = 1,

    /// <summary>A proposal.</summary>
    Proposal = 2,

    /// <summary>A commit.</summary>
    Commit = 3,
}

/// <summary>Who sent a message (RFC 9420 section 6).</summary>
public enum SenderType : byte
{
    /// <summary>A member.</summary>
    Member = 1,

    /// <summary>One whom the external_senders extension lists.</summary>
    External = 2,

    /// <summary>A client that asks to be added.</summary>
    NewMemberProposal = 3,

    /// <summary>A client that joins by its own commit.</summary>
    NewMemberCommit = 4,
}

/// <summary>The sender of a message.</summary>
/// <param name="Type">Which kind.</param>
/// <param name="Index">The leaf of a member, or the place in the list of external senders; 0 for the others.</param>
public readonly record struct Sender(SenderType Type, uint Index)
{
    internal static Sender Member(LeafIndex leaf) => new(SenderType.Member, leaf.Value);

    internal LeafIndex Leaf => new(Index);

    internal void Write(ref WireWriter writer)
    {
        writer.WriteUInt8((byte)Type);
        if (Type is SenderType.Member or SenderType.External)
            writer.WriteUInt32(Index);
    }

    internal static Sender Read(ref WireReader reader)
    {
        var type = (SenderType)reader.ReadUInt8();
        switch (type)
        {
            case SenderType.Member or SenderType.External:
                return new Sender(type, reader.ReadUInt32());
            case SenderType.NewMemberProposal or SenderType.NewMemberCommit:
                return new Sender(type, 0);
            default:
                reader.Fail();
                return default;
        }
    }
}

/// <summary>How a message travels (RFC 9420 section 17.2).</summary>
internal enum WireFormat : ushort
{
    PublicMessage = 1,
    PrivateMessage = 2,
    Welcome = 3,
    GroupInfo = 4,
    KeyPackage = 5,
}

/// <summary>
/// A message before it is protected, and after (section 6). The content is the <see cref="ByteString"/> of the application,
/// a <see cref="Proposal"/> or a <see cref="Commit"/>.
/// </summary>
internal sealed record FramedContent(ByteString GroupId, ulong Epoch, Sender Sender, ByteString AuthenticatedData, ContentType ContentType, object Content) : IStructure
{
    // struct { opaque group_id<V>; uint64 epoch; Sender sender; opaque authenticated_data<V>; ContentType content_type; select ... }
    public void Write(ref WireWriter writer)
    {
        writer.WriteVector(GroupId);
        writer.WriteUInt64(Epoch);
        Sender.Write(ref writer);
        writer.WriteVector(AuthenticatedData);
        writer.WriteUInt8((byte)ContentType);
        WriteContent(ref writer);
    }

    public static FramedContent Read(ref WireReader reader)
    {
        ByteString groupId = reader.ReadBytes();
        ulong epoch = reader.ReadUInt64();
        Sender sender = Sender.Read(ref reader);
        ByteString authenticatedData = reader.ReadBytes();
        var contentType = (ContentType)reader.ReadUInt8();
        return new FramedContent(groupId, epoch, sender, authenticatedData, contentType, ReadContent(ref reader, contentType));
    }

    public void WriteContent(ref WireWriter writer)
    {
        switch (Content)
        {
            case ByteString data:
                writer.WriteVector(data);
                break;
            case IStructure structure:
                structure.Write(ref writer);
                break;
        }
    }

    public static object ReadContent(ref WireReader reader, ContentType type)
    {
        switch (type)
        {
            case ContentType.Application:
                return reader.ReadBytes();
            case ContentType.Proposal:
                return Proposal.Read(ref reader);
            case ContentType.Commit:
                return Commit.Read(ref reader);
            default:
                reader.Fail();
                return ByteString.Empty;
        }
    }
}

/// <summary>A message with its authentication (section 6.1); only a commit has a confirmation tag. Whether it is authentic is another question.</summary>
internal sealed record AuthenticatedContent(WireFormat WireFormat, FramedContent Content, ByteString Signature, ByteString ConfirmationTag) : IStructure
{
    // struct { WireFormat wire_format; FramedContent content; FramedContentAuthData auth; }
    public void Write(ref WireWriter writer)
    {
        writer.WriteUInt16((ushort)WireFormat);
        Content.Write(ref writer);
        WriteAuth(ref writer);
    }

    // struct { opaque signature<V>; select (content_type) { case commit: MAC confirmation_tag; } }
    public void WriteAuth(ref WireWriter writer)
    {
        writer.WriteVector(Signature);
        if (Content.ContentType == ContentType.Commit)
            writer.WriteVector(ConfirmationTag);
    }

    public static AuthenticatedContent Read(ref WireReader reader)
    {
        var wireFormat = (WireFormat)reader.ReadUInt16();
        FramedContent content = FramedContent.Read(ref reader);
        ByteString signature = reader.ReadBytes();
        return new AuthenticatedContent(wireFormat, content, signature, content.ContentType == ContentType.Commit ? reader.ReadBytes() : default);
    }

    /// <summary>ProposalRef (section 5.2).</summary>
    public ByteString Reference(CipherSuite suite) => suite.RefHash("MLS 1.0 Proposal Reference"u8, this.Encode());

    public static AuthenticatedContent Sign(CipherSuite suite, WireFormat wireFormat, FramedContent content, SigningKey key, GroupContext? context)
    {
        WireWriter tbs = ToBeSigned(wireFormat, content, context);
        ByteString signature = suite.SignWithLabel(key, "FramedContentTBS"u8, tbs.Written);
        tbs.Dispose();
        return new AuthenticatedContent(wireFormat, content, signature, default);
    }

    public bool VerifySignature(VerifyingKey key, GroupContext? context)
    {
        WireWriter tbs = ToBeSigned(WireFormat, Content, context);
        bool valid = CipherSuite.VerifyWithLabel(key, "FramedContentTBS"u8, tbs.Written, Signature);
        tbs.Dispose();
        return valid;
    }

    public ByteString MembershipTag(CipherSuite suite, ReadOnlySpan<byte> membershipKey, GroupContext context)
    {
        WireWriter tbm = ToBeMaced(context);
        ByteString tag = suite.Mac(membershipKey, tbm.Written);
        tbm.Dispose();
        return tag;
    }

    public bool VerifyMembershipTag(CipherSuite suite, ReadOnlySpan<byte> membershipKey, GroupContext context, ReadOnlySpan<byte> tag)
    {
        WireWriter tbm = ToBeMaced(context);
        bool valid = suite.VerifyMac(membershipKey, tbm.Written, tag);
        tbm.Dispose();
        return valid;
    }

    // AuthenticatedContentTBM (section 6.2)
    private WireWriter ToBeMaced(GroupContext context)
    {
        WireWriter writer = ToBeSigned(WireFormat, Content, context);
        WriteAuth(ref writer);
        return writer;
    }

    // FramedContentTBS (section 6.1): a member and one who joins by commit also sign the group context.
    private static WireWriter ToBeSigned(WireFormat wireFormat, FramedContent content, GroupContext? context)
    {
        var writer = WireWriter.Growing(1024);
        writer.WriteUInt16(ProtocolVersion.Mls10);
        writer.WriteUInt16((ushort)wireFormat);
        content.Write(ref writer);
        if (content.Sender.Type is SenderType.Member or SenderType.NewMemberCommit)
            (context ?? throw new ArgumentNullException(nameof(context))).Write(ref writer);
        return writer;
    }
}

/// <summary>A message that is signed but not encrypted (section 6.2).</summary>
internal sealed record PublicMessage(AuthenticatedContent Content, ByteString MembershipTag) : IStructure
{
    public void Write(ref WireWriter writer)
    {
        Content.Content.Write(ref writer);
        Content.WriteAuth(ref writer);
        if (Content.Content.Sender.Type == SenderType.Member)
            writer.WriteVector(MembershipTag);
    }

    public static PublicMessage Read(ref WireReader reader)
    {
        FramedContent content = FramedContent.Read(ref reader);
        ByteString signature = reader.ReadBytes();
        ByteString confirmationTag = content.ContentType == ContentType.Commit ? reader.ReadBytes() : default;
        ByteString membershipTag = content.Sender.Type == SenderType.Member ? reader.ReadBytes() : default;
        return new PublicMessage(new AuthenticatedContent(WireFormat.PublicMessage, content, signature, confirmationTag), membershipTag);
    }
}

/// <summary>A message that is signed and encrypted (section 6.3).</summary>
internal sealed record PrivateMessage(
    ByteString GroupId,
    ulong Epoch,
    ContentType ContentType,
    ByteString AuthenticatedData,
    ByteString EncryptedSenderData,
    ByteString Ciphertext) : IStructure
{
    public void Write(ref WireWriter writer)
    {
        writer.WriteVector(GroupId);
        writer.WriteUInt64(Epoch);
        writer.WriteUInt8((byte)ContentType);
        writer.WriteVector(AuthenticatedData);
        writer.WriteVector(EncryptedSenderData);
        writer.WriteVector(Ciphertext);
    }

    public static PrivateMessage Read(ref WireReader reader)
    {
        ByteString groupId = reader.ReadBytes();
        ulong epoch = reader.ReadUInt64();
        var contentType = (ContentType)reader.ReadUInt8();
        if (contentType is < ContentType.Application or > ContentType.Commit)
            reader.Fail();

        return new PrivateMessage(groupId, epoch, contentType, reader.ReadBytes(), reader.ReadBytes(), reader.ReadBytes());
    }
}
