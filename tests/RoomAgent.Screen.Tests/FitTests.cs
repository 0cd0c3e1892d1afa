using RoomAgent.Hal;
using RoomAgent.Hal.Media.Drawing;
using RoomAgent.Hal.Media.Drawing.Pages;

namespace RoomAgent.Screen.Tests;

/// <summary>Text fits its box: every state, every language, both themes, two sizes, ordinary words and hostile ones (REQUIREMENTS D13).</summary>
public sealed class FitTests : IDisposable
{
    private readonly TextLayouts _layouts = new();
    private readonly TilePictures _pictures = new();

    // What outsiders wrote may be shortened; what the screen itself says may not.
    private static readonly string[] s_mayBeShortened = ["Architecture review of the new media path and its budget", "Jürgen Großmann-Öztürk", "Łucja Wiśniewska", "Iñaki Núñez"];

    public static TheoryData<string, int, int> LanguagesAndSizes()
    {
        var data = new TheoryData<string, int, int>();
        foreach (string language in RoomScreen.Languages)
        {
            data.Add(language, 1280, 720);
            data.Add(language, 1920, 1080);
        }
        data.Add("de", 3840, 2160);
        data.Add("de", 1024, 768);
        return data;
    }

    [Theory]
    [MemberData(nameof(LanguagesAndSizes))]
    public void WhatTheScreenSaysIsNeverShortened(string language, int width, int height)
    {
        foreach (var (state, page) in Pages(Scenes.All(), language, width, height))
        {
            foreach (TextItem text in page.Items.OfType<TextItem>())
            {
                AssertFits(state, page, text);
                Assert.True(!text.Laid.IsShortened || s_mayBeShortened.Contains(text.Laid.Text), $"{state}: \"{text.Laid.Text}\" is shortened in {text.Box}");
                Assert.True(text.Laid.UnknownSigns == 0, $"{state}: no font has all of \"{text.Laid.Text}\"");
            }
        }
    }

