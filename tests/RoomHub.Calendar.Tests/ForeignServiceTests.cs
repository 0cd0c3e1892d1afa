using RoomAgent.Hub.Calendar.Files;

namespace RoomAgent.Hub.Tests;

/// <summary>Which links say that a meeting is somewhere else, as the services and mail scanners write them.</summary>
public sealed class ForeignServiceTests
{
    [Theory]
    [InlineData("Microsoft Teams", "https://teams.microsoft.com/l/meetup-join/19%3ameeting_NDU%40thread.v2/0?context=%7b%22Tid%22%3a%22a%22%7d")]
    [InlineData("Microsoft Teams", "Join: https://teams.microsoft.com/meet/3456789?p=abc")]
    [InlineData("Microsoft Teams", "https://teams.live.com/meet/9321234567890")]
    [InlineData("Microsoft Teams", "https://eur01.safelinks.protection.outlook.com/ap/t-59584e83/?url=https%3A%2F%2Fteams.microsoft.com%2Fl%2Fmeetup-join%2F19%253ameeting&data=05")]
    [InlineData("Zoom", "https://zoom.us/j/95512345678?pwd=abc")]
    [InlineData("Zoom", "school.zoom.us/my/ada")]
    [InlineData("Zoom", "HTTPS://US02WEB.ZOOM.US/J/1")]
    [InlineData("Google Meet", "https://meet.google.com/abc-defg-hij")]
    [InlineData("Webex", "https://school.webex.com/school/j.php?MTID=m0123")]
    [InlineData("Webex", "<https://school.webex.com/meet/ada>")]
    [InlineData("Zoom", "https://zoom.us/j/1 or else https://meet.google.com/abc-defg-hij")]
    [InlineData(null, "")]
    [InlineData(null, "We talk about Zoom, Teams and Webex")]
    [InlineData(null, "https://evilzoom.us/j/1")]
    [InlineData(null, "https://not-teams.microsoft.com/l/meetup-join/1")]
    [InlineData(null, "https://support.zoom.us/hc/en-us/articles/201362033")]
    [InlineData(null, "https://zoom.us/j/")]
    [InlineData(null, "https://school.webex.com/help and then example.org/j.php?MTID=1")]
    [InlineData(null, "https://hub.example.org/join/AAAA")]
    public void ALinkIntoAMeetingNamesItsService(string? service, string text) => Assert.Equal(service, ForeignService.Find(text));

    [Theory]
    [InlineData("Microsoft Teams", "LOCATION", "Microsoft Teams Meeting")]
    [InlineData("Microsoft Teams", "LOCATION", "Room 1\\; Microsoft Teams-Besprechung")]
    [InlineData("Zoom", "LOCATION", "https://zoom.us/j/1")]
    [InlineData("Google Meet", "X-GOOGLE-CONFERENCE", "https://meet.google.com/abc-defg-hij")]
    [InlineData("Microsoft Teams", "X-MICROSOFT-SKYPETEAMSMEETINGURL", "https://of-a-new-kind.example")]
    [InlineData("Zoom", "CONFERENCE", "https://zoom.us/j/1")]
    [InlineData("Webex", "URL", "https://a.webex.com/join/ada")]
    [InlineData(null, "X-MICROSOFT-SKYPETEAMSMEETINGURL", " ")]
    [InlineData(null, "SUMMARY", "https://zoom.us/j/1")]
    [InlineData(null, "LOCATION", "Room of the Microsoft Teams")]
    public void WhereItStandsDecidesToo(string? service, string name, string value) => Assert.Equal(service, ForeignService.Of(new ContentLine(1, name, [], value)));

    [Fact]
    public void TextsOfAnyKindTakeTimeInProportion()
    {
        string text = string.Concat(Enumerable.Repeat("zoom.us/j/.webex.com/teams.microsoft.com/meet/%2F", 1_400));
        var watch = System.Diagnostics.Stopwatch.StartNew();

        for (int i = 0; i < 20; i++)
            ForeignService.Find(text);

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(2), $"{watch.Elapsed} for 1.3 MB");
    }
}
