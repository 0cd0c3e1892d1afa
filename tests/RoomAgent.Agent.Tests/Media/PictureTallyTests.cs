using RoomAgent.Agent.Media;
using RoomAgent.Wire;

namespace RoomAgent.Agent.Tests.Media;

public sealed class PictureTallyTests
{
    private readonly PictureTally _tally = new();

    [Fact]
    public void TheFirstPictureIsTheFirstOneOnly()
    {
        Assert.True(_tally.Add(At(0)));
        Assert.False(_tally.Add(At(0.1)));
        Assert.Equal(2, _tally.Count);
    }

    [Fact]
    public void APauseIsKnownForSomeSecondsAndThenForgotten()
    {
        foreach (double second in (double[])[10, 10.1, 10.7, 10.8])
            _tally.Add(At(second));

        Assert.Equal(TimeSpan.FromSeconds(0.6), Rounded(At(10.9)));
        for (double second = 10.9; second < 14.9; second += 0.1)
            _tally.Add(At(second));
        Assert.Equal(TimeSpan.FromSeconds(0.6), Rounded(At(14.9)));
        for (double second = 14.9; second < 18; second += 0.1)
            _tally.Add(At(second));
        Assert.Equal(TimeSpan.FromSeconds(0.1), Rounded(At(18)));
    }

    [Fact]
    public void APauseThatGoesOnIsNoneYetForACameraMayBeOff()
    {
        _tally.Add(At(1));
        _tally.Add(At(1.1));

        Assert.Equal(TimeSpan.Zero, _tally.LongestPause(At(60)));
        _tally.Add(At(60));
        Assert.Equal(TimeSpan.FromSeconds(58.9), Rounded(At(60)));
    }

    private static Instant At(double seconds) => new(TimeSpan.FromSeconds(seconds).Ticks);

    private TimeSpan Rounded(Instant now) => TimeSpan.FromMilliseconds(Math.Round(_tally.LongestPause(now).TotalMilliseconds));
}
