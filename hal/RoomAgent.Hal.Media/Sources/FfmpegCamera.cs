namespace RoomAgent.Hal.Media;

/// <summary>
/// A camera by way of FFmpeg: one of the kernel, a file that is played, or a picture that is made up. See <see cref="MediaSource"/> for how they are written.
/// </summary>
public sealed class FfmpegCamera : ICamera
{
    /// <summary>How many pictures may be out at a time, unless told.</summary>
    public const int UsualPictures = 8;

    private readonly int _capacity;
    private PicturePool? _pictures; // made with the first start, since it is the library's
    private readonly MediaSource? _source;
    private readonly string _whyNoSource;
    private MediaInput? _input;

    /// <summary>A camera, closed.</summary>
    /// <param name="source">As an administrator writes it. What is none is <see cref="DeviceOutcome.Unsupported"/> when it is started.</param>
    /// <param name="name">What people call it; the source itself when nobody calls it anything.</param>
    /// <param name="pictures">How many pictures may be out at a time, 1 to 64. While all are out those that come are dropped.</param>
    public FfmpegCamera(string source, string? name = null, int pictures = UsualPictures)
    {
        _whyNoSource = MediaSource.TryParse(source, out _source, out string problem) ? "" : problem;
        _capacity = Checked(pictures);
        Name = name ?? source;
    }

    /// <summary>The same, from a source that was read already.</summary>
    /// <param name="source">The source.</param>
    /// <param name="name">What people call it.</param>
    /// <param name="pictures">How many pictures may be out at a time, 1 to 64.</param>
    public FfmpegCamera(MediaSource source, string? name = null, int pictures = UsualPictures)
    {
        (_source, _whyNoSource) = (source, "");
        _capacity = Checked(pictures);
        Name = name ?? source.ToString();
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public bool IsRunning => _input is not null;

    /// <inheritdoc/>
    public VideoFormat Format { get; private set; }

    /// <inheritdoc/>
    public string Problem { get; private set; } = "";

    /// <inheritdoc/>
    public IReadOnlyList<CameraFormat> FindFormats()
    {
        if (_source is { Kind: MediaSourceKind.V4l2 } device)
        {
            V4l2Camera.FindFormats(device.Address, out IReadOnlyList<CameraFormat> formats, out _);
            return formats;
        }

        // Files and graphs have the one format that is in them.
        if (IsRunning)
            return [new CameraFormat(PixelFormat.Yuv420, Format)];
        if (_source is null or { Kind: MediaSourceKind.Alsa } || MediaInput.Open(_source, isSound: false, "", out MediaInput? look, out _) != DeviceOutcome.Done)
            return [];

        using (look)
            return [new CameraFormat(PixelFormat.Yuv420, FormatOf(look!))];
    }

    /// <inheritdoc/>
    public IReadOnlyList<CameraControl> FindControls()
    {
        if (_source is not { Kind: MediaSourceKind.V4l2 } device)
            return [];

        V4l2Camera.FindControls(device.Address, out IReadOnlyList<CameraControl> controls, out _);
        return controls;
    }

    /// <inheritdoc/>
    public DeviceOutcome SetControl(int id, int value)
    {
        if (_source is not { Kind: MediaSourceKind.V4l2 } device)
            return Say(DeviceOutcome.Unsupported, $"{Name} has no controls");

        return Say(V4l2Camera.SetControl(device.Address, id, value, out string problem), problem);
    }

    /// <inheritdoc/>
    public DeviceOutcome Start(VideoFormat wanted)
    {
        Stop();
        if (_source is null)
            return Say(DeviceOutcome.Unsupported, _whyNoSource);
        if (_source.Kind == MediaSourceKind.Alsa)
            return Say(DeviceOutcome.Unsupported, $"{_source} is no camera");

        string options = "";
        if (_source.Kind == MediaSourceKind.V4l2)
        {
            DeviceOutcome found = V4l2Camera.FindFormats(_source.Address, out IReadOnlyList<CameraFormat> formats, out string reason);
            if (found != DeviceOutcome.Done)
                return Say(found, $"{_source}: {reason}");
            if (CameraFormats.Nearest(formats, wanted) is not { } nearest)
                return Say(DeviceOutcome.Unsupported, $"{_source}: it has no format that can be used");

            options = V4l2Camera.OptionsFor(nearest);
        }

        DeviceOutcome outcome = MediaInput.Open(_source, isSound: false, options, out _input, out string problem);
        if (outcome == DeviceOutcome.Done)
        {
            _pictures ??= new PicturePool(_capacity);
            Format = FormatOf(_input!);
        }

        return Say(outcome, problem);
    }

    /// <inheritdoc/>
    public DeviceOutcome Read(TimeSpan patience, out VideoFrame? frame)
    {
        frame = null;
        if (_input is null)
            return Say(DeviceOutcome.Gone, "it was not started");

        DeviceOutcome outcome = _input.ReadPicture(patience, _pictures!, out frame);
        Problem = outcome switch
        {
            DeviceOutcome.Done => "",
            DeviceOutcome.Nothing => "no picture came in time, or all are out",
            _ => $"{Name}: {MediaLibrary.Problem}",
        };
        return outcome;
    }

    /// <inheritdoc/>
    public void Stop()
    {
        _input?.Dispose();
        _input = null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Stop();
        _pictures?.Dispose();
    }

    private static int Checked(int pictures)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pictures, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pictures, 64);
        return pictures;
    }

    private static VideoFormat FormatOf(MediaInput input) =>
        new(input.Info.width & ~1, input.Info.height & ~1, Math.Clamp(input.Info.frame_rate == 0 ? VideoFormat.Default.FrameRate : input.Info.frame_rate, 1, 120));

    private DeviceOutcome Say(DeviceOutcome outcome, string problem)
    {
        Problem = outcome == DeviceOutcome.Done ? "" : problem;
        return outcome;
    }
}
