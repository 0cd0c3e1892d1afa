using RoomAgent.Rtp.Bandwidth;
using RoomAgent.Testing;
using RoomAgent.Wire;

namespace RoomAgent.Rtp.Tests.Bandwidth;

public sealed class BandwidthEstimatorTests
{
    public static TheoryData<int> Seeds => [1, 2, 3, 4, 5];

    public static TheoryData<int> WaysInMilliseconds => [1, 10, 25, 60, 100];

    [Theory]
    [MemberData(nameof(WaysInMilliseconds))]
    public void TheBottleneckIsFoundInTenSecondsAndItsQueueStaysShort(int milliseconds)
    {
        var call = new SimulatedCall(seed: 1);
        call.Forward.BitRate = 2_000_000;
        call.Forward.Delay = call.Back.Delay = TimeSpan.FromMilliseconds(milliseconds);
        call.Estimator.HandleRoundTrip(2 * call.Forward.Delay);

        call.Run(TimeSpan.FromSeconds(10));
        call.Run(TimeSpan.FromSeconds(30));

        Assert.InRange(call.AverageTarget, 1_400_000, 2_000_000);
        Assert.InRange(call.UsualQueue.TotalMilliseconds, 0, 80);
    }

    [Theory]
    [MemberData(nameof(WaysInMilliseconds))]
    public void ADropIsFollowedInThreeSecondsAndTheWayBackInTwenty(int milliseconds)
    {
        var call = new SimulatedCall(seed: 1);
        call.Forward.BitRate = 2_000_000;
        call.Forward.Delay = call.Back.Delay = TimeSpan.FromMilliseconds(milliseconds);
        call.Estimator.HandleRoundTrip(2 * call.Forward.Delay);
        call.Run(TimeSpan.FromSeconds(20));

        call.Forward.BitRate = 500_000;
        call.Run(TimeSpan.FromSeconds(3));
        Assert.InRange(call.Estimator.Target, 250_000, 550_000);

        call.Run(TimeSpan.FromSeconds(20));
        Assert.InRange(call.AverageTarget, 330_000, 500_000);
        Assert.InRange(call.UsualQueue.TotalMilliseconds, 0, 120);

        call.Forward.BitRate = 2_000_000;
        call.Run(TimeSpan.FromSeconds(20));
        Assert.InRange(call.Targets.Max(), 1_400_000, 2_600_000);
        call.Run(TimeSpan.FromSeconds(20));
        Assert.InRange(call.AverageTarget, 1_400_000, 2_000_000);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void FivePercentOfRandomLossIsNoCongestion(int seed)
    {
        var call = new SimulatedCall(seed);
        call.Forward.BitRate = 2_000_000;
        call.Forward.Loss = 0.05;

        call.Run(TimeSpan.FromSeconds(15));
        call.Run(TimeSpan.FromSeconds(30));

        Assert.InRange(call.AverageTarget, 1_200_000, 2_000_000);
        Assert.InRange(call.Estimator.Loss, 0.01, 0.1);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void JitterReorderingAndDuplicatesOfARadioLinkAreNoCongestion(int seed)
    {
        var call = new SimulatedCall(seed);
        call.Forward.BitRate = 2_000_000;
        call.Forward.Jitter = TimeSpan.FromMilliseconds(15);
        call.Forward.Duplication = 0.01;
        call.Back.Loss = 0.02;

        call.Run(TimeSpan.FromSeconds(15));
        call.Run(TimeSpan.FromSeconds(30));

        Assert.InRange(call.AverageTarget, 1_200_000, 2_000_000);
        Assert.InRange(call.UsualQueue.TotalMilliseconds, 0, 120);
    }

    [Fact]
    public void AThirdLostIsCongestion()
    {
        var call = new SimulatedCall(1);
        call.Forward.Loss = 0.33;

        call.Run(TimeSpan.FromSeconds(20));

        Assert.InRange(call.Estimator.Target, 50_000, 100_000);
    }

    [Fact]
    public void WhatWasNotTriedIsNotKnown()
    {
        var call = new SimulatedCall(1) { EncoderLimit = 400_000 };

        call.Run(TimeSpan.FromSeconds(60));

        Assert.InRange(call.Estimator.Target, 400_000, 700_000);
        Assert.Equal(BandwidthState.Increase, call.Estimator.State);
    }

    [Fact]
    public void AWideLinkIsFilledUpToTheLimit()
    {
        var call = new SimulatedCall(1, new BandwidthSettings { Most = 3_000_000 });

        call.Run(TimeSpan.FromSeconds(10));

        Assert.InRange(call.Estimator.Target, 2_900_000, 3_000_000);
    }

    [Fact]
    public void WithoutFeedbackTheEstimateFallsToTheLeast()
    {
        var call = new SimulatedCall(1);
        call.Run(TimeSpan.FromSeconds(5));

        call.Back.Loss = 1;
        call.Run(TimeSpan.FromSeconds(8));

        Assert.Equal(50_000, call.Estimator.Target);
        Assert.Equal(BandwidthState.Decrease, call.Estimator.State);
    }

    [Fact]
    public void ResultsWithAbsurdTimesDoNoMoreThanCost()
    {
        var random = new Random(1);
        var estimator = new BandwidthEstimator();
        PacketResult[] results = new PacketResult[100];

        for (int round = 0; round < 1_000; round++)
        {
            for (int i = 0; i < results.Length; i++)
            {
                var sequence = new SequenceNumber((ushort)random.Next());
                results[i] = new PacketResult(sequence, new Instant(random.NextInt64()), random.Next(1_500), random.Next(4) > 0, new TimeSpan(random.NextInt64(-1L << 60, 1L << 60)), random.Next(9) == 0);
            }

            estimator.HandleFeedback(results, new Instant(round * TimeSpan.TicksPerSecond));
            Assert.InRange(estimator.Target, 50_000, 4_000_000);
        }
    }

    [Fact]
    public void NothingIsAllocatedPerPacketOrReport()
    {
        var sent = new SentPackets(new SequenceNumber(0));
        var recorder = new FeedbackRecorder();
        var estimator = new BandwidthEstimator();
        byte[] information = new byte[1_200];
        int i = 0;
        Round();

        Assert.Equal(0, Allocations.FewestOf(Round));
        Assert.Equal(BandwidthState.Increase, estimator.State);

        void Round()
        {
            for (int end = i + 5_000; i < end; i++)
            {
                var now = new Instant(i * 4 * TimeSpan.TicksPerMillisecond);
                recorder.Handle(sent.Add(1_200, now), 1_200, now);
                estimator.HandleSent(now);
                while (recorder.TryPoll(now, information, out int length))
                {
                    Assert.True(TransportWideFeedback.TryRead(information.AsSpan(0, length), out TransportWideFeedback feedback));
                    estimator.HandleFeedback(sent.Handle(feedback), now);
                }
            }
        }
    }

    [Fact]
    public void TheLimitsMustBeInTheirOrder() =>
        Assert.Throws<ArgumentException>(() => new BandwidthEstimator(new BandwidthSettings { Least = 2, Start = 1 }));
}
