using RoomAgent.Hal;

namespace RoomAgent.Devices.Tests;

/// <summary>Real codecs that fail, or make a mistake of ours, when a test says so.</summary>
internal sealed class BrokenCodecs(IVideoCodecs real) : IVideoCodecs
{
    private volatile bool _hasEncoders = true;
    private volatile bool _hasDecoders = true;
    private int _opened;

    /// <summary>Whether encoders open.</summary>
    public bool HasEncoders { get => _hasEncoders; set => _hasEncoders = value; }

    /// <summary>Whether decoders open.</summary>
    public bool HasDecoders { get => _hasDecoders; set => _hasDecoders = value; }

    /// <summary>An access unit of this length makes a decoder throw.</summary>
    public int ThrowsAt { get; init; } = -1;

    /// <summary>Decoders that were opened.</summary>
    public int Opened => Volatile.Read(ref _opened);

    public IVideoEncoder? OpenEncoder(VideoEncoding encoding, out string problem)
    {
        problem = "the test has no encoder";
        return HasEncoders ? real.OpenEncoder(encoding, out problem) : null;
    }

    public IVideoDecoder? OpenDecoder(out string problem)
    {
        problem = "the test has no decoder";
        if (!HasDecoders || real.OpenDecoder(out problem) is not { } decoder)
            return null;

        Interlocked.Increment(ref _opened);
        return new Decoder(decoder, ThrowsAt);
    }

    private sealed class Decoder(IVideoDecoder real, int throwsAt) : IVideoDecoder
    {
        public string Implementation => real.Implementation;

        public bool IsHardware => real.IsHardware;

        public long Undecodable => real.Undecodable;

        public long Concealed => real.Concealed;

        public DeviceOutcome Decode(ReadOnlySpan<byte> data, TimeSpan capturedAt, out VideoFrame? picture) =>
            data.Length == throwsAt ? throw new InvalidOperationException("a mistake of the test's") : real.Decode(data, capturedAt, out picture);

        public void Dispose() => real.Dispose();
    }
}
