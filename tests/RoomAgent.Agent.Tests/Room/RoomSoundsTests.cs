using RoomAgent.Agent.Devices;
using RoomAgent.Agent.Room;
using RoomAgent.Hal;

namespace RoomAgent.Agent.Tests.Room;

/// <summary>What is heard follows from how the room stood and how it stands.</summary>
public sealed class RoomSoundsTests
{
    [Fact]
    public void NothingIsHeardOfARoomThatIsAsItWas()
    {
        foreach (MeetingStage stage in Enum.GetValues<MeetingStage>())
        {
            RoomStatus status = Standing.InMeeting(3, stage).With(meeting => meeting with { IsForked = true }) with { NextBookingInMinutes = 5 };

            Assert.Null(RoomSounds.Between(status, status with { IsMuted = false }));
        }
    }

    [Fact]
    public void ACountdownIsHeardWhenItBegins()
    {
        RoomStatus counting = Standing.Ready with { Countdown = new Countdown(Standing.Occurrence("planning"), Standing.Ten) };
        RoomStatus other = Standing.Ready with { Countdown = new Countdown(Standing.Occurrence("review"), Standing.Ten) };

        Assert.Equal(Chime.Countdown, RoomSounds.Between(Standing.Ready, counting));
        Assert.Equal(Chime.Countdown, RoomSounds.Between(counting, other));
        Assert.Null(RoomSounds.Between(counting, counting with { RoomName = "Hall" }));
        Assert.Null(RoomSounds.Between(counting, Standing.Ready));
    }

    [Fact]
    public void TheRoomsNextBookingIsHeardFiveMinutesAndOneBefore()
    {
        RoomStatus free = Standing.InMeeting(1), five = free with { NextBookingInMinutes = 5 }, one = free with { NextBookingInMinutes = 1 };

        Assert.Equal(Chime.Countdown, RoomSounds.Between(free, five));
        Assert.Equal(Chime.Countdown, RoomSounds.Between(five, one));
        Assert.Null(RoomSounds.Between(one, free));
    }

    [Fact]
    public void ComingIsHeardOnceTheRoomIsIn()
    {
        MeetingStage[] way = [MeetingStage.Joining, MeetingStage.Lobby, MeetingStage.Pending, MeetingStage.Member];
        List<Chime?> heard = [];
        RoomStatus before = Standing.Ready;
        foreach (RoomStatus after in way.Select(stage => Standing.InMeeting(2, stage)))
        {
            heard.Add(RoomSounds.Between(before, after));
            before = after;
        }

        Assert.Equal([null, null, null, Chime.Join], heard);
    }

    [Theory]
    [InlineData(MeetingStage.Leaving)]
    [InlineData(MeetingStage.Ended)]
    public void GoingIsHeardOnce(MeetingStage stage)
    {
        RoomStatus going = Standing.InMeeting(2, stage), ended = Standing.InMeeting(2, MeetingStage.Ended);

        Assert.Equal(Chime.Leave, RoomSounds.Between(Standing.InMeeting(2), going));
        Assert.Null(RoomSounds.Between(going, ended));
        Assert.Null(RoomSounds.Between(ended, Standing.Ready));
    }

    [Fact]
    public void AMeetingThatIsGivenUpIsHeardToo() => Assert.Equal(Chime.Leave, RoomSounds.Between(Standing.InMeeting(2), Standing.Ready));

    [Fact]
    public void AWayThatIsMendedIsNotHeard()
    {
        RoomStatus mending = Standing.InMeeting(2, MeetingStage.Reconnecting).With(meeting => meeting with { Members = [] });

        Assert.Null(RoomSounds.Between(Standing.InMeeting(2), mending));
        Assert.Null(RoomSounds.Between(mending, Standing.InMeeting(2)));
        Assert.Equal(Chime.Leave, RoomSounds.Between(mending, Standing.InMeeting(2, MeetingStage.Ended)));
    }

    [Fact]
    public void OthersAreHeardComingAndGoing()
    {
        Assert.Equal(Chime.Join, RoomSounds.Between(Standing.InMeeting(2), Standing.InMeeting(3)));
        Assert.Equal(Chime.Leave, RoomSounds.Between(Standing.InMeeting(3), Standing.InMeeting(2)));
    }

    [Fact]
    public void WhoComesBackAtAnotherLeafHasNotMoved()
    {
        RoomStatus moved = Standing.InMeeting(2).With(meeting => meeting.WithLast(member => Standing.Member(9) with { Who = member.Who }));

        Assert.Null(RoomSounds.Between(Standing.InMeeting(2), moved));
    }

    [Fact]
    public void WhatPeopleHaveToLookAtIsHeardBeforeAllElse()
    {
        RoomStatus calm = Standing.InMeeting(2);
        RoomStatus forked = Standing.InMeeting(3).With(meeting => meeting with { IsForked = true });
        RoomStatus silent = calm.With(meeting => meeting.WithLast(member => member with { IsSilent = true, IsSilentForLong = true }));
        RoomStatus unsafeEnd = Standing.InMeeting(2, MeetingStage.Ended).With(meeting => meeting with { Trouble = Trouble.MeetingNotSecure });

        Assert.Equal(Chime.Alarm, RoomSounds.Between(calm, forked));
        Assert.Equal(Chime.Alarm, RoomSounds.Between(calm, silent));
        Assert.Equal(Chime.Alarm, RoomSounds.Between(calm, unsafeEnd));
        Assert.Null(RoomSounds.Between(silent, silent));
    }

    [Fact]
    public void TheLastFiveSecondsTick()
    {
        var countdown = new Countdown(Standing.Occurrence("planning"), Standing.Ten);
        List<double> left = [];
        DateTimeOffset now = Standing.Ten.AddSeconds(-29.7);

        while (RoomSounds.UntilTick(countdown, now) is { } wait)
        {
            Assert.True(wait > TimeSpan.Zero);
            now += wait;
            left.Add(Math.Round((Standing.Ten - now).TotalSeconds, 3));
        }

        Assert.Equal([5, 4, 3, 2, 1], left);
        Assert.Null(RoomSounds.UntilTick(countdown, Standing.Ten.AddSeconds(2)));
        Assert.Equal(TimeSpan.FromSeconds(0.5), RoomSounds.UntilTick(countdown, Standing.Ten.AddSeconds(-2.5)));
    }
}
