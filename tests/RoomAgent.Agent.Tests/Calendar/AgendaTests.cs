using RoomAgent.Agent.Calendar;
using RoomAgent.Meetings;
using RoomAgent.Mls;
using RoomAgent.Wire;

namespace RoomAgent.Agent.Tests.Calendar;

/// <summary>A room's days in virtual time. Item 3 of the main job: countdown, overlaps, back-to-back, moved and cancelled meetings, reboots, do-not-disturb.</summary>
public sealed class AgendaTests
{
    private static readonly DateTimeOffset s_ten = new(2026, 3, 2, 10, 0, 0, TimeSpan.Zero);

    private readonly MemoryVault _vault = new();
    private Agenda _agenda = new(new AgendaSettings()) { IsReady = true };
    private readonly List<AgendaDeed> _deeds = [];
    private DateTimeOffset _date = s_ten.AddHours(-1);
    private Instant _now = new(0);
    private OccurrenceName? _in;
    private int _others;

    [Fact]
    public void AMeetingIsCountedDownForThirtySecondsAndJoinedThirtySecondsBeforeItsStart()
    {
        Calendar(Meeting("a", s_ten, 60));

        Run(s_ten.AddSeconds(-61));
        Assert.Null(_agenda.Countdown);
        Run(s_ten.AddSeconds(-60));
        Assert.Equal(s_ten.AddSeconds(-30), _agenda.Countdown!.JoinsAt);
        Run(s_ten.AddSeconds(-31));
        Assert.Null(_in);
        Run(s_ten.AddSeconds(-30));

        Assert.Equal(Name("a"), _in);
        Assert.Null(_agenda.Countdown);
    }

    [Fact]
    public void AMeetingIsNotJoinedBeforeTheHubLetsAnybodyIn()
    {
        Calendar(Meeting("a", s_ten, 60) with { OpensAt = s_ten.AddSeconds(-5) });

        Run(s_ten.AddSeconds(-6));
        Assert.Null(_in);
        Run(s_ten.AddSeconds(-5));

        Assert.Equal(Name("a"), _in);
    }

    [Fact]
    public void AnybodyInTheRoomCanStopTheCountdownAndJoinByHandAfterwards()
    {
        Calendar(Meeting("a", s_ten, 60));
        Run(s_ten.AddSeconds(-45));

        Assert.True(_agenda.StopCountdown(Time));
        Run(s_ten.AddMinutes(10));
        Assert.Null(_in);

        Assert.True(_agenda.Join(null, Time));
        Take();
        Assert.Equal(Name("a"), _in);
    }

    [Fact]
    public void AMeetingThatIsScheduledWhileItRunsIsCountedDownInFull()
    {
        Calendar();
        Run(s_ten.AddSeconds(5));
        Calendar(Meeting("a", s_ten, 60));

        Run(s_ten.AddSeconds(34));
        Assert.Null(_in);
        Assert.NotNull(_agenda.Countdown);
        Run(s_ten.AddSeconds(35));

        Assert.Equal(Name("a"), _in);
    }

    [Fact]
    public void ARoomThatIsSwitchedOnInTheMiddleOfAMeetingJoinsAtOnce()
    {
        _date = s_ten.AddMinutes(20);

        Calendar(Meeting("a", s_ten, 60));

        Assert.Equal(Name("a"), _in);
    }

    [Fact]
    public void ARoomThatCannotJoinYetDoesSoAsSoonAsItCan()
    {
        _date = s_ten.AddMinutes(20);
        _agenda.IsReady = false;
        Calendar(Meeting("a", s_ten, 60));
        Assert.Null(_in);

        _agenda.IsReady = true;
        _agenda.HandleTimeout(Time);
        Take();

        Assert.Equal(Name("a"), _in);
    }

