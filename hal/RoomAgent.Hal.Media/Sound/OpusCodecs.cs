using RoomAgent.Hal.Media.Interop;
using static RoomAgent.Hal.Media.Interop.RoomagentMedia;

namespace RoomAgent.Hal.Media;

/// <summary>Opus (RFC 6716) by libopus itself. FFmpeg's wrapper of it knows neither discontinuous transmission nor loss concealment in Debian 12.</summary>
public sealed class OpusCodecs : IVoiceCodecs
{
    /// <inheritdoc/>
    /// <exception cref="DllNotFoundException">The library is missing; see <see cref="MediaLibrary.Versions"/>.</exception>
    public IVoiceEncoder OpenEncoder(VoiceEncoding encoding)
    {
        MediaLibrary.Require();
        return new OpusVoiceEncoder(encoding);
    }

    /// <inheritdoc/>
    /// <exception cref="DllNotFoundException">The library is missing; see <see cref="MediaLibrary.Versions"/>.</exception>
    public IVoiceDecoder OpenDecoder()
    {
        MediaLibrary.Require();
        return new OpusVoiceDecoder();
    }
}

/// <summary>20 ms at a time. Speech is encoded as such and leaves silence out; music gets the whole band and all of its silence.</summary>
internal sealed unsafe class OpusVoiceEncoder : IVoiceEncoder
{
    private const int SamplesAFrame = 960;

    private readonly OpusEncoderHandle _encoder;
    private readonly int _channels;
    private VoiceEncoding _encoding;
    private int _loss;

    public OpusVoiceEncoder(VoiceEncoding encoding)
    {
        _channels = encoding.Channels;
        _encoding = encoding;
        if (ra_opus_encoder_open(_channels, out _encoder) != ra_result.RA_DONE)
            throw new ArgumentException($"There is no Opus encoder for {_channels} channels: {MediaLibrary.Problem}.", nameof(encoding));

        Apply();
    }

    public void Set(VoiceEncoding encoding)
    {
        if (encoding.Channels != _channels)
            throw new ArgumentException($"An encoder for {_channels} channels stays one.", nameof(encoding));

        _encoding = encoding;
        Apply();
    }

    public void SetLoss(int percent)
    {
        _loss = Math.Clamp(percent, 0, 100);
        Apply();
    }

    public DeviceOutcome Encode(ReadOnlySpan<short> samples, Span<byte> packet, out int length)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(samples.Length, SamplesAFrame * _channels, nameof(samples));
        fixed (short* from = samples)
        fixed (byte* to = packet)
            return MediaLibrary.Outcome(ra_opus_encode(_encoder, from, SamplesAFrame, to, packet.Length, out length));
    }

    public void Dispose() => _encoder.Dispose();

    private void Apply()
    {
        int bitRate = Math.Clamp(_encoding.BitRate, 6_000, 256_000);
        if (ra_opus_encoder_set(_encoder, bitRate, _encoding.IsMusic ? 1 : 0, _loss) != ra_result.RA_DONE)
            throw new InvalidOperationException(MediaLibrary.Problem);
    }
}

/// <summary>One voice in one channel; what is in stereo is mixed.</summary>
internal sealed unsafe class OpusVoiceDecoder : IVoiceDecoder
{
    /// <summary>2.5 ms, of which all that is made up is a multiple.</summary>
    private const int Step = 120;
    private const int Longest = 5_760;

    private readonly OpusDecoderHandle _decoder;

    public OpusVoiceDecoder()
    {
        if (ra_opus_decoder_open(out _decoder) != ra_result.RA_DONE)
            throw new InsufficientMemoryException(MediaLibrary.Problem);
    }

    public long Undecodable { get; private set; }

    public DeviceOutcome Decode(ReadOnlySpan<byte> packet, Span<short> samples, out int length)
    {
        // An empty packet would ask libopus for concealment.
        length = 0;
        DeviceOutcome outcome = packet.IsEmpty ? DeviceOutcome.Failed : Call(packet, isRecovery: false, samples[..Math.Min(samples.Length, Longest)], out length);
        if (outcome != DeviceOutcome.Done)
            Undecodable++;

        return outcome;
    }

    public DeviceOutcome Recover(ReadOnlySpan<byte> next, Span<short> samples)
    {
        CheckWhole(samples);
        if (!next.IsEmpty && Call(next, isRecovery: true, samples, out int length) == DeviceOutcome.Done && length == samples.Length)
            return DeviceOutcome.Done;

        Undecodable++;
        return DeviceOutcome.Failed;
    }

    public DeviceOutcome Conceal(Span<short> samples)
    {
        CheckWhole(samples);
        return Call([], isRecovery: false, samples, out _);
    }

    public void Dispose() => _decoder.Dispose();

    private static void CheckWhole(Span<short> samples)
    {
        if (samples.IsEmpty || samples.Length > Longest || samples.Length % Step != 0)
            throw new ArgumentException($"{samples.Length} samples are no multiple of 2.5 ms up to 120 ms.", nameof(samples));
    }

    private DeviceOutcome Call(ReadOnlySpan<byte> packet, bool isRecovery, Span<short> samples, out int length)
    {
        fixed (byte* from = packet)
        fixed (short* to = samples)
            return MediaLibrary.Outcome(ra_opus_decode(_decoder, from, packet.Length, isRecovery ? 1 : 0, to, samples.Length, out length));
    }
}
