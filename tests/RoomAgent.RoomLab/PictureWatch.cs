using RoomAgent.Agent.Devices;
using RoomAgent.Hal;
using RoomAgent.Hal.Simulated;

namespace RoomAgent.RoomLab;

/// <summary>Reads the clock that is drawn in the pictures out of what the display shows: how late is what people see?</summary>
internal sealed class PictureWatch
{
    private readonly MemoryDisplay _display;
    private readonly Area _picture;
    private readonly Lock _turn = new();
    private readonly List<double> _latencies = new(1 << 16);
    private int _lastNumber = -1;

    /// <summary>Begins to watch.</summary>
    /// <param name="screen">What draws.</param>
    /// <param name="display">Where it draws.</param>
    /// <param name="picture">Where the picture is.</param>
    public PictureWatch(ScreenLoop screen, MemoryDisplay display, Area picture)
    {
        _display = display;
        _picture = picture;
        screen.Presented += Look;
    }

    /// <summary>Pictures that could not be read.</summary>
    public int Unreadable { get; private set; }

    /// <summary>Pictures that were shown.</summary>
    public int Shown { get; private set; }

    /// <summary>Milliseconds from the camera to the display, of each picture since this was asked last.</summary>
    public double[] Take()
    {
        lock (_turn)
        {
            double[] taken = [.. _latencies];
            _latencies.Clear();
            return taken;
        }
    }

    // On the screen's thread, right after it presented.
    private void Look()
    {
        TimeSpan now = TimeProvider.System.GetElapsedTime(0);
        IDisplayLayer layer = _display.Layers[0];
        if (!PictureClock.TryRead(layer.Pixels, layer.Stride, 4, _picture, out PictureMark mark))
        {
            Unreadable++;
            return;
        }

        if (mark.Number == _lastNumber)
            return;

        _lastNumber = mark.Number;
        lock (_turn)
        {
            Shown++;
            _latencies.Add((now - mark.Time).TotalMilliseconds);
        }
    }
}
