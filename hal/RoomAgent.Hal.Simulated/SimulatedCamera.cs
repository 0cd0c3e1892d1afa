using RoomAgent.Hal.Media;

namespace RoomAgent.Hal.Simulated;

/// <summary>
/// A camera without a sensor: a test picture or any media file, through the same code as hardware, with a <see cref="PictureClock"/> drawn into each picture.
/// It can be unplugged.
/// </summary>
public sealed class SimulatedCamera : ICamera
{
    private readonly string? _source;
    private readonly bool _hasClock;
    private FfmpegCamera? _camera;
    private VideoFormat _wanted;
    private int _number;
    private volatile bool _isPlugged = true;

    /// <summary>A camera, closed.</summary>
    /// <param name="source">As <see cref="MediaSource"/> has it; <see langword="null"/> for a test picture in whatever size and pace is wanted.</param>
    /// <param name="hasClock">Whether the clock is drawn.</param>
    public SimulatedCamera(string? source = null, bool hasClock = true)
    {
        _source = source;
        _hasClock = hasClock;
    }

    /// <inheritdoc/>
    public string Name => "simulated camera";

    /// <inheritdoc/>
    public bool IsRunning => _camera is not null;

    /// <inheritdoc/>
    public VideoFormat Format => _camera?.Format ?? _wanted;

    /// <inheritdoc/>
    public string Problem { get; private set; } = "";

    /// <summary>Takes the device away.</summary>
    public void Unplug() => _isPlugged = false;

    /// <summary>Brings it back.</summary>
    public void Plug() => _isPlugged = true;

    /// <inheritdoc/>
    public IReadOnlyList<CameraFormat> FindFormats()
    {
        if (!_isPlugged)
            return [];
        if (_source is null)
            return [new CameraFormat(PixelFormat.Yuv420, VideoFormat.Default), new CameraFormat(PixelFormat.Yuv420, new VideoFormat(1920, 1080, 30))];

        using var look = new FfmpegCamera(_source);
        return look.FindFormats();
    }

    /// <inheritdoc/>
    public IReadOnlyList<CameraControl> FindControls() => [];

    /// <inheritdoc/>
    public DeviceOutcome SetControl(int id, int value)
    {
        Problem = "a simulated camera has no controls";
        return DeviceOutcome.Unsupported;
    }

    /// <inheritdoc/>
    public DeviceOutcome Start(VideoFormat wanted)
    {
        Stop();
        if (!_isPlugged)
            return SayGone();
        if (!wanted.IsValid)
        {
            Problem = $"no camera has {wanted}";
            return DeviceOutcome.Unsupported;
        }

        _wanted = wanted;
        var camera = new FfmpegCamera(_source ?? $"lavfi:testsrc2=size={wanted.Width}x{wanted.Height}:rate={wanted.FrameRate}", Name);
        DeviceOutcome outcome = camera.Start(wanted);
        Problem = camera.Problem;
        if (outcome == DeviceOutcome.Done)
            _camera = camera;
        else
            camera.Dispose();
        return outcome;
    }

    /// <inheritdoc/>
    public DeviceOutcome Read(TimeSpan patience, out VideoFrame? frame)
    {
        frame = null;
        if (!_isPlugged)
            return SayGone();
        if (_camera is null)
        {
            Problem = "it was not started";
            return DeviceOutcome.Gone;
        }

        DeviceOutcome outcome = _camera.Read(patience, out frame);
        Problem = _camera.Problem;
        if (outcome == DeviceOutcome.Done && _hasClock && frame is PooledPicture picture && picture.TryMakeWritable())
        {
            var mark = new PictureMark(picture.CapturedAt, _number++ & 0xffffff);
            PictureClock.Draw(picture.WritableLuma, picture.LumaStride, picture.WritableCb, picture.WritableCr, picture.ChromaStride, picture.Width, picture.Height, mark);
        }

        return outcome;
    }

    /// <inheritdoc/>
    public void Stop()
    {
        _camera?.Dispose();
        _camera = null;
    }

    /// <inheritdoc/>
    public void Dispose() => Stop();

    private DeviceOutcome SayGone()
    {
        Problem = "it is not there";
        return DeviceOutcome.Gone;
    }
}
