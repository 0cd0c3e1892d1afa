namespace RoomAgent.Rtp.Bandwidth;

/// <summary>How much arrives at the other side, counted on its clock over the last half second.</summary>
internal sealed class DeliveredRate
{
    private const int Bins = 20;
    private const int LatestBins = 8;
    private const int EnoughPackets = 8;
    private const long BinTicks = 25 * TimeSpan.TicksPerMillisecond;

    private readonly long[] _bytes = new long[Bins];
    private readonly int[] _packets = new int[Bins];
    private bool _started;
    private long _bin;
    private long _firstBin;
    private long _newest;

    public void Handle(TimeSpan arrival, int size)
    {
        long bin = Math.DivRem(arrival.Ticks, BinTicks, out long rest) - (rest < 0 ? 1 : 0);
        if (!_started || Math.Abs(bin - _bin) > 10 * Bins)
        {
            _started = true;
            Array.Clear(_bytes);
            Array.Clear(_packets);
            _firstBin = _bin = bin;
            _newest = arrival.Ticks;
        }

        for (; _bin < bin; _bin++)
        {
            _bytes[Index(_bin + 1)] = 0;
            _packets[Index(_bin + 1)] = 0;
        }

        if (bin <= _bin - Bins)
            return;

        _newest = Math.Max(_newest, arrival.Ticks);
        _bytes[Index(bin)] += size;
        _packets[Index(bin)]++;
    }

    /// <summary>Bit/s over half a second; <see langword="null"/> before there are enough of it.</summary>
    public double? BitRate => Measure(Bins, out _);

    /// <summary>Bit/s at the most recent: over 200 ms when enough packets came in them, which a sudden drop calls for.</summary>
    public double? LatestBitRate
    {
        get
        {
            double? latest = Measure(LatestBins, out int packets);
            return packets >= EnoughPackets ? latest : BitRate;
        }
    }

    private double? Measure(int bins, out int packets)
    {
        packets = 0;
        long bytes = 0;
        if (!_started || _bin - _firstBin < LatestBins)
            return null;

        int measured = (int)Math.Min(bins, _bin - _firstBin + 1);
        for (int i = 0; i < measured; i++)
        {
            bytes += _bytes[Index(_bin - i)];
            packets += _packets[Index(_bin - i)];
        }

        double seconds = ((_newest - (_bin * BinTicks)) + ((measured - 1) * BinTicks)) / (double)TimeSpan.TicksPerSecond;
        return 8 * bytes / Math.Max(seconds, 0.001);
    }

    private static int Index(long bin) => (int)((ulong)bin % Bins);
}
