namespace RoomAgent.Hal;

/// <summary>
/// A raw picture, borrowed: planar YUV 4:2:0, 8 bits, BT.709, limited range. One owner at a time; who has it last calls <see cref="Dispose"/>,
/// which gives the memory back to who lent it. Nothing is allocated for a picture once as many were made as are out at a time.
/// </summary>
/// <remarks>Raw pictures may be dropped when they are late; encoded ones never (ask for a key frame instead).</remarks>
public abstract class VideoFrame : IDisposable
{
    /// <summary>Pixels.</summary>
    public abstract int Width { get; }

    /// <summary>Pixels.</summary>
    public abstract int Height { get; }

    /// <summary>When the picture was taken, on the machine's monotonic clock; a decoded picture has the time that its sender gave it.</summary>
    public abstract TimeSpan CapturedAt { get; }

    /// <summary>Whether parts of a decoded picture were made up, since what it was decoded from was damaged. A key frame mends it.</summary>
    public virtual bool IsConcealed => false;

    /// <summary>The brightness, a row each <see cref="LumaStride"/> bytes.</summary>
    public abstract ReadOnlySpan<byte> Luma { get; }

    /// <summary>Cb at half the width and height, a row each <see cref="ChromaStride"/> bytes.</summary>
    public abstract ReadOnlySpan<byte> Cb { get; }

    /// <summary>Cr, as <see cref="Cb"/>.</summary>
    public abstract ReadOnlySpan<byte> Cr { get; }

    /// <summary>Bytes from a row of brightness to the next; at least the width.</summary>
    public abstract int LumaStride { get; }

    /// <summary>Bytes from a row of colour to the next; at least half the width.</summary>
    public abstract int ChromaStride { get; }

    /// <summary>
    /// Gives the picture back, on any thread. Neither the spans nor the object are to be used afterwards: it may have been lent again. A second call before that does nothing.
    /// </summary>
    public abstract void Dispose();
}
