using RoomAgent.Hal;
using RoomAgent.Hal.Media.Drawing;

namespace RoomAgent.Screen.Tests;

/// <summary>Pictures beside the arithmetic of ITU-R BT.709, done slowly and in full.</summary>
public sealed unsafe class TilePainterTests
{
    [Theory]
    [InlineData(16, 128, 128, 0, 0, 0)]
    [InlineData(235, 128, 128, 255, 255, 255)]
    [InlineData(126, 128, 128, 128, 128, 128)]
    [InlineData(63, 102, 240, 255, 1, 0)]
    [InlineData(173, 42, 26, 0, 255, 1)]
    [InlineData(32, 240, 118, 1, 0, 255)]
    public void ColoursAreThoseOfBt709(byte y, byte cb, byte cr, int red, int green, int blue)
    {
        byte[] pixels = Paint(TestFrame.Plain(64, 64, y, cb, cr), new Area(0, 0, 48, 48), 48, 48);

        for (int at = 0; at < pixels.Length; at += 4)
        {
            Assert.InRange(pixels[at], blue - 3, blue + 3);
            Assert.InRange(pixels[at + 1], green - 3, green + 3);
            Assert.InRange(pixels[at + 2], red - 3, red + 3);
            Assert.Equal(0xFF, pixels[at + 3]);
        }
    }

    [Fact]
    public void EveryColourIsNearTheExactOne()
    {
        var random = new Random(7);
        for (int i = 0; i < 2_000; i++)
        {
            byte y = (byte)random.Next(256), cb = (byte)random.Next(256), cr = (byte)random.Next(256);

            byte[] pixels = Paint(TestFrame.Plain(16, 16, y, cb, cr), new Area(0, 0, 16, 16), 16, 16);

            (double red, double green, double blue) = Exact(y, cb, cr);
            Assert.True(Math.Abs(pixels[2] - red) <= 3 && Math.Abs(pixels[1] - green) <= 3 && Math.Abs(pixels[0] - blue) <= 3, $"{y} {cb} {cr}");
        }
    }

    [Theory]
    [InlineData(640, 360, 640, 360)]
    [InlineData(640, 360, 320, 180)]
    [InlineData(1280, 720, 604, 340)]
    [InlineData(1280, 720, 200, 112)]
    [InlineData(1920, 1080, 97, 55)]
    [InlineData(320, 180, 1000, 562)]
    [InlineData(16, 16, 33, 31)]
    [InlineData(4096, 64, 130, 60)]
    public void ASlopeStaysASlopeOfTheSameHeight(int width, int height, int tileWidth, int tileHeight)
    {
        var slope = new TestFrame(width, height, (x, y) => ((byte)(20 + 100.0 * x / width + 100.0 * y / height), 128, 128), padding: 5);

        byte[] pixels = Paint(slope, new Area(0, 0, tileWidth, tileHeight), tileWidth, tileHeight, isWhole: false);

        double across = (double)tileWidth / width, down = (double)tileHeight / height, scale = Math.Max(across, down);
        if (Math.Min(across, down) / scale < 0.75)
            scale = Math.Min(across, down);
        for (int y = 0; y < tileHeight; y++)
        {
            for (int x = 0; x < tileWidth; x++)
            {
                double sourceX = (x + 0.5 - tileWidth / 2.0) / scale + width / 2.0, sourceY = (y + 0.5 - tileHeight / 2.0) / scale + height / 2.0;
                if (sourceX < 1 || sourceX > width - 1 || sourceY < 1 || sourceY > height - 1)
                    continue;
                double exact = Exact(20 + 100 * (sourceX - 0.5) / width + 100 * (sourceY - 0.5) / height, 128, 128).Red;
                Assert.True(Math.Abs(pixels[(y * tileWidth + x) * 4] - exact) <= 5 + 130.0 / Math.Min(width, height), $"at {x}, {y}: {pixels[(y * tileWidth + x) * 4]} and not {exact}");
            }
        }
    }

    [Theory]
    [InlineData(1280, 720, 604, 340, false)]
    [InlineData(640, 480, 604, 340, true)]
    [InlineData(300, 700, 500, 281, false)]
    [InlineData(320, 180, 1000, 562, false)]
    public void ThroughAClipTheSameIsSeenAndNothingElse(int width, int height, int tileWidth, int tileHeight, bool isWhole)
    {
        TestFrame picture = TestFrame.Portrait(3, width, height);
        var tile = new Area(7, 5, tileWidth, tileHeight);
        int whole = tileWidth + 20, high = tileHeight + 20;
        byte[] all = Paint(picture, tile, whole, high, isWhole);
        var random = new Random(1);

        for (int i = 0; i < 20; i++)
        {
            var clip = new Area(random.Next(whole), random.Next(high), random.Next(whole), random.Next(high));
            byte[] pixels = Paint(picture, tile, whole, high, isWhole, clip);
            for (int y = 0; y < high; y++)
            {
                for (int x = 0; x < whole; x++)
                {
                    bool isSeen = clip.Intersect(tile).Contains(new Area(x, y, 1, 1));
                    int at = (y * whole + x) * 4;
                    Assert.Equal(isSeen ? all[at] : (byte)0, pixels[at]);
                    Assert.Equal(isSeen ? all[at + 2] : (byte)0, pixels[at + 2]);
                }
            }
        }
    }

    [Fact]
    public void NothingOfContentIsCutOffAndTheRestIsBlack()
    {
        byte[] pixels = Paint(TestFrame.Plain(400, 400, 235), new Area(0, 0, 320, 180), 320, 180, isWhole: true);

        Assert.Equal(0, pixels[(90 * 320 + 60) * 4]);
        Assert.InRange(pixels[(90 * 320 + 160) * 4], 250, 255);
        Assert.InRange(pixels[(0 * 320 + 160) * 4], 250, 255);
        Assert.InRange(pixels[(179 * 320 + 160) * 4], 250, 255);
    }

    [Fact]
    public void APortraitPictureIsNotCutToALandscape()
    {
        byte[] pixels = Paint(TestFrame.Plain(360, 640, 235), new Area(0, 0, 320, 180), 320, 180);

        Assert.Equal(0, pixels[(90 * 320 + 10) * 4]);
        Assert.InRange(pixels[(90 * 320 + 160) * 4], 250, 255);
    }

    [Fact]
    public void AnOldCamerasPictureFillsItsTile()
    {
        byte[] pixels = Paint(TestFrame.Plain(640, 480, 235), new Area(0, 0, 320, 180), 320, 180);

        Assert.InRange(pixels[0], 250, 255);
        Assert.InRange(pixels[^4], 250, 255);
    }

    private static (double Red, double Green, double Blue) Exact(double y, double cb, double cr)
    {
        double luma = (y - 16) * 255 / 219, blue = (cb - 128) * 255 / 224, red = (cr - 128) * 255 / 224;
        return (Clamp(luma + 1.5748 * red), Clamp(luma - 0.1873 * blue - 0.4681 * red), Clamp(luma + 1.8556 * blue));

        static double Clamp(double value) => Math.Clamp(value, 0, 255);
    }

    private static byte[] Paint(TestFrame picture, Area tile, int width, int height, bool isWhole = false, Area? clip = null)
    {
        byte[] pixels = new byte[width * height * 4];
        fixed (byte* first = pixels)
            new TilePainter().Paint(picture, tile, isWhole, (clip ?? new Area(0, 0, width, height)).Intersect(new Area(0, 0, width, height)), first, width * 4);
        return pixels;
    }
}
