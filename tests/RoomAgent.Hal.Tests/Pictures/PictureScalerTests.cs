using RoomAgent.Hal.Media;

namespace RoomAgent.Hal.Tests.Pictures;

public sealed class PictureScalerTests
{
    private const int Stride = 256 * 4;

    private readonly byte[] _pixels = new byte[Stride * 128];

    [Theory]
    [InlineData(235, 128, 128, 255, 255, 255)]
    [InlineData(16, 128, 128, 0, 0, 0)]
    [InlineData(126, 128, 128, 128, 128, 128)]
    [InlineData(63, 102, 240, 255, 0, 0)] // BT.709 red, green, blue
    [InlineData(173, 42, 26, 0, 255, 0)]
    [InlineData(32, 240, 118, 0, 0, 255)]
    public void ColoursAreThoseOfBt709(int luma, int cb, int cr, int red, int green, int blue)
    {
        using var pool = new PicturePool(1);
        using var scaler = new PictureScaler();
        using PooledPicture picture = Plain(pool, 64, 32, luma, cb, cr);

        Assert.True(scaler.Draw(picture, _pixels, Stride, new Area(0, 0, 128, 64)));

        ReadOnlySpan<byte> pixel = _pixels.AsSpan((30 * Stride) + (60 * 4), 4);
        Assert.InRange(pixel[2], red - 3, red + 3);
        Assert.InRange(pixel[1], green - 3, green + 3);
        Assert.InRange(pixel[0], blue - 3, blue + 3);
    }

    [Fact]
    public void OnlyTheRectangleIsDrawn()
    {
        using var pool = new PicturePool(1);
        using var scaler = new PictureScaler();
        using PooledPicture picture = Plain(pool, 64, 32, 235, 128, 128);
        var where = new Area(33, 17, 101, 57);
        _pixels.AsSpan().Fill(7);

        Assert.True(scaler.Draw(picture, _pixels, Stride, where));

        for (int y = 0; y < 128; y++)
        {
            for (int x = 0; x < 256; x++)
            {
                bool isInside = x >= where.X && x < where.X + where.Width && y >= where.Y && y < where.Y + where.Height;
                Assert.Equal(isInside ? 255 : 7, _pixels[(y * Stride) + (x * 4) + 1]);
            }
        }
    }

    [Fact]
    public void APartIsAsLargeAsTheRectangle()
    {
        using var pool = new PicturePool(1);
        using var scaler = new PictureScaler();
        using PooledPicture picture = Plain(pool, 64, 32, 16, 128, 128);
        for (int y = 8; y < 24; y++)
            picture.WritableLuma.Slice((y * picture.LumaStride) + 32, 32).Fill(235);

        Assert.True(scaler.Draw(picture, new Area(32, 8, 32, 16), _pixels, Stride, new Area(0, 0, 256, 128)));

        Assert.All(Enumerable.Range(0, 128), y => Assert.InRange(_pixels[(y * Stride) + (128 * 4)], 250, 255));
        Assert.InRange(_pixels[1], 250, 255);
    }

    [Fact]
    public void APictureIsScaledIntoAnother()
    {
        using var pool = new PicturePool(2);
        using var scaler = new PictureScaler();
        using PooledPicture large = Scenes.Take(pool, 3, 640, 360);
        Assert.True(pool.TryTake(320, 180, default, out PooledPicture? small));

        Assert.True(scaler.Scale(large, small!));

        byte at = small!.Luma[(50 * small.LumaStride) + 100], expected = large.Luma[(100 * large.LumaStride) + 200];
        Assert.InRange(at, expected - 2, expected + 2);
        small.Dispose();
    }

    [Fact]
    public void NothingManagedIsAllocatedForAPictureAndItsSizesMayChange()
    {
        using var pool = new PicturePool(1);
        using var scaler = new PictureScaler();
        using PooledPicture picture = Scenes.Take(pool, 1);
        void Round()
        {
            for (int i = 0; i < 50; i++)
                Assert.True(scaler.Draw(picture, _pixels, Stride, new Area(0, 0, i < 25 ? 200 : 100, 100)));
        }

        Round();
        Assert.Equal(0, Allocations.FewestOf(Round));
    }

    [Theory]
    [InlineData(-1, 0, 10, 10)]
    [InlineData(0, -1, 10, 10)]
    [InlineData(0, 0, 0, 10)]
    [InlineData(0, 0, 257, 10)]
    [InlineData(200, 0, 57, 10)]
    [InlineData(0, 100, 10, 29)]
    [InlineData(int.MaxValue, 0, int.MaxValue, 1)]
    [InlineData(0, int.MaxValue, 1, int.MaxValue)]
    public void ARectangleOutsideIsOurMistake(int x, int y, int width, int height)
    {
        using var pool = new PicturePool(2);
        using var scaler = new PictureScaler();
        using PooledPicture picture = Scenes.Take(pool, 1, 256, 128), target = Scenes.Take(pool, 2);
        var area = new Area(x, y, width, height);

        Assert.Throws<ArgumentOutOfRangeException>(() => scaler.Draw(picture, _pixels, Stride, area));
        Assert.Throws<ArgumentOutOfRangeException>(() => scaler.Scale(picture, area, target));
    }

    [Fact]
    public void APictureThatWasGivenBackIsNotRead()
    {
        using var pool = new PicturePool(2);
        using var scaler = new PictureScaler();
        PooledPicture gone = Scenes.Take(pool, 1);
        using PooledPicture there = Scenes.Take(pool, 2);
        gone.Dispose();

        Assert.Throws<ArgumentOutOfRangeException>(() => scaler.Draw(gone, _pixels, Stride, new Area(0, 0, 10, 10)));
        Assert.Throws<ObjectDisposedException>(() => scaler.Scale(there, gone));
    }

    private static PooledPicture Plain(PicturePool pool, int width, int height, int luma, int cb, int cr)
    {
        Assert.True(pool.TryTake(width, height, default, out PooledPicture? picture));
        picture!.WritableLuma.Fill((byte)luma);
        picture.WritableCb.Fill((byte)cb);
        picture.WritableCr.Fill((byte)cr);
        return picture;
    }
}
