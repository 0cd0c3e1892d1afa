using static RoomAgent.Hal.Media.Interop.RoomagentMedia;

namespace RoomAgent.Hal.Media;

/// <summary>
/// A picture in the shim's memory, of a <see cref="PicturePool"/>. The object is lent again with its memory: who gave it back forgets it.
/// After that its planes are empty, until it is lent again.
/// </summary>
public sealed unsafe class PooledPicture : VideoFrame
{
    private nint _native;
    private ra_view _view;

    internal PooledPicture()
    {
    }

    /// <inheritdoc/>
    public override int Width => _view.width;

    /// <inheritdoc/>
    public override int Height => _view.height;

    /// <inheritdoc/>
    public override TimeSpan CapturedAt => Nanoseconds.ToTime(_view.captured_at);

    /// <inheritdoc/>
    public override bool IsConcealed => (_view.flags & RA_PICTURE_CONCEALED) != 0;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Luma => WritableLuma;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Cb => WritableCb;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Cr => WritableCr;

    /// <inheritdoc/>
    public override int LumaStride => _view.luma_stride;

    /// <inheritdoc/>
    public override int ChromaStride => _view.chroma_stride;

    /// <summary>The brightness, to be written after <see cref="TryMakeWritable"/>: 16 is black, 235 is white.</summary>
    public Span<byte> WritableLuma => Plane(_view.luma, _view.luma_stride, _view.width, _view.height);

    /// <summary>Cb, to be written after <see cref="TryMakeWritable"/>: 16 to 240, and 128 is no colour.</summary>
    public Span<byte> WritableCb => Plane(_view.cb, _view.chroma_stride, _view.width / 2, _view.height / 2);

    /// <summary>Cr, as <see cref="WritableCb"/>.</summary>
    public Span<byte> WritableCr => Plane(_view.cr, _view.chroma_stride, _view.width / 2, _view.height / 2);

    internal nint Native => _native;

    internal ref readonly ra_view View => ref _view;

    /// <summary>Makes sure that nobody else reads what is about to be written, such as an encoder that still works on it: then the planes move to memory of their own.</summary>
    /// <returns><see langword="false"/> when there is no memory; then nothing may be written.</returns>
    public bool TryMakeWritable()
    {
        ObjectDisposedException.ThrowIf(_native == 0, this);
        return ra_picture_make_writable(_native, out _view) == ra_result.RA_DONE;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        nint native = Interlocked.Exchange(ref _native, 0);
        if (native == 0)
            return;

        _view = default;
        ra_picture_release(native);
    }

    internal void Begin(nint native, in ra_view view)
    {
        _view = view;
        _native = native;
    }

    // Up to the last pixel and not to the end of its row: what was cut off at the left lacks there.
    private static Span<byte> Plane(byte* first, int stride, int width, int height) =>
        first is null ? [] : new Span<byte>(first, (stride * (height - 1)) + width);
}
