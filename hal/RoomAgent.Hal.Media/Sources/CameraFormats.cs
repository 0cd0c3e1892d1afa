namespace RoomAgent.Hal.Media;

/// <summary>Which of a camera's formats to take.</summary>
internal static class CameraFormats
{
    /// <summary>The nearest to what is wanted: large enough before the right size before fast enough, and of these the one that costs least to unpack.</summary>
    /// <returns><see langword="null"/> when there is none.</returns>
    public static CameraFormat? Nearest(IReadOnlyList<CameraFormat> formats, VideoFormat wanted)
    {
        CameraFormat[] usable = [.. formats.Where(format => format.Pixels != PixelFormat.Other)];
        return usable.Length == 0 ? null : usable.MinBy(format => Distance(format, wanted));
    }

    // Compared from left to right.
    private static (bool IsSmaller, long Pixels, int MissingPace, int Cost, int Pace) Distance(CameraFormat format, VideoFormat wanted)
    {
        VideoFormat video = format.Video;
        bool isSmaller = video.Width < wanted.Width || video.Height < wanted.Height;
        long pixels = Math.Abs(((long)video.Width * video.Height) - ((long)wanted.Width * wanted.Height));
        int cost = format.Pixels switch
        {
            PixelFormat.Yuv420 => 0,
            PixelFormat.Nv12 => 1,
            PixelFormat.Yuyv422 => 2,
            PixelFormat.Mjpeg => 3,
            _ => 4,
        };
        return (isSmaller, pixels, Math.Max(0, wanted.FrameRate - video.FrameRate), cost, video.FrameRate);
    }
}
