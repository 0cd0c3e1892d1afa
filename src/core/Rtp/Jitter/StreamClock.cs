namespace RoomAgent.Rtp.Jitter;

/// <summary>Says when the sender captured what a timestamp of one of its streams stands for, on the sender's own clock.</summary>
/// <remarks>
/// It learns from the pairs of sender reports (RFC 3550 section 6.4.1) and from abs-capture-time extensions, smooths them,
/// and begins anew when the sender's clock jumps, which two pairs that agree must show.
/// </remarks>
/// <param name="clockRate">Ticks of the media clock in a second.</param>
public sealed class StreamClock(int clockRate)
{
    private const double Smoothing = 1 / 8.0;
    private static readonly long s_jump = TimeSpan.FromMilliseconds(100).Ticks;

    private RtpTimestamp _timestamp;
    private long _capture;
    private bool _doubted;
    private long _doubt;

    /// <summary>Whether a pair has come.</summary>
    public bool IsKnown { get; private set; }

    /// <summary>How often the sender's clock jumped.</summary>
    public int Jumps { get; private set; }

    /// <summary>Takes a pair of timestamps that mean the same moment.</summary>
    /// <param name="ntpTime">The sender's clock: seconds since 1900 in 1/2^32.</param>
    /// <param name="timestamp">The stream's clock.</param>
    public void Handle(ulong ntpTime, RtpTimestamp timestamp)
    {
        long measured = ToTicks(ntpTime);
        if (!IsKnown)
        {
            IsKnown = true;
            Begin(measured, timestamp);
            return;
        }

        long predicted = Predict(timestamp);
        long error = measured - predicted;
        if (Math.Abs(error) <= s_jump)
        {
            _doubted = false;
            Begin(predicted + (long)(error * Smoothing), timestamp);
            return;
        }

        if (_doubted && Math.Abs(error - _doubt) <= s_jump)
        {
            Jumps++;
            Begin(measured, timestamp);
            return;
        }

        _doubted = true;
        _doubt = error;
    }

    /// <summary>When a timestamp was captured.</summary>
    /// <param name="timestamp">At most half the range of timestamps from the last pair: 6 hours at 90 kHz.</param>
    /// <param name="capture">Time since 1900 on the sender's clock, give or take a cycle of 136 years.</param>
    /// <returns><see langword="false"/> before the first pair.</returns>
    public bool TryGetCapture(RtpTimestamp timestamp, out TimeSpan capture)
    {
        capture = IsKnown ? new TimeSpan(Predict(timestamp)) : default;
        return IsKnown;
    }

    private void Begin(long capture, RtpTimestamp timestamp)
    {
        _capture = capture;
        _timestamp = timestamp;
        _doubted = false;
    }

    private long Predict(RtpTimestamp timestamp) =>
        _capture + ((long)(timestamp - _timestamp) * TimeSpan.TicksPerSecond / clockRate);

    private static long ToTicks(ulong ntpTime) =>
        ((long)(ntpTime >> 32) * TimeSpan.TicksPerSecond) + (long)(((ntpTime & 0xffff_ffff) * TimeSpan.TicksPerSecond) >> 32);
}
