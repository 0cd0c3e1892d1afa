using FsCheck;
using FsCheck.Fluent;
using RoomAgent.Rtp.Jitter;
using RoomAgent.Wire;

namespace RoomAgent.Rtp.Tests.Jitter;

/// <summary>RFC 3550 section 6.4.1 and appendices A.1, A.3 and A.8 (B21).</summary>
public sealed class ReceptionStatisticsTests
{
    private readonly ReceptionStatistics _statistics = new(48_000);

    [Fact]
    public void NothingIsReportedBeforeTwoPacketsInARow()
    {
        Assert.False(Handle(10));
        Assert.False(Handle(12));
        Assert.False(_statistics.TryReport(At(0), out _));

        Assert.True(Handle(13));
        Assert.True(_statistics.TryReport(At(0), out ReceptionReport report));
        Assert.Equal(13u, report.HighestSequence);
        Assert.Equal(0, report.CumulativeLost);
    }

    [Fact]
    public void LossIsReportedByIntervalAndInAll()
    {
        Begin(0);
        for (ushort i = 2; i <= 100; i++)
        {
            if (i % 4 != 0)
                Handle(i);
        }

        // Number 100 is missing but nobody knows yet: 99 expected, 24 lost.
        ReceptionReport first = Report();
        for (ushort i = 101; i <= 200; i++)
            Handle(i);
        ReceptionReport second = Report();

        Assert.Equal(24, first.CumulativeLost);
        Assert.Equal(24 * 256 / 99, first.FractionLost);
        Assert.Equal(25, second.CumulativeLost);
        Assert.Equal(256 / 101, second.FractionLost);
    }

    [Fact]
    public void DuplicatesMakeTheLossNegativeAndTheFractionZero()
    {
        Begin(0);
        for (int i = 0; i < 10; i++)
            Handle(1);

        ReceptionReport report = Report();

        Assert.Equal(-10, report.CumulativeLost);
        Assert.Equal(0, report.FractionLost);
    }

    [Fact]
    public void TheHighestNumberCountsItsCycles()
    {
        Begin(65_533);
        Handle(65_535);
        Handle(2);

        Assert.Equal(0x1_0002u, Report().HighestSequence);
    }

    [Fact]
    public void OneFarNumberIsAStrayAndTwoInARowAreARestart()
    {
        Begin(100);

        Assert.False(Handle(40_000));
        Assert.True(Handle(102));
        Assert.Equal(0, _statistics.Restarts);

        Assert.False(Handle(50_000));
        Assert.True(Handle(50_001));
        Assert.Equal(1, _statistics.Restarts);
        Assert.Equal(50_001u, Report().HighestSequence);
        Assert.Equal(0, Report().CumulativeLost);
    }

    [Fact]
    public void JitterIsTheSmoothedDifferenceOfTransits()
    {
        // Every other packet 10 ms late: the difference is always 480 ticks, and the estimate nears it.
        for (int i = 0; i < 400; i++)
            _statistics.Handle(new SequenceNumber((ushort)i), new RtpTimestamp((uint)(i * 960) + 0xffff_f000), At((20 * i) + (10 * (i % 2))));

        Assert.InRange(Report().Jitter, 470u, 480u);
    }

    [Fact]
    public void TheRoundTripOfTheExampleInSection641ComesOut()
    {
        // Figure 2: A = 0xb710:8000, LSR = 0xb705:2000, DLSR = 0x0005:4000, 6.125 s.
        Assert.True(ReceptionStatistics.TryRoundTrip(0xb705_2000, 0x0005_4000, 0x0000_b710_8000_0000, out TimeSpan roundTrip));

        Assert.Equal(6.125, roundTrip.TotalSeconds);
    }

    [Fact]
    public void ARoundTripNeedsAReportAndSense()
    {
        Assert.False(ReceptionStatistics.TryRoundTrip(0, 0, 0x0000_b710_8000_0000, out _));
        Assert.False(ReceptionStatistics.TryRoundTrip(0xb710_9000, 0, 0x0000_b710_8000_0000, out _));
        Assert.False(ReceptionStatistics.TryRoundTrip(0x0000_2000, 0, 0x0000_b710_8000_0000, out _));
        Assert.True(ReceptionStatistics.TryRoundTrip(0xb710_8001, 0, 0x0000_b710_8000_0000, out TimeSpan rounded));
        Assert.Equal(TimeSpan.Zero, rounded);
    }

    [Fact]
    public void TheLastSenderReportIsToldWithItsAge()
    {
        Begin(0);
        Assert.Equal(0u, Report().DelaySinceLastSenderReport);

        _statistics.HandleSenderReport(0xb44d_b705_2000_0000, At(1_000));
        Assert.True(_statistics.TryReport(At(6_250), out ReceptionReport report));

        Assert.Equal(0xb705_2000u, report.LastSenderReport);
        Assert.Equal(0x0005_4000u, report.DelaySinceLastSenderReport);
    }

    [Fact]
    public void CountsAreThoseOfASetOfAllNumbers() =>
        Prop.ForAll<byte[]>(steps =>
        {
            var statistics = new ReceptionStatistics(90_000);
            statistics.Handle(new SequenceNumber(65_000), default, At(0));
            statistics.Handle(new SequenceNumber(65_001), default, At(0));
            long at = 65_001;
            long highest = at;
            long received = 1;
            foreach (byte step in steps)
            {
                // Forward by up to 41, or back by up to 20.
                at = Math.Max(65_001, highest + (step % 62) - 20);
                highest = Math.Max(highest, at);
                received++;
                if (!statistics.Handle(new SequenceNumber((ushort)at), default, At(0)))
                    return false;
            }

            return statistics.TryReport(At(0), out ReceptionReport report)
                && report.HighestSequence == highest
                && report.CumulativeLost == highest - 65_001 + 1 - received;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void RandomNumbersAndTimesAreOnlyCounted()
    {
        var random = new Random(1);
        for (int i = 0; i < 100_000; i++)
        {
            _statistics.Handle(new SequenceNumber((ushort)random.Next()), new RtpTimestamp((uint)random.NextInt64()), new Instant(random.NextInt64()));
            _statistics.TryReport(new Instant(random.NextInt64()), out ReceptionReport report);
            Assert.InRange(report.CumulativeLost, -(1 << 23), (1 << 23) - 1);
        }

        Assert.True(_statistics.Strays > 80_000);
    }

    private void Begin(ushort first)
    {
        Handle(first);
        Handle((ushort)(first + 1));
    }

    private bool Handle(ushort sequence) => _statistics.Handle(new SequenceNumber(sequence), default, At(0));

    private ReceptionReport Report()
    {
        Assert.True(_statistics.TryReport(At(0), out ReceptionReport report));
        return report;
    }

    private static Instant At(int milliseconds) => new(milliseconds * TimeSpan.TicksPerMillisecond);
}
