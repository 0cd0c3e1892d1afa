namespace RoomAgent.Hal;

/// <summary>How sound is encoded.</summary>
public sealed record VoiceEncoding
{
    /// <summary>Bit/s, 6,000 to 256,000.</summary>
    public int BitRate { get; init; } = 32_000;

    /// <summary>1 or 2.</summary>
    public int Channels { get; init; } = 1;

    /// <summary>Whether it is music: the whole band, and no silence is left out (REQUIREMENTS N03).</summary>
    public bool IsMusic { get; init; }
}

/// <summary>An Opus encoder (RFC 6716): 48,000 samples a second, 20 ms at a time, with in-band error correction and discontinuous transmission. One thread calls.</summary>
public interface IVoiceEncoder : IDisposable
{
    /// <summary>Changes bit rate or kind from the next frame on. The number of channels cannot change.</summary>
    void Set(VoiceEncoding encoding);

    /// <summary>Tells how much of what is sent gets lost, so that as much error correction is added.</summary>
    /// <param name="percent">0 to 100.</param>
    void SetLoss(int percent);

    /// <summary>Encodes 20 ms.</summary>
    /// <param name="samples">960 of each channel, interleaved.</param>
    /// <param name="packet">Gets the packet; 1,276 bytes always suffice.</param>
    /// <param name="length">Its length; 0 when it is silence that need not be sent.</param>
    DeviceOutcome Encode(ReadOnlySpan<short> samples, Span<byte> packet, out int length);
}

/// <summary>An Opus decoder for one voice. What comes in is from outside and may be anything. One thread calls.</summary>
public interface IVoiceDecoder : IDisposable
{
    /// <summary>Packets that could not be decoded.</summary>
    long Undecodable { get; }

    /// <summary>Decodes a packet.</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="samples">Gets one channel at 48,000 samples a second; 5,760 (120 ms) always suffice.</param>
    /// <param name="length">How many samples there are.</param>
    /// <returns><see cref="DeviceOutcome.Failed"/> when it cannot be decoded: conceal it.</returns>
    DeviceOutcome Decode(ReadOnlySpan<byte> packet, Span<short> samples, out int length);

    /// <summary>Makes up for a lost packet from the error correction in the one that came after it.</summary>
    /// <param name="next">The packet after the lost one.</param>
    /// <param name="samples">To be filled with what was lost: a multiple of 2.5 ms.</param>
    DeviceOutcome Recover(ReadOnlySpan<byte> next, Span<short> samples);

    /// <summary>Makes up for a lost packet from what was heard before.</summary>
    /// <param name="samples">To be filled with what was lost: a multiple of 2.5 ms.</param>
    DeviceOutcome Conceal(Span<short> samples);
}

/// <summary>Makes Opus encoders and decoders.</summary>
public interface IVoiceCodecs
{
    /// <summary>Opens an encoder.</summary>
    IVoiceEncoder OpenEncoder(VoiceEncoding encoding);

    /// <summary>Opens a decoder.</summary>
    IVoiceDecoder OpenDecoder();
}
