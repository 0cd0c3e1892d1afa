namespace RoomAgent.Hal;

/// <summary>How pictures are to be encoded.</summary>
/// <param name="Format">Their size and pace.</param>
/// <param name="BitRate">Bit/s, 50,000 to 20,000,000.</param>
public sealed record VideoEncoding(VideoFormat Format, int BitRate)
{
    /// <summary>Whether H.264's main profile is used, which is smaller for the same picture; else constrained baseline, which everyone can decode.</summary>
    public bool IsMainProfile { get; init; }
}

/// <summary>
/// An H.264 encoder: every picture given in comes out as one <see cref="EncodedFrame"/> before the next is given in. One thread calls.
/// </summary>
public interface IVideoEncoder : IDisposable
{
    /// <summary>Which one runs, such as <c>h264_v4l2m2m</c> or <c>libx264</c>.</summary>
    string Implementation { get; }

    /// <summary>Whether hardware does the work. Never assumed, always shown.</summary>
    bool IsHardware { get; }

    /// <summary>Implementations that were tried before this one, with the reason why each does not run, for the journal.</summary>
    IReadOnlyList<string> Refusals { get; }

    /// <summary>How pictures are encoded now.</summary>
    VideoEncoding Encoding { get; }

    /// <summary>Changes the bit rate from the next picture on.</summary>
    /// <param name="bitsPerSecond">Bit/s; brought into the range of <see cref="VideoEncoding.BitRate"/>.</param>
    void SetBitRate(int bitsPerSecond);

    /// <summary>Changes size and pace from the next picture on, which will be a key frame. Pictures of another size are scaled, with black bars where their shape is another. The format that it has already changes nothing.</summary>
    /// <returns><see langword="false"/> when no implementation takes the format; then nothing changes.</returns>
    bool SetFormat(VideoFormat format);

    /// <summary>Encodes a picture. An implementation that fails is replaced by the next of the list, which begins with a key frame.</summary>
    /// <param name="picture">The picture, of any size; it stays the caller's.</param>
    /// <param name="wantsKeyFrame">Whether this very picture must be a key frame.</param>
    /// <param name="frame">The result; the caller gives it back.</param>
    /// <returns><see cref="DeviceOutcome.Done"/>; <see cref="DeviceOutcome.Nothing"/> when hardware is a picture behind, or so many frames are out that the picture was dropped; <see cref="DeviceOutcome.Failed"/> when the whole list has failed.</returns>
    DeviceOutcome Encode(VideoFrame picture, bool wantsKeyFrame, out EncodedFrame? frame);
}

/// <summary>
/// An H.264 decoder for one stream. What comes in is from outside and may be anything. One thread calls.
/// </summary>
public interface IVideoDecoder : IDisposable
{
    /// <summary>Which one runs.</summary>
    string Implementation { get; }

    /// <summary>Whether hardware does the work.</summary>
    bool IsHardware { get; }

    /// <summary>Access units that could not be decoded.</summary>
    long Undecodable { get; }

    /// <summary>Pictures of which parts were made up, since what they were decoded from was damaged.</summary>
    long Concealed { get; }

    /// <summary>Decodes one access unit in Annex B form. The size of pictures may change at any key frame.</summary>
    /// <param name="data">The bytes.</param>
    /// <param name="capturedAt">The time that the picture is to have.</param>
    /// <param name="picture">The picture; the caller gives it back.</param>
    /// <returns>
    /// <see cref="DeviceOutcome.Done"/>; <see cref="DeviceOutcome.Nothing"/> when there is no picture in it, or so many pictures are out that it was dropped;
    /// <see cref="DeviceOutcome.Failed"/> when it cannot be decoded: ask for a key frame; <see cref="DeviceOutcome.Unsupported"/> when it is larger than we take.
    /// </returns>
    DeviceOutcome Decode(ReadOnlySpan<byte> data, TimeSpan capturedAt, out VideoFrame? picture);
}

/// <summary>Makes encoders and decoders.</summary>
public interface IVideoCodecs
{
    /// <summary>Opens an encoder, the first of the machine's list that works.</summary>
    /// <returns><see langword="null"/> when none does; <paramref name="problem"/> says why.</returns>
    IVideoEncoder? OpenEncoder(VideoEncoding encoding, out string problem);

    /// <summary>Opens a decoder, the first of the machine's list that works.</summary>
    /// <returns><see langword="null"/> when none does; <paramref name="problem"/> says why.</returns>
    IVideoDecoder? OpenDecoder(out string problem);
}
