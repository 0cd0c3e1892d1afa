using RoomAgent.Wire;

namespace RoomAgent.Mls;

/// <summary>A message as it travels (RFC 9420 section 6): decoded, and nothing else known about it.</summary>
public sealed class MlsMessage : IStructure
{
    private readonly IStructure _body;

    private MlsMessage(WireFormat wireFormat, IStructure body)
    {
        WireFormat = wireFormat;
        _body = body;
    }

    /// <summary>The body, when it is a key package.</summary>
    public KeyPackage? KeyPackage => _body as KeyPackage;

    /// <summary>The body, when it is a Welcome.</summary>
    public Welcome? Welcome => _body as Welcome;

    /// <summary>The body, when it is a GroupInfo.</summary>
    public GroupInfo? GroupInfo => _body as GroupInfo;

    /// <summary>The group it is for, when it is a message inside one or about one; else empty.</summary>
    public ByteString GroupId => _body switch
    {
        Mls.PublicMessage message => message.Content.Content.GroupId,
        Mls.PrivateMessage message => message.GroupId,
        GroupInfo info => info.GroupContext.GroupId,
        _ => ByteString.Empty,
    };

    /// <summary>The epoch it is for, when it is a message inside a group.</summary>
    public ulong? Epoch => _body switch
    {
        Mls.PublicMessage message => message.Content.Content.Epoch,
        Mls.PrivateMessage message => message.Epoch,
        _ => null,
    };

    /// <summary>What it carries, when it is a message inside a group.</summary>
    public ContentType? ContentType => _body switch
    {
        Mls.PublicMessage message => message.Content.Content.ContentType,
        Mls.PrivateMessage message => message.ContentType,
        _ => null,
    };

    internal WireFormat WireFormat { get; }

    internal PublicMessage? PublicMessage => _body as PublicMessage;

    internal PrivateMessage? PrivateMessage => _body as PrivateMessage;

    /// <summary>Decodes a message: <see langword="null"/> when the bytes are not exactly one message of MLS 1.0.</summary>
    /// <remarks>Costs no operation with a public key, and 40 bytes of memory for each byte of the message and 64 KiB at the most.</remarks>
    public static MlsMessage? Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        if (reader.ReadUInt16() != ProtocolVersion.Mls10)
            reader.Fail();

        var wireFormat = (WireFormat)reader.ReadUInt16();
        IStructure? body = null;
        switch (wireFormat)
        {
            case WireFormat.PublicMessage:
                body = Mls.PublicMessage.Read(ref reader);
                break;
            case WireFormat.PrivateMessage:
                body = Mls.PrivateMessage.Read(ref reader);
                break;
            case WireFormat.Welcome:
                body = Mls.Welcome.Read(ref reader);
                break;
            case WireFormat.GroupInfo:
                body = Mls.GroupInfo.Read(ref reader);
                break;
            case WireFormat.KeyPackage:
                body = Mls.KeyPackage.Read(ref reader);
                break;
            default:
                reader.Fail();
                break;
        }

        return reader.Complete && body is not null ? new MlsMessage(wireFormat, body) : null;
    }

    /// <summary>A message around a key package.</summary>
    public static MlsMessage Of(KeyPackage keyPackage) => new(WireFormat.KeyPackage, keyPackage);

    /// <summary>A message around a Welcome.</summary>
    public static MlsMessage Of(Welcome welcome) => new(WireFormat.Welcome, welcome);

    /// <summary>A message around a GroupInfo.</summary>
    public static MlsMessage Of(GroupInfo groupInfo) => new(WireFormat.GroupInfo, groupInfo);

    internal static MlsMessage Of(PublicMessage message) => new(WireFormat.PublicMessage, message);

    internal static MlsMessage Of(PrivateMessage message) => new(WireFormat.PrivateMessage, message);

    /// <summary>The message as it travels.</summary>
    public byte[] Encode() => Structure.Encode(this).ToArray();

    void IStructure.Write(ref WireWriter writer)
    {
        writer.WriteUInt16(ProtocolVersion.Mls10);
        writer.WriteUInt16((ushort)WireFormat);
        _body.Write(ref writer);
    }
}
