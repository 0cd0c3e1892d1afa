using FsCheck;
using FsCheck.Fluent;
using RoomAgent.Rtp.Jitter;
using RoomAgent.Testing;
using RoomAgent.Wire;

namespace RoomAgent.Rtp.Tests.Jitter;

public sealed class NackGeneratorTests
{
    private readonly NackGenerator _nack = new();
    private readonly SequenceNumber[] _asked = new SequenceNumber[64];

    [Fact]
    public void AMissingPacketIsAskedForOnceThreeCameBehindIt()
    {
        Come(0, 10, 12, 13);
        Assert.Empty(Ask(1));

        Come(1, 14);
        Assert.Equal([11], Ask(1));
        Assert.Empty(Ask(1));
    }

    [Fact]
    public void AMissingPacketIsAskedForAfterTenMillisecondsWhenFewComeBehindIt()
    {
        Come(0, 10, 12);

        Assert.Empty(Ask(9));
        Assert.Equal(At(10), _nack.PollTimeout);
        Assert.Equal([11], Ask(10));
    }

    [Fact]
    public void AnOvertakenPacketIsNotAskedFor()
    {
        Come(0, 65_535, 1);
        Come(2, 0);

        Assert.Empty(Ask(100));
        Assert.Equal(1, _nack.Reordered);
        Assert.Equal(Instant.Never, _nack.PollTimeout);
    }

    [Fact]
    public void ItIsAskedForAgainAfterARoundTripAndTenTimesAtMost()
    {
        _nack.HandleRoundTrip(TimeSpan.FromMilliseconds(30));
        Come(0, 10, 12);
        List<double> asked = [];

        while (_nack.PollTimeout != Instant.Never)
        {
            Instant now = _nack.PollTimeout;
            if (_nack.TryPoll(now, _asked, out _))
                asked.Add((now - At(0)).TotalMilliseconds);
        }

        Assert.Equal(Enumerable.Range(0, 10).Select(i => 10.0 + (40 * i)), asked);
        Assert.Equal(1, _nack.GivenUp);
        Assert.Equal(0, _nack.Count);
    }

    [Fact]
    public void AnAnswerThatWouldComeTooLateIsNotAskedFor()
    {
        _nack.HandleRoundTrip(TimeSpan.FromMilliseconds(600));
        Come(0, 10, 12);

        Assert.Equal([11], Ask(10));
        Assert.Empty(Ask(620));
        Assert.Equal(1, _nack.GivenUp);
    }

    [Fact]
    public void ARepairEndsTheAsking()
    {
        Come(0, 10, 12);
        Ask(10);

        Come(60, 11);

        Assert.Empty(Ask(500));
        Assert.Equal(1, _nack.Repaired);
    }

    [Fact]
    public void AKeyFrameMakesWhatIsBeforeItUseless()
    {
        Come(0, 65_530, 65_532, 5, 7);

        _nack.ForgetBefore(new SequenceNumber(5));

        Assert.Equal([6], Ask(10));
        Assert.Equal(9, _nack.GivenUp);
    }

    [Fact]
    public void MoreThanFitIsAskedForInSeveralPolls()
    {
        Come(0, 0, 101);

        Assert.Equal(100, Ask(10).Length);
        Assert.Equal(100, _nack.Requested);
    }

    [Fact]
    public void ARestartForgetsAll()
    {
        Come(0, 10, 15, 40_000, 40_001);

        Assert.Empty(Ask(100));
        Assert.Equal(4, _nack.GivenUp);
    }

    [Fact]
    public void AGapWiderThanTheListIsLeftToAKeyFrame()
    {
        Come(0, 10, 12, 2_000);

        Assert.Equal(0, _nack.Count);
        Assert.Equal(1 + 1_987, _nack.GivenUp);
    }

    [Fact]
    public void TheListIsThatOfANaiveModel() =>
        Prop.ForAll<byte[]>(steps =>
        {
            var nack = new NackGenerator(new NackSettings { Capacity = 50, LongestWait = TimeSpan.FromDays(1) });
            var missing = new SortedSet<long>();
            long newest = 65_500;
            nack.Handle(new SequenceNumber((ushort)newest), At(0));
            foreach (byte step in steps)
            {
                long sequence = newest + (step % 20) - 8;
                for (; newest < sequence; newest++)
                    missing.Add(newest + 1);
                missing.Remove(sequence);
                while (missing.Count > 50)
                    missing.Remove(missing.Min);

                nack.Handle(new SequenceNumber((ushort)sequence), At(0));
            }

            var asked = new SequenceNumber[100];
            nack.TryPoll(At(1_000), asked, out int count);
            return asked[..count].SequenceEqual(missing.Select(m => new SequenceNumber((ushort)m)));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void AFloodOfRandomNumbersStaysBoundedAndAllocatesNothing()
    {
        var random = new Random(1);
        int i = 0;
        long allocated = Allocations.FewestOf(() =>
        {
            for (int end = i + 50_000; i < end; i++)
            {
                _nack.Handle(new SequenceNumber((ushort)random.Next(i % 2 == 0 ? 65_536 : 3_000)), At(i / 100));
                _nack.TryPoll(At(i / 100), _asked, out _);
            }
        });

        Assert.Equal(0, allocated);
        Assert.InRange(_nack.Count, 0, 500);
    }

    private void Come(int milliseconds, params ushort[] sequences)
    {
        foreach (ushort sequence in sequences)
            _nack.Handle(new SequenceNumber(sequence), At(milliseconds));
    }

    private ushort[] Ask(int milliseconds)
    {
        List<ushort> asked = [];
        while (_nack.TryPoll(At(milliseconds), _asked, out int count))
            asked.AddRange(_asked[..count].Select(s => s.Value));
        return [.. asked];
    }

    private static Instant At(int milliseconds) => new(milliseconds * TimeSpan.TicksPerMillisecond);
}
