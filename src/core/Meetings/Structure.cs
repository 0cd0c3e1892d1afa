using RoomAgent.Wire;

namespace RoomAgent.Meetings;

/// <summary>A structure of the meeting protocol, which writes itself in the order of the wire.</summary>
internal interface IStructure
{
    void Write(ref WireWriter writer);
}

/// <summary>What the structures have in common. A static method <c>Read</c> beside each <c>Write</c> reads in the same order.</summary>
internal static class Structure
{
    public delegate T Reader<T>(ref WireReader reader);

    public static ByteString Encode(this IStructure structure)
    {
        var writer = WireWriter.Growing();
        structure.Write(ref writer);
        var encoded = ByteString.Owning(writer.ToArray());
        writer.Dispose();
        return encoded;
    }

    /// <summary>Decodes a whole structure: <see langword="null"/> when the bytes are not one, or more than one.</summary>
    public static T? Decode<T>(ReadOnlySpan<byte> bytes, Reader<T> read)
        where T : class
    {
        var reader = new WireReader(bytes);
        T structure = read(ref reader);
        return reader.Complete ? structure : null;
    }

    /// <summary>Reads <c>opaque value&lt;V&gt;</c> of at most <paramref name="most"/> bytes.</summary>
    public static ByteString ReadOpaque(ref this WireReader reader, int most, int least = 0)
    {
        ReadOnlySpan<byte> value = reader.ReadVector();
        if (value.Length >= least && value.Length <= most)
            return ByteString.CopyOf(value);

        reader.Fail();
        return default;
    }

    /// <summary>Reads <c>opaque value[count]</c>.</summary>
    public static ByteString ReadFixed(ref this WireReader reader, int count) => ByteString.CopyOf(reader.ReadBytes(count));

    public static bool ReadBoolean(ref this WireReader reader)
    {
        byte value = reader.ReadUInt8();
        if (value > 1)
            reader.Fail();
        return value == 1;
    }

    public static void WriteBoolean(ref this WireWriter writer, bool value) => writer.WriteUInt8(value ? (byte)1 : (byte)0);

    /// <summary>Reads <c>T items&lt;V&gt;</c> of at most <paramref name="most"/> items.</summary>
    public static IReadOnlyList<T> ReadList<T>(ref this WireReader reader, int most, Reader<T> read)
    {
        List<T>? items = null;
        WireReader list = reader.ReadNested();
        while (!list.AtEnd)
        {
            T item = read(ref list);
            if (list.Failed)
                break;

            items ??= [];
            items.Add(item);
            if (items.Count > most)
                list.Fail();
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

    /// <summary>Reads a list of <c>opaque item&lt;V&gt;</c>.</summary>
    public static IReadOnlyList<ByteString> ReadOpaqueList(ref this WireReader reader, int most, int mostBytes)
    {
        return reader.ReadList(most, (ref WireReader r) => r.ReadOpaque(mostBytes, 1));
    }

    public static void WriteOpaqueList(ref this WireWriter writer, IReadOnlyList<ByteString> items)
    {
        int start = writer.BeginVector();
        foreach (ByteString item in items)
            writer.WriteVector(item);
        writer.EndVector(start);
    }

    /// <summary>Whether no two are equal.</summary>
    public static bool AreDistinct<T>(this IReadOnlyList<T> items) => items.Count < 2 || new HashSet<T>(items).Count == items.Count;
}
