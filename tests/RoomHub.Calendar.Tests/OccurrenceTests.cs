using RoomAgent.Hub.Calendar;

namespace RoomAgent.Hub.Tests;

/// <summary>When the occurrences of a meeting are, with all that differs from the rule.</summary>
public sealed class OccurrenceTests
{
    private static readonly Guid s_room = Guid.NewGuid();
    private static readonly Guid s_otherRoom = Guid.NewGuid();

    // Local time keeps; the moment does not. Berlin leaves summer time on 25 October 2026 and New York on 1 November.
    [Theory]
    [InlineData("Europe/Berlin", "2026-10-19 07:00", "2026-10-26 08:00", "2026-11-02 08:00")]
    [InlineData("America/New_York", "2026-10-19 13:00", "2026-10-26 13:00", "2026-11-02 14:00")]
    [InlineData("Asia/Kolkata", "2026-10-19 03:30", "2026-10-26 03:30", "2026-11-02 03:30")]
    public void TheHourOnTheWallStaysWhenSummerTimeEnds(string zone, params string[] moments)
    {
        MeetingPlan plan = Weekly() with { Zone = zone, Start = new DateTime(2026, 10, 19, 9, 0, 0) };

        Assert.Equal(moments, Starts(plan, "2026-10-01", "2026-11-08").Select(start => start.ToString("yyyy-MM-dd HH:mm")));
    }

    [Fact]
    public void ATimeThatIsSkippedIsTakenWithTheOffsetBefore()
    {
        // 02:30 on 29 March 2026 is not there in Berlin; RFC 5545 section 3.3.5 makes it 03:30 summer time.
        MeetingPlan plan = Weekly() with { Rule = "FREQ=DAILY", Start = new DateTime(2026, 3, 28, 2, 30, 0) };

        Assert.Equal(["2026-03-28T01:30Z", "2026-03-29T01:30Z", "2026-03-30T00:30Z"], Starts(plan, "2026-03-28", "2026-03-31").Select(start => start.ToString("yyyy-MM-dd'T'HH:mm'Z'")));
    }

    [Fact]
    public void ATimeThatComesTwiceIsTheFirst()
    {
        MeetingPlan plan = Weekly() with { Rule = null, Start = new DateTime(2026, 10, 25, 2, 30, 0) };

        Assert.Equal(["2026-10-25T00:30Z"], Starts(plan, "2026-10-25", "2026-10-26").Select(start => start.ToString("yyyy-MM-dd'T'HH:mm'Z'")));
    }

    [Fact]
    public void AMeetingOverTheChangeOfTheClockLastsAsLongAsOthers()
    {
        MeetingPlan plan = Weekly() with { Rule = null, Start = new DateTime(2026, 10, 24, 23, 0, 0), DurationSeconds = 6 * 3600 };

        PlannedOccurrence only = Assert.Single(Between(plan, "2026-10-24", "2026-10-27"));

        Assert.Equal(TimeSpan.FromHours(6), only.EndsAt - only.StartsAt);
        Assert.Equal(Occurrences.Only, only.Key);
    }

    [Fact]
    public void WhatDiffersFromTheRuleDiffers()
    {
        MeetingPlan plan = Weekly() with
        {
            Excluded = [Monday(1)],
            Added = [Monday(0).AddDays(1)],
            Changes =
            [
                new PlannedChange { Original = Monday(2), IsCancelled = true },
                new PlannedChange { Original = Monday(3), Start = Monday(3).AddHours(5), DurationSeconds = 600, Title = "Later", Rooms = [s_otherRoom] },
            ],
        };

        List<PlannedOccurrence> found = Between(plan, "2026-11-01", "2026-12-12");

        Assert.Equal([Monday(0), Monday(0).AddDays(1), Monday(3), Monday(4), Monday(5)], found.Select(occurrence => Occurrences.OriginalOf(occurrence.Key)!.Value));
        Assert.Equal(("Later", Zones.ToUtc(Monday(3).AddHours(5), plan.Zone), 10.0), (found[2].Title, found[2].StartsAt, (found[2].EndsAt - found[2].StartsAt).TotalMinutes));
        Assert.Equal([s_otherRoom], found[2].Rooms);
        Assert.Equal([s_room], found[3].Rooms);
    }

