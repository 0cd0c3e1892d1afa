using RoomAgent.Hal;
using RoomAgent.Hal.Media.Drawing;
using RoomAgent.Hal.Simulated;

namespace RoomAgent.Screen.Tests;

/// <summary>Displays come, go and fail; pictures are given back exactly once.</summary>
public sealed class LifeTests
{
    private static readonly DisplayMode s_small = new(1280, 720, 60), s_full = new(1920, 1080, 60), s_huge = new(3840, 2160, 30);

    [Fact]
    public void ADisplayThatIsPulledAndPluggedShowsTheSameAgain()
    {
        using var studio = new Studio(1280, 720);
        studio.Show(Scenes.Of(Scenes.Meeting(4)));
        byte[] before = studio.Copy();

        studio.Display.Unplug();
        Assert.Equal(DeviceOutcome.Gone, studio.Screen.Render(Scenes.Now));
        Assert.Equal(Scenes.Now.AddSeconds(1), studio.Screen.NextChange);
        Assert.Equal(DeviceOutcome.Gone, studio.Screen.Render(Scenes.Now));
        studio.Display.Plug();
        Assert.Equal(DeviceOutcome.Done, studio.Screen.Render(Scenes.Now));

        Assert.Equal(before, studio.Copy());
    }

    [Fact]
    public void AnotherDisplayInItsPlaceIsDrawnInItsOwnSize()
    {
        using var studio = new Studio(1280, 720);
        studio.Show(Scenes.Of(Scenes.Meeting(4)));

        studio.Display.Plug(s_full);
        Assert.Equal(DeviceOutcome.Done, studio.Screen.Render(Scenes.Now));

        using var fresh = new Studio(1920, 1080);
        fresh.Show(Scenes.Of(Scenes.Meeting(4)));
        Assert.Equal(fresh.Copy(), studio.Copy());
    }

    [Fact]
    public void WhatIsShownWhileNoDisplayIsThereAppearsWithIt()
    {
        using var studio = new Studio(1280, 720);
        studio.Display.Unplug();
        Assert.Equal(DeviceOutcome.Gone, studio.Show(Scenes.Of(new ReconnectingScene("x"))));

        studio.Display.Plug();

        Assert.Equal(DeviceOutcome.Done, studio.Screen.Render(Scenes.Now));
    }

    [Fact]
    public void ThePreferredModeIsChosenUnlessItIsTooTall()
    {
        Assert.Equal(s_small, Chosen(s_small, s_full));
        Assert.Equal(s_full, Chosen(s_huge, s_small, s_full));
        Assert.Equal(s_huge, Chosen(s_huge));

        static DisplayMode Chosen(params DisplayMode[] modes)
        {
            using var display = new MemoryDisplay(modes);
            using var screen = new RoomScreen(display);
            Assert.Equal(DeviceOutcome.Done, screen.Render(Scenes.Now));
            return display.Mode;
        }
    }

    [Theory]
    [InlineData(DeviceOutcome.Gone)]
    [InlineData(DeviceOutcome.Failed)]
    [InlineData(DeviceOutcome.Refused)]
    [InlineData(DeviceOutcome.Nothing)]
    public void WhatCouldNotBePresentedIsPresentedLater(DeviceOutcome answer)
    {
        using var studio = new Studio(1280, 720);
        studio.Display.Answer = answer;
        Assert.Equal(answer, studio.Show(Scenes.Of(Scenes.Meeting(2))));
        Assert.All(studio.Copy(), pixel => Assert.Equal(0, pixel));

        studio.Display.Answer = DeviceOutcome.Done;
        Assert.Equal(DeviceOutcome.Done, studio.Screen.Render(Scenes.Now));

        using var fresh = new Studio(1280, 720);
        fresh.Show(Scenes.Of(Scenes.Meeting(2)));
        Assert.Equal(fresh.Copy(), studio.Copy());
        Assert.Equal(DeviceOutcome.Nothing, studio.Screen.Render(Scenes.Now));
    }

