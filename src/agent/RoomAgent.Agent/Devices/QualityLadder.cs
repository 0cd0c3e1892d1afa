using RoomAgent.Hal;
using RoomAgent.Wire;

namespace RoomAgent.Agent.Devices;

/// <summary>Why pictures are not the largest that they may be.</summary>
public enum QualityLimit
{
    /// <summary>They are.</summary>
    None,

    /// <summary>The network bears no more.</summary>
    Network,

    /// <summary>The encoder takes too long for larger ones.</summary>
    Encoder,
}

/// <summary>A rung of the ladder.</summary>
/// <param name="Format">Size and pace of the pictures.</param>
/// <param name="LeastBitRate">Bit/s below which they would show blocks rather than faces.</param>
/// <param name="MostBitRate">Bit/s above which nobody sees a difference.</param>
public sealed record QualityRung(VideoFormat Format, int LeastBitRate, int MostBitRate);

/// <summary>
/// Chooses size and pace of pictures: steps down before quality collapses, and up again when what is above has been affordable for a while.
/// Time comes in as an argument, and nothing else decides.
/// </summary>
/// <remarks>
/// Down goes at once when the bit rate is far below what the rung needs, and after a second when it is a little below. Up goes a rung at a time, after
/// five seconds in which a fifth more than the next rung needs was there, and ten times as long after the encoder was too slow for it.
/// </remarks>
public sealed class QualityLadder
{
    private const double Headroom = 1.2;
    private const double Collapse = 0.7;
    private const double BusyShare = 0.8;
    private static readonly TimeSpan s_beforeDown = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_beforeUp = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_afterBusy = TimeSpan.FromSeconds(50);

    private readonly QualityRung[] _rungs;
    private int _index;
    private Instant? _lowSince;
    private Instant? _highSince;
    private Instant? _busySince;
    private Instant _notAbove = new(long.MinValue);
    private TimeSpan _encodes;

    /// <summary>Begins on the rung that the bit rate allows.</summary>
    /// <param name="largest">What pictures may be at most.</param>
    /// <param name="bitRate">Bit/s to begin with.</param>
    public QualityLadder(VideoFormat largest, int bitRate)
    {
        _rungs = [.. s_all.Where(rung => rung.Format.Height <= largest.Height && rung.Format.Width <= largest.Width)
            .Select(rung => rung with { Format = rung.Format with { FrameRate = Math.Min(rung.Format.FrameRate, largest.FrameRate) } })];
        if (_rungs.Length == 0)
            _rungs = [new QualityRung(largest, 0, s_all[^1].MostBitRate)];
        while (_index < _rungs.Length - 1 && bitRate < _rungs[_index].LeastBitRate)
            _index++;
        Limit = _index == 0 ? QualityLimit.None : QualityLimit.Network;
    }

    /// <summary>All rungs, the largest pictures first.</summary>
    public static IReadOnlyList<QualityRung> All => s_all;

    /// <summary>Where we stand.</summary>
    public QualityRung Current => _rungs[_index];

    /// <summary>Why we do not stand higher.</summary>
    public QualityLimit Limit { get; private set; }

    /// <summary>What the encoder is to make of <paramref name="bitRate"/>: no more than can be seen.</summary>
    public int Cap(int bitRate) => Math.Min(bitRate, Current.MostBitRate);

    /// <summary>Takes how long the encoder had for a picture.</summary>
    public void HandleEncoded(TimeSpan duration) => _encodes += (duration - _encodes) / 16;

    /// <summary>Takes what the network bears.</summary>
    /// <param name="bitRate">Bit/s for pictures.</param>
    /// <param name="now">The time.</param>
    /// <returns>Whether <see cref="Current"/> has changed: <see cref="Limit"/> says why.</returns>
    public bool Update(int bitRate, Instant now) => IsTooSlow(now) ? Descend(QualityLimit.Encoder, now) : IsTooMuch(bitRate, now) ? Descend(QualityLimit.Network, now) : Ascend(bitRate, now);

    private static readonly QualityRung[] s_all =
    [
        new(new VideoFormat(1920, 1080, 30), 2_400_000, 5_000_000),
        new(new VideoFormat(1280, 720, 30), 1_000_000, 2_500_000),
        new(new VideoFormat(960, 540, 30), 600_000, 1_500_000),
        new(new VideoFormat(640, 360, 30), 300_000, 900_000),
        new(new VideoFormat(640, 360, 15), 180_000, 500_000),
        new(new VideoFormat(320, 180, 15), 80_000, 250_000),
        new(new VideoFormat(320, 180, 8), 0, 120_000),
    ];

    // A picture that takes longer to encode than there is time until the next would make all later ones late.
    private bool IsTooSlow(Instant now)
    {
        if (_encodes < TimeSpan.FromSeconds(BusyShare / Current.Format.FrameRate))
        {
            _busySince = null;
            return false;
        }

        _busySince ??= now;
        return now - _busySince.Value >= s_beforeDown;
    }

    private bool IsTooMuch(int bitRate, Instant now)
    {
        if (bitRate >= Current.LeastBitRate)
        {
            _lowSince = null;
            return false;
        }

        _lowSince ??= now;
        return bitRate < Current.LeastBitRate * Collapse || now - _lowSince.Value >= s_beforeDown;
    }

    private bool Descend(QualityLimit why, Instant now)
    {
        (_lowSince, _highSince, _busySince) = (null, null, null);
        if (_index == _rungs.Length - 1)
            return false;

        _index++;
        Limit = why;
        _encodes = TimeSpan.Zero;
        if (why == QualityLimit.Encoder)
            _notAbove = now + s_afterBusy;
        return true;
    }

    private bool Ascend(int bitRate, Instant now)
    {
        if (_index == 0 || bitRate < _rungs[_index - 1].LeastBitRate * Headroom || now < _notAbove || WouldBeTooSlow(_rungs[_index - 1]))
        {
            _highSince = null;
            return false;
        }

        _highSince ??= now;
        if (now - _highSince.Value < s_beforeUp)
            return false;

        _index--;
        _highSince = null;
        _encodes = TimeSpan.Zero;
        if (_index == 0)
            Limit = QualityLimit.None;
        return true;
    }

    // What an encoder takes grows with the pixels.
    private bool WouldBeTooSlow(QualityRung above)
    {
        double pixels = (double)above.Format.Width * above.Format.Height / ((double)Current.Format.Width * Current.Format.Height);
        return _encodes * pixels >= TimeSpan.FromSeconds(BusyShare / above.Format.FrameRate);
    }
}
