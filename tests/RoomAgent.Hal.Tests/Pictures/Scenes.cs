using RoomAgent.Hal.Media;

namespace RoomAgent.Hal.Tests.Pictures;

/// <summary>Pictures in which something moves, and what is known about them.</summary>
internal static class Scenes
{
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(33);

    public static readonly VideoEncoding Small = new(new VideoFormat(320, 180, 30), 500_000);

    /// <summary>Picture <paramref name="number"/> of a scene: a slope of grey that wanders, with noise when asked, so that there is much to encode.</summary>
    public static PooledPicture Take(PicturePool pool, int number, int width = 320, int height = 180, int noise = 0)
    {
        Assert.True(pool.TryTake(width, height, Interval * number, out PooledPicture? picture));
        Draw(picture!, number, noise);
        return picture!;
    }

    public static void Draw(PooledPicture picture, int number, int noise = 0)
    {
        Span<byte> luma = picture.WritableLuma;
        uint random = (uint)number * 2_654_435_761 + 1;
        for (int y = 0; y < picture.Height; y++)
        {
            Span<byte> row = luma.Slice(y * picture.LumaStride, picture.Width);
            for (int x = 0; x < row.Length; x++)
            {
                random = (random * 1_664_525) + 1_013_904_223;
                row[x] = (byte)(40 + ((x + y + (number * 3)) / 2 % 128) + (noise == 0 ? 0 : (random >> 16) % (uint)noise));
            }
        }
    }

    /// <summary>The mean difference of brightness, a pixel.</summary>
    public static double Difference(VideoFrame one, VideoFrame other)
    {
        Assert.Equal((one.Width, one.Height), (other.Width, other.Height));
        long sum = 0;
        for (int y = 0; y < one.Height; y++)
        {
            ReadOnlySpan<byte> a = one.Luma.Slice(y * one.LumaStride, one.Width), b = other.Luma.Slice(y * other.LumaStride, other.Width);
            for (int x = 0; x < a.Length; x++)
                sum += Math.Abs(a[x] - b[x]);
        }

        return sum / (double)(one.Width * one.Height);
    }

    /// <summary>An encoder in software, which every machine has.</summary>
    public static H264Encoder OpenEncoder(VideoEncoding? encoding = null)
    {
        H264Encoder? encoder = H264Encoder.TryOpen([Software], encoding ?? Small, out string problem);
        Assert.True(encoder is not null, problem);
        return encoder;
    }

    public static EncoderChoice Software { get; } = EncoderChoice.Usual.Single(choice => choice.Name == "libx264");

    public static H264Decoder OpenDecoder(int pictures = H264Decoder.UsualPictures)
    {
        H264Decoder? decoder = H264Decoder.TryOpen([new DecoderChoice("h264", IsHardware: false)], out string problem, pictures);
        Assert.True(decoder is not null, problem);
        return decoder;
    }

    /// <summary>The first access units of a scene.</summary>
    public static List<byte[]> Encode(int count, VideoEncoding? encoding = null, int noise = 0)
    {
        VideoEncoding wanted = encoding ?? Small;
        using H264Encoder encoder = OpenEncoder(wanted);
        using var pool = new PicturePool(2);
        List<byte[]> units = [];
        for (int i = 0; i < count; i++)
        {
            using PooledPicture picture = Take(pool, i, wanted.Format.Width, wanted.Format.Height, noise);
            Assert.Equal(DeviceOutcome.Done, encoder.Encode(picture, wantsKeyFrame: false, out EncodedFrame? frame));
            units.Add(frame!.Data.ToArray());
            frame.Dispose();
        }

        return units;
    }

    /// <summary>The nal_unit_type of each NAL unit.</summary>
    public static List<int> UnitsOf(ReadOnlySpan<byte> accessUnit)
    {
        List<int> types = [];
        for (int i = 0; i + 3 < accessUnit.Length; i++)
        {
            if (accessUnit[i] == 0 && accessUnit[i + 1] == 0 && accessUnit[i + 2] == 1)
                types.Add(accessUnit[i + 3] & 0x1f);
        }

        return types;
    }
}
