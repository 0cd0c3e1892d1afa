using Microsoft.Extensions.Logging.Abstractions;
using RoomAgent.Agent.Devices;
using RoomAgent.Hal;
using RoomAgent.Hal.Media;
using RoomAgent.Hal.Simulated;

namespace RoomAgent.RoomLab;

/// <summary>A room that sees itself: camera, encoder, decoder, compositor, display.</summary>
internal sealed class DirectLab : ILab
{
    private readonly CameraLoop _camera;
    private readonly RemotePictures _pictures;
    private readonly ScreenLoop _screen;
    private readonly AutoResetEvent _bell = new(false);
    private readonly Thread _thread;
    private long _refused;
    private long _undecodable;
    private volatile bool _stopping;

    public DirectLab(VideoFormat format)
    {
        var codecs = new FfmpegVideoCodecs();
        (_screen, Display, Pictures) = Rooms.Screen();
        _pictures = new RemotePictures(codecs, 1, (_, picture) => _screen.ShowPicture(Rooms.Seen, picture), TimeProvider.System, NullLogger.Instance);
        _camera = Rooms.Camera(format, codecs, picture => picture.Dispose());
        _camera.SetTarget(2_500_000);
        _camera.FrameReady += Ring;
        _thread = new Thread(Run) { IsBackground = true, Name = "mirror" };
        _thread.Start();
        _camera.Open();
    }

    public MemoryDisplay Display { get; }

    public PictureWatch Pictures { get; }

    public SoundWatch? Sound => null;

    public IReadOnlyDictionary<string, long> Counters => new Dictionary<string, long>
    {
        ["skipped"] = _camera.Skipped,
        ["refused"] = Volatile.Read(ref _refused),
        ["undecodable"] = Volatile.Read(ref _undecodable),
        ["overtaken"] = _screen.Late,
    };

    public void Dispose()
    {
        _camera.Dispose();
        _stopping = true;
        Ring();
        _thread.Join();
        _pictures.Dispose();
        _screen.Dispose();
        Display.Dispose();
    }

    private void Ring() => _bell.Set();

    private void Run()
    {
        while (!_stopping)
        {
            _bell.WaitOne(100);
            while (_camera.Frames.TryRead(out EncodedFrame? frame))
            {
                using (frame)
                {
                    if (!_pictures.TryDecode(1, frame.Data, frame.CapturedAt, 0))
                        Lose(ref _refused);
                }
            }

            while (_pictures.TryPollReport(out DecodeReport report))
            {
                if (!report.IsDecoded)
                    Lose(ref _undecodable);
            }
        }
    }

    private void Lose(ref long counter)
    {
        counter++;
        _camera.RequestKeyFrame();
    }
}
