using RoomAgent.Wire;

namespace RoomAgent.Mls;

/// <summary>A structure of RFC 9420 that writes itself in the order of the wire.</summary>
internal interface IStructure
{
    void Write(ref WireWriter writer);
}

/// <summary>What the structures have in common. A static method <c>Read</c> beside each <c>Write</c> reads in the same order.</summary>
internal static class Codec
{
    public delegate T Read<T>(ref WireReader reader);

    public static ByteString Encode(this IStructure structure)
    {
        var writer = WireWriter.Growing();
        structure.Write(ref writer);
        var encoded = ByteString.Owning(writer.ToArray());
        writer.Dispose();
        return encoded;
    }

    /// <summary>Decodes a whole structure: <see langword="null"/> when the bytes are not one, or more than one.</summary>
    public static T? Decode<T>(ReadOnlySpan<byte> bytes, Read<T> read)
        where T : class
    {
        var reader = new WireReader(bytes);
        T structure = read(ref reader);
        return reader.Complete ? structure : null;
    }

    public static ByteString ReadBytes(ref this WireReader reader) => ByteString.CopyOf(reader.ReadVector());

    /// <summary>Reads <c>T items&lt;V&gt;</c>.</summary>
    public static IReadOnlyList<T> ReadList<T>(ref this WireReader reader, Read<T> read)
    {
        List<T>? items = null;
        WireReader list = reader.ReadNested();
        while (!list.AtEnd)
        {
            T item = read(ref list);
            if (list.Failed)
                break;

            (items ??= []).Add(item);
        }

        if (list.Failed)
            reader.Fail();

        return items ?? (IReadOnlyList<T>)[];
    }

    public static void WriteList<T>(ref this WireWriter writer, IReadOnlyList<T> items)
        where T : IStructure
    {
        int start = writer.BeginVector();
        foreach (T item in items)
            item.Write(ref writer);
        writer.EndVector(start);
    }

    public static IReadOnlyList<ushort> ReadUInt16List(ref this WireReader reader) => reader.ReadList(static (ref WireReader r) => r.ReadUInt16());

    public static void WriteUInt16List(ref this WireWriter writer, IReadOnlyList<ushort> items)
    {
        int start = writer.BeginVector();
        foreach (ushort item in items)
            writer.WriteUInt16(item);
        writer.EndVector(start);
    }

    /// <summary>Reads <c>optional&lt;T&gt;</c> (section 2.1.1): a byte 0, or a byte 1 and the value.</summary>
    public static T? ReadOptional<T>(ref this WireReader reader, Read<T> read)
        where T : class
    {
        switch (reader.ReadUInt8())
        {
            case 0:
                return null;
            case 1:
                return read(ref reader);
            default:
                reader.Fail();
                return null;
        }
    }

    public static void WriteOptional(ref this WireWriter writer, IStructure? value)
    {
        writer.WriteUInt8(value is null ? (byte)0 : (byte)1);
        value?.Write(ref writer);
    }
}
