using System.Runtime.InteropServices;
using static RoomAgent.Hal.Media.Interop.RoomagentMedia;

namespace RoomAgent.Hal.Media;

/// <summary>What a camera of the kernel offers. Each question opens its device for a moment.</summary>
internal static unsafe class V4l2Camera
{
    private const int MostFormats = 512;
    private const int MostControls = 128;

    // V4L2's four characters, and FFmpeg's name for them.
    private static readonly (string Code, PixelFormat Pixels, string Name)[] s_formats =
    [
        ("YU12", PixelFormat.Yuv420, "yuv420p"),
        ("NV12", PixelFormat.Nv12, "nv12"),
        ("YUYV", PixelFormat.Yuyv422, "yuyv422"),
        ("MJPG", PixelFormat.Mjpeg, "mjpeg"),
        ("JPEG", PixelFormat.Mjpeg, "mjpeg"),
        ("H264", PixelFormat.H264, "h264"),
    ];

    /// <summary>All that it can deliver and a <see cref="VideoFormat"/> can say.</summary>
    public static DeviceOutcome FindFormats(string device, out IReadOnlyList<CameraFormat> formats, out string problem)
    {
        MediaLibrary.Require();
        var found = new ra_camera_format[MostFormats];
        ra_result result;
        int count;
        fixed (ra_camera_format* first = found)
            result = ra_camera_formats(device, first, MostFormats, out count);
        problem = result == ra_result.RA_DONE ? "" : MediaLibrary.Problem;
        formats = [.. found.Take(count).Select(ToFormat).Where(format => format.Video.IsValid).Distinct()];
        return MediaLibrary.Outcome(result);
    }

    /// <summary>All of its controls that are numbers, switches or choices.</summary>
    public static DeviceOutcome FindControls(string device, out IReadOnlyList<CameraControl> controls, out string problem)
    {
        MediaLibrary.Require();
        var found = new ra_camera_control[MostControls];
        var read = new List<CameraControl>();
        ra_result result;
        fixed (ra_camera_control* first = found)
        {
            result = ra_camera_controls(device, first, MostControls, out int count);
            for (ra_camera_control* one = first; one < first + count; one++)
                read.Add(new CameraControl((int)one->id, Marshal.PtrToStringUTF8((nint)one->name) ?? "", one->least, one->most, one->step, one->usual, one->value));
        }

        problem = result == ra_result.RA_DONE ? "" : MediaLibrary.Problem;
        controls = read;
        return MediaLibrary.Outcome(result);
    }

    public static DeviceOutcome SetControl(string device, int id, int value, out string problem)
    {
        MediaLibrary.Require();
        ra_result result = ra_camera_set_control(device, (uint)id, value);
        problem = result == ra_result.RA_DONE ? "" : MediaLibrary.Problem;
        return MediaLibrary.Outcome(result);
    }

    /// <summary>FFmpeg's options that make it deliver a format.</summary>
    public static string OptionsFor(CameraFormat format)
    {
        string name = s_formats.First(known => known.Pixels == format.Pixels).Name;
        return $"video_size={format.Video.Width}x{format.Video.Height}:framerate={format.Video.FrameRate}:input_format={name}";
    }

    // A driver that does not say its pace is believed to have the usual one.
    private static CameraFormat ToFormat(ra_camera_format found)
    {
        string code = new([.. Enumerable.Range(0, 4).Select(i => (char)((found.pixel_format >> (8 * i)) & 0x7f))]);
        PixelFormat pixels = s_formats.Where(known => known.Code == code).Select(known => known.Pixels).FirstOrDefault(PixelFormat.Other);
        int rate = found.frame_rate == 0 ? VideoFormat.Default.FrameRate : Math.Min(found.frame_rate, 120);
        return new CameraFormat(pixels, new VideoFormat(found.width, found.height, rate));
    }
}
