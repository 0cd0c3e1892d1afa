using RoomAgent.Hal;
using RoomAgent.Hal.Media.Drawing;

namespace RoomAgent.Screen.Tests;

/// <summary>What is to be read can be read, and signs differ by more than their colour.</summary>
public sealed unsafe class ThemeTests
{
    [Theory]
    [InlineData(ScreenTheme.Standard, 4.5, 7)]
    [InlineData(ScreenTheme.HighContrast, 7, 15)]
    public void TextStandsOffFromWhatItLiesOn(ScreenTheme look, double least, double leastOfText)
    {
        Theme theme = Theme.Of(look);

        foreach (Colour ground in (Colour[])[theme.Ground, theme.Surface, theme.Label])
        {
            Assert.True(theme.Text.ContrastTo(ground) >= leastOfText);
            foreach (Colour colour in (Colour[])[theme.Quiet, theme.Accent, theme.Good, theme.Care, theme.Danger])
                Assert.True(colour.ContrastTo(ground) >= least, $"{colour} on {ground}: {colour.ContrastTo(ground)}");
        }
    }

    [Fact]
    public void ALabelCanBeReadOverAWhitePicture()
    {
        // The darkest that a label over white becomes.
        Colour label = Theme.Of(ScreenTheme.Standard).Label;
        uint mixed(int shift) => (uint)((label.Rgb >> shift & 0xFF) * label.Opacity + 255 * (1 - label.Opacity));
        var seen = new Colour(mixed(16) << 16 | mixed(8) << 8 | mixed(0));

        Assert.True(Theme.Of(ScreenTheme.Standard).Text.ContrastTo(seen) >= 7);
        Assert.True(Theme.Of(ScreenTheme.Standard).Care.ContrastTo(seen) >= 4.5);
        Assert.Equal(1, Theme.Of(ScreenTheme.HighContrast).Label.Opacity);
    }

    [Fact]
    public void EverySignHasAShapeOfItsOwn()
    {
        Icon[] icons = Enum.GetValues<Icon>();
        byte[][] shapes = [.. icons.Select(Draw)];

        for (int i = 0; i < icons.Length; i++)
        {
            Assert.True(shapes[i].Count(value => value > 128) is > 30 and < 700, $"{icons[i]}");
            for (int j = i + 1; j < icons.Length; j++)
            {
                int differing = shapes[i].Zip(shapes[j]).Count(pair => Math.Abs(pair.First - pair.Second) > 100);
                Assert.True(differing >= 24, $"{icons[i]} and {icons[j]} differ in {differing} of 1,024 pixels");
            }
        }
    }

    [Theory]
    [InlineData(nameof(Icon.Encrypted), nameof(Icon.EndToEnd))]
    [InlineData(nameof(Icon.Verified), nameof(Icon.Vouched))]
    [InlineData(nameof(Icon.Verified), nameof(Icon.Unverified))]
    [InlineData(nameof(Icon.Verified), nameof(Icon.Revoked))]
    [InlineData(nameof(Icon.Verified), nameof(Icon.Expired))]
    [InlineData(nameof(Icon.Vouched), nameof(Icon.Unverified))]
    public void SignsThatMustNotBeTakenForEachOtherDifferInATenthOfTheirPixels(string one, string other)
    {
        int differing = Draw(Enum.Parse<Icon>(one)).Zip(Draw(Enum.Parse<Icon>(other))).Count(pair => Math.Abs(pair.First - pair.Second) > 100);

        Assert.True(differing >= 70, $"{differing} of 1,024 pixels");
    }

    [Fact]
    public void NoSignLeavesItsBox()
    {
        foreach (Icon icon in Enum.GetValues<Icon>())
        {
            // The same in a larger box around it: nothing was cut off by the edge of the smaller.
            byte[] pixels = Paint(icon, new Area(32, 32, 64, 64), 128, clips: false);
            for (int i = 0; i < pixels.Length / 4; i++)
            {
                bool isInside = i % 128 is >= 32 and < 96 && i / 128 is >= 32 and < 96;
                Assert.True(isInside || pixels[i * 4] == 0, $"{icon} at {i % 128 - 32}, {i / 128 - 32} of 64");
            }
        }
    }

    private static byte[] Draw(Icon icon)
    {
        byte[] pixels = Paint(icon, new Area(0, 0, 32, 32), 32, clips: true);
        return [.. Enumerable.Range(0, 32 * 32).Select(i => pixels[i * 4])];
    }

    private static byte[] Paint(Icon icon, Area box, int size, bool clips)
    {
        byte[] pixels = new byte[size * size * 4];
        using var canvas = new Canvas();
        fixed (byte* first = pixels)
        {
            canvas.Begin(first, size, size, size * 4);
            if (clips)
            {
                new IconItem(box, icon, new Colour(0xFFFFFF), new Colour(0x000000)).Paint(canvas);
            }
            else
            {
                Hal.Media.Drawing.Interop.Libcairo.cairo_translate(canvas.Cairo, box.X, box.Y);
                Hal.Media.Drawing.Interop.Libcairo.cairo_scale(canvas.Cairo, box.Width / Icons.Grid, box.Height / Icons.Grid);
                Icons.Draw(canvas, icon, new Colour(0xFFFFFF), new Colour(0x000000));
            }
            canvas.End();
        }
        return pixels;
    }
}
