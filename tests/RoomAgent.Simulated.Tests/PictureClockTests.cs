using FsCheck;
using FsCheck.Fluent;
using RoomAgent.Hal;
using RoomAgent.Hal.Simulated;

namespace RoomAgent.Simulated.Tests;

public sealed class PictureClockTests
{
    [Fact]
    public void WhatIsDrawnIsRead() => Prop.ForAll(
        Gen.Choose(160, 1_920).Two().SelectMany(size => Gen.Choose(0, int.MaxValue).Three(), (size, numbers) => (size.Item1, size.Item2, numbers)).ToArbitrary(),
        drawn =>
        {
            (int width, int height) = (drawn.Item1 & ~1, Math.Max(80, (drawn.Item2 * 9 / 16) & ~1));
            var mark = new PictureMark(new TimeSpan(drawn.numbers.Item1 * 1_000L * 17), drawn.numbers.Item2 & 0xffffff);
            (byte[] luma, _) = Draw(width, height, mark);

            return PictureClock.TryRead(luma, width, 1, new Area(0, 0, width, height), out PictureMark read) && read == mark;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void ItIsReadOnAScreenToo()
    {
        var mark = new PictureMark(TimeSpan.FromMilliseconds(123_456_789.5), 4_711);
        (byte[] luma, _) = Draw(640, 360, mark);
        byte[] screen = new byte[1_280 * 720 * 4];
        for (int y = 0; y < 360; y++)
        {
            for (int x = 0; x < 640; x++)
                screen.AsSpan(((((y + 300) * 1_280) + x + 500) * 4), 4).Fill(luma[(y * 640) + x]);
        }

        Assert.True(PictureClock.TryRead(screen, 1_280 * 4, 4, new Area(500, 300, 640, 360), out PictureMark read));
        Assert.Equal(mark, read);
    }

    [Fact]
    public void TheStripHasNoColour()
    {
        (_, byte[] chroma) = Draw(640, 360, new PictureMark(TimeSpan.FromSeconds(1), 1));

        Assert.All(chroma.AsSpan(81 * 320, 18 * 320).ToArray(), value => Assert.Equal(128, value));
        Assert.NotEqual(128, chroma[0]);
    }

    [Fact]
    public void AHalfPaintedMarkIsNone()
    {
        (byte[] luma, _) = Draw(640, 360, new PictureMark(TimeSpan.FromSeconds(1), 1));
        (byte[] later, _) = Draw(640, 360, new PictureMark(TimeSpan.FromSeconds(987), 21_345));
        later.AsSpan(0, 640 * 180).CopyTo(luma);

        Assert.False(PictureClock.TryRead(luma, 640, 1, new Area(0, 0, 640, 360), out _));
    }

    [Fact]
    public void APictureWithoutAMarkHasNone()
    {
        byte[] gray = new byte[640 * 360];
        gray.AsSpan().Fill(200);

        Assert.False(PictureClock.TryRead(gray, 640, 1, new Area(0, 0, 640, 360), out _));
    }

    [Theory]
    [InlineData(-1, 0, 640, 360)]
    [InlineData(0, 1, 640, 360)]
    [InlineData(1, 0, 640, 360)]
    [InlineData(0, 0, 39, 360)]
    [InlineData(0, 0, 640, 19)]
    public void AnAreaOutsideThePictureHasNone(int x, int y, int width, int height)
    {
        (byte[] luma, _) = Draw(640, 360, new PictureMark(TimeSpan.FromSeconds(1), 1));

        Assert.False(PictureClock.TryRead(luma, 640, 1, new Area(x, y, width, height), out _));
    }

    [Fact]
    public void APictureTooSmallIsLeftAlone()
    {
        (byte[] luma, _) = Draw(150, 80, new PictureMark(TimeSpan.FromSeconds(1), 1));

        Assert.All(luma, value => Assert.Equal(77, value));
    }

    private static (byte[] Luma, byte[] Chroma) Draw(int width, int height, PictureMark mark)
    {
        byte[] luma = new byte[width * height];
        byte[] cb = new byte[width / 2 * (height / 2)];
        byte[] cr = new byte[cb.Length];
        luma.AsSpan().Fill(77);
        cb.AsSpan().Fill(33);
        PictureClock.Draw(luma, width, cb, cr, width / 2, width, height, mark);
        return (luma, cb);
    }
}
