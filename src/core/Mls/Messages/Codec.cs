using RoomAgent.Wire;

namespace RoomAgent.Mls;

/// <summary>What the structures of RFC 9420 have in common beyond <see cref="Structure"/>.</summary>
internal static class Codec
{
    public static ByteString ReadBytes(ref this WireReader reader) => ByteString.CopyOf(reader.ReadVector());

    public static IReadOnlyList<ushort> ReadUInt16List(ref this WireReader reader) => reader.ReadList(static (ref WireReader r) => r.ReadUInt16());

    public static void WriteUInt16List(ref this WireWriter writer, IReadOnlyList<ushort> items)
    {
        int start = writer.BeginVector();
        foreach (ushort item in items)
            writer.WriteUInt16(item);
        writer.EndVector(start);
    }

    /// <summary>Reads <c>optional&lt;T&gt;</c> (section 2.1.1): a byte 0, or a byte 1 and the value.</summary>
    public static T? ReadOptional<T>(ref this WireReader reader, Structure.Reader<T> read)
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
