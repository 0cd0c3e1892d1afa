namespace RoomAgent.Hal.Simulated;

/// <summary>
/// A display of memory: what is presented can be looked at and written to PNG files. It is plugged in and out, and its modes change, by a call.
/// </summary>
/// <remarks>What was drawn and not said to be damaged does not become visible, as with hardware that copies what was damaged.</remarks>
public sealed class MemoryDisplay : IDisplay
{
    private readonly Lock _presenting = new();
    private DisplayMode[] _modes;
    private MemoryLayer _layer;
    private byte[] _visible;
    private long _damagedPixels;
    private volatile bool _isConnected = true;

    /// <summary>Plugs a display in.</summary>
    /// <param name="modes">What it can be set to, the preferred one first; it is set to that one. At least one.</param>
    public MemoryDisplay(params IReadOnlyList<DisplayMode> modes)
    {
        _modes = [.. Checked(modes)];
        Mode = _modes[0];
        (_layer, _visible) = MakeLayer(Mode);
    }

    /// <inheritdoc/>
    public string Name => "memory";

    /// <inheritdoc/>
    public bool IsConnected => _isConnected;

    /// <inheritdoc/>
    public IReadOnlyList<DisplayMode> Modes => IsConnected ? _modes : [];

    /// <inheritdoc/>
    public DisplayMode Mode { get; private set; }

    /// <inheritdoc/>
    public IReadOnlyList<IDisplayLayer> Layers => [_layer];

    /// <summary>How often something was presented.</summary>
    public long Presented { get; private set; }

    /// <summary>Pixels that were damaged, since the beginning.</summary>
    public long DamagedPixels => _damagedPixels;

    /// <summary>What comes of the next calls of <see cref="Present"/>; <see cref="DeviceOutcome.Done"/> unless a test wants a display that fails.</summary>
    public DeviceOutcome Answer { get; set; }

    /// <summary>Why the last snapshot was not written, for the journal; empty when it was.</summary>
    public string Problem { get; private set; } = "";

    /// <inheritdoc/>
    public event Action? Changed;

    /// <inheritdoc/>
    public DeviceOutcome SetMode(DisplayMode mode)
    {
        if (!IsConnected)
            return DeviceOutcome.Gone;
        if (!_modes.Contains(mode))
            return DeviceOutcome.Unsupported;
        lock (_presenting)
        {
            Mode = mode;
            (_layer, _visible) = MakeLayer(mode);
        }
        return DeviceOutcome.Done;
    }

    /// <inheritdoc/>
    public DeviceOutcome Present()
    {
        if (!IsConnected)
            return DeviceOutcome.Gone;
        if (Answer != DeviceOutcome.Done)
            return Answer;
        lock (_presenting)
        {
            foreach (Area area in _layer.Damaged)
            {
                _damagedPixels += (long)area.Width * area.Height;
                for (int y = area.Y; y < area.Y + area.Height; y++)
                {
                    int at = y * _layer.Stride + area.X * 4;
                    _layer.Pixels.Slice(at, area.Width * 4).CopyTo(_visible.AsSpan(at));
                }
            }
            _layer.Damaged.Clear();
            Presented++;
        }
        return DeviceOutcome.Done;
    }

    /// <summary>Pulls the plug. Nothing happens when it is out.</summary>
    public void Unplug()
    {
        if (!_isConnected)
            return;
        _isConnected = false;
        Changed?.Invoke();
    }

    /// <summary>Plugs it in, or another one in its place. It shows nothing.</summary>
    /// <param name="modes">What it can be set to, as for a new one; the same as before when there are none.</param>
    public void Plug(params IReadOnlyList<DisplayMode> modes)
    {
        if (modes.Count > 0)
            _modes = [.. Checked(modes)];
        lock (_presenting)
        {
            Mode = _modes[0];
            (_layer, _visible) = MakeLayer(Mode);
        }
        _isConnected = true;
        Changed?.Invoke();
    }

    /// <summary>Copies what is visible: BGRX, row after row without gaps, <see cref="Mode"/>'s width times height times 4 bytes.</summary>
    public byte[] Copy()
    {
        lock (_presenting)
            return [.. _visible];
    }

    /// <summary>
    /// Writes what is visible to a PNG file, on any thread. The file appears under its name when all of it is on the disk: there is never half of one.
    /// </summary>
    /// <returns><see cref="DeviceOutcome.Done"/>; <see cref="DeviceOutcome.Failed"/> when the disk is full, the folder is not there or may not be written to: <see cref="Problem"/> says so.</returns>
    public DeviceOutcome WriteSnapshot(string path)
    {
        byte[] pixels;
        DisplayMode mode;
        lock (_presenting)
            (pixels, mode) = ([.. _visible], Mode);
        bool isWritten = PngFile.TryWrite(path, pixels, mode.Width, mode.Height, out string problem);
        Problem = problem;
        return isWritten ? DeviceOutcome.Done : DeviceOutcome.Failed;
    }

    /// <summary>Pulls the plug for good, without a word.</summary>
    public void Dispose() => _isConnected = false;

    private static IReadOnlyList<DisplayMode> Checked(IReadOnlyList<DisplayMode> modes)
    {
        if (modes.Count == 0 || modes.Any(mode => mode.Width is < 16 or > 8_192 || mode.Height is < 16 or > 8_192))
            throw new ArgumentException("A display has at least one mode, of 16 to 8,192 pixels in each direction.", nameof(modes));
        return modes;
    }

    private static (MemoryLayer Layer, byte[] Visible) MakeLayer(DisplayMode mode) =>
        (new MemoryLayer(mode.Width, mode.Height), new byte[mode.Width * mode.Height * 4]);

    private sealed class MemoryLayer(int width, int height) : IDisplayLayer
    {
        private readonly byte[] _pixels = GC.AllocateArray<byte>(width * height * 4, pinned: true);

        public int Width => width;

        public int Height => height;

        public int Stride => width * 4;

        public Span<byte> Pixels => _pixels;

        public List<Area> Damaged { get; } = new(64);

        public void Damage(Area area)
        {
            if (area.X < 0 || area.Y < 0 || area.Width < 0 || area.Height < 0 || area.X + area.Width > width || area.Y + area.Height > height)
                throw new ArgumentOutOfRangeException(nameof(area), area, "It is not on the display.");
            Damaged.Add(area);
        }
    }
}
