using RoomAgent.Rtp.Bandwidth;
using RoomAgent.Wire;

namespace RoomAgent.Rtp.Tests.Bandwidth;

public sealed class FeedbackTests
{
    private readonly SentPackets _sent = new(new SequenceNumber(65_530));
    private readonly FeedbackRecorder _recorder = new();
    private readonly byte[] _information = new byte[1_200];

    [Fact]
    public void EachPacketIsToldOfOnceAcrossTheWrap()
    {
        SequenceNumber[] sequences = [.. Enumerable.Range(0, 10).Select(i => _sent.Add(1_000, At(i)))];
        foreach (SequenceNumber sequence in sequences.Where((_, i) => i != 4))
            _recorder.Handle(sequence, 1_000, At(30));

        PacketResult[] results = Report(At(200));

        Assert.Equal(sequences, results.Select(r => r.Sequence));
        Assert.Equal([4], Enumerable.Range(0, 10).Where(i => !results[i].Received));
        Assert.Equal(At(7), results[7].SentAt);
        Assert.Equal(TimeSpan.Zero, results[9].Arrival - results[0].Arrival);
        Assert.Empty(Report(At(400)));
    }

    [Fact]
    public void APacketThatWasOnlyLateIsTakenBack()
    {
        SequenceNumber[] sequences = [.. Enumerable.Range(0, 3).Select(i => _sent.Add(1_000, At(i)))];
        _recorder.Handle(sequences[0], 1_000, At(20));
        _recorder.Handle(sequences[2], 1_000, At(22));
        Report(At(200));

        _recorder.Handle(sequences[1], 1_000, At(220));
        PacketResult late = Assert.Single(Report(At(400)));

        Assert.Equal(sequences[1], late.Sequence);
        Assert.True(late.Received && late.WasLost);
    }

    [Fact]
    public void PacketsMissingBeforeTheFirstOfAReportAreToldOfToo()
    {
        SequenceNumber[] sequences = [.. Enumerable.Range(0, 10).Select(i => _sent.Add(1_000, At(i)))];
        _recorder.Handle(sequences[0], 1_000, At(20));
        Report(At(200));

        _recorder.Handle(sequences[9], 1_000, At(220));

        Assert.Equal(8, Report(At(400)).Count(r => !r.Received));
    }

    [Theory]
    [InlineData(20, 100)]
    [InlineData(200, 50)]
    public void ReportsComeTheMoreOftenTheMoreThereIsToTell(int packetsPerSecond, int milliseconds)
    {
        for (int i = 0; i < 2 * packetsPerSecond; i++)
        {
            Instant now = At(i * 1000 / packetsPerSecond);
            _recorder.Handle(_sent.Add(200, now), 200, now);
            Report(now);
        }

        Assert.Equal(milliseconds, (int)_recorder.Interval.TotalMilliseconds, tolerance: packetsPerSecond == 200 ? 0 : 1);
    }

    [Fact]
    public void TheArrivalClockGoesOnWhenTheReferenceTimeWraps()
    {
        // 24 bits of 64 ms are 12.4 days.
        TimeSpan before = TimeSpan.Zero;
        for (int day = 0; day < 40; day++)
        {
            Instant now = At(0) + TimeSpan.FromDays(day);
            _recorder.Handle(_sent.Add(1_000, now), 1_000, now);
            PacketResult result = Assert.Single(Report(now + TimeSpan.FromSeconds(1)));

            if (day > 0)
                Assert.Equal(TimeSpan.FromDays(1), result.Arrival - before);
            before = result.Arrival;
        }
    }

    [Fact]
    public void FeedbackOnPacketsNeverSentIsCountedAndNoMore()
    {
        _sent.Add(1_000, At(0));
        _recorder.Handle(new SequenceNumber(1_000), 1_000, At(20));
        _recorder.Handle(new SequenceNumber(1_001), 1_000, At(20));

        Assert.Empty(Report(At(200)));
        Assert.Equal(2, _sent.Unknown);
    }

    [Fact]
    public void AFloodOfRandomNumbersStaysBounded()
    {
        var random = new Random(1);
        for (int i = 0; i < 200_000; i++)
        {
            _recorder.Handle(new SequenceNumber((ushort)random.Next()), 1_000, At(i / 10));
            for (int polls = 0; _recorder.TryPoll(At(i / 10), _information, out int length); polls++)
            {
                Assert.InRange(length, 12, _information.Length);
                Assert.InRange(polls, 0, 100);
            }
        }

        Assert.True(_recorder.Strays > 100_000);
    }

    [Fact]
    public void PacingSpreadsAFrameAtTwoAndAHalfTimesTheTarget()
    {
        var pacing = new PacingBudget(1_000_000);
        var time = new VirtualTime();
        Instant start = time.Now;

        for (int i = 0; i < 100; i++)
        {
            Assert.True(pacing.MaySend(time.Now));
            pacing.HandleSent(1_250, time.Now);
            if (pacing.NextSend > time.Now)
                time.JumpTo(pacing.NextSend);
        }

        // 1 Mbit at 2.5 Mbit/s, less the 5 ms that may go at once.
        Assert.Equal(395, (time.Now - start).TotalMilliseconds, 0.1);
    }

    private PacketResult[] Report(Instant now)
    {
        List<PacketResult> results = [];
        while (_recorder.TryPoll(now, _information, out int length))
        {
            Assert.True(TransportWideFeedback.TryRead(_information.AsSpan(0, length), out TransportWideFeedback feedback));
            results.AddRange(_sent.Handle(feedback));
        }

        return [.. results];
    }

    private static Instant At(int milliseconds) => new((1_000_000 + milliseconds) * TimeSpan.TicksPerMillisecond);
}
