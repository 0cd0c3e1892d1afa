using System.Net;
using RoomAgent.SFrame;
using RoomAgent.Wire;

namespace RoomAgent.Media.Tests.Simulated;

/// <summary>Whole calls through the media node on networks good and bad (REQUIREMENTS B01..B04, B13, B21, B23).</summary>
public sealed class CallTests
{
    private static readonly LinkQuality s_good = new();
    private static readonly LinkQuality s_bad = new() { Loss = 0.05, Jitter = TimeSpan.FromMilliseconds(15), Duplicates = 0.01 };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void OnAGoodNetworkEveryPictureIsShownAndEverySoundIsHeard(bool sealsPackets)
    {
        using Call call = Start(2, s_good, sealsPackets: sealsPackets);

        call.Time.RunFor(TimeSpan.FromSeconds(30));

        for (int leaf = 0; leaf < 2; leaf++)
        {
            Room.Show show = call.Rooms[1 - leaf].Of(leaf);
            Assert.InRange(call.Rooms[leaf].PicturesSent - show.Pictures, 0, 5);
            Assert.InRange(call.Rooms[leaf].SoundsSent - show.Sounds, 0, 10);
            Assert.Equal(0, show.Undecodable);
            Assert.Equal(TimeSpan.Zero, show.Frozen);
            Assert.Equal(0, Refused(call.Rooms[leaf]));
        }
    }

    [Fact]
    public void ThePictureComesWithinATenthOfASecondAndTheLatencyStaysThatOfTheNetwork()
    {
        using Call call = Start(2, s_good);

        call.Time.RunFor(TimeSpan.FromSeconds(10));

        Room.Show show = call.Rooms[0].Of(1);
        Assert.InRange((show.FirstPicture!.Value - default(Instant)).TotalMilliseconds, 40, 200);
        Assert.InRange(call.Rooms[0].Session.RoundTrip!.Value.TotalMilliseconds, 39, 60);
    }

    [Fact]
    public void TwoHundredEpochsPassWithoutAnUndecryptableFrame()
    {
        using Call call = Start(3, s_good with { Jitter = TimeSpan.FromMilliseconds(5) });

        for (ulong epoch = 2; epoch <= 201; epoch++)
        {
            call.Commit(epoch, spread: TimeSpan.FromMilliseconds(250));
            call.Time.RunFor(TimeSpan.FromMilliseconds(700));
        }

        foreach (Room room in call.Rooms)
        {
            Assert.Equal(0, Refused(room));
            foreach (Room other in call.Rooms.Where(other => other != room))
            {
                Room.Show show = room.Of(other.Leaf);
                Assert.Equal(0, show.Undecodable);
                Assert.InRange(other.PicturesSent - show.Pictures, 0, 10);
                Assert.Equal(TimeSpan.Zero, show.Frozen);
            }
        }
    }

    [Fact]
    public void WithFivePercentLossPicturesFreezeLessThanOnePercentOfTheTime()
    {
        using Call call = Start(2, s_bad);

        call.Time.RunFor(TimeSpan.FromMinutes(2));

        foreach (Room room in call.Rooms)
        {
            Room.Show show = room.Of(1 - room.Leaf);
            Assert.True(show.Frozen < TimeSpan.FromSeconds(1.2), $"Frozen for {show.Frozen}, {show.Pictures} pictures.");
            Assert.True(show.Pictures > 0.97 * call.Rooms[1 - room.Leaf].PicturesSent, $"{show.Pictures} of {call.Rooms[1 - room.Leaf].PicturesSent} pictures.");
            Assert.Equal(0, Refused(room));
        }

        Assert.True(call.Links.Sum(link => link.Lost) > 1_000);
    }