    [Fact]
    public void AnOccurrenceThatWasMovedFarIsWhereItWasMoved()
    {
        MeetingPlan plan = Weekly() with { Changes = [new PlannedChange { Original = Monday(20), Start = Monday(0).AddDays(1) }, new PlannedChange { Original = Monday(1), Start = Monday(30).AddDays(1) }] };

        Assert.Equal([Monday(0), Monday(0).AddDays(1)], Between(plan, "2026-11-02", "2026-11-10").Select(occurrence => Zones.ToLocal(occurrence.StartsAt, plan.Zone)).Order());
        Assert.Equal([Monday(30), Monday(30).AddDays(1)], Between(plan, "2027-05-31", "2027-06-05").Select(occurrence => Zones.ToLocal(occurrence.StartsAt, plan.Zone)).Order());
    }

    [Fact]
    public void WhatRunsNowIsStillThere()
    {
        MeetingPlan plan = Weekly() with { Start = Monday(0), DurationSeconds = 26 * 3600 };

        Assert.Single(Occurrences.Between(plan, Zones.ToUtc(Monday(0).AddHours(25), plan.Zone), Zones.ToUtc(Monday(0).AddHours(25.5), plan.Zone)));
        Assert.Empty(Occurrences.Between(plan, Zones.ToUtc(Monday(0).AddHours(26), plan.Zone), Zones.ToUtc(Monday(0).AddHours(26.5), plan.Zone)));
    }

    [Fact]
    public void OnlyOccurrencesThatThereAreCanBeChanged()
    {
        MeetingPlan plan = Weekly() with { Excluded = [Monday(1)], Added = [Monday(0).AddDays(2)] };

        Assert.True(Occurrences.Has(plan, Monday(0)));
        Assert.True(Occurrences.Has(plan, Monday(0).AddDays(2)));
        Assert.False(Occurrences.Has(plan, Monday(1)));
        Assert.False(Occurrences.Has(plan, Monday(2).AddMinutes(1)));
        Assert.False(Occurrences.Has(plan, Monday(0).AddDays(-7)));
        Assert.False(Occurrences.Has(plan with { Rule = null, Added = [] }, Monday(0)));
    }

    [Fact]
    public void ASeriesGoesOnUntilItsLastDate()
    {
        MeetingPlan plan = Weekly() with { Rule = "FREQ=WEEKLY;COUNT=3" };

        Assert.True(Occurrences.GoesOn(plan, Zones.ToUtc(Monday(2), plan.Zone)));
        Assert.False(Occurrences.GoesOn(plan, Zones.ToUtc(Monday(2).AddDays(2), plan.Zone)));
        Assert.True(Occurrences.GoesOn(plan with { Added = [Monday(9)] }, Zones.ToUtc(Monday(8), plan.Zone)));
    }

    [Theory]
    [InlineData("Europe/Berlin", "Europe/Berlin")]
    [InlineData("W. Europe Standard Time", "Europe/Berlin")]
    [InlineData("Eastern Standard Time", "America/New_York")]
    [InlineData("/mozilla.org/20050126_1/Europe/Berlin", "Europe/Berlin")]
    [InlineData("/freeassociation.sourceforge.net/America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires")]
    [InlineData("UTC", "UTC")]
    [InlineData("Mars/Olympus", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void ZonesHaveTheNamesThatCalendarsGiveThem(string? name, string? zone) => Assert.Equal(zone, Zones.Find(name));

    private static DateTime Monday(int week) => new DateTime(2026, 11, 2, 9, 0, 0).AddDays(7 * week);

    private static MeetingPlan Weekly() => new() { Title = "Weekly", Zone = "Europe/Berlin", Start = Monday(0), DurationSeconds = 3600, Rule = "FREQ=WEEKLY", Rooms = [s_room] };

    private static List<PlannedOccurrence> Between(MeetingPlan plan, string from, string to) => Occurrences.Between(plan, Moment(from), Moment(to));

    private static IEnumerable<DateTimeOffset> Starts(MeetingPlan plan, string from, string to) => Between(plan, from, to).Select(occurrence => occurrence.StartsAt);

    private static DateTimeOffset Moment(string day) => DateTimeOffset.ParseExact(day, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal);
}