    [Fact]
    public void TheScheduledEndCutsNobodyOffAndTheLastOneLeavesAfterAMinute()
    {
        Calendar(Meeting("a", s_ten, 60));
        Run(s_ten);
        Others(2);

        Run(s_ten.AddMinutes(61));
        Calendar();
        Run(s_ten.AddMinutes(90));
        Assert.Equal(Name("a"), _in);

        Others(0);
        Run(s_ten.AddMinutes(90).AddSeconds(59));
        Assert.Equal(Name("a"), _in);
        Run(s_ten.AddMinutes(91));

        Assert.Equal(LeaveCause.Alone, Left());
    }

    [Fact]
    public void WhoIsAloneFromTheBeginningWaitsUntilTheEnd()
    {
        Calendar(Meeting("a", s_ten, 60));

        Run(s_ten.AddMinutes(60).AddSeconds(59));
        Assert.Equal(Name("a"), _in);
        Run(s_ten.AddMinutes(61));

        Assert.Equal(LeaveCause.Alone, Left());
        Run(s_ten.AddMinutes(70));
        Assert.Null(_in);
    }

    [Fact]
    public void WhoComesBackEndsTheMinuteAlone()
    {
        Calendar(Meeting("a", s_ten, 60));
        Run(s_ten);
        Others(1);
        Others(0);
        Run(s_ten.AddSeconds(50));
        Others(1);

        Run(s_ten.AddMinutes(10));

        Assert.Equal(Name("a"), _in);
    }

    [Fact]
    public void TheNextBookingIsAnnouncedTwiceAndThenTakesTheRoom()
    {
        Calendar(Meeting("a", s_ten, 60), Meeting("b", s_ten.AddMinutes(60), 30));
        Run(s_ten);
        Others(3);

        Run(s_ten.AddMinutes(54));
        Assert.Null(_agenda.NextBookingInMinutes);
        Run(s_ten.AddMinutes(55));
        Assert.Equal(5, _agenda.NextBookingInMinutes);
        Run(s_ten.AddMinutes(59));
        Assert.Equal(1, _agenda.NextBookingInMinutes);
        Run(s_ten.AddMinutes(60));

        Assert.Equal(LeaveCause.NextBooking, Left());
        Assert.Equal(Name("b"), _in);
    }

    [Fact]
    public void PeopleInTheRoomCanKeepItFromTheNextBooking()
    {
        Calendar(Meeting("a", s_ten, 60), Meeting("b", s_ten.AddMinutes(60), 30));
        Run(s_ten);
        Others(3);
        Run(s_ten.AddMinutes(56));

        Assert.True(_agenda.StopCountdown(Time));
        Run(s_ten.AddMinutes(70));

        Assert.Equal(Name("a"), _in);
    }

    [Fact]
    public void OfTwoThatOverlapTheLaterOneHasTheRoom()
    {
        Calendar(Meeting("long", s_ten, 120), Meeting("short", s_ten.AddMinutes(30), 30));
        Run(s_ten.AddMinutes(10));
        Others(1);
        Assert.Equal(Name("long"), _in);

        Run(s_ten.AddMinutes(30));

        Assert.Equal(Name("short"), _in);
    }

    [Fact]
    public void ABookingElsewhereTakesTheRoomAndIsNotJoined()
    {
        Calendar(Meeting("a", s_ten, 60), Meeting("teams", s_ten.AddMinutes(60), 30) with { Policy = null, Elsewhere = "Microsoft Teams" });
        Run(s_ten);
        Others(1);

        Run(s_ten.AddMinutes(61));

        Assert.Equal(LeaveCause.NextBooking, Left());
        Assert.Null(_in);
    }

    [Fact]
    public void ACancelledMeetingIsLeftAtOnceAndAMovedOneIsJoinedThen()
    {
        Calendar(Meeting("a", s_ten, 60));
        Run(s_ten.AddSeconds(-45));
        Calendar(Meeting("a", s_ten.AddHours(1), 60));
        Assert.Null(_agenda.Countdown);

        Run(s_ten.AddHours(1));
        Assert.Equal(Name("a"), _in);
        Calendar(Meeting("a", s_ten.AddHours(3), 60));
        Assert.Equal(LeaveCause.CalledOff, Left());
        Run(s_ten.AddHours(3));
        Assert.Equal(Name("a"), _in);

        Calendar();
        Assert.Equal(LeaveCause.CalledOff, Left());
    }