    [Theory]
    [MemberData(nameof(LanguagesAndSizes))]
    public void NoNameLeavesItsBoxOrPushesOthersOutOfTheirs(string language, int width, int height)
    {
        // "No name" stands in a name's place, and gives way as a name does.
        HashSet<string> own = [.. Words.Of(language).Texts.Values.Where(text => text != Words.Of(language)[Word.NoName])];
        foreach (var (state, page) in Pages(Scenes.Hostile(), language, width, height))
        {
            foreach (TextItem text in page.Items.OfType<TextItem>())
            {
                AssertFits(state, page, text);
                Assert.True(!text.Laid.IsShortened || !own.Contains(text.Laid.Text), $"{state}: \"{text.Laid.Text}\" is shortened in {text.Box}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(LanguagesAndSizes))]
    public void NoTextLiesOnAnother(string language, int width, int height)
    {
        // What lies over a page on purpose is left out.
        var states = Scenes.All().Concat(Scenes.Hostile()).Where(state => state.Contents.Alert is null && state.Contents.TextLine is null);
        foreach (var (state, page) in Pages(states, language, width, height))
        {
            TextItem[] texts = [.. page.Items.OfType<TextItem>()];
            for (int i = 0; i < texts.Length; i++)
            {
                for (int j = i + 1; j < texts.Length; j++)
                    Assert.False(Seen(texts[i]).Touches(Seen(texts[j])), $"{state}: \"{texts[i].Laid.Text}\" and \"{texts[j].Laid.Text}\" lie on each other");
            }
        }
    }

    [Fact]
    public void TheFirstSixGroupsAreAlwaysSeenAndAllTwelveOnTheSecurityPage()
    {
        string[] always = TextsOf(Scenes.Meeting(4));
        string[] asked = TextsOf(Scenes.Meeting(4) with { Information = Scenes.Information });

        Assert.Equal(Scenes.Code.Groups.Take(6), always.Where(Scenes.Code.Groups.Contains));
        Assert.Equal(Scenes.Code.Groups.Order(), asked.Where(Scenes.Code.Groups.Contains).Distinct().Order());
    }

    [Fact]
    public void TheSecurityPageSaysAllThatItHasToSay()
    {
        string[] texts = TextsOf(Scenes.Meeting(4) with { Information = Scenes.Information });

        foreach (string wanted in (string[])["12", "5", Scenes.Information.GroupSuite, Scenes.Information.MediaSuite, Scenes.Information.TransportSuite, Scenes.Information.Issuer, Scenes.Information.Transport])
            Assert.Contains(wanted, texts);
    }

    [Fact]
    public void NothingLiesOverTheSecurityIconOrTheCode()
    {
        foreach (int y in (int[])[int.MinValue, 1, 300, 9_990, int.MaxValue])
        {
            ScreenContents contents = Scenes.Of(Scenes.Meeting(4)) with
            {
                TextLine = new ScreenTextLine(new string('W', 500), 5_000, y, DateTimeOffset.MaxValue),
                Alert = new ScreenAlert(new string('W', 500), new string('W', 500), DateTimeOffset.MaxValue),
            };

            Page page = Compose(contents, 1280, 720);

            int icon = page.Items.ToList().FindIndex(item => item is IconItem { Icon: Icon.EndToEnd }), digits = page.Items.ToList().FindLastIndex(item => item is TextItem text && text.Laid.Text == "20364");
            Area code = Seen((TextItem)page.Items[digits]);
            for (int i = Math.Max(icon, digits) + 1; i < page.Items.Count; i++)
                Assert.False(page.Items[i].Box.Touches(page.Items[icon].Box) || page.Items[i].Box.Touches(code), $"{page.Items[i]}");
        }
    }

    public void Dispose()
    {
        _layouts.Dispose();
        _pictures.Dispose();
    }

    private static void AssertFits(string state, Page page, TextItem text)
    {
        Area seen = Seen(text);
        Assert.True(page.Whole.Contains(seen), $"{state}: \"{text.Laid.Text}\" is not on the screen: {seen}");
        Assert.True(text.Box.Contains(seen), $"{state}: \"{text.Laid.Text}\" has {seen} in {text.Box}");
        // Initials are the one text that is a picture rather than something to read.
        bool isInitials = text.Laid.Text.EnumerateRunes().Count() <= 2;
        Assert.True(isInitials || text.Laid.Size >= TypeScale.Note * Math.Min(page.Whole.Height, page.Whole.Width * 9 / 16.0) - 0.001, $"{state}: \"{text.Laid.Text}\" has {text.Laid.Size} pixels");
    }

    private static Area Seen(TextItem text) => text.Laid.Ink with { X = text.Box.X + text.Left + text.Laid.Ink.X, Y = text.Box.Y + text.Top + text.Laid.Ink.Y };

    private string[] TextsOf(RoomScene scene) => [.. Compose(Scenes.Of(scene), 1280, 720).Items.OfType<TextItem>().Select(item => item.Laid.Text)];

    private IEnumerable<(string State, Page Page)> Pages(IEnumerable<(string Name, ScreenContents Contents)> states, string language, int width, int height)
    {
        int turn = 0;
        foreach (ScreenTheme theme in Enum.GetValues<ScreenTheme>())
        {
            foreach (var (name, contents) in states)
            {
                // The many hostile states take turns with the themes, which differ in lines and colours alone.
                if (name.StartsWith("hostile", StringComparison.Ordinal) && turn++ % 2 != (int)theme)
                    continue;
                _layouts.BeginPage();
                var look = new ScreenLook { Language = language, Theme = theme, HasTwelveHourClock = theme == ScreenTheme.HighContrast };
                yield return ($"{name}, {language}, {theme}, {width}x{height}", Compose(contents with { Look = look }, width, height));
                _layouts.EndPage();
            }
        }
    }

    private Page Compose(ScreenContents contents, int width, int height)
    {
        var page = new Page(width, height, contents, Scenes.Now, _layouts, _pictures);
        AnyPage.Compose(page);
        return page;
    }
}
