using System.Text;
using RoomAgent.Agent.Calendar;
using RoomAgent.Testing;

namespace RoomAgent.Agent.Tests.Calendar;

/// <summary>What the hub says of calendars, as it says it and as nobody should. Random bytes are in RoomAgent.Fuzz.</summary>
public sealed class CalendarTextTests
{
    [Fact]
    public void ACalendarIsReadSoonestFirst()
    {
        RoomCalendar calendar = CalendarText.Read(CalendarWords.Calendar(CalendarWords.Entry, CalendarWords.Foreign))!;

        Assert.Equal("Library", calendar.RoomName);
        Assert.Equal(["", "Planning \u00e4"], calendar.Entries.Select(entry => entry.Title));
        Occurrence ours = calendar.Entries[1];
        Assert.Equal("Ada", ours.Organiser);
        Assert.Equal(new DateTimeOffset(2026, 12, 1, 8, 30, 0, TimeSpan.Zero), ours.StartsAt);
        Assert.Equal(new DateTimeOffset(2026, 12, 1, 9, 15, 0, TimeSpan.Zero), ours.EndsAt);
        Assert.Equal(new DateTimeOffset(2026, 12, 1, 8, 15, 0, TimeSpan.Zero), ours.OpensAt);
        Assert.Equal(ours.Name.MeetingId, ours.Policy!.Name.MeetingId);
        Assert.Null(ours.Elsewhere);
    }

    [Fact]
    public void AMeetingElsewhereHasTheNameOfItsServiceAndNoPolicy()
    {
        Occurrence foreign = CalendarText.ReadEntry(Encoding.UTF8.GetBytes(CalendarWords.Foreign))!;

        Assert.Equal("Microsoft Teams", foreign.Elsewhere);
        Assert.Null(foreign.Policy);
        Assert.Null(CalendarText.ReadEntry(Encoding.UTF8.GetBytes(CalendarWords.Entry.Replace("\"elsewhere\":null", "\"elsewhere\":\"Zoom\"", StringComparison.Ordinal)))!.Policy);
    }

    [Fact]
    public void AnEmptyCalendarIsOne() => Assert.Empty(CalendarText.Read(CalendarWords.Calendar())!.Entries);

    [Fact]
    public void NoBeginningOfACalendarIsOne()
    {
        Assert.Empty(Truncation.AcceptedLengths(CalendarWords.Calendar(CalendarWords.Entry, CalendarWords.Foreign), json => CalendarText.Read(json) is not null));
        Assert.Empty(Truncation.AcceptedLengths(Encoding.UTF8.GetBytes(CalendarWords.Entry), json => CalendarText.ReadEntry(json) is not null));
    }

    [Theory]
    [InlineData("\"meeting_id\":\"QUJDREVGR0hJSktMTU5PUA\"", "\"meeting_id\":\"\"")]
    [InlineData("\"meeting_id\":\"QUJDREVGR0hJSktMTU5PUA\"", "\"meeting_id\":\"QUJDREVGR0hJSktMTU5PUQ\"")]
    [InlineData("\"meeting_id\":\"QUJDREVGR0hJSktMTU5PUA\"", "\"meeting_id\":\"????\"")]
    [InlineData("\"meeting_id\":\"QUJDREVGR0hJSktMTU5PUA\"", "\"meeting_id\":7")]
    [InlineData("\"instance\":\"AAEC", "\"instance\":\"")]
    [InlineData("\"policy\"", "\"police\"")]
    [InlineData("\"policy\":\"", "\"policy\":\"AAAA")]
    [InlineData("\"policy\":\"", "\"policy\":\"!")]
    [InlineData("2026-12-01T10:15:00+01:00", "2026-12-01T09:15:00+01:00")]
    [InlineData("2026-12-01T10:15:00+01:00", "tomorrow")]
    [InlineData("2026-12-01T10:15:00+01:00", "9999-12-31T23:59:59-01:00")]
    [InlineData("2026-12-01T10:15:00+01:00", "2300-01-01T00:00:00Z")]
    [InlineData("2026-12-01T09:30:00+01:00", "0001-01-01T00:00:00+14:00")]
    [InlineData("2026-12-01T09:30:00+01:00", "0001-01-01T00:00:00Z")]
    [InlineData("\"2026-12-01T09:30:00+01:00\"", "\"\\ud800\"")]
    [InlineData("\"title\":\"Planning", "\"title\":\"\\ud800")]
    [InlineData("\"title\"", "\"\\ud800\\ud800\\ud800\\ud800\\ud800\\ud800\\ud800\\ud800\":1,\"title\"")]
    public void WhatIsNotAsItShouldBeIsNoEntryAndNoCalendar(string good, string bad)
    {
        string entry = CalendarWords.Entry.Replace(good, bad, StringComparison.Ordinal);

        Assert.NotEqual(CalendarWords.Entry, entry);
        Assert.Null(CalendarText.ReadEntry(Encoding.UTF8.GetBytes(entry)));
        Assert.Null(CalendarText.Read(CalendarWords.Calendar(entry)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"name":"Library"}""")]
    [InlineData("""{"name":"Library","entries":{}}""")]
    [InlineData("""{"name":"Library","entries":[7]}""")]
    [InlineData("""{"entries":[]}""")]
    [InlineData("""{"name":"Library","entries":[]} more""")]
    [InlineData("""{"name":"Library","more":[[[[[[[[[[]]]]]]]]]],"entries":[]}""")]
    public void WhatIsNoCalendarIsNone(string json) => Assert.Null(CalendarText.Read(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void WhatIsTooMuchIsLeftOutOrRefused()
    {
        string[] many = [.. Enumerable.Repeat(CalendarWords.Foreign, CalendarText.MostEntries + 10)];
        Assert.Equal(CalendarText.MostEntries, CalendarText.Read(CalendarWords.Calendar(many))!.Entries.Count);

        byte[] large = [.. CalendarWords.Calendar(), .. new byte[CalendarText.MaximumBytes]];
        large.AsSpan(CalendarWords.Calendar().Length).Fill((byte)' ');
        Assert.Null(CalendarText.Read(large));

        Assert.Equal("", CalendarText.ReadEntry(Encoding.UTF8.GetBytes(CalendarWords.Entry.Replace("Planning", new string('x', 1_001), StringComparison.Ordinal)))!.Title);
    }
}