    [Fact]
    public void AnHourOfCallPassesInSecondsAndIsTheSameEachTime()
    {
        string first = Hour();
        string second = Hour();

        Assert.Equal(first, second);

        static string Hour()
        {
            using Call call = Start(2, s_bad with { Loss = 0.01 }, seed: 7, framesPerSecond: 10, bitRate: 150_000);
            for (ulong epoch = 2; epoch <= 61; epoch++)
            {
                call.Commit(epoch, spread: TimeSpan.FromMilliseconds(200));
                call.Time.RunFor(TimeSpan.FromMinutes(1));
            }

            foreach (Room room in call.Rooms)
            {
                Room.Show show = room.Of(1 - room.Leaf);
                Assert.True(show.Frozen < TimeSpan.FromSeconds(36), $"Frozen for {show.Frozen}.");
                Assert.Equal(0, Refused(room));
            }

            return string.Join("; ", call.Rooms.Select(room => room.Of(1 - room.Leaf)).Select(show => $"{show.Pictures} {show.Sounds} {show.Concealed} {show.Undecodable} {show.Frozen}"))
                + $"; {call.Router.Counters.Forwarded} {call.Router.Counters.ForwardedBytes} {call.Router.Counters.Resent}";
        }
    }

    [Fact]
    public void TheEncoderFollowsANarrowNetworkDownAndUpAgain()
    {
        using Call call = Start(2, s_good, bitRate: null);
        call.Time.RunFor(TimeSpan.FromSeconds(30));
        int wide = call.Rooms[0].Session.TargetBitRate;

        Link up = call.Links.First();
        up.Quality = up.Quality with { BitRate = 500_000 };
        call.Time.RunFor(TimeSpan.FromSeconds(20));
        int narrow = call.Rooms[0].Session.TargetBitRate;
        TimeSpan frozen = call.Rooms[1].Of(0).Frozen;

        up.Quality = up.Quality with { BitRate = 0 };
        call.Time.RunFor(TimeSpan.FromSeconds(60));
        int again = call.Rooms[0].Session.TargetBitRate;

        Assert.True(wide > 1_500_000, $"{wide}, {narrow}, {again}");
        Assert.InRange(narrow, 200_000, 600_000);
        Assert.True(again > 2 * narrow, $"{wide}, {narrow}, {again}");
        Assert.True(frozen < TimeSpan.FromSeconds(5), $"Frozen for {frozen}.");
    }

    [Fact]
    public void LipsAndVoiceComeTogetherThoughTheEncoderIsSlow()
    {
        using Call call = Start(2, s_good with { Jitter = TimeSpan.FromMilliseconds(5) });
        call.Rooms[0].EncoderDelay = TimeSpan.FromMilliseconds(150);
        call.Time.RunFor(TimeSpan.FromSeconds(1));
        Room.Show show = call.Rooms[1].Of(0);
        Assert.InRange((show.PictureAge - show.SoundAge).TotalMilliseconds, 60, 500);

        call.Time.RunFor(TimeSpan.FromSeconds(15));

        Assert.InRange((show.PictureAge - show.SoundAge).TotalMilliseconds, -40, 40);
        Assert.InRange(call.Rooms[1].Session.SkewOf(KeyId.Of(FrameContext.Camera, 0, 1)).TotalMilliseconds, -20, 20);
    }

    [Fact]
    public void ARoomThatMovesToAnotherAddressIsHeardAndSeenOnWithoutANewEpoch()
    {
        using Call call = Start(2, s_good);
        call.Time.RunFor(TimeSpan.FromSeconds(5));
        TimeSpan before = call.Rooms[0].Of(1).Frozen;

        call.Move(1, port: 20_000);
        call.Time.RunFor(TimeSpan.FromSeconds(5));

        Assert.Equal(1, call.Router.Counters.Moves);
        Assert.Equal(before, call.Rooms[0].Of(1).Frozen);
        Assert.Equal(0, call.Rooms[1].Of(0).Undecodable);
        Assert.InRange(call.Rooms[0].PicturesSent - call.Rooms[1].Of(0).Pictures, 0, 5);
    }

