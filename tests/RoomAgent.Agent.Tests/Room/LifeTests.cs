using RoomAgent.Agent.Room;

namespace RoomAgent.Agent.Tests.Room;

/// <summary>The two life cycles, read across (item 1 of the main job): nothing is undecided, nothing is out of reach, power loss included.</summary>
public sealed class LifeTests
{
    [Fact]
    public void ATableThatLeavesSomethingOutIsAMistake()
    {
        (DeviceEvent, DevicePhase?[])[] rows = [.. Enum.GetValues<DeviceEvent>().Select(what => (what, new DevicePhase?[7]))];
        _ = new LifeTable<DevicePhase, DeviceEvent>(rows);

        Assert.Throws<ArgumentException>(() => new LifeTable<DevicePhase, DeviceEvent>(rows[1..]));
        Assert.Throws<ArgumentException>(() => new LifeTable<DevicePhase, DeviceEvent>([(rows[0].Item1, new DevicePhase?[6]), .. rows[1..]]));
        Assert.Throws<ArgumentException>(() => new LifeTable<DevicePhase, DeviceEvent>([rows[1], .. rows[1..]]));
    }

    [Fact]
    public void TheColumnsStandInTheOrderOfTheStates()
    {
        Assert.Equal(Enumerable.Range(0, 7), Enum.GetValues<DevicePhase>().Select(phase => (int)phase));
        Assert.Equal(Enumerable.Range(0, 8), Enum.GetValues<MeetingStage>().Select(stage => (int)stage));
    }

    [Fact]
    public void EveryStateOfADeviceIsReachedAndLeadsBackToWork()
    {
        Assert.Equal(Enum.GetValues<DevicePhase>(), Reached(DeviceLife.Table, DevicePhase.Starting, DeviceEvent.PowerLost).Order());
        Assert.All(Enum.GetValues<DevicePhase>(), phase => Assert.Contains(DevicePhase.Registered, Reached(DeviceLife.Table, phase, DeviceEvent.PowerLost)));
    }

    [Fact]
    public void WhateverADeviceIsItCanBeUnpairedOrLoseItsPower()
    {
        foreach (DevicePhase phase in Enum.GetValues<DevicePhase>())
        {
            Assert.Equal(DevicePhase.Starting, DeviceLife.Table.Next(phase, DeviceEvent.PowerLost));
            Assert.Equal(DevicePhase.Unpaired, DeviceLife.Table.Next(phase, DeviceEvent.Left));
        }
    }

    [Fact]
    public void WhatADeviceFindsOutWhenItStartsIsAlwaysDecided() =>
        Assert.All(Enum.GetValues<DeviceEvent>(), what => Assert.NotNull(DeviceLife.Table.Next(DevicePhase.Starting, what)));

    // A device that lost its access is not let back in by anything but a new account.
    [Fact]
    public void WhoLostItsAccessHasToBePairedAgain() => Assert.Equal(
        [DeviceEvent.HubNeeded, DeviceEvent.HubFound, DeviceEvent.AccountGained, DeviceEvent.Left, DeviceEvent.PowerLost],
        Enum.GetValues<DeviceEvent>().Where(what => DeviceLife.Table.Next(DevicePhase.Revoked, what) is { } next && next != DevicePhase.Revoked));

    [Fact]
    public void EveryStageOfAMeetingIsReachedAndEnds()
    {
        Assert.Equal(Enum.GetValues<MeetingStage>(), Reached(MeetingLife.Table, MeetingStage.Scheduled, MeetingEvent.PowerLost).Order());
        Assert.All(Enum.GetValues<MeetingStage>(), stage => Assert.Equal(MeetingStage.Ended, MeetingLife.Table.Next(stage, MeetingEvent.Over)));
    }

    [Fact]
    public void WhatHasEndedStaysSo() => Assert.All(
        Enum.GetValues<MeetingEvent>(),
        what => Assert.True(MeetingLife.Table.Next(MeetingStage.Ended, what) is null or MeetingStage.Ended));

    [Fact]
    public void WhoLosesItsPowerInAMeetingFindsItInTheCalendarAndWhoWasLeavingHasLeft()
    {
        Assert.Equal(MeetingStage.Scheduled, MeetingLife.Table.Next(MeetingStage.Member, MeetingEvent.PowerLost));
        Assert.Equal(MeetingStage.Ended, MeetingLife.Table.Next(MeetingStage.Leaving, MeetingEvent.PowerLost));
    }

    [Fact]
    public void WhatHappensToARoomThatJoinsIsAlwaysDecided() => Assert.Equal(
        [MeetingEvent.Due, MeetingEvent.Stopped],
        Enum.GetValues<MeetingEvent>().Where(what => MeetingLife.Table.Next(MeetingStage.Joining, what) is null));

    private static HashSet<TState> Reached<TState, TEvent>(LifeTable<TState, TEvent> table, TState from, TEvent but)
        where TState : struct, Enum
        where TEvent : struct, Enum
    {
        HashSet<TState> reached = [from];
        var open = new Queue<TState>(reached);
        while (open.TryDequeue(out TState state))
        {
            foreach (TEvent what in Enum.GetValues<TEvent>().Where(what => !what.Equals(but)))
            {
                if (table.Next(state, what) is { } next && reached.Add(next))
                    open.Enqueue(next);
            }
        }

        return reached;
    }
}
