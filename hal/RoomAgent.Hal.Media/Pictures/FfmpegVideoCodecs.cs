namespace RoomAgent.Hal.Media;

/// <summary>H.264 by FFmpeg: the first encoder and the first decoder of two lists that work on this machine.</summary>
/// <param name="encoders">What to try, in this order.</param>
/// <param name="decoders">What to try, in this order.</param>
public sealed class FfmpegVideoCodecs(IReadOnlyList<EncoderChoice> encoders, IReadOnlyList<DecoderChoice> decoders) : IVideoCodecs
{
    /// <summary>What a room tries.</summary>
    public FfmpegVideoCodecs()
        : this(EncoderChoice.Usual, DecoderChoice.Usual)
    {
    }

    /// <inheritdoc/>
    public IVideoEncoder? OpenEncoder(VideoEncoding encoding, out string problem) => H264Encoder.TryOpen(encoders, encoding, out problem);

    /// <inheritdoc/>
    public IVideoDecoder? OpenDecoder(out string problem) => H264Decoder.TryOpen(decoders, out problem);
}