    [Fact]
    public void ARoomThatMovesToAnotherHostShowsThatItIsThereInOneRoundTrip()
    {
        using Call call = Start(2, s_good);
        call.Time.RunFor(TimeSpan.FromSeconds(5));
        TimeSpan before = call.Rooms[0].Of(1).Frozen;

        call.Move(1, port: 20_000, IPAddress.Parse("192.0.2.9"));
        call.Time.RunFor(TimeSpan.FromMilliseconds(200));
        Assert.Equal(1, call.Router.Counters.Moves);
        call.Time.RunFor(TimeSpan.FromSeconds(5));

        Assert.Equal(1, call.Router.Counters.Moves);
        Assert.Equal(before, call.Rooms[0].Of(1).Frozen);
        Assert.True(call.Rooms[1].Of(0).Frozen < TimeSpan.FromSeconds(1), $"Frozen for {call.Rooms[1].Of(0).Frozen}.");
        Assert.InRange(call.Rooms[0].PicturesSent - call.Rooms[1].Of(0).Pictures, 0, 15);
    }

    [Fact]
    public void ARoomSeesFromTheNodesReportsThatNothingOfItArrives()
    {
        using Call call = Start(2, s_bad);
        Room room = call.Rooms[0];
        TimeSpan longest = TimeSpan.Zero;
        call.Time.Every(TimeSpan.FromMilliseconds(10), () => longest = longest > room.Session.Unheard(call.Time.Now) ? longest : room.Session.Unheard(call.Time.Now));
        call.Time.RunFor(TimeSpan.FromMinutes(1));
        Assert.InRange(longest, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(1));
        long received = room.Session.Counters.Received;

        Link up = call.Links.First();
        up.Quality = up.Quality with { Loss = 1 };
        call.Links.ElementAt(1).Quality = s_good;
        call.Time.RunFor(TimeSpan.FromSeconds(3));

        // Pictures and all other packets go on coming, and say nothing of the way out.
        Assert.InRange(room.Session.Unheard(call.Time.Now), TimeSpan.FromSeconds(2.5), TimeSpan.FromSeconds(3));
        Assert.True(room.Session.Counters.Received - received > 200);

        up.Quality = s_bad;
        call.Time.RunFor(TimeSpan.FromSeconds(1));
        Assert.InRange(room.Session.Unheard(call.Time.Now), TimeSpan.Zero, TimeSpan.FromSeconds(0.5));
    }

    [Fact]
    public void WhoIsRevokedIsCutOffAtOnce()
    {
        using Call call = Start(3, s_good);
        call.Time.RunFor(TimeSpan.FromSeconds(5));

        Assert.True(call.Router.Remove(call.LegOf(2)));
        int shown = call.Rooms[0].Of(2).Pictures;
        int seen = call.Rooms[2].Of(0).Pictures;
        call.Time.RunFor(TimeSpan.FromSeconds(5));

        // What was on the wire at that moment still arrives: 20 ms of it, and what waited in a buffer.
        Assert.InRange(call.Rooms[0].Of(2).Pictures - shown, 0, 4);
        Assert.InRange(call.Rooms[2].Of(0).Pictures - seen, 0, 4);
        Assert.True(call.Router.Counters.UnknownSource > 100);
        Assert.InRange(call.Rooms[0].PicturesSent - call.Rooms[1].Of(0).Pictures, 0, 5);
    }

    [Fact]
    public void ALegThatTheHubDoesNotRenewEndsWithItsLease()
    {
        using Call call = Start(2, s_good);
        call.RenewsLegs = false;

        call.Time.RunFor(TimeSpan.FromSeconds(12));

        Assert.Equal(0, call.Router.LegCount);
        Assert.Equal(2, call.Router.Counters.Expired);
    }

    private static Call Start(int rooms, LinkQuality quality, int seed = 1, double framesPerSecond = 30, int? bitRate = 1_000_000, bool sealsPackets = false)
    {
        var call = new Call(rooms, quality, quality, seed, sealsPackets: sealsPackets);
        foreach (Room room in call.Rooms)
        {
            room.Merge(1, rooms);
            room.Film(framesPerSecond, bitRate);
        }

        return call;
    }

    private static long Refused(Room room) =>
        Enum.GetValues<OpenOutcome>().Where(outcome => outcome is not (OpenOutcome.Opened or OpenOutcome.KeyAhead)).Sum(room.Session.Frames)
        + room.Session.FramesWithoutEpoch;
}
