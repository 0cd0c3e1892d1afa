using RoomAgent.Hal.Media.Interop;
using static RoomAgent.Hal.Media.Interop.RoomagentMedia;

namespace RoomAgent.Hal.Media;

/// <summary>
/// Scales pictures, to other pictures or to the pixels of a display. It keeps what swscale prepares for a pair of sizes and allocates nothing as long as they stay the same:
/// who shows several streams has one for each. One thread calls.
/// </summary>
public sealed unsafe class PictureScaler : IDisposable
{
    private readonly ScalerHandle _scaler;

    /// <summary>Makes a scaler.</summary>
    /// <exception cref="DllNotFoundException">The shim is missing; see <see cref="MediaLibrary.Versions"/>.</exception>
    public PictureScaler()
    {
        MediaLibrary.Require();
        _scaler = MediaLibrary.Check(ra_scaler_new());
    }

    /// <summary>Draws a part of a picture into a rectangle of BGRX pixels (blue in the lowest byte), as wide and as high as the rectangle is. What is in the fourth byte means nothing.</summary>
    /// <param name="picture">The picture; it stays the caller's.</param>
    /// <param name="source">The part; it begins and ends at even pixels.</param>
    /// <param name="pixels">All pixels, 4 bytes each.</param>
    /// <param name="stride">Bytes from a row to the next.</param>
    /// <param name="destination">The rectangle, inside of the pixels.</param>
    /// <returns><see langword="false"/> when the library refuses these sizes.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A rectangle is not inside of what it is a part of, or is empty.</exception>
    public bool Draw(VideoFrame picture, Area source, Span<byte> pixels, int stride, Area destination)
    {
        if (destination.X < 0 || destination.Y < 0 || destination.Width < 1 || destination.Height < 1 || destination.X + (long)destination.Width > stride / 4
            || ((destination.Y + (long)destination.Height - 1) * stride) + ((destination.X + (long)destination.Width) * 4) > pixels.Length)
        {
            throw new ArgumentOutOfRangeException(nameof(destination), $"{destination} is not inside of {pixels.Length} bytes in rows of {stride}.");
        }

        CheckInside(picture, source);
        fixed (byte* luma = picture.Luma)
        fixed (byte* cb = picture.Cb)
        fixed (byte* cr = picture.Cr)
        fixed (byte* to = pixels)
        {
            ra_view from = PartOf(picture, luma, cb, cr, source);
            byte* first = to + ((long)destination.Y * stride) + (destination.X * 4L);
            return ra_scale_to_bgrx(_scaler, from, first, stride, destination.Width, destination.Height) == ra_result.RA_DONE;
        }
    }

    /// <summary>Draws all of a picture into a rectangle of pixels; see the other one.</summary>
    /// <returns><see langword="false"/> when the library refuses these sizes.</returns>
    public bool Draw(VideoFrame picture, Span<byte> pixels, int stride, Area destination) =>
        Draw(picture, new Area(0, 0, picture.Width, picture.Height), pixels, stride, destination);

    /// <summary>Fills a picture with a part of another.</summary>
    /// <param name="picture">The picture; it stays the caller's.</param>
    /// <param name="source">The part; it begins and ends at even pixels.</param>
    /// <param name="target">What is filled; it can be written (<see cref="PooledPicture.TryMakeWritable"/>).</param>
    /// <returns><see langword="false"/> when the library refuses these sizes.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The part is not inside of the picture, or is empty.</exception>
    public bool Scale(VideoFrame picture, Area source, PooledPicture target)
    {
        CheckInside(picture, source);
        ObjectDisposedException.ThrowIf(target.Native == 0, target);
        fixed (byte* luma = picture.Luma)
        fixed (byte* cb = picture.Cb)
        fixed (byte* cr = picture.Cr)
        {
            ra_view from = PartOf(picture, luma, cb, cr, source);
            return ra_scale_to_picture(_scaler, from, target.View) == ra_result.RA_DONE;
        }
    }

    /// <summary>Fills a picture with another; see the other one.</summary>
    /// <returns><see langword="false"/> when the library refuses these sizes.</returns>
    public bool Scale(VideoFrame picture, PooledPicture target) => Scale(picture, new Area(0, 0, picture.Width, picture.Height), target);

    /// <inheritdoc/>
    public void Dispose() => _scaler.Dispose();

    private static void CheckInside(VideoFrame picture, Area source)
    {
        if (source.X < 0 || source.Y < 0 || source.Width < 2 || source.Height < 2 || ((source.X | source.Y | source.Width | source.Height) & 1) != 0
            || source.X + (long)source.Width > picture.Width || source.Y + (long)source.Height > picture.Height)
        {
            throw new ArgumentOutOfRangeException(nameof(source), $"{source} is no part of a picture of {picture.Width}x{picture.Height}.");
        }
    }

    private static ra_view PartOf(VideoFrame picture, byte* luma, byte* cb, byte* cr, Area source)
    {
        long inColour = ((long)source.Y / 2 * picture.ChromaStride) + (source.X / 2);
        return new ra_view
        {
            luma = luma + ((long)source.Y * picture.LumaStride) + source.X,
            cb = cb + inColour,
            cr = cr + inColour,
            luma_stride = picture.LumaStride,
            chroma_stride = picture.ChromaStride,
            width = source.Width,
            height = source.Height,
        };
    }
}
