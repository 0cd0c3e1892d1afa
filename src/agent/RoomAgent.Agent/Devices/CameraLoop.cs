using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using RoomAgent.Hal;
using RoomAgent.Wire;

namespace RoomAgent.Agent.Devices;

/// <summary>What the pictures of a room may be.</summary>
public sealed record PictureSettings
{
    /// <summary>Their size and pace at most. The camera is asked for it.</summary>
    public VideoFormat Largest { get; init; } = VideoFormat.Default;

    /// <summary>Bit/s before the network has said what it bears.</summary>
    public int StartBitRate { get; init; } = 1_000_000;

    /// <summary>Whether the main profile is used.</summary>
    public bool IsMainProfile { get; init; }

    /// <summary>Encoded pictures that may wait for the media loop. When so many do, raw ones are left out.</summary>
    public int Waiting { get; init; } = 4;
}

/// <summary>How the pictures of a room are made now.</summary>
/// <param name="Encoder">Which encoder runs.</param>
/// <param name="IsHardware">Whether hardware does the work.</param>
/// <param name="Format">Size and pace.</param>
/// <param name="Limit">Why they are not the largest that they may be.</param>
public sealed record PictureQuality(string Encoder, bool IsHardware, VideoFormat Format, QualityLimit Limit);

/// <summary>
/// The camera's thread: takes pictures, shows them to the room, encodes them at the quality that the network bears, and puts them where the media loop
/// fetches them. Nothing managed is allocated for a picture.
/// </summary>
/// <remarks>A raw picture is left out when the one before still waits to be sent; an encoded one never is, since all later ones build on it.</remarks>
public sealed class CameraLoop : DeviceLoop
{
    private readonly ICamera _camera;
    private readonly IVideoCodecs _codecs;
    private readonly PictureSettings _settings;
    private readonly ILogger _log;
    private readonly Action<VideoFrame> _selfView;
    private readonly Channel<EncodedFrame> _frames;
    private IVideoEncoder? _encoder;
    private QualityLadder? _ladder;
    private TimeSpan _nextDue;
    private int _target;
    private bool _keyFrameWanted;
    private bool _isEncoderLost;
    private long _skipped;
    private volatile PictureQuality? _quality;

    /// <summary>Begins closed.</summary>
    /// <param name="camera">The camera, which belongs to the loop from now on.</param>
    /// <param name="codecs">Where encoders come from.</param>
    /// <param name="settings">What pictures may be.</param>
    /// <param name="patience">How long the camera may take.</param>
    /// <param name="selfView">Gets every picture when it has been encoded, and gives it back.</param>
    /// <param name="clock">The machine's clock.</param>
    /// <param name="log">The journal.</param>
    public CameraLoop(ICamera camera, IVideoCodecs codecs, PictureSettings settings, DevicePatience patience, Action<VideoFrame> selfView, TimeProvider clock, ILogger<CameraLoop> log)
        : base("camera", patience, clock, log)
    {
        _camera = camera;
        _codecs = codecs;
        _settings = settings;
        _selfView = selfView;
        _log = log;
        _target = settings.StartBitRate;
        _frames = Channel.CreateBounded<EncodedFrame>(new BoundedChannelOptions(settings.Waiting) { SingleWriter = true });
    }

    /// <summary>The encoded pictures. Who takes one gives it back.</summary>
    public ChannelReader<EncodedFrame> Frames => _frames.Reader;

    /// <summary>Raised on the camera's thread when there is one more of <see cref="Frames"/>. Who is told must not wait.</summary>
    public event Action? FrameReady;

    /// <summary>How pictures are made; <see langword="null"/> while none are.</summary>
    public PictureQuality? Quality => _quality;

    /// <summary>Raw pictures that were left out since the media loop was behind.</summary>
    public long Skipped => Volatile.Read(ref _skipped);

    /// <summary>Raised on the camera's thread when <see cref="Quality"/> has changed.</summary>
    public event Action<PictureQuality>? QualityChanged;

    /// <summary>Asks for a key frame: the next picture will be one.</summary>
    public void RequestKeyFrame() => Volatile.Write(ref _keyFrameWanted, true);

    /// <summary>Says what the network bears for pictures.</summary>
    /// <param name="bitRate">Bit/s.</param>
    public void SetTarget(int bitRate) => Volatile.Write(ref _target, bitRate);

    /// <inheritdoc/>
    protected override bool IsEncoderLost => _isEncoderLost;