    [Fact]
    public void WhoLeavesByHandIsNotBroughtBack()
    {
        Calendar(Meeting("a", s_ten, 60));
        Run(s_ten);

        _agenda.Leave(Time);
        Take();
        Run(s_ten.AddMinutes(30));

        Assert.Equal(LeaveCause.Wish, Left());
        Assert.Null(_in);
    }

    [Fact]
    public void AMeetingThatWasLostIsJoinedAgainAfterAMomentAndARefusedOneIsNot()
    {
        Calendar(Meeting("a", s_ten, 60));
        Run(s_ten);

        Lose();
        Run(s_ten.AddSeconds(4));
        Assert.Null(_in);
        Run(s_ten.AddSeconds(5));
        Assert.Equal(Name("a"), _in);

        _agenda.HandleRefused(Name("a"), Time);
        Lose();
        Run(s_ten.AddMinutes(10));
        Assert.Null(_in);
    }

    [Fact]
    public void WhoWantsNoDisturbanceIsLeftAlone()
    {
        Calendar(Meeting("a", s_ten, 60), Meeting("b", s_ten.AddHours(2), 60));
        _agenda.DoNotDisturb(TimeSpan.FromHours(2.5), Time);

        Run(s_ten.AddMinutes(30));
        Assert.Null(_in);
        Run(s_ten.AddHours(2));

        Assert.Equal(Name("b"), _in);
        Assert.Null(_agenda.DoNotDisturbUntil);
    }

    [Fact]
    public void APersonalRoomIsLeftWhenNobodyComesOrForABooking()
    {
        Calendar(Meeting("b", s_ten, 60));
        Assert.True(_agenda.JoinAdHoc(Meeting("mine", _date, 600), Time));
        Take();
        Assert.Equal(Name("mine"), _in);
        Run(s_ten.AddMinutes(-51));
        Assert.Equal(Name("mine"), _in);
        Run(s_ten.AddMinutes(-50));
        Assert.Equal(LeaveCause.Alone, Left());

        Assert.True(_agenda.JoinAdHoc(Meeting("mine", _date, 600), Time));
        Take();
        Others(1);
        Run(s_ten);
        Assert.Equal(LeaveCause.NextBooking, Left());
        Assert.Equal(Name("b"), _in);
    }

    [Fact]
    public void AClockThatIsSetNeitherShortensACountdownNorMakesTheRoomLeave()
    {
        Calendar(Meeting("a", s_ten, 60));
        Run(s_ten.AddSeconds(-60));
        Assert.NotNull(_agenda.Countdown);

        // Ten minutes forward: the countdown still runs in full.
        _date += TimeSpan.FromMinutes(10);
        Step(TimeSpan.FromSeconds(29));
        Assert.Null(_in);
        Step(TimeSpan.FromSeconds(1));
        Assert.Equal(Name("a"), _in);

        Others(2);
        _date = s_ten.AddYears(-10);
        Step(TimeSpan.FromMinutes(5));
        Assert.Equal(Name("a"), _in);
    }

    [Fact]
    public void ABookingThatIsMadeWhileItRunsTakesTheRoomAfterAMinute()
    {
        Calendar(Meeting("a", s_ten, 60));
        Run(s_ten.AddMinutes(20));
        Others(2);

        Calendar(Meeting("a", s_ten, 60), Meeting("b", s_ten.AddMinutes(19), 30));
        Assert.Equal(Name("a"), _in);
        Calendar(Meeting("a", s_ten, 60), Meeting("b", s_ten.AddMinutes(20).AddSeconds(1), 30));
        Assert.Equal(1, _agenda.NextBookingInMinutes);
        Run(s_ten.AddMinutes(20).AddSeconds(59));
        Assert.Equal(Name("a"), _in);
        Run(s_ten.AddMinutes(21));

        Assert.Equal(LeaveCause.NextBooking, Left());
        Assert.Equal(Name("b"), _in);
    }

