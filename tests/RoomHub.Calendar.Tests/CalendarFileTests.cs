using System.Diagnostics;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using RoomAgent.Hub.Calendar;
using RoomAgent.Hub.Calendar.Files;

namespace RoomAgent.Hub.Tests;

/// <summary>Files of calendars, as programs write them and as nobody should (issue 6, L04).</summary>
public sealed class CalendarFileTests
{
    [Fact]
    public void OutlooksInvitationIsRead()
    {
        FileEvent read = Single(Samples.Outlook);

        Assert.Equal("040000008200E00074C5B7101A82E0080000000010A1B2C3D4E5DA01000000000000000010000000A1B2C3D4E5F60718293A4B5C6D7E8F90", read.Uid);
        Assert.Equal(("Planning; next quarter", "Ada Example", "ada@example.org"), (read.Title, read.OrganiserName, read.Organiser));
        Assert.Equal(new FileTime(new DateTime(2026, 12, 1, 9, 30, 0), "Europe/Berlin", IsDate: false), read.Start);
        Assert.Equal(TimeSpan.FromMinutes(45), read.Duration);
        Assert.Equal("FREQ=WEEKLY;UNTIL=20270302T083000Z;INTERVAL=1;BYDAY=TU;WKST=MO", read.Rule);
        Assert.Equal(["room1@example.org", "bob@example.org"], read.Attendees);
        Assert.Equal(["Room 1", "Room 1; Room 2", "Room 2"], read.Places.Order());
    }

    [Fact]
    public void GooglesCalendarIsReadWithItsChangedOccurrence()
    {
        CalendarFile file = Read(Samples.Google);

        Assert.Equal(3, file.Events.Count);
        Assert.Equal("America/New_York", file.Events[0].Start.Zone);
        Assert.Equal(new DateTime(2026, 12, 8, 10, 0, 0), file.Events[1].Occurrence!.Value.In("America/New_York"));
        Assert.Equal([new DateTime(2026, 12, 15, 10, 0, 0)], file.Events[0].Excluded.Select(date => date.Value));
        // A day without hours, in the zone of the calendar.
        Assert.Equal(new FileTime(new DateTime(2026, 12, 24), "Europe/Paris", IsDate: true), file.Events[2].Start);
        Assert.Equal(TimeSpan.FromDays(3), file.Events[2].Duration);
    }

    [Fact]
    public void ThunderbirdsFileIsReadInItsZone()
    {
        FileEvent read = Single(Samples.Thunderbird);

        Assert.Equal("Europe/Berlin", read.Start.Zone);
        Assert.Equal("Grüße aus München", read.Title);
        Assert.Equal(TimeSpan.FromMinutes(90), read.Duration);
        Assert.Equal(["Room 1"], read.Places);
    }

    // Outlook's own rules under a name that nobody knows.
    [Fact]
    public void AZoneWithoutAKnownNameIsFoundByItsRules()
    {
        Assert.Equal("Europe/Berlin", ZoneOf(Samples.Outlook.Replace("W. Europe Standard Time", "Customized Time Zone", StringComparison.Ordinal)));
        Assert.Null(ZoneOf(Samples.Outlook.Replace("W. Europe Standard Time", "Customized Time Zone", StringComparison.Ordinal).Replace("+0200", "+0217", StringComparison.Ordinal)));

        // Which of the zones with these rules it is named after does not matter; that they are the same does.
        static string? ZoneOf(string text) => Read(text).Events is [{ } read]
            ? Zones.ToUtc(new DateTime(2026, 7, 1, 12, 0, 0), read.Start.Zone).Hour == 10 && Zones.ToUtc(new DateTime(2026, 12, 1, 12, 0, 0), read.Start.Zone).Hour == 11 ? "Europe/Berlin" : read.Start.Zone
            : null;
    }

    [Fact]
    public void ACancellationNeedsNoTimes()
    {
        CalendarFile file = Read("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:CANCEL\r\nBEGIN:VEVENT\r\nUID:a\r\nSEQUENCE:3\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");

        Assert.True(file.IsCancellation);
        Assert.True(Assert.Single(file.Events).IsCancelled);
        Assert.Equal(3, file.Events[0].Sequence);
    }

