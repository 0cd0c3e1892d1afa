using System.Runtime.InteropServices;
using RoomAgent.Hal;

namespace RoomAgent.Benchmarks.Screen;

/// <summary>libswscale, which scales pictures for most others: from 4:2:0 to BGRX, whole pictures at a time.</summary>
internal sealed unsafe class Swscale : IDisposable
{
    public const int FastBilinear = 1;
    public const int Bilinear = 2;

    private const int Yuv420 = 0;
    private const int Bgra = 28;

    // Debian 13, Debian 12. What is used here is the same in both.
    private static readonly nint s_library = NativeLibrary.TryLoad("libswscale.so.8", out nint library) ? library : NativeLibrary.Load("libswscale.so.6");

    private static readonly delegate* unmanaged<int, int, int, int, int, int, int, nint, nint, double*, nint> s_getContext =
        (delegate* unmanaged<int, int, int, int, int, int, int, nint, nint, double*, nint>)NativeLibrary.GetExport(s_library, "sws_getContext");

    private static readonly delegate* unmanaged<nint, byte**, int*, int, int, byte**, int*, int> s_scale =
        (delegate* unmanaged<nint, byte**, int*, int, int, byte**, int*, int>)NativeLibrary.GetExport(s_library, "sws_scale");

    private static readonly delegate* unmanaged<nint, void> s_freeContext = (delegate* unmanaged<nint, void>)NativeLibrary.GetExport(s_library, "sws_freeContext");

    private nint _context;

    public Swscale(int width, int height, int toWidth, int toHeight, int flags)
    {
        _context = s_getContext(width, height, Yuv420, toWidth, toHeight, Bgra, flags, 0, 0, null);
        if (_context == 0)
            throw new InvalidOperationException("libswscale does not scale that.");
    }

    public void Scale(VideoFrame picture, byte* pixels, int stride)
    {
        fixed (byte* luma = picture.Luma, cb = picture.Cb, cr = picture.Cr)
        {
            byte** from = stackalloc byte*[] { luma, cb, cr, null }, to = stackalloc byte*[] { pixels, null, null, null };
            int* fromStrides = stackalloc int[] { picture.LumaStride, picture.ChromaStride, picture.ChromaStride, 0 }, toStrides = stackalloc int[] { stride, 0, 0, 0 };
            s_scale(_context, from, fromStrides, 0, picture.Height, to, toStrides);
        }
    }

    public void Dispose()
    {
        s_freeContext(_context);
        _context = 0;
    }
}