    [Fact]
    public void AClockThatJumpsIntoTheNextBookingStillLeavesAMinute()
    {
        Calendar(Meeting("a", s_ten, 60), Meeting("b", s_ten.AddMinutes(60), 30));
        Run(s_ten.AddMinutes(20));
        Others(2);

        _date += TimeSpan.FromMinutes(45);
        Step(TimeSpan.Zero);
        Assert.Equal(1, _agenda.NextBookingInMinutes);
        Step(TimeSpan.FromSeconds(59));
        Assert.Equal(Name("a"), _in);
        Step(TimeSpan.FromSeconds(1));

        Assert.Equal(Name("b"), _in);
    }

    [Fact]
    public void AClockThatJumpsBackWithACalendarCallsNothingOff()
    {
        Calendar(Meeting("a", s_ten, 60));
        Run(s_ten.AddMinutes(20));
        Others(2);

        _date -= TimeSpan.FromHours(3);
        Calendar(Meeting("a", s_ten, 60));

        Assert.Equal(Name("a"), _in);
    }

    [Fact]
    public void WhoJoinsTheEarlierOfTwoByHandIsNotTakenOutOfIt()
    {
        Calendar(Meeting("long", s_ten, 120), Meeting("short", s_ten.AddMinutes(30), 30));
        Run(s_ten.AddMinutes(40));
        Assert.Equal(Name("short"), _in);

        Assert.True(_agenda.Join(Name("long"), Time));
        Take();
        Others(1);
        Run(s_ten.AddMinutes(50));
        Assert.Equal(Name("long"), _in);

        _agenda.Leave(Time);
        Take();
        Run(s_ten.AddMinutes(55));
        Assert.Null(_in);
    }

    [Fact]
    public void WhoJoinsWhatTheyAreInStaysInIt()
    {
        Calendar(Meeting("a", s_ten, 60));
        Run(s_ten);
        int deeds = _deeds.Count;

        Assert.True(_agenda.Join(null, Time));
        Take();

        Assert.Equal(deeds, _deeds.Count);
        Assert.Equal(Name("a"), _in);
    }

    [Fact]
    public void WhatPeopleStoppedOrLeftStaysSoThroughAPowerCut()
    {
        Calendar(Meeting("a", s_ten, 60), Meeting("b", s_ten.AddMinutes(5), 60));
        Run(s_ten.AddMinutes(1));
        _agenda.Leave(Time);
        Take();
        Run(s_ten.AddMinutes(4).AddSeconds(15));
        Assert.True(_agenda.StopCountdown(Time));

        LosePower();
        Calendar(Meeting("a", s_ten, 60), Meeting("b", s_ten.AddMinutes(5), 60));
        Run(s_ten.AddMinutes(30));
        Assert.Null(_in);

        // Moved, it is another question.
        Calendar(Meeting("b", s_ten.AddMinutes(40), 60));
        Run(s_ten.AddMinutes(40));
        Assert.Equal(Name("b"), _in);
    }

    [Fact]
    public void DoNotDisturbOutlivesAPowerCut()
    {
        _agenda.DoNotDisturb(TimeSpan.FromHours(2), Time);

        LosePower();
        Calendar(Meeting("a", s_ten, 60));
        Run(s_ten.AddMinutes(30));

        Assert.Null(_in);
        Assert.Equal(s_ten.AddHours(1), _agenda.DoNotDisturbUntil);
    }