    /// <inheritdoc/>
    protected override DeviceOutcome Start(out string problem)
    {
        _isEncoderLost = false;
        DeviceOutcome outcome = _camera.Start(_settings.Largest);
        problem = _camera.Problem;
        if (outcome != DeviceOutcome.Done)
            return outcome;

        _ladder = new QualityLadder(_settings.Largest, Volatile.Read(ref _target));
        _nextDue = TimeSpan.MinValue;
        _encoder = _codecs.OpenEncoder(new VideoEncoding(_ladder.Current.Format, _ladder.Cap(Volatile.Read(ref _target))) { IsMainProfile = _settings.IsMainProfile }, out problem);
        if (_encoder is null)
        {
            _isEncoderLost = true;
            return DeviceOutcome.Unsupported;
        }

        foreach (string refusal in _encoder.Refusals)
            _log.EncoderRefused(refusal);
        _log.EncoderRunning(_encoder.Implementation, _encoder.IsHardware);
        TellQuality();
        return DeviceOutcome.Done;
    }

    /// <inheritdoc/>
    protected override DeviceOutcome Step(out string problem)
    {
        DeviceOutcome outcome = _camera.Read(Wait, out VideoFrame? picture);
        problem = _camera.Problem;
        if (outcome != DeviceOutcome.Done)
            return outcome;

        outcome = Encode(picture!);
        _selfView(picture!);
        if (outcome == DeviceOutcome.Failed)
        {
            _isEncoderLost = true;
            problem = "no encoder works";
        }

        return outcome;
    }

    /// <inheritdoc/>
    protected override void Stop()
    {
        _encoder?.Dispose();
        _encoder = null;
        _camera.Stop();
        _quality = null;
        while (_frames.Reader.TryRead(out EncodedFrame? frame))
            frame.Dispose();
    }

    /// <inheritdoc/>
    protected override void DisposeDevice() => _camera.Dispose();

    private DeviceOutcome Encode(VideoFrame picture)
    {
        Follow();
        if (!IsDue(picture.CapturedAt))
            return DeviceOutcome.Done;
        if (_frames.Reader.Count >= _settings.Waiting)
        {
            _skipped++;
            return DeviceOutcome.Done;
        }

        bool isKeyFrame = Interlocked.Exchange(ref _keyFrameWanted, false);
        Instant begun = Now;
        DeviceOutcome outcome = _encoder!.Encode(picture, isKeyFrame, out EncodedFrame? frame);
        _ladder!.HandleEncoded(Now - begun);
        if (frame is null)
            return outcome == DeviceOutcome.Nothing ? DeviceOutcome.Done : outcome;

        if (_frames.Writer.TryWrite(frame))
            FrameReady?.Invoke();
        else
            frame.Dispose();
        if (_quality!.Encoder != _encoder.Implementation)
            TellQuality();
        return DeviceOutcome.Done;
    }

    // The bit rate follows the network from one picture to the next; size and pace follow when it has gone too far.
    private void Follow()
    {
        int target = Volatile.Read(ref _target);
        if (_ladder!.Update(target, Now))
        {
            if (!_encoder!.SetFormat(_ladder.Current.Format))
                _log.FormatRefused(_ladder.Current.Format.ToString());
            TellQuality();
        }

        int bitRate = _ladder.Cap(target);
        if (Math.Abs(bitRate - _encoder!.Encoding.BitRate) > _encoder.Encoding.BitRate / 32)
            _encoder.SetBitRate(bitRate);
    }

    // Half a picture early is in time: cameras are not clocks.
    private bool IsDue(TimeSpan capturedAt)
    {
        TimeSpan interval = TimeSpan.FromSeconds(1.0 / _ladder!.Current.Format.FrameRate);
        if (_nextDue != TimeSpan.MinValue && capturedAt < _nextDue - (interval / 2))
            return false;

        bool isBehind = _nextDue == TimeSpan.MinValue || capturedAt > _nextDue + interval;
        _nextDue = (isBehind ? capturedAt : _nextDue) + interval;
        return true;
    }

    private void TellQuality()
    {
        var quality = new PictureQuality(_encoder!.Implementation, _encoder.IsHardware, _encoder.Encoding.Format, _ladder!.Limit);
        _quality = quality;
        _log.QualityChanged(quality.Format.ToString(), quality.Limit);
        QualityChanged?.Invoke(quality);
    }
}
