namespace RoomAgent.Hal;

/// <summary>An encoded picture, borrowed: one access unit of H.264 in Annex B form. Who has it calls <see cref="Dispose"/>, which gives the memory back to the encoder.</summary>
public abstract class EncodedFrame : IDisposable
{
    /// <summary>The bytes. A key frame begins with its SPS and PPS, so that who comes late can begin with it.</summary>
    public abstract ReadOnlySpan<byte> Data { get; }

    /// <summary>Whether decoding can begin here (IDR).</summary>
    public abstract bool IsKeyFrame { get; }

    /// <summary>When the picture in it was taken, on the machine's monotonic clock.</summary>
    public abstract TimeSpan CapturedAt { get; }

    /// <summary>
    /// Gives the frame back, on any thread. Neither <see cref="Data"/> nor the object are to be used afterwards: it may have been lent again. A second call before that does nothing.
    /// </summary>
    public abstract void Dispose();
}