    [Fact]
    public void WithoutADateNothingIsJoinedAndNothingFails()
    {
        _agenda.HandleCalendar([Meeting("a", s_ten, 60)], new GroupTime(_now, GroupTime.NoDate));
        _agenda.HandleTimeout(new GroupTime(_now, GroupTime.NoDate));
        Assert.False(_agenda.TryPoll(out _));

        _date = s_ten.AddSeconds(-50);
        Step(TimeSpan.FromSeconds(1));
        Assert.NotNull(_agenda.Countdown);
        _agenda.Leave(new GroupTime(_now, GroupTime.NoDate));
        Assert.Null(_agenda.Countdown);
        Assert.True(_agenda.PollTimeout > _now);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void WhateverHappensNothingIsJoinedThatIsNotOpenOrWasStopped(int seed)
    {
        var random = new Random(seed);
        var entries = new List<Occurrence>();
        var stopped = new HashSet<OccurrenceName>();
        _date = s_ten;
        Calendar();
        for (int step = 0; step < 3_000; step++)
        {
            switch (random.Next(12))
            {
                case 0:
                    Occurrence made = Meeting($"m{step}", _date.AddSeconds(random.Next(-600, 7_200)), random.Next(1, 90));
                    entries.Add(random.Next(4) == 0 ? made with { Policy = null, Elsewhere = "Zoom" } : made);
                    Calendar([.. entries]);
                    break;
                case 1 when entries.Count > 0:
                    entries.RemoveAt(random.Next(entries.Count));
                    Calendar([.. entries]);
                    break;
                case 2:
                    Others(random.Next(3));
                    break;
                case 3 when _agenda.Countdown is { } countdown:
                    stopped.Add(countdown.What.Name);
                    _agenda.StopCountdown(Time);
                    break;
                case 4 when _in is { } name:
                    stopped.Add(name);
                    _agenda.Leave(Time);
                    break;
                case 5:
                    Lose();
                    break;
            }

            int before = _deeds.Count;
            Step(TimeSpan.FromSeconds(random.Next(120)));
            foreach (JoinNow join in _deeds.Skip(before).OfType<JoinNow>())
            {
                Assert.NotNull(join.What.Policy);
                Assert.True(join.What.OpensAt <= _date, "joined before it opened");
                Assert.Contains(entries, entry => entry.Name == join.What.Name);
                Assert.DoesNotContain(join.What.Name, stopped);
            }
        }

        Assert.Contains(_deeds, deed => deed is JoinNow);
        Assert.Contains(_deeds, deed => deed is LeaveNow);
    }

    private GroupTime Time => new(_now, _date);

    private static OccurrenceName Name(string id) => new(ByteString.CopyOf(System.Text.Encoding.ASCII.GetBytes(id)), ByteString.Owning(new byte[16]));

    private static Occurrence Meeting(string id, DateTimeOffset start, int minutes) => new(Name(id), start, start.AddMinutes(minutes))
    {
        Title = id,
        OpensAt = start.AddMinutes(-15),
        Policy = new RoomPolicy { Name = new GroupName(Name(id).MeetingId, Name(id).Instance, 0), Hosts = [], Anchors = [] },
    };

    private LeaveCause? Left() => _deeds.OfType<LeaveNow>().LastOrDefault()?.Cause;

    private void Calendar(params Occurrence[] entries)
    {
        _agenda.HandleCalendar(entries, Time);
        Take();
    }

    private void Others(int others)
    {
        _others = others;
        _agenda.HandleMeeting(_in, others, Time);
        Take();
    }

    private void Lose()
    {
        _in = null;
        Others(0);
    }

    private void LosePower()
    {
        new AgendaMemory(_vault).Write(_agenda.Notes);
        _in = null;
        _agenda = new Agenda(new AgendaSettings()) { IsReady = true };
        _agenda.Recall(new AgendaMemory(_vault).Read()!);
    }

    // Does as the room does, at once.
    private void Take()
    {
        while (_agenda.TryPoll(out AgendaDeed? deed))
        {
            _deeds.Add(deed);
            _in = deed is JoinNow join ? join.What.Name : null;
            _others = 0;
            _agenda.HandleMeeting(_in, _others, Time);
        }
    }

    // Time passes as the agenda asks, and not faster.
    private void Run(DateTimeOffset until) => Step(until - _date);

    private void Step(TimeSpan span)
    {
        Instant end = _now + span;
        for (int turns = 0; ; turns++)
        {
            Assert.True(turns < 100_000, "the agenda does not let time go on");
            Instant next = Instant.Min(_agenda.PollTimeout, end);
            _date += next - _now;
            _now = next;
            _agenda.HandleMeeting(_in, _others, Time);
            _agenda.HandleTimeout(Time);
            Take();
            if (next >= end)
                return;
        }
    }
}
