using Microsoft.Extensions.Logging.Abstractions;
using RoomAgent.Agent.Devices;
using RoomAgent.Hal;
using RoomAgent.Hal.Media.Drawing;
using RoomAgent.Hal.Simulated;

namespace RoomAgent.RoomLab;

/// <summary>What rooms of the lab are made of.</summary>
internal static class Rooms
{
    public static readonly TileId Seen = new(1);

    /// <summary>Something that is shared lies in a box of its own, and nothing of it is cut off.</summary>
    public static (ScreenLoop Screen, MemoryDisplay Display, PictureWatch Watch) Screen()
    {
        var display = new MemoryDisplay(new DisplayMode(1920, 1080, 60));
        var drawn = new RoomScreen(display);
        var tile = new MeetingTile(Seen, "A room with a camera", IdentityVerdict.Verified) { IsContent = true };
        var contents = new ScreenContents(new MeetingScene("Lab", MeetingProtection.EndToEndEncrypted, [tile])) { RoomName = "Lab" };
        drawn.Show(contents);
        drawn.Render(TimeProvider.System.GetLocalNow());
        Area box = drawn.Items.OfType<PictureItem>().Single().Box;

        var loop = new ScreenLoop(drawn, TimeProvider.System, NullLogger<ScreenLoop>.Instance);
        return (loop, display, new PictureWatch(loop, display, Inside(box)));
    }

    public static CameraLoop Camera(VideoFormat format, IVideoCodecs codecs, Action<VideoFrame> selfView) => new(
        new SimulatedCamera(), codecs, new PictureSettings { Largest = format, StartBitRate = 2_500_000 }, new DevicePatience(), selfView, TimeProvider.System, NullLogger<CameraLoop>.Instance);

    // A picture of 16:9 fitted into a box.
    private static Area Inside(Area box)
    {
        int width = Math.Min(box.Width, box.Height * 16 / 9);
        int height = Math.Min(box.Height, box.Width * 9 / 16);
        return new Area(box.X + ((box.Width - width) / 2), box.Y + ((box.Height - height) / 2), width, height);
    }
}
