namespace RoomAgent.Hal;

/// <summary>The size and pace of pictures.</summary>
/// <param name="Width">Pixels, even, 16 to 4,096.</param>
/// <param name="Height">Pixels, even, 16 to 4,096.</param>
/// <param name="FrameRate">Pictures a second, 1 to 120.</param>
public readonly record struct VideoFormat(int Width, int Height, int FrameRate)
{
    /// <summary>1280x720, 30 pictures a second: what a room sends unless it knows better.</summary>
    public static VideoFormat Default => new(1280, 720, 30);

    /// <summary>Whether the numbers are in their ranges. Who gets them from outside asks before using them.</summary>
    public bool IsValid => Width is >= 16 and <= 4_096 && Height is >= 16 and <= 4_096 && ((Width | Height) & 1) == 0 && FrameRate is >= 1 and <= 120;

    /// <summary>As people write it: <c>1280x720 at 30/s</c>.</summary>
    public override string ToString() => $"{Width}x{Height} at {FrameRate}/s";
}

/// <summary>How a camera delivers pictures. Behind <see cref="ICamera"/> they are always <see cref="VideoFrame"/>s.</summary>
public enum PixelFormat
{
    /// <summary>Planar 4:2:0.</summary>
    Yuv420,

    /// <summary>4:2:0 with the colours interleaved.</summary>
    Nv12,

    /// <summary>Packed 4:2:2.</summary>
    Yuyv422,

    /// <summary>A JPEG for each picture.</summary>
    Mjpeg,

    /// <summary>H.264, decoded before anyone sees it.</summary>
    H264,

    /// <summary>Anything else that the library behind the camera knows.</summary>
    Other,
}

/// <summary>What a camera can deliver.</summary>
/// <param name="Pixels">In which form.</param>
/// <param name="Video">In which size and pace.</param>
public readonly record struct CameraFormat(PixelFormat Pixels, VideoFormat Video);
