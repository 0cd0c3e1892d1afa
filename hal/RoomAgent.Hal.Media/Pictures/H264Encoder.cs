using System.Runtime.InteropServices;
using RoomAgent.Hal.Media.Interop;
using static RoomAgent.Hal.Media.Interop.RoomagentMedia;

namespace RoomAgent.Hal.Media;

/// <summary>
/// H.264 by the first of a list of encoders that works. One that cannot be opened, or fails while it runs, is replaced by the next, which begins with a key frame;
/// one that failed while it ran is not tried again.
/// </summary>
public sealed unsafe class H264Encoder : IVideoEncoder
{
    /// <summary>How many encoded frames may be out at a time.</summary>
    public const int MostFrames = 16;

    private const int LeastBitRate = 50_000;
    private const int MostBitRate = 20_000_000;

    // Above this many pixels a second one core of a board is not enough.
    private const int PixelsOfACore = 1280 * 720 * 30;

    // One that must be opened anew for a new bit rate is, downwards, when the rate is more than a tenth too high, and upwards at most once in so many pictures.
    private const int PicturesUntilRise = 300;

    private readonly EncoderChoice[] _choices;
    private readonly bool[] _hasFailed;
    private readonly List<string> _refusals = [];
    private readonly EncodedFramePool _frames = new(MostFrames);
    private EncoderHandle? _encoder;
    private EncoderChoice? _choice;
    private bool _owesKeyFrame;
    private int _openBitRate;
    private int _pictures;

    private H264Encoder(IReadOnlyList<EncoderChoice> choices, VideoEncoding encoding)
    {
        _choices = [.. choices];
        _hasFailed = new bool[_choices.Length];
        Encoding = encoding with { BitRate = Math.Clamp(encoding.BitRate, LeastBitRate, MostBitRate) };
    }

    /// <inheritdoc/>
    public string Implementation => _choice?.Name ?? "none";

    /// <inheritdoc/>
    public bool IsHardware => _choice?.IsHardware ?? false;

    /// <inheritdoc/>
    public IReadOnlyList<string> Refusals => _refusals;

    /// <inheritdoc/>
    public VideoEncoding Encoding { get; private set; }

    /// <summary>Opens the first of the list that works.</summary>
    /// <param name="choices">What to try, in this order.</param>
    /// <param name="encoding">How pictures are to be encoded.</param>
    /// <param name="problem">Why none works; empty when one does.</param>
    /// <returns>The encoder, or <see langword="null"/>.</returns>
    /// <exception cref="ArgumentException">The format is none.</exception>
    /// <exception cref="DllNotFoundException">The shim is missing; see <see cref="MediaLibrary.Versions"/>.</exception>
    public static H264Encoder? TryOpen(IReadOnlyList<EncoderChoice> choices, VideoEncoding encoding, out string problem)
    {
        CheckFormat(encoding.Format);
        MediaLibrary.Require();
        var encoder = new H264Encoder(choices, encoding);
        problem = "";
        if (encoder.OpenFirst(encoder.Encoding))
            return encoder;

        problem = string.Join("; ", encoder._refusals);
        encoder.Dispose();
        return null;
    }

    /// <inheritdoc/>
    public void SetBitRate(int bitsPerSecond)
    {
        int bitRate = Math.Clamp(bitsPerSecond, LeastBitRate, MostBitRate);
        if (bitRate == Encoding.BitRate)
            return;

        Encoding = Encoding with { BitRate = bitRate };
        if (_encoder is not null && _choice!.FollowsBitRate)
            ra_encoder_set_bit_rate(_encoder, bitRate);
    }

    /// <inheritdoc/>
    public bool SetFormat(VideoFormat format)
    {
        CheckFormat(format);
        if (_encoder is not null && format == Encoding.Format)
            return true;

        VideoEncoding wanted = Encoding with { Format = format };
        if (!OpenFirst(wanted))
            return false;

        Encoding = wanted;
        return true;
    }

    /// <inheritdoc/>
    public DeviceOutcome Encode(VideoFrame picture, bool wantsKeyFrame, out EncodedFrame? frame)
    {
        frame = null;
        _owesKeyFrame |= wantsKeyFrame;
        KeepRate();
        while (_encoder is not null)
        {
            ra_result result = EncodeOnce(picture, out ra_packet packet);
            if (result == ra_result.RA_EXHAUSTED)
                return DeviceOutcome.Nothing;

            _pictures++;
            if (result is ra_result.RA_DONE or ra_result.RA_NOTHING)
            {
                _owesKeyFrame = false;
                frame = result == ra_result.RA_DONE ? _frames.Lend(packet) : null;
                return MediaLibrary.Outcome(result);
            }

            Replace(MediaLibrary.Problem);
        }

        return DeviceOutcome.Failed;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _encoder?.Dispose();
        _encoder = null;
        _choice = null;
        _frames.Dispose();
    }

