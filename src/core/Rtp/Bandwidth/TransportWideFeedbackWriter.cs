using RoomAgent.Wire;

namespace RoomAgent.Rtp.Bandwidth;

/// <summary>Writes the feedback control information of <see cref="TransportWideFeedback"/>.</summary>
public static class TransportWideFeedbackWriter
{
    /// <summary>What stands in the list of arrivals for a packet that has not come.</summary>
    public const long NotReceived = long.MinValue;

    /// <summary>The fewest bytes that a message of one packet needs.</summary>
    public const int ShortestLength = 12;

    private const int Small = 1;
    private const int Large = 2;

    /// <summary>Writes a message about consecutive packets, as many as fit and as have arrivals near enough to one another.</summary>
    /// <param name="first">The number of the first packet.</param>
    /// <param name="arrivals">When each came, in units of 250 us on any clock, or <see cref="NotReceived"/>.</param>
    /// <param name="feedbackCount">The number of the message.</param>
    /// <param name="information">Takes the message, a multiple of 4 bytes: zeros fill it up.</param>
    /// <param name="length">Bytes of the message.</param>
    /// <returns>How many packets the message speaks of, of which the last one has come; 0, and no message, when none has come or the missing ones before it do not fit.</returns>
    /// <exception cref="ArgumentException">Not even <see cref="ShortestLength"/> bytes.</exception>
    public static int Write(SequenceNumber first, ReadOnlySpan<long> arrivals, byte feedbackCount, Span<byte> information, out int length)
    {
        if (information.Length < ShortestLength)
            throw new ArgumentException("No message fits.", nameof(information));

        length = 0;
        int received = arrivals.IndexOfAnyExcept(NotReceived);
        if (received < 0)
            return 0;

        long reference = arrivals[received] >> 8;
        int count = CountFitting(arrivals, reference, information.Length & ~3);
        if (count == 0)
            return 0;

        ReadOnlySpan<long> told = arrivals[..count];

        var writer = new WireWriter(information);
        writer.WriteUInt16(first.Value);
        writer.WriteUInt16((ushort)count);
        writer.WriteUInt24((uint)reference & 0xff_ffff);
        writer.WriteUInt8(feedbackCount);
        WriteChunks(ref writer, told, reference);
        WriteDeltas(ref writer, told, reference);
        while (writer.Length % 4 != 0)
            writer.WriteUInt8(0);

        length = writer.Length;
        return count;
    }

    // Counts generously: a chunk for every 7 packets, or one more for each run of missing ones.
    private static int CountFitting(ReadOnlySpan<long> arrivals, long reference, int room)
    {
        long before = reference << 8;
        int fitting = 0;
        int deltas = 0;
        for (int i = 0; i < Math.Min(arrivals.Length, ushort.MaxValue); i++)
        {
            if (arrivals[i] == NotReceived)
                continue;

            long delta = arrivals[i] - before;
            if (delta is < short.MinValue or > short.MaxValue)
                break;

            deltas += SymbolOf(delta);
            int chunks = (i / TransportWideFeedback.TwoBitSymbols) + 1;
            if (TransportWideFeedback.HeaderLength + (2 * chunks) + deltas > room)
                break;

            before = arrivals[i];
            fitting = i + 1;
        }

        return fitting;
    }

    private static void WriteChunks(ref WireWriter writer, ReadOnlySpan<long> arrivals, long reference)
    {
        long before = reference << 8;
        Span<byte> symbols = stackalloc byte[TransportWideFeedback.OneBitSymbols];
        for (int start = 0; start < arrivals.Length;)
        {
            long ahead = before;
            int run = CountRun(arrivals[start..], before, out int runSymbol);
            if (run >= TransportWideFeedback.OneBitSymbols || (run >= TransportWideFeedback.TwoBitSymbols && runSymbol == Large) || run == arrivals.Length - start)
            {
                writer.WriteUInt16((ushort)((runSymbol << 13) | run));
                Advance(arrivals.Slice(start, run), ref before);
                start += run;
                continue;
            }

            int count = Math.Min(symbols.Length, arrivals.Length - start);
            for (int i = 0; i < count; i++)
                symbols[i] = (byte)NextSymbol(arrivals[start + i], ref ahead);

            bool twoBits = symbols[..count].Contains((byte)Large);
            count = twoBits ? Math.Min(count, TransportWideFeedback.TwoBitSymbols) : count;
            writer.WriteUInt16(twoBits ? Pack(symbols[..count], 0xc000, 2) : Pack(symbols[..count], 0x8000, 1));
            Advance(arrivals.Slice(start, count), ref before);
            start += count;
        }
    }

    private static ushort Pack(ReadOnlySpan<byte> symbols, int kind, int bits)
    {
        int shift = 14;
        foreach (byte symbol in symbols)
            kind |= symbol << (shift -= bits);
        return (ushort)kind;
    }

    private static int CountRun(ReadOnlySpan<long> arrivals, long before, out int symbol)
    {
        symbol = NextSymbol(arrivals[0], ref before);
        int run = 1;
        while (run < arrivals.Length && run < TransportWideFeedback.LongestRun && NextSymbol(arrivals[run], ref before) == symbol)
            run++;
        return run;
    }

    private static void WriteDeltas(ref WireWriter writer, ReadOnlySpan<long> arrivals, long reference)
    {
        long before = reference << 8;
        foreach (long arrival in arrivals)
        {
            long delta = arrival - before;
            switch (NextSymbol(arrival, ref before))
            {
                case Small:
                    writer.WriteUInt8((byte)delta);
                    break;
                case Large:
                    writer.WriteUInt16((ushort)(short)delta);
                    break;
            }
        }
    }

    private static void Advance(ReadOnlySpan<long> arrivals, ref long before)
    {
        foreach (long arrival in arrivals)
            NextSymbol(arrival, ref before);
    }

    private static int NextSymbol(long arrival, ref long before)
    {
        if (arrival == NotReceived)
            return 0;

        int symbol = SymbolOf(arrival - before);
        before = arrival;
        return symbol;
    }

    private static int SymbolOf(long delta) => delta is >= 0 and <= byte.MaxValue ? Small : Large;
}
