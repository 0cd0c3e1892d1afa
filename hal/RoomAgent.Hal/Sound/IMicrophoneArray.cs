namespace RoomAgent.Hal;

/// <summary>
/// One microphone or several in a fixed arrangement: 48,000 samples a second, signed 16 bits, channels interleaved.
/// Its device is open between <see cref="Start"/> and <see cref="Stop"/> and at no other time (REQUIREMENTS B28). One thread calls; <see cref="Read"/> blocks it.
/// </summary>
public interface IMicrophoneArray : IDisposable
{
    /// <summary>Samples of each channel in a second.</summary>
    const int SampleRate = 48_000;

    /// <summary>What people call it.</summary>
    string Name { get; }

    /// <summary>Whether the device is open.</summary>
    bool IsRunning { get; }

    /// <summary>How many microphones, 1 to 8, while it runs.</summary>
    int Channels { get; }

    /// <summary>Where the microphones are, in metres from the middle of the device, looking into the room: x to the right, y away from the device. Empty when unknown; then no beam is formed.</summary>
    IReadOnlyList<(float X, float Y)> Positions { get; }

    /// <summary>Why the last <see cref="Start"/> or <see cref="Read"/> gave nothing, for the journal; empty when all is well.</summary>
    string Problem { get; }

    /// <summary>Opens the device and lets sound come.</summary>
    /// <returns><see cref="DeviceOutcome.Done"/>, or what kept it from starting; then it is closed.</returns>
    DeviceOutcome Start();

    /// <summary>Waits until <paramref name="samples"/> is full.</summary>
    /// <param name="samples">A whole number of samples of each channel.</param>
    /// <param name="patience">The longest wait.</param>
    /// <param name="capturedAt">When the first of them was taken, on the machine's monotonic clock.</param>
    /// <returns>With anything but <see cref="DeviceOutcome.Done"/> the samples mean nothing.</returns>
    DeviceOutcome Read(Span<short> samples, TimeSpan patience, out TimeSpan capturedAt);

    /// <summary>Closes the device. Nothing happens when it is closed.</summary>
    void Stop();
}
