using RoomAgent.Testing;
using RoomAgent.Wire;

namespace RoomAgent.Net.Tests;

/// <summary>The ladder alone, in virtual time, on a network that can be switched.</summary>
public sealed class LadderTests
{
    private const int Udp = 0;
    private const int UdpAlternative = 1;
    private const int Tcp = 2;
    private const int Tls = 3;

    [Fact]
    public void WithEverythingOpenTheBestIsUsedAtOnceAndNoOtherIsTried()
    {
        var network = new LadderNetwork();

        network.Run(seconds: 5);

        Assert.Equal([(Udp, PathCause.Started)], network.Uses);
        Assert.True(network.FirstUse.TotalMilliseconds < 50);
        Assert.Equal(1, network.Opened);
    }

    /// <summary>Requirement G07: the best of those that are open is chosen, for each combination.</summary>
    [Theory]
    [InlineData(0b0001)]
    [InlineData(0b0010)]
    [InlineData(0b0011)]
    [InlineData(0b0100)]
    [InlineData(0b0101)]
    [InlineData(0b0110)]
    [InlineData(0b0111)]
    [InlineData(0b1000)]
    [InlineData(0b1001)]
    [InlineData(0b1010)]
    [InlineData(0b1011)]
    [InlineData(0b1100)]
    [InlineData(0b1101)]
    [InlineData(0b1110)]
    [InlineData(0b1111)]
    public void TheBestOfThoseThatAreOpenIsChosenWithinASecondAndAHalf(int open)
    {
        var network = new LadderNetwork();
        for (int i = 0; i < 4; i++)
            network.Open[i] = (open & (1 << i)) != 0;

        network.Run(seconds: 20);

        int best = int.TrailingZeroCount(open);
        Assert.Equal([(best, PathCause.Started)], network.Uses);
        Assert.True(network.FirstUse < TimeSpan.FromMilliseconds(1_500), $"{network.FirstUse}");
    }

    [Theory]
    [InlineData(20)]
    [InlineData(150)]
    [InlineData(450)]
    [InlineData(900)]
    public void ALongWayDoesNotMakeAWorseOneWin(int roundTrip)
    {
        var network = new LadderNetwork { RoundTrip = TimeSpan.FromMilliseconds(roundTrip) };

        network.Run(seconds: 60);

        Assert.Equal([(Udp, PathCause.Started)], network.Uses);
    }

    [Fact]
    public void OnALongWayWithoutMediaTheReturnToABetterOneIsNotDisturbedByDoubt()
    {
        var network = new LadderNetwork { Media = false, RoundTrip = TimeSpan.FromMilliseconds(450) };
        network.Open[Udp] = network.Open[UdpAlternative] = false;
        network.Run(seconds: 30);

        network.Open[Udp] = true;
        network.Run(seconds: 30);

        Assert.Equal([(Tcp, PathCause.Started), (Udp, PathCause.BetterAgain)], network.Uses);
    }

    [Fact]
    public void WhatTheProbeFoundBlockedIsTriedLast()
    {
        var network = new LadderNetwork();
        network.Open[Udp] = network.Open[UdpAlternative] = false;
        network.Ladder.Learn(Udp, reachable: false);
        network.Ladder.Learn(UdpAlternative, reachable: false);

        network.Run(seconds: 1);

        Assert.Equal([(Tcp, PathCause.Started)], network.Uses);
        Assert.True(network.FirstUse.TotalMilliseconds < 100);
    }

