using RoomAgent.Hal.Media;

namespace RoomAgent.Hal.Tests.Pictures;

public sealed class PicturePoolTests
{
    [Fact]
    public void APictureIsBlackUntilItIsDrawnOn()
    {
        using var pool = new PicturePool(1);

        Assert.True(pool.TryTake(64, 32, TimeSpan.FromSeconds(7), out PooledPicture? picture));

        Assert.Equal((64, 32, TimeSpan.FromSeconds(7), false), (picture!.Width, picture.Height, picture.CapturedAt, picture.IsConcealed));
        Assert.All(Enumerable.Range(0, 32), y => Assert.All(picture.Luma.Slice(y * picture.LumaStride, 64).ToArray(), value => Assert.Equal(16, value)));
        Assert.All(Enumerable.Range(0, 16), y => Assert.All(picture.Cb.Slice(y * picture.ChromaStride, 32).ToArray(), value => Assert.Equal(128, value)));
        Assert.All(Enumerable.Range(0, 16), y => Assert.All(picture.Cr.Slice(y * picture.ChromaStride, 32).ToArray(), value => Assert.Equal(128, value)));
        picture.Dispose();
    }

    [Fact]
    public void APoolThatIsDryRefusesAndGoesOnWhenOneComesBack()
    {
        using var pool = new PicturePool(2);
        Assert.True(pool.TryTake(64, 64, default, out PooledPicture? first));
        Assert.True(pool.TryTake(64, 64, default, out PooledPicture? second));

        Assert.False(pool.TryTake(64, 64, default, out PooledPicture? none));
        Assert.Null(none);
        first!.Dispose();
        first.Dispose();

        Assert.True(pool.TryTake(64, 64, default, out PooledPicture? third));
        Assert.False(pool.TryTake(64, 64, default, out _));
        second!.Dispose();
        third!.Dispose();
    }

    [Fact]
    public void WhatWasGivenBackShowsNothing()
    {
        using var pool = new PicturePool(1);
        pool.TryTake(64, 64, default, out PooledPicture? picture);

        picture!.Dispose();

        Assert.True(picture.Luma.IsEmpty && picture.Cb.IsEmpty && picture.WritableCr.IsEmpty);
        Assert.Throws<ObjectDisposedException>(() => picture.TryMakeWritable());
    }

    [Fact]
    public void APictureOutlivesItsPool()
    {
        var pool = new PicturePool(2);
        pool.TryTake(64, 64, default, out PooledPicture? picture);

        pool.Dispose();
        picture!.WritableLuma.Fill(99);

        Assert.Equal(99, picture.Luma[0]);
        Assert.Throws<ObjectDisposedException>(() => pool.TryTake(64, 64, default, out _));
        picture.Dispose();
    }

    [Fact]
    public void DrawingOnADecodedPictureDoesNotHarmThoseAfterIt()
    {
        List<byte[]> units = Scenes.Encode(10);
        using H264Decoder clean = Scenes.OpenDecoder(), drawn = Scenes.OpenDecoder();

        foreach (byte[] unit in units)
        {
            clean.Decode(unit, default, out VideoFrame? expected);
            drawn.Decode(unit, default, out VideoFrame? picture);
            Assert.Equal(0, Scenes.Difference(expected!, picture!));
            Assert.True(((PooledPicture)picture!).TryMakeWritable());
            ((PooledPicture)picture).WritableLuma.Fill(235);
            expected!.Dispose();
            picture.Dispose();
        }
    }

    [Fact]
    public void PicturesComeBackOnAnyThread()
    {
        using var pool = new PicturePool(4);

        Parallel.For(0, 4, _ =>
        {
            for (int i = 0; i < 2_000; i++)
            {
                if (pool.TryTake(16 + (i % 3 * 16), 16, default, out PooledPicture? picture))
                {
                    picture!.WritableLuma.Fill((byte)i);
                    picture.Dispose();
                }
            }
        });

        PooledPicture[] all = [.. Enumerable.Range(0, 4).Select(_ => pool.TryTake(16, 16, default, out PooledPicture? picture) ? picture! : null!)];
        Assert.Equal(4, all.Distinct().Count(picture => picture is not null));
        Assert.All(all, picture => picture.Dispose());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(65)]
    public void APoolHasOneTo64Pictures(int capacity) => Assert.Throws<ArgumentOutOfRangeException>(() => new PicturePool(capacity));

    [Theory]
    [InlineData(0, 64)]
    [InlineData(64, 15)]
    [InlineData(63, 64)]
    [InlineData(4_098, 64)]
    public void ASizeThatNoPictureHasIsOurMistake(int width, int height)
    {
        using var pool = new PicturePool(1);

        Assert.Throws<ArgumentException>(() => pool.TryTake(width, height, default, out _));
        Assert.True(pool.TryTake(64, 64, default, out PooledPicture? picture));
        picture!.Dispose();
    }
}
