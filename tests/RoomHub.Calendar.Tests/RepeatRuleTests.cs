using System.Globalization;
using RoomAgent.Hub.Calendar;

namespace RoomAgent.Hub.Tests;

/// <summary>When meetings repeat (issue 6, L04). The dates are those of the examples of RFC 5545 section 3.8.5.3, as far as the rules are of the part that meetings need.</summary>
public sealed class RepeatRuleTests
{
    private const string NewYork = "America/New_York";

    // Start, rule, and the dates of the RFC; "..." where it goes on.
    [Theory]
    [InlineData("1997-09-02", "FREQ=DAILY;COUNT=10", "1997-09-02 1997-09-03 1997-09-04 1997-09-05 1997-09-06 1997-09-07 1997-09-08 1997-09-09 1997-09-10 1997-09-11")]
    [InlineData("1997-09-02", "FREQ=DAILY;INTERVAL=2", "1997-09-02 1997-09-04 1997-09-06 1997-09-08 1997-09-10 1997-09-12 ...")]
    [InlineData("1997-09-02", "FREQ=DAILY;INTERVAL=10;COUNT=5", "1997-09-02 1997-09-12 1997-09-22 1997-10-02 1997-10-12")]
    [InlineData("1997-09-02", "FREQ=WEEKLY;COUNT=10", "1997-09-02 1997-09-09 1997-09-16 1997-09-23 1997-09-30 1997-10-07 1997-10-14 1997-10-21 1997-10-28 1997-11-04")]
    [InlineData("1997-09-02", "FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH", "1997-09-02 1997-09-04 1997-09-09 1997-09-11 1997-09-16 1997-09-18 1997-09-23 1997-09-25 1997-09-30 1997-10-02")]
    [InlineData("1997-09-02", "FREQ=WEEKLY;INTERVAL=2;WKST=SU", "1997-09-02 1997-09-16 1997-09-30 1997-10-14 1997-10-28 1997-11-11 ...")]
    [InlineData("1997-09-01", "FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR", "1997-09-01 1997-09-03 1997-09-05 1997-09-15 1997-09-17 1997-09-19 1997-09-29 1997-10-01 1997-10-03 1997-10-13 1997-10-15 1997-10-17 1997-10-27 1997-10-29 1997-10-31 1997-11-10 1997-11-12 1997-11-14 1997-11-24 1997-11-26 1997-11-28 1997-12-08 1997-12-10 1997-12-12 1997-12-22")]
    [InlineData("1997-09-02", "FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH", "1997-09-02 1997-09-04 1997-09-16 1997-09-18 1997-09-30 1997-10-02 1997-10-14 1997-10-16")]
    [InlineData("1997-09-05", "FREQ=MONTHLY;COUNT=10;BYDAY=1FR", "1997-09-05 1997-10-03 1997-11-07 1997-12-05 1998-01-02 1998-02-06 1998-03-06 1998-04-03 1998-05-01 1998-06-05")]
    [InlineData("1997-09-05", "FREQ=MONTHLY;UNTIL=19971224T000000Z;BYDAY=1FR", "1997-09-05 1997-10-03 1997-11-07 1997-12-05")]
    [InlineData("1997-09-07", "FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU", "1997-09-07 1997-09-28 1997-11-02 1997-11-30 1998-01-04 1998-01-25 1998-03-01 1998-03-29 1998-05-03 1998-05-31")]
    [InlineData("1997-09-22", "FREQ=MONTHLY;COUNT=6;BYDAY=-2MO", "1997-09-22 1997-10-20 1997-11-17 1997-12-22 1998-01-19 1998-02-16")]
    [InlineData("1997-09-28", "FREQ=MONTHLY;BYMONTHDAY=-3", "1997-09-28 1997-10-29 1997-11-28 1997-12-29 1998-01-29 1998-02-26 ...")]
    [InlineData("1997-09-02", "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15", "1997-09-02 1997-09-15 1997-10-02 1997-10-15 1997-11-02 1997-11-15 1997-12-02 1997-12-15 1998-01-02 1998-01-15")]
    [InlineData("1997-09-30", "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1", "1997-09-30 1997-10-01 1997-10-31 1997-11-01 1997-11-30 1997-12-01 1997-12-31 1998-01-01 1998-01-31 1998-02-01")]
    [InlineData("1997-09-10", "FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15", "1997-09-10 1997-09-11 1997-09-12 1997-09-13 1997-09-14 1997-09-15 1999-03-10 1999-03-11 1999-03-12 1999-03-13")]
    [InlineData("1997-09-02", "FREQ=MONTHLY;INTERVAL=2;BYDAY=TU", "1997-09-02 1997-09-09 1997-09-16 1997-09-23 1997-09-30 1997-11-04 1997-11-11 1997-11-18 1997-11-25 1998-01-06 1998-01-13 1998-01-20 1998-01-27 ...")]
    [InlineData("1997-06-10", "FREQ=YEARLY;COUNT=10;BYMONTH=6,7", "1997-06-10 1997-07-10 1998-06-10 1998-07-10 1999-06-10 1999-07-10 2000-06-10 2000-07-10 2001-06-10 2001-07-10")]
    [InlineData("1997-03-10", "FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3", "1997-03-10 1999-01-10 1999-02-10 1999-03-10 2001-01-10 2001-02-10 2001-03-10 2003-01-10 2003-02-10 2003-03-10")]
    [InlineData("1997-05-19", "FREQ=YEARLY;BYDAY=20MO", "1997-05-19 1998-05-18 1999-05-17 ...")]
    [InlineData("1997-03-13", "FREQ=YEARLY;BYMONTH=3;BYDAY=TH", "1997-03-13 1997-03-20 1997-03-27 1998-03-05 1998-03-12 1998-03-19 1998-03-26 1999-03-04 1999-03-11 1999-03-18 1999-03-25 ...")]
    [InlineData("1998-02-13", "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "1998-02-13 1998-03-13 1998-11-13 1999-08-13 2000-10-13 ...")]
    [InlineData("1997-09-13", "FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13", "1997-09-13 1997-10-11 1997-11-08 1997-12-13 1998-01-10 1998-02-07 1998-03-07 1998-04-11 1998-05-09 1998-06-13 ...")]
    [InlineData("1996-11-05", "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8", "1996-11-05 2000-11-07 2004-11-02 ...")]
    [InlineData("1997-09-04", "FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", "1997-09-04 1997-10-07 1997-11-06")]
    [InlineData("1997-09-29", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2", "1997-09-29 1997-10-30 1997-11-27 1997-12-30 1998-01-29 1998-02-26 1998-03-30 ...")]
    [InlineData("1997-08-05", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "1997-08-05 1997-08-10 1997-08-19 1997-08-24")]
    [InlineData("1997-08-05", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "1997-08-05 1997-08-17 1997-08-19 1997-08-31")]
    [InlineData("2007-01-15", "FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", "2007-01-15 2007-01-30 2007-02-15 2007-03-15 2007-03-30")]
    public void TheExamplesOfTheStandardComeOut(string start, string rule, string dates)
    {
        DateTime first = Day(start);
        string[] wanted = dates.Split(' ');
        bool goesOn = wanted[^1] == "...";

        string[] found = [.. Read(rule).Between(first, first, first.AddYears(20)).Take(wanted.Length + (goesOn ? -1 : 1)).Select(Text)];

        Assert.Equal(goesOn ? wanted[..^1] : wanted, found);
    }

    [Theory]
    [InlineData("1997-09-02", "FREQ=DAILY")]
    [InlineData("1997-09-02", "FREQ=DAILY;INTERVAL=3")]
    [InlineData("1997-09-02", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;WKST=SU")]
    [InlineData("1997-08-05", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=MO")]
    [InlineData("1997-01-31", "FREQ=MONTHLY")]
    [InlineData("1997-09-04", "FREQ=MONTHLY;BYDAY=-1FR;INTERVAL=5")]
    [InlineData("1996-02-29", "FREQ=YEARLY")]
    [InlineData("1997-09-02", "FREQ=DAILY;COUNT=900")]
    [InlineData("1997-09-02", "FREQ=WEEKLY;UNTIL=20100101T000000Z")]
    public void AWindowLateInTheSeriesHasWhatTheWholeSeriesHasThere(string start, string rule)
    {
        DateTime first = Day(start);
        DateTime from = new(1999, 8, 17, 3, 0, 0);
        DateTime to = from.AddYears(5);

        DateTime[] all = [.. Read(rule).Between(first, first, to)];

        Assert.NotEmpty(all);
        Assert.Equal(all.Where(date => date >= from), Read(rule).Between(first, from, to));
    }

    [Fact]
    public void ARuleThatNeverComesEnds()
    {
        DateTime first = Day("2026-01-01");

        Assert.Empty(Read("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30").Between(first, first, first.AddYears(500)));
        Assert.Empty(Read("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30").Between(first, first, first.AddYears(500)));
        Assert.Empty(Read("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=300").Between(first, first, first.AddYears(500)));
    }

    [Fact]
    public void ADateAsUntilHasItsWholeDay()
    {
        DateTime first = Day("2026-11-02");

        Assert.Equal(5, Read("FREQ=DAILY;UNTIL=20261106").Between(first, first, first.AddYears(1)).Count());
    }

    [Theory]
    [InlineData("")]
    [InlineData("DAILY")]
    [InlineData("INTERVAL=2")]
    [InlineData("FREQ=HOURLY")]
    [InlineData("FREQ=SECONDLY;COUNT=1000000")]
    [InlineData("FREQ=DAILY;FREQ=DAILY")]
    [InlineData("FREQ=DAILY;INTERVAL=0")]
    [InlineData("FREQ=DAILY;INTERVAL=99999999999")]
    [InlineData("FREQ=DAILY;COUNT=0")]
    [InlineData("FREQ=DAILY;COUNT=2001")]
    [InlineData("FREQ=DAILY;COUNT=2;UNTIL=20300101")]
    [InlineData("FREQ=DAILY;UNTIL=yesterday")]
    [InlineData("FREQ=DAILY;BYHOUR=1,2,3")]
    [InlineData("FREQ=WEEKLY;BYDAY=XX")]
    [InlineData("FREQ=WEEKLY;BYDAY=1MO")]
    [InlineData("FREQ=WEEKLY;BYMONTHDAY=3")]
    [InlineData("FREQ=MONTHLY;BYDAY=0MO")]
    [InlineData("FREQ=MONTHLY;BYDAY=54MO")]
    [InlineData("FREQ=MONTHLY;BYMONTHDAY=0")]
    [InlineData("FREQ=MONTHLY;BYMONTHDAY=32")]
    [InlineData("FREQ=MONTHLY;BYMONTH=-1")]
    [InlineData("FREQ=MONTHLY;BYSETPOS=1")]
    [InlineData("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=367")]
    [InlineData("FREQ=YEARLY;BYWEEKNO=20")]
    public void AnotherRuleIsRefusedAndItIsSaidWhy(string rule)
    {
        Assert.Null(RepeatRule.Read(rule, NewYork, out string? problem));
        Assert.NotEmpty(problem!);
    }

    private static RepeatRule Read(string rule) => RepeatRule.Read(rule, NewYork, out string? problem) ?? throw new InvalidOperationException(problem);

    private static DateTime Day(string text) => DateTime.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture).AddHours(9);

    private static string Text(DateTime date)
    {
        Assert.Equal(9, date.Hour);
        return date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
    }
}