    [Fact]
    public void ALateAnswerDoesNotMakeTheNextDeathLate()
    {
        var network = new LadderNetwork();
        network.Run(seconds: 10);
        network.Ladder.HandleAnswered(network.CurrentAttempt, TimeSpan.FromSeconds(4), network.Now);

        network.Open[Udp] = network.Open[UdpAlternative] = false;
        Instant blocked = network.Now;
        network.Run(seconds: 10);

        Assert.Equal((Tcp, PathCause.Died), network.Uses[^1]);
        Assert.True(network.LastUse - blocked < TimeSpan.FromSeconds(3), $"{network.LastUse - blocked}");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void WhenUdpIsBlockedTheNextCarriesWithinThreeSecondsAndUdpIsBackWithinThirty(bool media)
    {
        var network = new LadderNetwork { Media = media };
        network.Run(seconds: 100);

        network.Open[Udp] = network.Open[UdpAlternative] = false;
        Instant blocked = network.Now;
        network.Run(seconds: 100);

        Assert.Equal((Tcp, PathCause.Died), network.Uses[^1]);
        Assert.Equal(2, network.Uses.Count);
        Assert.True(network.LastUse - blocked < TimeSpan.FromSeconds(3), $"{network.LastUse - blocked}");

        network.Open[Udp] = true;
        Instant opened = network.Now;
        network.Run(seconds: 60);

        Assert.Equal((Udp, PathCause.BetterAgain), network.Uses[^1]);
        Assert.Equal(3, network.Uses.Count);
        Assert.True(network.LastUse - opened < TimeSpan.FromSeconds(30), $"{network.LastUse - opened}");
    }

    [Fact]
    public void ATransportThatEndsWithAnErrorIsReplacedAtOnce()
    {
        var network = new LadderNetwork();
        network.Open[Udp] = network.Open[UdpAlternative] = false;
        network.Run(seconds: 10);

        Instant reset = network.Now;
        network.Reset(Tcp);
        network.Open[Tcp] = false;
        network.Run(seconds: 5);

        Assert.Equal((Tls, PathCause.Failed), network.Uses[^1]);
        Assert.True(network.LastUse - reset < TimeSpan.FromSeconds(1), $"{network.LastUse - reset}");
    }

    [Fact]
    public void ATransportThatComesAndGoesIsTriedLessAndLessOften()
    {
        var network = new LadderNetwork();
        network.Run(seconds: 1);

        // UDP works for 15 seconds and then not for 5, for an hour.
        for (int i = 0; i < 180; i++)
        {
            network.Open[Udp] = network.Open[UdpAlternative] = false;
            network.Run(seconds: 5);
            network.Open[Udp] = network.Open[UdpAlternative] = true;
            network.Run(seconds: 15);
        }

        int returns = network.Uses.Count(use => use.Cause == PathCause.BetterAgain);
        Assert.InRange(returns, 1, 60);
    }

    [Fact]
    public void WhenNothingWorksAllAreTriedAgainUntilSomethingDoes()
    {
        var network = new LadderNetwork();
        network.Run(seconds: 10);

        Array.Clear(network.Open);
        network.Run(seconds: 120);
        Assert.Null(network.Ladder.Current);
        Assert.InRange(network.Opened, 20, 250);

        network.Open[Tls] = true;
        Instant opened = network.Now;
        network.Run(seconds: 10);
        Assert.Equal((Tls, PathCause.Died), network.Uses[^1]);
        Assert.True(network.LastUse - opened < TimeSpan.FromSeconds(5.1), $"{network.LastUse - opened}");
    }

    /// <summary>Requirement G12.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ANewOwnAddressGivesANewTransportWithinTwoSecondsAndTheOldOneServesUntilThen(bool oldOneStillWorks)
    {
        var network = new LadderNetwork();
        network.Run(seconds: 10);
        if (!oldOneStillWorks)
            network.BreakOpenOnes();

        Instant changed = network.Now;
        network.Ladder.HandleAddressChange(network.Now);
        Assert.Equal(Udp, network.Ladder.Current);
        network.Run(seconds: 5);

        Assert.Equal([(Udp, PathCause.Started), (Udp, PathCause.AddressChanged)], network.Uses);
        Assert.True(network.LastUse - changed < TimeSpan.FromSeconds(2));
        Assert.Equal(1, network.OpenNow);
    }

    [Fact]
    public void WhenNoNewOneAnswersTheOldOneStays()
    {
        var network = new LadderNetwork();
        network.Run(seconds: 10);
        Array.Clear(network.Open);
        network.KeepOpenOnes();

        network.Ladder.HandleAddressChange(network.Now);
        network.Run(seconds: 30);

        Assert.Equal([(Udp, PathCause.Started)], network.Uses);
        Assert.Equal(Udp, network.Ladder.Current);
        Assert.Equal(1, network.OpenNow);
    }

    [Fact]
    public void WhateverTheNetworkDoesAnOpenTransportIsFoundAndFewSocketsAreOpen()
    {
        for (int seed = 0; seed < 100; seed++)
        {
            var random = new Random(seed);
            var network = new LadderNetwork { Media = seed % 2 == 0, RoundTrip = TimeSpan.FromMilliseconds(random.Next(1, 400)) };
            for (int change = 0; change < 40; change++)
            {
                network.Open[random.Next(4)] = random.Next(2) == 0;
                if (random.Next(5) == 0)
                    network.Ladder.HandleAddressChange(network.Now);
                if (random.Next(5) == 0)
                    network.Reset(random.Next(4));
                network.Run(random.NextDouble() * 4);
                Assert.InRange(network.OpenNow, 0, 12);
            }

            network.Open[random.Next(4)] = true;
            network.Run(seconds: 20);
            Assert.True(network.Ladder.Current is { } current && network.Open[current], $"seed {seed}");

            network.Run(seconds: 300);
            Assert.Equal(Array.IndexOf(network.Open, true), network.Ladder.Current);
        }
    }

    [Fact]
    public void OneLostQuestionChangesNothing()
    {
        var network = new LadderNetwork { Media = false };
        network.Run(seconds: 5);

        for (int i = 0; i < 20; i++)
        {
            network.Open[Udp] = false;
            network.Run(seconds: 0.3);
            network.Open[Udp] = true;
            network.Run(seconds: 2);
        }

        Assert.Equal([(Udp, PathCause.Started)], network.Uses);
    }

    [Fact]
    public void WhoeverWakesLateDoesNotTakeItsOwnSleepForDeath()
    {
        var network = new LadderNetwork { Media = false };
        network.Run(seconds: 5);

        network.Sleep(TimeSpan.FromMinutes(10));
        network.Run(seconds: 5);

        Assert.Equal([(Udp, PathCause.Started)], network.Uses);
    }

    [Fact]
    public void WhatIsLeftLingersAndIsThenClosed()
    {
        var network = new LadderNetwork();
        network.Open[Udp] = network.Open[UdpAlternative] = false;
        network.Run(seconds: 5);
        network.Open[Udp] = true;
        while (network.Ladder.Current != Udp)
            network.Run(seconds: 0.05);

        Assert.Equal(2, network.OpenNow);
        network.Run(seconds: 1.1);
        Assert.Equal(1, network.OpenNow);
    }

    [Fact]
    public void EventsForTransportsThatAreGoneChangeNothing()
    {
        var network = new LadderNetwork();
        network.Run(seconds: 5);

        network.Ladder.HandleFailed(99, network.Now);
        network.Ladder.HandleOpened(99, network.Now);
        network.Ladder.HandleAnswered(99, TimeSpan.Zero, network.Now);
        network.Ladder.HandleReceived(99, network.Now);

        Assert.False(network.Ladder.TryPoll(out _));
        Assert.Equal(Udp, network.Ladder.Current);
    }

    [Fact]
    public void AWayOutThatIsBlockedIsLeftInThreeSecondsThoughMediaComes()
    {
        var network = new LadderNetwork();
        network.Run(seconds: 5);
        Instant blocked = network.Now;

        network.Out[Udp] = network.Out[UdpAlternative] = false;
        network.Run(seconds: 1.9);
        Assert.Equal(Udp, network.Ladder.Current);
        network.Run(seconds: 3);

        Assert.Equal(Tcp, network.Ladder.Current);
        Assert.Equal((Tcp, PathCause.Died), network.Uses[^1]);
        Assert.InRange((network.LastUse - blocked).TotalSeconds, 2, 3.2);
    }

    [Fact]
    public void WhereNoOtherWayAnswersTheOneThatStillBringsSomethingStays()
    {
        var network = new LadderNetwork();
        network.Run(seconds: 5);

        for (int i = 0; i < 4; i++)
            network.Out[i] = false;
        network.Run(seconds: 60);
        Assert.Equal(Udp, network.Ladder.Current);
        Assert.Single(network.Uses);

        network.Out[Tcp] = true;
        network.Run(seconds: 15);
        Assert.Equal(Tcp, network.Ladder.Current);
    }

    [Fact]
    public void AWayThatLetsOnlyQuestionsThroughIsTriedLessAndLessOften()
    {
        var network = new LadderNetwork { QuestionsPass = true };
        network.Run(seconds: 5);

        network.Out[Udp] = false;
        network.Run(seconds: 600);

        Assert.InRange(network.Uses.Count(use => use.Candidate == Udp), 2, 10);
        Assert.True(network.Uses.Count < 25, $"{network.Uses.Count} changes");
    }

    [Fact]
    public void ReceivingAllocatesNothing()
    {
        var network = new LadderNetwork();
        network.Run(seconds: 5);
        int attempt = network.CurrentAttempt;

        long allocated = Allocations.FewestOf(() =>
        {
            for (int i = 0; i < 10_000; i++)
            {
                network.Ladder.HandleReceived(attempt, network.Now);
                network.Ladder.PollTimeout();
            }
        });

        Assert.Equal(0, allocated);
    }
}