    [Fact]
    public void LinesAreUnfoldedEvenInTheMiddleOfALetter()
    {
        byte[] bytes = [.. "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nDTSTART:20261201T090000Z\nSUMMARY:Gr\u00fc"u8];
        byte[] folded = [.. bytes[..^1], (byte)'\n', (byte)' ', bytes[^1], .. "\u00dfe\n\t tab\nEND:VEVENT\nEND:VCALENDAR\n"u8];

        Assert.Equal("Grüße tab", CalendarFile.Read(folded, "Etc/UTC", 2026, out _)!.Events[0].Title);
    }

    // One event that cannot be understood does not keep the others out; it is said in which line.
    [Theory]
    [InlineData("RRULE:FREQ=HOURLY", 6)]
    [InlineData("RRULE:FREQ=DAILY\nRRULE:FREQ=DAILY", 7)]
    [InlineData("EXRULE:FREQ=DAILY", 6)]
    [InlineData("DTEND:20261201T080000Z", 4)]
    [InlineData("DURATION:P20D", 4)]
    [InlineData("DURATION:-PT1H", 6)]
    [InlineData("DURATION:PT9999999H", 6)]
    [InlineData("RECURRENCE-ID;RANGE=THISANDFUTURE:20261201T090000Z", 6)]
    [InlineData("SEQUENCE:-1", 6)]
    [InlineData("EXDATE:20261301T090000Z", 6)]
    [InlineData("RDATE;TZID=Mars/Olympus:20261201T090000", 6)]
    public void AnEventThatCannotBeUnderstoodIsLeftOut(string line, int number)
    {
        CalendarFile file = Read($"BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:bad\nDTSTART:20261201T090000Z\n{line}\nEND:VEVENT\nBEGIN:VEVENT\nUID:good\nDTSTART:20261201T090000Z\nEND:VEVENT\nEND:VCALENDAR\n");

        Assert.Equal("good", Assert.Single(file.Events).Uid);
        Assert.Equal((1, number), (file.LeftOutCount, Assert.Single(file.LeftOut).Line));
        Assert.NotEmpty(file.LeftOut[0].What);
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("hello", 1)]
    [InlineData("BEGIN:VEVENT\nEND:VEVENT", 1)]
    [InlineData("BEGIN:VCALENDAR\n", 0)]
    [InlineData("BEGIN:VCALENDAR\nEND:VEVENT\n", 2)]
    [InlineData("END:VCALENDAR\n", 1)]
    [InlineData("BEGIN:VCALENDAR\nX;A=\"b:c\nEND:VCALENDAR\n", 2)]
    [InlineData("BEGIN:VCALENDAR\nX;=b:c\nEND:VCALENDAR\n", 2)]
    [InlineData("BEGIN:VCALENDAR\nX\u0001:c\nEND:VCALENDAR\n", 2)]
    [InlineData("BEGIN:VCALENDAR\nMETHOD:REPLY\nEND:VCALENDAR\n", 0)]
    [InlineData("BEGIN:VCALENDAR\nBEGIN:A\nBEGIN:B\nBEGIN:C\nBEGIN:D\nBEGIN:E\nBEGIN:F\n", 7)]
    public void AFileThatIsNoneIsRefusedWithTheLine(string text, int line)
    {
        Assert.Null(CalendarFile.Read(Encoding.UTF8.GetBytes(text), "Etc/UTC", 2026, out FileProblem? problem));
        Assert.Equal(line, problem!.Line);
    }

    [Fact]
    public void WhatIsNotUtf8IsRefusedWithTheLine()
    {
        byte[] bytes = [.. "BEGIN:VCALENDAR\nX:"u8, 0xC3, 0x28, .. "\nEND:VCALENDAR\n"u8];

        Assert.Null(CalendarFile.Read(bytes, "Etc/UTC", 2026, out FileProblem? problem));
        Assert.Equal(2, problem!.Line);
    }

