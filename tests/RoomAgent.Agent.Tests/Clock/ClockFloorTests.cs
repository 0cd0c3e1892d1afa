using RoomAgent.Agent.Clock;

namespace RoomAgent.Agent.Tests.Clock;

public sealed class ClockFloorTests
{
    private static readonly DateTimeOffset s_released = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void TheVersionTellsTheMonthOfTheRelease()
    {
        Assert.Equal(s_released, ClockFloor.ReleaseOf(new Version(46, 11, 0, 1)));
    }

    [Fact]
    public void TheFloorIsTheLaterOfReleaseAndLastSavedTime()
    {
        Assert.Equal(s_released, ClockFloor.From(s_released, saved: null).Moment);
        Assert.Equal(s_released, ClockFloor.From(s_released, s_released.AddDays(-1)).Moment);
        Assert.Equal(s_released.AddDays(1), ClockFloor.From(s_released, s_released.AddDays(1)).Moment);
    }

    [Fact]
    public void ASavedTimeThatNobodyCanBelieveIsIgnored()
    {
        Assert.Equal(s_released, ClockFloor.From(s_released, DateTimeOffset.MaxValue).Moment);
        Assert.Equal(s_released, ClockFloor.From(s_released, s_released.AddYears(20).AddSeconds(1)).Moment);
    }

    [Fact]
    public void AClockBelowTheFloorIsWrongAndACorrectionBySecondsIsNot()
    {
        var floor = new ClockFloor(s_released);

        Assert.True(floor.Allows(s_released));
        Assert.True(floor.Allows(s_released.AddSeconds(-30)));
        Assert.False(floor.Allows(s_released.AddMinutes(-2)));
        Assert.False(floor.Allows(DateTimeOffset.UnixEpoch));
    }

    [Fact]
    public void TheFloorNeverSinks()
    {
        var floor = new ClockFloor(s_released);

        Assert.Equal(s_released.AddHours(1), floor.RaisedTo(s_released.AddHours(1)).Moment);
        Assert.Equal(s_released, floor.RaisedTo(s_released.AddSeconds(-1)).Moment);
    }
}
