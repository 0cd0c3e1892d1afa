namespace RoomAgent.Hal;

/// <summary>
/// A camera. Its device is open between <see cref="Start"/> and <see cref="Stop"/> and at no other time (REQUIREMENTS B28).
/// One thread calls; <see cref="Read"/> blocks it.
/// </summary>
public interface ICamera : IDisposable
{
    /// <summary>What people call it.</summary>
    string Name { get; }

    /// <summary>Whether the device is open.</summary>
    bool IsRunning { get; }

    /// <summary>The size and pace that it delivers while it runs.</summary>
    VideoFormat Format { get; }

    /// <summary>Why the last <see cref="Start"/> or <see cref="Read"/> gave nothing, for the journal; empty when all is well.</summary>
    string Problem { get; }

    /// <summary>What it can deliver. Asking may open the device for a moment when it is not running. Empty when it is not there or does not say.</summary>
    IReadOnlyList<CameraFormat> FindFormats();

    /// <summary>What can be set, such as brightness. Empty when it is not there or has no such thing.</summary>
    IReadOnlyList<CameraControl> FindControls();

    /// <summary>Sets one of <see cref="FindControls"/>.</summary>
    /// <param name="id">The control's id.</param>
    /// <param name="value">In its range; what is not is refused.</param>
    DeviceOutcome SetControl(int id, int value);

    /// <summary>Opens the device and lets pictures come, in the format nearest to <paramref name="wanted"/>.</summary>
    /// <param name="wanted">Size and pace.</param>
    /// <returns><see cref="DeviceOutcome.Done"/>, or what kept it from starting; then it is closed.</returns>
    DeviceOutcome Start(VideoFormat wanted);

    /// <summary>Waits for the next picture.</summary>
    /// <param name="patience">The longest wait.</param>
    /// <param name="frame">The picture, when the outcome is <see cref="DeviceOutcome.Done"/>. The caller gives it back.</param>
    DeviceOutcome Read(TimeSpan patience, out VideoFrame? frame);

    /// <summary>Closes the device. Nothing happens when it is closed.</summary>
    void Stop();
}

/// <summary>Something of a camera that can be set (V4L2's user and camera controls).</summary>
/// <param name="Id">Its number.</param>
/// <param name="Name">Its name, in the device's words.</param>
/// <param name="Least">The smallest value.</param>
/// <param name="Most">The largest value.</param>
/// <param name="Step">From a value to the next.</param>
/// <param name="Usual">The value it has when nobody set it.</param>
/// <param name="Value">The value it has.</param>
public sealed record CameraControl(int Id, string Name, int Least, int Most, int Step, int Usual, int Value);