    [Fact]
    public void NoTruncationBreaksTheReader()
    {
        foreach (string sample in new[] { Samples.Outlook, Samples.Google, Samples.Thunderbird })
        {
            byte[] bytes = Encoding.UTF8.GetBytes(sample);
            for (int length = 0; length < bytes.Length - 1; length++)
            {
                bool isWhole = Encoding.UTF8.GetString(bytes, 0, length).TrimEnd().EndsWith("END:VCALENDAR", StringComparison.Ordinal);
                Assert.Equal(isWhole, CalendarFile.Read(bytes.AsSpan(0, length), "Etc/UTC", 2026, out FileProblem? problem) is not null);
                Assert.Equal(isWhole, problem is null);
            }
        }
    }

    [Fact]
    public void NoTextBreaksTheReader() => Prop.ForAll<string>(text =>
    {
        string line = text.Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal);
        foreach (string name in new[] { "RRULE", "DTSTART", "DTSTART;TZID=", "EXDATE", "DURATION", "ATTENDEE;", "LOCATION", "RECURRENCE-ID", "" })
            CalendarFile.Read(Encoding.UTF8.GetBytes($"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nDTSTART:20261201T090000Z\n{name}:{line}\nEND:VEVENT\nEND:VCALENDAR\n"), "Etc/UTC", 2026, out _);
    }).QuickCheckThrowOnFailure();

    // The largest file there may be. Something quadratic in its lines would need minutes; the bound is wide, for machines with other things to do.
    [Theory]
    [InlineData("folds")]
    [InlineData("parameters")]
    [InlineData("attendees")]
    [InlineData("dates")]
    [InlineData("nested")]
    [InlineData("events")]
    [InlineData("zones")]
    [InlineData("escapes")]
    public void AHostileFileIsReadInTimeInProportionToItsLength(string kind)
    {
        byte[] file = Hostile(kind, FeedClient.MaxFile);

        var watch = Stopwatch.StartNew();
        CalendarFile.Read(file, "Etc/UTC", 2026, out _);

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"{watch.Elapsed}");
    }

    private static byte[] Hostile(string kind, int size)
    {
        var text = new StringBuilder("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nDTSTART:20261201T090000Z\n");
        string more = kind switch
        {
            "folds" => "\n ",
            "parameters" => "X;A=\"" + new string(',', 1_000) + "\";B=" + new string(',', 1_000) + ":y\n",
            "attendees" => "ATTENDEE;CUTYPE=ROOM;CN=x:mailto:a@b.example\n",
            "dates" => "EXDATE:" + string.Join(',', Enumerable.Repeat("20261201T090000Z", 100)) + "\n",
            "nested" => "BEGIN:X\nEND:X\n",
            "events" => "END:VEVENT\nBEGIN:VEVENT\nUID:a\nDTSTART:20261201T090000Z\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30\n",
            "zones" => "END:VEVENT\nBEGIN:VTIMEZONE\nTZID:Z\nBEGIN:STANDARD\nDTSTART:16010101T000000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0113\nRRULE:FREQ=DAILY\nEND:STANDARD\nEND:VTIMEZONE\nBEGIN:VEVENT\nUID:b\nDTSTART;TZID=Z:20261201T090000\n",
            _ => "LOCATION:" + new string('\\', 2_000) + "\n",
        };
        while (text.Length < size)
            text.Append(more);
        return Encoding.UTF8.GetBytes(text.Append("\nEND:VEVENT\nEND:VCALENDAR\n").ToString());
    }

    private static CalendarFile Read(string text) => CalendarFile.Read(Encoding.UTF8.GetBytes(text), "Etc/UTC", 2026, out FileProblem? problem) ?? throw new InvalidOperationException($"{problem}");

    private static FileEvent Single(string text)
    {
        CalendarFile file = Read(text);
        Assert.Empty(file.LeftOut);
        return Assert.Single(file.Events);
    }
}
