using RoomAgent.Wire;

namespace RoomAgent.Rtp.Bandwidth;

/// <summary>How much may be sent as far as losses tell (after draft-ietf-rmcat-gcc-02 section 6).</summary>
/// <remarks>Only a share of more than a tenth counts as congestion. Below that the bound rises, the faster the fewer get lost.</remarks>
/// <param name="least">The bound is never lower, in bit/s.</param>
internal sealed class LossBound(double least)
{
    private const double Congestion = 0.10;
    private const double CutPerLoss = 0.5;
    private const double GrowthPerSecond = 0.30;
    private const int FewestPackets = 50;
    private static readonly TimeSpan s_shortest = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(2);

    private long _lost;
    private long _total;
    private bool _started;
    private Instant _since;

    /// <summary>Bit/s; infinite while nothing speaks against it.</summary>
    public double BitRate { get; private set; } = double.PositiveInfinity;

    /// <summary>The share lost, smoothed.</summary>
    public double Share { get; private set; }

    public void Handle(in PacketResult result)
    {
        if (result.WasLost)
        {
            _lost = Math.Max(0, _lost - 1);
            return;
        }

        _total++;
        _lost += result.Received ? 0 : 1;
    }

    /// <summary>Judges what was handled, when it is enough.</summary>
    /// <param name="rate">The estimate that the delays give, in bit/s.</param>
    /// <param name="now">The time.</param>
    /// <returns>Whether the bound was cut.</returns>
    public bool Update(double rate, Instant now)
    {
        if (!_started)
        {
            _started = true;
            _since = now;
        }

        TimeSpan elapsed = now - _since;
        if (_total == 0 || elapsed < s_shortest || (_total < FewestPackets && elapsed < s_longest))
            return false;

        double share = Math.Min(1, (double)_lost / _total);
        Share += (share - Share) / 2;
        _lost = 0;
        _total = 0;
        _since = now;

        if (share > Congestion)
        {
            BitRate = Math.Max(least, Math.Min(BitRate, rate) * (1 - (CutPerLoss * share)));
            return true;
        }

        BitRate *= 1 + (GrowthPerSecond * (1 - (share / Congestion)) * Math.Min(elapsed.TotalSeconds, s_longest.TotalSeconds));
        if (BitRate > 2 * rate)
            BitRate = double.PositiveInfinity;
        return false;
    }
}
