using RoomAgent.Hal;
using RoomAgent.Hal.Media.Drawing;
using RoomAgent.Hal.Simulated;

namespace RoomAgent.Screen.Tests;

/// <summary>A screen on a display of memory, and pictures for all tiles that want one.</summary>
internal sealed class Studio : IDisposable
{
    private static readonly TestFrame s_sheet = TestFrame.Sheet();
    private static readonly TestFrame[] s_portraits = [.. Enumerable.Range(0, 16).Select(i => TestFrame.Portrait(i))];

    public Studio(int width = 1920, int height = 1080)
    {
        Display = new MemoryDisplay(new DisplayMode(width, height, 60));
        Screen = new RoomScreen(Display, tallest: int.MaxValue);
    }

    public MemoryDisplay Display { get; }

    public RoomScreen Screen { get; }

    public DisplayMode Mode => Display.Mode;

    /// <summary>Shows and renders, with a picture on each tile that has room for one.</summary>
    public DeviceOutcome Show(ScreenContents contents, DateTimeOffset? now = null)
    {
        Screen.Show(contents);
        ShowPictures(contents.Scene);
        return Screen.Render(now ?? Scenes.Now);
    }

    public void ShowPictures(RoomScene scene)
    {
        if (scene is WaitingScene { SelfView: { } waiting })
            Screen.ShowPicture(waiting, s_portraits[15]);
        if (scene is not MeetingScene meeting)
            return;
        foreach (MeetingTile tile in meeting.Tiles)
            Screen.ShowPicture(tile.Id, tile.IsContent ? s_sheet : s_portraits[tile.Id.Value % 15]);
        if (meeting.SelfView is { } self)
            Screen.ShowPicture(self, s_portraits[15]);
    }

    public byte[] Copy() => Display.Copy();

    public void Dispose()
    {
        Screen.Dispose();
        Display.Dispose();
    }
}
