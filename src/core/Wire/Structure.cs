namespace RoomAgent.Wire;

/// <summary>A structure in TLS presentation language (RFC 8446 section 3), which writes itself in the order of the wire.</summary>
internal interface IStructure
{
    void Write(ref WireWriter writer);
}

/// <summary>What structures have in common. A static method <c>Read</c> beside each <c>Write</c> reads in the same order.</summary>
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

    /// <summary>Reads <c>T items&lt;V&gt;</c> of at most <paramref name="most"/> items.</summary>
    public static IReadOnlyList<T> ReadList<T>(ref this WireReader reader, Reader<T> read, int most = int.MaxValue)
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
}
