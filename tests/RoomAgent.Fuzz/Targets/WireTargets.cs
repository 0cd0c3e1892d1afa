using RoomAgent.Wire;

namespace RoomAgent.Fuzz.Targets;

internal static class WireTargets
{
    /// <summary>The first bytes choose what is read, the rest is read.</summary>
    public static FuzzTarget Reader { get; } = new("wire-reader", input =>
    {
        int steps = Math.Min(input.Length, 16);
        var reader = new WireReader(input[steps..]);
        foreach (byte step in input[..steps])
        {
            switch (step % 9)
            {
                case 0: reader.ReadUInt8(); break;
                case 1: reader.ReadUInt16(); break;
                case 2: reader.ReadUInt24(); break;
                case 3: reader.ReadUInt32(); break;
                case 4: reader.ReadUInt64(); break;
                case 5: reader.ReadVarint(); break;
                case 6: reader.ReadVector(); break;
                case 7: reader.ReadBytes((sbyte)step); break;
                default:
                    WireReader nested = reader.ReadNested();
                    while (!nested.AtEnd)
                        nested.ReadVector();
                    break;
            }
        }

        _ = reader.Since(0).Length + reader.ReadRest().Length;
    }, () => [[.. Enumerable.Range(0, 16).Select(i => (byte)i), 0x04, 1, 1, 1, 1, 0x40, 0x40, 0x80, 0, 0x40, 0], [6, 6, 6, 0x02, 0, 0, 0x00, 0x01, 0xff]]);
}
