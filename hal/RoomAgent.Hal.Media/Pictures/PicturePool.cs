using RoomAgent.Hal.Media.Interop;
using static RoomAgent.Hal.Media.Interop.RoomagentMedia;

namespace RoomAgent.Hal.Media;

/// <summary>
/// Lends pictures, a fixed number at a time. Once each was out nothing is allocated any more. Any thread may take one and give one back, in
/// whatever order; the one that is back the longest goes out first.
/// </summary>
public sealed class PicturePool : IDisposable
{
    private readonly PooledPicture[] _pictures;

    /// <summary>Makes a pool.</summary>
    /// <param name="capacity">The most pictures that are out at a time, 1 to 64.</param>
    /// <exception cref="DllNotFoundException">The shim is missing; see <see cref="MediaLibrary.Versions"/>.</exception>
    public PicturePool(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, 64);
        MediaLibrary.Require();
        Handle = MediaLibrary.Check(ra_pool_new(capacity));
        _pictures = [.. Enumerable.Range(0, capacity).Select(_ => new PooledPicture())];
    }

    /// <summary>For those who fill pictures natively.</summary>
    internal PoolHandle Handle { get; }

    /// <summary>Takes a black picture, to draw on.</summary>
    /// <param name="width">Pixels, even, 16 to 4,096.</param>
    /// <param name="height">Pixels, even, 16 to 4,096.</param>
    /// <param name="capturedAt">The time it is to have, on the machine's monotonic clock.</param>
    /// <param name="picture">The picture; the caller gives it back.</param>
    /// <returns><see langword="false"/> when all are out.</returns>
    /// <exception cref="ArgumentException">No picture has such a size.</exception>
    public bool TryTake(int width, int height, TimeSpan capturedAt, out PooledPicture? picture)
    {
        picture = null;
        ra_result result = ra_picture_new(Handle, width, height, Nanoseconds.Of(capturedAt), out nint native, out ra_view view);
        if (result == ra_result.RA_UNSUPPORTED)
            throw new ArgumentException($"A pool has no pictures of {width}x{height}.", nameof(width));
        if (result == ra_result.RA_DONE)
            picture = Lend(native, view);

        return picture is not null;
    }

    /// <summary>Lends no more. What is out stays good until it is given back, and then the memory goes.</summary>
    public void Dispose() => Handle.Dispose();

    /// <summary>Wraps a picture that the shim took from this pool.</summary>
    internal PooledPicture Lend(nint native, in ra_view view)
    {
        PooledPicture picture = _pictures[view.slot];
        picture.Begin(native, view);
        return picture;
    }
}

/// <summary>The shim's times.</summary>
internal static class Nanoseconds
{
    public static long Of(TimeSpan time) => time.Ticks * TimeSpan.NanosecondsPerTick;

    public static TimeSpan ToTime(long nanoseconds) => new(nanoseconds / TimeSpan.NanosecondsPerTick);
}
