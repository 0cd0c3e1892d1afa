using FsCheck;
using FsCheck.Fluent;
using RoomAgent.Agent.Devices;
using RoomAgent.Hal;
using RoomAgent.Wire;

namespace RoomAgent.Agent.Tests.Devices;

public sealed class QualityLadderTests
{
    private static readonly VideoFormat s_full = new(1920, 1080, 30);
    private static readonly TimeSpan s_feedback = TimeSpan.FromMilliseconds(100);

    private Instant _now = new(TimeSpan.FromHours(1).Ticks);

    [Theory]
    [InlineData(6_000_000, 1080, 30)]
    [InlineData(1_500_000, 720, 30)]
    [InlineData(700_000, 540, 30)]
    [InlineData(400_000, 360, 30)]
    [InlineData(200_000, 360, 15)]
    [InlineData(100_000, 180, 15)]
    [InlineData(10_000, 180, 8)]
    public void ItBeginsOnTheLargestRungThatTheBitRateBears(int bitRate, int height, int frameRate)
    {
        var ladder = new QualityLadder(s_full, bitRate);

        Assert.Equal((height, frameRate), (ladder.Current.Format.Height, ladder.Current.Format.FrameRate));
        Assert.Equal(height == 1080 ? QualityLimit.None : QualityLimit.Network, ladder.Limit);
    }

    [Fact]
    public void ACollapseStepsDownAtOnceAndSaysWhy()
    {
        var ladder = new QualityLadder(VideoFormat.Default, 2_000_000);

        Assert.True(ladder.Update(400_000, _now));

        Assert.Equal(540, ladder.Current.Format.Height);
        Assert.Equal(QualityLimit.Network, ladder.Limit);
    }

    [Fact]
    public void AShortWantIsBorne()
    {
        var ladder = new QualityLadder(VideoFormat.Default, 2_000_000);

        Assert.Equal(0, Run(ladder, 900_000, TimeSpan.FromSeconds(0.9)));
        Assert.Equal(0, Run(ladder, 1_500_000, TimeSpan.FromSeconds(1)));
        Assert.Equal(1, Run(ladder, 900_000, TimeSpan.FromSeconds(2)));
    }

    [Fact]
    public void UpGoesARungAtATimeAndOnlyWithHeadroom()
    {
        var ladder = new QualityLadder(VideoFormat.Default, 350_000);

        Assert.Equal(0, Run(ladder, 700_000, TimeSpan.FromSeconds(60)));
        Assert.Equal(1, Run(ladder, 1_100_000, TimeSpan.FromSeconds(6)));
        Assert.Equal(540, ladder.Current.Format.Height);
        Assert.Equal(1, Run(ladder, 1_300_000, TimeSpan.FromSeconds(6)));

        Assert.Equal(VideoFormat.Default, ladder.Current.Format);
        Assert.Equal(QualityLimit.None, ladder.Limit);
    }

    [Fact]
    public void ASlowEncoderStepsDownAndIsNotAskedAgainSoon()
    {
        var ladder = new QualityLadder(s_full, 6_000_000);
        for (int i = 0; i < 100; i++)
            ladder.HandleEncoded(TimeSpan.FromMilliseconds(40));

        int steps = Run(ladder, 6_000_000, TimeSpan.FromSeconds(2));

        Assert.Equal(1, steps);
        Assert.Equal(QualityLimit.Encoder, ladder.Limit);
        for (int i = 0; i < 100; i++)
            ladder.HandleEncoded(TimeSpan.FromMilliseconds(5));
        Assert.Equal(0, Run(ladder, 6_000_000, TimeSpan.FromSeconds(40)));
        Assert.Equal(1, Run(ladder, 6_000_000, TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public void WhatTheEncoderWouldNotManageIsNotTried()
    {
        var ladder = new QualityLadder(s_full, 1_500_000);
        for (int i = 0; i < 100; i++)
            ladder.HandleEncoded(TimeSpan.FromMilliseconds(20));

        Assert.Equal(0, Run(ladder, 6_000_000, TimeSpan.FromMinutes(10)));
    }

    [Fact]
    public void MoreThanCanBeSeenIsNotSpent()
    {
        var ladder = new QualityLadder(new VideoFormat(640, 360, 30), 6_000_000);

        Assert.Equal(900_000, ladder.Cap(6_000_000));
        Assert.Equal(500_000, ladder.Cap(500_000));
    }

    [Fact]
    public void ARoomWithSmallPicturesHasARungToo()
    {
        var tiny = new VideoFormat(160, 90, 5);

        var ladder = new QualityLadder(tiny, 10_000);

        Assert.Equal(tiny, ladder.Current.Format);
        Assert.False(ladder.Update(1, _now));
    }

    [Fact]
    public void WhateverTheNetworkDoesItNeverStepsUpTwiceInFiveSecondsNorBeyondTheLargest() => Prop.ForAll(
        Gen.Choose(0, 8_000_000).ArrayOf().ToArbitrary(),
        rates =>
        {
            var ladder = new QualityLadder(VideoFormat.Default, 1_000_000);
            Instant lastUp = new(long.MinValue);
            foreach (int rate in rates)
            {
                for (int i = 0; i < 30; i++)
                {
                    int before = ladder.Current.LeastBitRate;
                    _now += s_feedback;
                    if (!ladder.Update(rate, _now) || ladder.Current.LeastBitRate < before)
                        continue;
                    if (_now - lastUp < TimeSpan.FromSeconds(5))
                        return false;
                    lastUp = _now;
                }

                if (ladder.Current.Format.Height > 720)
                    return false;
            }

            return true;
        }).QuickCheckThrowOnFailure();

    private int Run(QualityLadder ladder, int bitRate, TimeSpan duration)
    {
        int steps = 0;
        for (Instant end = _now + duration; _now < end; _now += s_feedback)
            steps += ladder.Update(bitRate, _now) ? 1 : 0;
        return steps;
    }
}
