using RoomAgent.Hal.Media.Interop;
using static RoomAgent.Hal.Media.Interop.RoomagentMedia;

namespace RoomAgent.Hal.Media;

/// <summary>A decoder of FFmpeg for H.264.</summary>
/// <param name="Name">FFmpeg's name for it.</param>
/// <param name="IsHardware">Whether hardware does the work.</param>
public sealed record DecoderChoice(string Name, bool IsHardware)
{
    /// <summary>What a room tries, in this order: the chip of a Raspberry Pi 4 and older (with a kernel that drives it), the processor.</summary>
    public static IReadOnlyList<DecoderChoice> Usual { get; } = [new("h264_v4l2m2m", IsHardware: true), new("h264", IsHardware: false)];
}

/// <summary>
/// H.264 of one stream by the first of a list of decoders that works. What it is given may be anything: it decodes pictures up to 4,096 x 4,096, in 160 MB at most
/// and 384 MB together with all other streams, and nothing but H.264 is ever looked for in it.
/// </summary>
public sealed unsafe class H264Decoder : IVideoDecoder
{
    /// <summary>How many pictures may be out at a time, unless told.</summary>
    public const int UsualPictures = 8;

    // Chips have their own idea of H.264, and some never recover: after so many failures in a row the processor takes over.
    private const int MostHardwareFailures = 8;
    private const int MostSwallowed = 60; // units in a row that a chip may take without giving a picture

    private readonly DecoderChoice[] _choices;
    private readonly PicturePool _pictures;
    private DecoderHandle _decoder = new();
    private int _choice = -1;
    private int _failures;
    private int _swallowed;

    private H264Decoder(IReadOnlyList<DecoderChoice> choices, int pictures)
    {
        _choices = [.. choices];
        _pictures = new PicturePool(pictures);
    }

    /// <inheritdoc/>
    public string Implementation => _choices[_choice].Name;

    /// <inheritdoc/>
    public bool IsHardware => _choices[_choice].IsHardware;

    /// <inheritdoc/>
    public long Undecodable { get; private set; }

    /// <inheritdoc/>
    public long Concealed { get; private set; }

    /// <summary>Opens the first of the list that works.</summary>
    /// <param name="choices">What to try, in this order.</param>
    /// <param name="problem">Why none works; empty when one does.</param>
    /// <param name="pictures">How many pictures may be out at a time, 1 to 64.</param>
    /// <returns>The decoder, or <see langword="null"/>.</returns>
    /// <exception cref="DllNotFoundException">The shim is missing; see <see cref="MediaLibrary.Versions"/>.</exception>
    public static H264Decoder? TryOpen(IReadOnlyList<DecoderChoice> choices, out string problem, int pictures = UsualPictures)
    {
        var decoder = new H264Decoder(choices, pictures);
        if (decoder.OpenNext(out problem))
            return decoder;

        decoder.Dispose();
        return null;
    }

    /// <inheritdoc/>
    public DeviceOutcome Decode(ReadOnlySpan<byte> data, TimeSpan capturedAt, out VideoFrame? picture)
    {
        picture = null;
        ra_result result;
        fixed (byte* bytes = data)
        {
            result = ra_decoder_decode(_decoder, bytes, data.Length, Nanoseconds.Of(capturedAt), out nint native, out ra_view view);
            if (result == ra_result.RA_DONE)
                picture = _pictures.Lend(native, view);
        }

        if (result is ra_result.RA_DONE or ra_result.RA_NOTHING or ra_result.RA_EXHAUSTED)
        {
            _failures = 0;
            _swallowed = result == ra_result.RA_NOTHING ? _swallowed + 1 : 0;
            if (IsHardware && _swallowed >= MostSwallowed)
                OpenNext(out _);
            Concealed += picture is { IsConcealed: true } ? 1 : 0;
            return MediaLibrary.Outcome(result);
        }

        Undecodable++;
        if (IsHardware && ++_failures >= MostHardwareFailures)
            OpenNext(out _);

        return result == ra_result.RA_UNSUPPORTED ? DeviceOutcome.Unsupported : DeviceOutcome.Failed;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _decoder.Dispose();
        _pictures.Dispose();
    }

    // Keeps the one that runs when none opens.
    private bool OpenNext(out string problem)
    {
        List<string> refusals = [];
        for (int next = _choice + 1; next < _choices.Length; next++)
        {
            if (ra_decoder_open(_choices[next].Name, threads: 1, _pictures.Handle, out DecoderHandle opened) == ra_result.RA_DONE)
            {
                _decoder.Dispose();
                _decoder = opened;
                _choice = next;
                (_failures, _swallowed) = (0, 0);
                problem = "";
                return true;
            }

            refusals.Add($"{_choices[next].Name}: {MediaLibrary.Problem}");
            opened.Dispose();
        }

        problem = string.Join("; ", refusals);
        return false;
    }
}
