namespace RoomAgent.Wire.Tests;

public sealed class InstantTests
{
    [Fact]
    public void AMomentPlusASpanIsLaterByThatSpan()
    {
        var start = new Instant(1_000);

        Instant later = start + TimeSpan.FromSeconds(2);

        Assert.Equal(TimeSpan.FromSeconds(2), later - start);
        Assert.True(later > start);
        Assert.Equal(start, later - TimeSpan.FromSeconds(2));
        Assert.Equal(start, Instant.Min(start, later));
    }

    [Fact]
    public void NeverStaysNeverWhateverIsAdded()
    {
        Assert.Equal(Instant.Never, Instant.Never + TimeSpan.FromDays(1));
        Assert.Equal(new Instant(long.MinValue), new Instant(long.MinValue + 1) - TimeSpan.FromTicks(5));
        Assert.Equal(new Instant(long.MaxValue), new Instant(5) - TimeSpan.MinValue);
    }

    [Fact]
    public void TheLongestDifferenceSaturates()
    {
        Assert.Equal(TimeSpan.MaxValue, Instant.Never - new Instant(-5));
        Assert.Equal(TimeSpan.MinValue, new Instant(long.MinValue) - new Instant(5));
    }
}