    [Fact]
    public void EveryPictureIsGivenBackExactlyOnce()
    {
        var pictures = new List<TestFrame>();
        using (var studio = new Studio(1280, 720))
        {
            studio.Screen.Show(Scenes.Of(Scenes.Meeting(12)));
            for (int i = 0; i < 40; i++)
            {
                pictures.Add(TestFrame.Plain(64, 64));
                // Twelve tiles of which eight are seen, some that are nobody's, and some that come faster than they are drawn.
                studio.Screen.ShowPicture(new TileId((uint)i % 14), pictures[^1]);
                if (i % 5 == 0)
                    studio.Screen.Render(Scenes.Now);
                if (i == 30)
                    studio.Screen.Show(Scenes.Of(Scenes.Meeting(3) with { Layout = MeetingLayout.ActiveSpeaker }));
            }
            studio.Screen.Show(Scenes.Of(new IdleScene([])));
            studio.Screen.Render(Scenes.Now);
            Assert.All(pictures, picture => Assert.Equal(1, picture.Returned));

            pictures.Add(TestFrame.Plain(64, 64));
            studio.Screen.Show(Scenes.Of(Scenes.Meeting(2)));
            studio.Screen.ShowPicture(new TileId(0), pictures[^1]);
            studio.Screen.Dispose();
            studio.Screen.Dispose();
        }
        Assert.All(pictures, picture => Assert.Equal(1, picture.Returned));
    }

    [Fact]
    public void ACameraThatIsTurnedOffLeavesNoPictureBehind()
    {
        using var studio = new Studio(1280, 720);
        MeetingScene meeting = Scenes.Meeting(1);
        TestFrame picture = TestFrame.Plain(64, 64);
        studio.Screen.Show(Scenes.Of(meeting));
        studio.Screen.ShowPicture(new TileId(0), picture);
        studio.Screen.Render(Scenes.Now);

        studio.Screen.Show(Scenes.Of(meeting with { Tiles = [meeting.Tiles[0] with { IsCameraOff = true }] }));
        Assert.Equal(1, picture.Returned);
        studio.Screen.Render(Scenes.Now);
        studio.Screen.Show(Scenes.Of(meeting));
        studio.Screen.Render(Scenes.Now);
        byte[] waiting = studio.Copy();

        using var fresh = new Studio(1280, 720);
        fresh.Screen.Show(Scenes.Of(meeting));
        fresh.Screen.Render(Scenes.Now);
        Assert.Equal(fresh.Copy(), waiting);
    }

    [Theory]
    [InlineData(2, 2)]
    [InlineData(15, 16)]
    [InlineData(5_000, 16)]
    public void APictureOfNoSizeThatWeTakeIsGivenBack(int width, int height)
    {
        using var studio = new Studio(1280, 720);
        studio.Screen.Show(Scenes.Of(Scenes.Meeting(1)));
        TestFrame picture = TestFrame.Plain(width, height);

        studio.Screen.ShowPicture(new TileId(0), picture);

        Assert.Equal(1, picture.Returned);
        Assert.Equal(DeviceOutcome.Done, studio.Screen.Render(Scenes.Now));
    }

    [Fact]
    public void APictureThatChangesItsSizeEachTimeIsDrawn()
    {
        using var studio = new Studio(1280, 720);
        studio.Screen.Show(Scenes.Of(Scenes.Meeting(1)));
        foreach ((int width, int height) in ((int, int)[])[(16, 16), (4_096, 16), (16, 4_096), (1_280, 720), (18, 22), (720, 1_280), (2_048, 1_152)])
        {
            studio.Screen.ShowPicture(new TileId(0), TestFrame.Portrait(1, width, height));

            Assert.Equal(DeviceOutcome.Done, studio.Screen.Render(Scenes.Now));
        }
    }

    [Fact]
    public void AClockThatIsSetBackIsDrawnAnew()
    {
        using var studio = new Studio(1280, 720);
        studio.Show(Scenes.Of(new ReconnectingScene("x")));

        Assert.Equal(DeviceOutcome.Done, studio.Screen.Render(Scenes.Now.AddHours(-3)));
        Assert.Equal(DeviceOutcome.Done, studio.Screen.Render(Scenes.Now.AddHours(-3).ToOffset(TimeSpan.FromHours(5))));
    }

    [Fact]
    public void TinyAndOddDisplaysAreDrawnToo()
    {
        foreach ((int width, int height) in ((int, int)[])[(16, 16), (320, 200), (721, 1_283), (3_840, 600), (200, 3_000)])
        {
            using var studio = new Studio(width, height);
            foreach (var (name, contents) in Scenes.All().Concat(Scenes.Hostile().Where((_, i) => i % 10 == 0)))
                Assert.True(studio.Show(contents) is DeviceOutcome.Done, $"{name} at {width}x{height}");
        }
    }
}
