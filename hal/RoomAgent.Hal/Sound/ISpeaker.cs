namespace RoomAgent.Hal;

/// <summary>
/// The room's loudspeaker: 48,000 samples a second, signed 16 bits, one or two channels interleaved. One thread calls; <see cref="Write"/> blocks it for as long as the device is full.
/// </summary>
public interface ISpeaker : IDisposable
{
    /// <summary>What people call it.</summary>
    string Name { get; }

    /// <summary>Whether the device is open.</summary>
    bool IsRunning { get; }

    /// <summary>1 or 2, while it runs.</summary>
    int Channels { get; }

    /// <summary>How long what is written now waits before it is heard, as far as the device knows. A television adds what it does not tell.</summary>
    TimeSpan Latency { get; }

    /// <summary>Why the last <see cref="Start"/> or <see cref="Write"/> failed, for the journal; empty when all is well.</summary>
    string Problem { get; }

    /// <summary>Opens the device.</summary>
    /// <param name="channels">1 or 2, as many as the device may be asked for.</param>
    DeviceOutcome Start(int channels);

    /// <summary>Plays samples.</summary>
    /// <param name="samples">A whole number of samples of each channel.</param>
    DeviceOutcome Write(ReadOnlySpan<short> samples);

    /// <summary>Closes the device; what was not heard yet is not heard. Nothing happens when it is closed.</summary>
    void Stop();
}
