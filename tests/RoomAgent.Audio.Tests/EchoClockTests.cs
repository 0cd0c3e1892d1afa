using RoomAgent.Hal.Media.Audio;

namespace RoomAgent.Audio.Tests;

public sealed class EchoClockTests
{
    private const double Clarity = 30;
    private static readonly double s_period = DelayFinder.Period * Sound.Block.TotalSeconds;

    [Fact]
    public void ThreeClearFindingsThatAgreeAreADelay()
    {
        var clock = new EchoClock();

        clock.HandleDelay(7_200, Clarity);
        clock.HandleDelay(7_201, Clarity);
        Assert.False(clock.IsLocked);
        clock.HandleDelay(7_202, Clarity);

        Assert.True(clock.IsLocked);
        Assert.InRange(clock.Delay, 7_200, 7_203);
        Assert.Equal(0, clock.Jumps);
    }

    [Fact]
    public void UnclearFindingsAndSuchThatDisagreeAreNone()
    {
        var clock = new EchoClock();
        for (int i = 0; i < 20; i++)
            clock.HandleDelay(7_200, clarity: 8);
        for (int i = 0; i < 20; i++)
            clock.HandleDelay(i * 500, Clarity);

        Assert.False(clock.IsLocked);
    }

    [Fact]
    public void OneThatIsFarOffIsAnErrorAndThreeAreAJump()
    {
        var clock = new EchoClock();
        Follow(clock, _ => 7_200, 20);

        clock.HandleDelay(12_000, Clarity);
        clock.HandleDelay(7_200, Clarity);
        clock.HandleDelay(12_000, Clarity);
        clock.HandleDelay(12_000, Clarity);
        Assert.InRange(clock.Delay, 7_198, 7_202);
        clock.HandleDelay(12_000, Clarity);

        Assert.InRange(clock.Delay, 11_998, 12_002);
        Assert.Equal(1, clock.Jumps);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(-400)]
    public void TheDriftIsFoundAndKeptOverAJump(double drift)
    {
        var clock = new EchoClock();
        double samples = drift * 1e-6 * Sound.SampleRate;

        Follow(clock, seconds => 7_200 + (samples * seconds), 60);
        Assert.InRange(clock.Drift, samples - 2, samples + 2);
        Follow(clock, seconds => 12_000 + (samples * seconds), 5);

        Assert.Equal(1, clock.Jumps);
        Assert.InRange(clock.Drift, samples - 2, samples + 2);
    }

    [Fact]
    public void AClockThatIsFurtherOffThanIsBelievedIsFollowedAllTheSame()
    {
        var clock = new EchoClock();

        double left = Follow(clock, seconds => 7_200 + (900e-6 * Sound.SampleRate * seconds), 300);

        Assert.InRange(clock.Correction, -24.01, 24.01);
        Assert.True(clock.Delay > 7_400);
        Assert.InRange(left - clock.Delay, -240, 240);
    }

    [Fact]
    public void WithoutFindingsNothingRunsAway()
    {
        var clock = new EchoClock();
        Follow(clock, _ => 7_200, 60);

        // A night.
        for (int i = 0; i < 300_000; i++)
            clock.HandlePeriod();
        Follow(clock, _ => 7_300, 20);

        Assert.InRange(clock.Delay, 7_060, 7_420);
        Assert.InRange(clock.Correction, -24, 24);
    }

    // Corrected at once, which is simpler than the room: the drift is found less exactly here than there.
    private static double Follow(EchoClock clock, Func<double, double> delay, int periods)
    {
        double corrected = 0;
        for (int i = 0; i < periods; i++)
        {
            corrected += clock.Correction * s_period;
            clock.HandlePeriod();
            clock.HandleDelay(delay(i * s_period) - corrected, Clarity);
        }

        return delay(periods * s_period) - corrected;
    }
}
