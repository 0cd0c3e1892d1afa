using RoomAgent.Hal.Media.Audio.Native;

namespace RoomAgent.Hal.Media.Audio;

/// <summary>Takes steady noise out of a voice, and what an echo canceller has left of the echo.</summary>
/// <remarks>
/// libspeexdsp's preprocessor: it estimates the noise between the words and weighs each band by how likely it is speech. What lies below any voice, the rumble
/// of fans and tables, is filtered away before. One thread at a time.
/// </remarks>
public sealed unsafe class NoiseSuppressor : IDisposable
{
    /// <summary>By how much later the sound leaves than it came, in samples: one block.</summary>
    public const int Delay = Sound.BlockSamples;

    // Deeper than the library's -15: below that, what is left of the noise begins to sing.
    private const int NoiseFloor = -21;
    private const int EchoFloor = -45;
    private const int EchoFloorInDoubleTalk = -15;

    private readonly PreprocessStateHandle _state;
    private readonly EchoCanceller? _echo;
    private RumbleFilter _rumble;

    /// <summary>Takes all the memory it will ever have.</summary>
    /// <param name="echo">Whose left-overs are suppressed, too; it may be disposed of before or after this.</param>
    public NoiseSuppressor(EchoCanceller? echo = null)
    {
        _echo = echo;
        _state = Speexdsp.speex_preprocess_state_init(Sound.BlockSamples, Sound.SampleRate);
        if (_state.IsInvalid)
            throw new InvalidOperationException("libspeexdsp has no memory for a preprocessor.");

        Set(Speexdsp.SPEEX_PREPROCESS_SET_NOISE_SUPPRESS, NoiseFloor);
        Set(Speexdsp.SPEEX_PREPROCESS_SET_ECHO_SUPPRESS, EchoFloor);
        Set(Speexdsp.SPEEX_PREPROCESS_SET_ECHO_SUPPRESS_ACTIVE, EchoFloorInDoubleTalk);
        if (echo is null)
            return;

        _state.Keep(echo.Handle);
        SuppressesEcho = true;
    }

    /// <summary>Whether noise is suppressed.</summary>
    public bool SuppressesNoise
    {
        get;
        set
        {
            if (value != field)
                Set(Speexdsp.SPEEX_PREPROCESS_SET_NOISE_SUPPRESS, value ? NoiseFloor : 0);
            field = value;
        }
    } = true;

    /// <summary>Whether what is left of the echo is suppressed; always false without an echo canceller.</summary>
    public bool SuppressesEcho
    {
        get;
        set
        {
            if (_echo is null || value == field)
                return;

            field = value;
            _ = Speexdsp.speex_preprocess_ctl(_state, Speexdsp.SPEEX_PREPROCESS_SET_ECHO_STATE, value ? (void*)_echo.Handle.DangerousGetHandle() : null);
        }
    }

    /// <summary>Processes one block.</summary>
    /// <param name="block">480 samples of one channel; replaced by the suppressed sound of one block before.</param>
    /// <exception cref="ArgumentException"><paramref name="block"/> has another length.</exception>
    /// <exception cref="ObjectDisposedException">It has been disposed of.</exception>
    public void Process(Span<short> block)
    {
        Sound.RequireBlock(block.Length);
        _rumble.Process(block);
        fixed (short* samples = block)
            _ = Speexdsp.speex_preprocess_run(_state, samples);
    }

    /// <summary>Frees the preprocessor. A second call does nothing.</summary>
    public void Dispose() => _state.Dispose();

    private void Set(int request, int value) => _ = Speexdsp.speex_preprocess_ctl(_state, request, &value);
}
