using System.Runtime.InteropServices;
using RoomAgent.Hal.Media.Interop;
using static RoomAgent.Hal.Media.Interop.RoomagentMedia;

namespace RoomAgent.Hal.Media;

/// <summary>An open source, of pictures or of sound.</summary>
internal sealed unsafe class MediaInput : IDisposable
{
    // Also the longest that a device which hangs keeps who reads it.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly InputHandle _input;

    private MediaInput(InputHandle input, in ra_input_info info) => (_input, Info) = (input, info);

    public ra_input_info Info { get; }

    /// <summary>Opens a source.</summary>
    /// <param name="source">Which.</param>
    /// <param name="isSound">Whether its sound is wanted, else its pictures.</param>
    /// <param name="options">FFmpeg's, for the device: <c>name=value:name=value</c>.</param>
    /// <param name="input">The source, when the outcome is <see cref="DeviceOutcome.Done"/>.</param>
    /// <param name="problem">Why not.</param>
    public static DeviceOutcome Open(MediaSource source, bool isSound, string options, out MediaInput? input, out string problem)
    {
        MediaLibrary.Require();
        nint format = Marshal.StringToCoTaskMemUTF8(source.Kind == MediaSourceKind.File ? null : source.Kind.ToString().ToLowerInvariant());
        nint address = Marshal.StringToCoTaskMemUTF8(source.Address);
        nint text = Marshal.StringToCoTaskMemUTF8(options.Length == 0 ? null : options);
        var setup = new ra_input_setup
        {
            format = (byte*)format,
            address = (byte*)address,
            options = (byte*)text,
            patience = Nanoseconds.Of(s_patience),
            medium = isSound ? 1 : 0,
            is_looped = source.IsLooped ? 1 : 0,
            is_paced = source.IsPaced ? 1 : 0,
        };
        ra_result result = ra_input_open(setup, out InputHandle opened, out ra_input_info info);
        Marshal.FreeCoTaskMem(format);
        Marshal.FreeCoTaskMem(address);
        Marshal.FreeCoTaskMem(text);

        input = null;
        problem = result == ra_result.RA_DONE ? "" : $"{source}: {MediaLibrary.Problem}";
        if (result == ra_result.RA_DONE)
            input = new MediaInput(opened, info);
        else
            opened.Dispose();
        return MediaLibrary.Outcome(result);
    }

    public DeviceOutcome ReadPicture(TimeSpan patience, PicturePool pool, out VideoFrame? picture)
    {
        ra_result result = ra_input_read_picture(_input, Nanoseconds.Of(patience), pool.Handle, out nint native, out ra_view view);
        picture = result == ra_result.RA_DONE ? pool.Lend(native, view) : null;
        return MediaLibrary.Outcome(result);
    }

    public DeviceOutcome ReadSound(TimeSpan patience, Span<short> samples, out TimeSpan capturedAt)
    {
        fixed (short* to = samples)
        {
            ra_result result = ra_input_read_sound(_input, Nanoseconds.Of(patience), to, samples.Length / Info.channels, out long nanoseconds);
            capturedAt = Nanoseconds.ToTime(nanoseconds);
            return MediaLibrary.Outcome(result);
        }
    }

    public void Dispose() => _input.Dispose();
}
