namespace RoomAgent.Hal;

/// <summary>What a display can be set to.</summary>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
/// <param name="RefreshRate">Pictures a second.</param>
public readonly record struct DisplayMode(int Width, int Height, int RefreshRate);

/// <summary>A part of a display.</summary>
/// <param name="X">Pixels from the left.</param>
/// <param name="Y">Pixels from the top.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
public readonly record struct Area(int X, int Y, int Width, int Height);

/// <summary>
/// A display with at least one layer of 32-bit pixels. One thread calls, except for <see cref="Changed"/>.
/// </summary>
public interface IDisplay : IDisposable
{
    /// <summary>What people call it.</summary>
    string Name { get; }

    /// <summary>Whether something is plugged in.</summary>
    bool IsConnected { get; }

    /// <summary>What it can be set to, the preferred one first. Empty when nothing is plugged in.</summary>
    IReadOnlyList<DisplayMode> Modes { get; }

    /// <summary>What it is set to.</summary>
    DisplayMode Mode { get; }

    /// <summary>The layers, the bottom one first.</summary>
    IReadOnlyList<IDisplayLayer> Layers { get; }

    /// <summary>Raised on any thread when a display was plugged in or out, or can do something else than before.</summary>
    event Action? Changed;

    /// <summary>Sets the mode. What was drawn is gone, and so are the layers before: draw all anew.</summary>
    /// <returns><see cref="DeviceOutcome.Unsupported"/> when it is none of <see cref="Modes"/>.</returns>
    DeviceOutcome SetMode(DisplayMode mode);

    /// <summary>Shows what was drawn on all layers at once, at the next refresh.</summary>
    DeviceOutcome Present();
}

/// <summary>A plane of pixels: BGRX, 8 bits each, blue in the lowest byte (DRM's XRGB8888; ARGB8888 with premultiplied colour above the bottom).</summary>
public interface IDisplayLayer
{
    /// <summary>Pixels.</summary>
    int Width { get; }

    /// <summary>Pixels.</summary>
    int Height { get; }

    /// <summary>Bytes from a row to the next.</summary>
    int Stride { get; }

    /// <summary>
    /// The pixels to draw on. What was drawn for the last <see cref="IDisplay.Present"/> is still there, so that only what changed needs drawing.
    /// </summary>
    Span<byte> Pixels { get; }

    /// <summary>Says that an area was drawn anew. What nobody said may not become visible.</summary>
    void Damage(Area area);
}