    private static void CheckFormat(VideoFormat format)
    {
        if (!format.IsValid)
            throw new ArgumentException($"Nobody encodes {format}.", nameof(format));
    }

    private ra_result EncodeOnce(VideoFrame picture, out ra_packet packet)
    {
        int wantsKey = _owesKeyFrame ? 1 : 0;
        if (picture is PooledPicture { Native: not 0 } pooled)
            return ra_encoder_encode(_encoder!, pooled.View, pooled.Native, wantsKey, _frames.Handle, out packet);

        fixed (byte* luma = picture.Luma)
        fixed (byte* cb = picture.Cb)
        fixed (byte* cr = picture.Cr)
        {
            ObjectDisposedException.ThrowIf(luma is null, picture);
            var view = new ra_view
            {
                luma = luma,
                cb = cb,
                cr = cr,
                luma_stride = picture.LumaStride,
                chroma_stride = picture.ChromaStride,
                width = picture.Width,
                height = picture.Height,
                captured_at = Nanoseconds.Of(picture.CapturedAt),
            };
            return ra_encoder_encode(_encoder!, view, 0, wantsKey, _frames.Handle, out packet);
        }
    }

    // The running one failed: never again, and the next in its place.
    private void Replace(string reason)
    {
        int failed = Array.IndexOf(_choices, _choice);
        _hasFailed[failed] = true;
        Refuse(_choices[failed], reason);
        _encoder!.Dispose();
        _encoder = null;
        _choice = null;
        OpenFirst(Encoding);
    }

    private void KeepRate()
    {
        if (_choice is null || _choice.FollowsBitRate)
            return;

        bool mustFall = Encoding.BitRate < _openBitRate * 9L / 10;
        bool mayRise = Encoding.BitRate > _openBitRate * 11L / 10 && _pictures >= PicturesUntilRise;
        if (mustFall || mayRise)
            OpenFirst(Encoding);
    }

    // Keeps the one that runs when none opens, unless it was hardware.
    private bool OpenFirst(VideoEncoding encoding)
    {
        for (int i = 0; i < _choices.Length; i++)
        {
            // A chip that has room for one: what runs on it goes first.
            if (_choices[i] == _choice && _choice.IsHardware)
            {
                _encoder?.Dispose();
                _encoder = null;
            }

            if (_hasFailed[i] || !TryOpen(_choices[i], encoding, out EncoderHandle encoder))
                continue;

            _encoder?.Dispose();
            _encoder = encoder;
            _choice = _choices[i];
            _openBitRate = encoding.BitRate;
            _pictures = 0;
            return true;
        }

        return false;
    }

    private bool TryOpen(EncoderChoice choice, VideoEncoding encoding, out EncoderHandle encoder)
    {
        VideoFormat format = encoding.Format;
        string options = string.Join(':', new[] { choice.Options, encoding.IsMainProfile ? choice.Main : choice.Baseline }.Where(part => part.Length > 0));
        bool isLarge = (long)format.Width * format.Height * format.FrameRate > PixelsOfACore;
        nint name = Marshal.StringToCoTaskMemUTF8(choice.Name);
        nint text = Marshal.StringToCoTaskMemUTF8(options);
        var setup = new ra_encoder_setup
        {
            name = (byte*)name,
            options = (byte*)text,
            surface = (int)choice.Surface,
            width = format.Width,
            height = format.Height,
            frame_rate = format.FrameRate,
            bit_rate = encoding.BitRate,
            threads = isLarge ? Math.Min(Environment.ProcessorCount, 4) : 1,
        };
        ra_result result = ra_encoder_open(setup, out encoder);
        Marshal.FreeCoTaskMem(name);
        Marshal.FreeCoTaskMem(text);
        if (result == ra_result.RA_DONE)
            return true;

        Refuse(choice, MediaLibrary.Problem);
        encoder.Dispose();
        return false;
    }

    // One line for each, however often it is tried: the latest reason.
    private void Refuse(EncoderChoice choice, string reason)
    {
        string name = $"{choice}: ";
        _refusals.RemoveAll(refusal => refusal.StartsWith(name, StringComparison.Ordinal));
        _refusals.Add(name + reason);
    }
}
