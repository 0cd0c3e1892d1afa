namespace RoomAgent.Hal;

/// <summary>
/// The screen of a room: told what there is to see, it finds out what that changes and draws no more than that. One thread calls.
/// </summary>
public interface IRoomScreen : IDisposable
{
    /// <summary>
    /// When <see cref="Render"/> will next draw something even though nobody calls anything else: a clock's next minute, the end of an alert.
    /// <see cref="DateTimeOffset.MaxValue"/> when there is no such moment. It may be slept until, and a picture or a call of <see cref="Show"/> be waited for.
    /// </summary>
    DateTimeOffset NextChange { get; }

    /// <summary>Says what is to be seen from the next <see cref="Render"/> on. Texts may come from anyone and hold anything.</summary>
    void Show(ScreenContents contents);

    /// <summary>
    /// Brings a tile's next picture. It belongs to the screen from now on, which gives it back when the next one comes, when no such tile
    /// is shown, or when the tile's camera is off. Pictures that come faster than <see cref="Render"/> is called cost nothing.
    /// </summary>
    void ShowPicture(TileId tile, VideoFrame picture);

    /// <summary>Draws what has changed and presents it.</summary>
    /// <param name="now">The time on the room's wall, with the room's offset from UTC: clocks and times are drawn with it.</param>
    /// <returns>
    /// <see cref="DeviceOutcome.Done"/>; <see cref="DeviceOutcome.Nothing"/> when everything is on the display already;
    /// <see cref="DeviceOutcome.Gone"/> while no display is plugged in (when one is, all is drawn anew);
    /// otherwise what the display answered, and what was to be drawn will be drawn by the next call.
    /// </returns>
    DeviceOutcome Render(DateTimeOffset now);
}
