using RoomAgent.Wire;

namespace RoomAgent.Meetings;

/// <summary>What the structures of the meeting protocol have in common beyond <see cref="Structure"/>.</summary>
internal static class Codec
{
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

    /// <summary>Reads a list of <c>opaque item&lt;V&gt;</c>.</summary>
    public static IReadOnlyList<ByteString> ReadOpaqueList(ref this WireReader reader, int most, int mostBytes)
    {
        return reader.ReadList((ref WireReader r) => r.ReadOpaque(mostBytes, 1), most);
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
