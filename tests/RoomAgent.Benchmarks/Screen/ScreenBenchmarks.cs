using BenchmarkDotNet.Attributes;
using RoomAgent.Hal;
using RoomAgent.Hal.Media.Drawing;

namespace RoomAgent.Benchmarks.Screen;

/// <summary>One picture of 720p on a tile of a 3 x 3 grid at 1080p, and over the whole screen.</summary>
public unsafe class TileBenchmarks
{
    private readonly Noise _picture = new(1280, 720, 1);
    private readonly byte[] _pixels = GC.AllocateArray<byte>(1920 * 1080 * 4, pinned: true);
    private readonly TilePainter _painter = new();
    private Swscale _bilinear = null!;
    private Swscale _fast = null!;

    /// <summary>The tile's size.</summary>
    [Params(482, 1920)]
    public int TileWidth { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _bilinear = new Swscale(1280, 720, TileWidth, TileWidth * 9 / 16, Swscale.Bilinear);
        _fast = new Swscale(1280, 720, TileWidth, TileWidth * 9 / 16, Swscale.FastBilinear);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _bilinear.Dispose();
        _fast.Dispose();
    }

    [Benchmark(Baseline = true, Description = "libswscale, bilinear")]
    public void Bilinear() => Scale(_bilinear);

    [Benchmark(Description = "libswscale, fast bilinear")]
    public void FastBilinear() => Scale(_fast);

    [Benchmark(Description = "TilePainter")]
    public void Paint()
    {
        fixed (byte* pixels = _pixels)
        {
            var tile = new Area(0, 0, TileWidth, TileWidth * 9 / 16);
            _painter.Paint(_picture, tile, isWhole: false, tile, pixels, 1920 * 4);
        }
    }

    private void Scale(Swscale swscale)
    {
        fixed (byte* pixels = _pixels)
            swscale.Scale(_picture, pixels, 1920 * 4);
    }
}

/// <summary>A composed frame of a 3 x 3 grid of 720p at 1080p, names and badges and all, against what scaling its nine pictures costs alone; and a frame in which nothing changed.</summary>
public unsafe class ScreenBenchmarks
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 19, 14, 5, 20, TimeSpan.Zero);

    private readonly Noise[] _pictures = [new(1280, 720, 1), new(1280, 720, 2)];
    private readonly byte[] _pixels = GC.AllocateArray<byte>(1920 * 1080 * 4, pinned: true);
    private RoomScreen _screen = null!;
    private Swscale _swscale = null!;
    private int _frame;

    [GlobalSetup]
    public void Setup()
    {
        var tiles = Enumerable.Range(0, 9).Select(i => new MeetingTile(new TileId((uint)i), $"Room {i + 1}", (IdentityVerdict)(i % 5)) { IsMuted = i % 2 == 0 });
        _screen = new RoomScreen(new BlankDisplay());
        _screen.Show(new ScreenContents(new MeetingScene("Planning", MeetingProtection.EndToEndEncrypted, [.. tiles])));
        Compose();
        Area tile = _screen.Items.OfType<PictureItem>().First().Box;
        _swscale = new Swscale(1280, 720, tile.Width, tile.Height, Swscale.Bilinear);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _screen.Dispose();
        _swscale.Dispose();
    }

    [Benchmark(Baseline = true, Description = "libswscale, nine pictures and nothing else")]
    public void ScaleNine()
    {
        fixed (byte* pixels = _pixels)
        {
            for (int i = 0; i < 9; i++)
                _swscale.Scale(_pictures[0], pixels, 1920 * 4);
        }
    }

    [Benchmark(Description = "RoomScreen, nine new pictures")]
    public DeviceOutcome Compose()
    {
        _frame++;
        for (uint i = 0; i < 9; i++)
            _screen.ShowPicture(new TileId(i), _pictures[_frame & 1]);
        return _screen.Render(s_now);
    }

    [Benchmark(Description = "RoomScreen, one new picture")]
    public DeviceOutcome ComposeOne()
    {
        _screen.ShowPicture(new TileId(4), _pictures[++_frame & 1]);
        return _screen.Render(s_now);
    }

    [Benchmark(Description = "RoomScreen, nothing new")]
    public DeviceOutcome Still() => _screen.Render(s_now);

    /// <summary>A display that takes what is drawn and does nothing with it.</summary>
    private sealed class BlankDisplay : IDisplay, IDisplayLayer
    {
        private readonly byte[] _memory = GC.AllocateArray<byte>(1920 * 1080 * 4, pinned: true);

        public string Name => "blank";

        public bool IsConnected => true;

        public DisplayMode Mode => new(1920, 1080, 60);

        public IReadOnlyList<DisplayMode> Modes => [Mode];

        public IReadOnlyList<IDisplayLayer> Layers => [this];

        public int Width => 1920;

        public int Height => 1080;

        public int Stride => 1920 * 4;

        public Span<byte> Pixels => _memory;

        public event Action? Changed
        {
            add { }
            remove { }
        }

        public DeviceOutcome SetMode(DisplayMode mode) => DeviceOutcome.Done;

        public DeviceOutcome Present() => DeviceOutcome.Done;

        public void Damage(Area area)
        {
        }

        public void Dispose()
        {
        }
    }
}

/// <summary>A picture in which no two pixels are alike.</summary>
internal sealed class Noise : VideoFrame
{
    private readonly byte[] _luma;
    private readonly byte[] _cb;
    private readonly byte[] _cr;

    public Noise(int width, int height, int seed)
    {
        (Width, Height) = (width, height);
        (_luma, _cb, _cr) = (new byte[width * height], new byte[width * height / 4], new byte[width * height / 4]);
        var random = new Random(seed);
        random.NextBytes(_luma);
        random.NextBytes(_cb);
        random.NextBytes(_cr);
    }

    public override int Width { get; }

    public override int Height { get; }

    public override TimeSpan CapturedAt => TimeSpan.Zero;

    public override ReadOnlySpan<byte> Luma => _luma;

    public override ReadOnlySpan<byte> Cb => _cb;

    public override ReadOnlySpan<byte> Cr => _cr;

    public override int LumaStride => Width;

    public override int ChromaStride => Width / 2;

    public override void Dispose()
    {
    }
}
