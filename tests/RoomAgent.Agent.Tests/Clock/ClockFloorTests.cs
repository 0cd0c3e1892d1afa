using RoomAgent.Agent.Clock;

namespace RoomAgent.Agent.Tests.Clock;

public sealed class ClockFloorTests
{
    private static readonly DateTimeOffset Released = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void TheVersionTellsTheMonthOfTheRelease()
    {
        Assert.Equal(Released, ClockFloor.ReleaseOf(new Version(46, 11, 0, 1)));
    }

    [Fact]
    public void TheFloorIsTheLaterOfReleaseAndLastSavedTime()
    {
        Assert.Equal(Released, ClockFloor.From(Released, saved: null).Moment);
        Assert.Equal(Released, ClockFloor.From(Released, Released.AddDays(-1)).Moment);
        Assert.Equal(Released.AddDays(1), ClockFloor.From(Released, Released.AddDays(1)).Moment);
    }

    [Fact]
    public void ASavedTimeThatNobodyCanBelieveIsIgnored()
    {
        Assert.Equal(Released, ClockFloor.From(Released, DateTimeOffset.MaxValue).Moment);
        Assert.Equal(Released, ClockFloor.From(Released, Released.AddYears(20).AddSeconds(1)).Moment);
    }

    [Fact]
    public void AClockBelowTheFloorIsWrongAndACorrectionBySecondsIsNot()
    {
        var floor = new ClockFloor(Released);

        Assert.True(floor.Allows(Released));
        Assert.True(floor.Allows(Released.AddSeconds(-30)));
        Assert.False(floor.Allows(Released.AddMinutes(-2)));
        Assert.False(floor.Allows(DateTimeOffset.UnixEpoch));
    }

    [Fact]
    public void TheFloorNeverSinks()
    {
        var floor = new ClockFloor(Released);

        Assert.Equal(Released.AddHours(1), floor.RaisedTo(Released.AddHours(1)).Moment);
        Assert.Equal(Released, floor.RaisedTo(Released.AddSeconds(-1)).Moment);
    }
}
