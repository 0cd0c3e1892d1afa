using RoomAgent.Hal.Media.Audio.Native;

namespace RoomAgent.Hal.Media.Audio;

/// <summary>How the echo stands.</summary>
/// <param name="IsLocked">Whether its delay is known; before, nothing is cancelled.</param>
/// <param name="Delay">How much later than it was written the played sound is heard, less the 10 to 40 ms by which we read it later than it was written.</param>
/// <param name="Drift">How much faster the player's clock is than the microphone's, in millionths.</param>
/// <param name="Jumps">How often the delay has jumped.</param>
public readonly record struct EchoState(bool IsLocked, TimeSpan Delay, double Drift, int Jumps);

/// <summary>Takes out of the microphone's sound what the room's own speaker, or a television, plays.</summary>
/// <remarks>
/// <para>
/// The filter is libspeexdsp's: a multidelay block frequency domain filter that adapts by itself to somebody speaking at the same time. It covers 200 ms of the
/// room's reverberation and wants its reference in time and on the microphone's clock. A television gives neither; so <see cref="DelayFinder"/> finds the delay
/// continually, <see cref="EchoClock"/> the difference of the clocks, and <see cref="FarEnd"/> delays and resamples. When a delay jumps, the reference jumps with it
/// and what the filter has learnt about the room stays true.
/// </para>
/// <para>
/// libwebrtc-audio-processing was not chosen: its interface is C++, and another one in each of the two Debians (0.3 and 1.3); and what is hard here,
/// two clocks that differ, it leaves to its caller as well.
/// </para>
/// <para>One thread at a time. Nothing is allocated after the constructor.</para>
/// </remarks>
public sealed unsafe class EchoCanceller : IDisposable
{
    /// <summary>How long a reverberation the filter covers.</summary>
    private const int Tail = Sound.SampleRate / 5;

    // The filter finds the direct sound so much behind its beginning: what the delay may be wrong by.
    private const int Margin = 240;

    private readonly EchoStateHandle _state;
    private readonly FarEnd _farEnd = new();
    private readonly DelayFinder _finder = new();
    private readonly EchoClock _clock = new();
    private readonly float[] _heard = new float[Sound.BlockSamples];
    private readonly float[] _reference = new float[Sound.BlockSamples];
    private readonly short[] _play = new short[Sound.BlockSamples];
    private readonly short[] _out = new short[Sound.BlockSamples];
    private int _blocks;
    private int _playing;

    /// <summary>Takes all the memory it will ever have.</summary>
    /// <exception cref="DllNotFoundException">There is no libspeexdsp.so.1.</exception>
    public EchoCanceller()
    {
        _state = Speexdsp.speex_echo_state_init(Sound.BlockSamples, Tail);
        if (_state.IsInvalid)
            throw new InvalidOperationException("libspeexdsp has no memory for an echo canceller.");

        int rate = Sound.SampleRate;
        _ = Speexdsp.speex_echo_ctl(_state, Speexdsp.SPEEX_ECHO_SET_SAMPLING_RATE, &rate);
    }

    /// <summary>How the echo stands.</summary>
    public EchoState State => new(
        _clock.IsLocked,
        _clock.IsLocked ? TimeSpan.FromSeconds((double)_clock.Delay / Sound.SampleRate) : TimeSpan.Zero,
        -_clock.Drift / Sound.SampleRate * 1e6,
        _clock.Jumps);

    /// <summary>Whether an echo is to be expected in the block processed last.</summary>
    public bool IsFarEndActive => _playing > 0;

    internal EchoStateHandle Handle => _state;

    /// <summary>Takes what is given to the speaker, silence as well: some samples of one channel, when they are given to it.</summary>
    /// <remarks>It may come in any pieces, but must come by the speaker's clock: what is missing is taken for silence, and delays the rest.</remarks>
    public void HandlePlayed(ReadOnlySpan<short> samples) => _farEnd.Write(samples);

    /// <summary>Takes the echo out of one block of the microphone.</summary>
    /// <param name="block">480 samples of one channel, changed in place.</param>
    /// <exception cref="ArgumentException"><paramref name="block"/> has another length.</exception>
    /// <exception cref="ObjectDisposedException">It has been disposed of.</exception>
    public void Process(Span<short> block)
    {
        Sound.RequireBlock(block.Length);

        _farEnd.Advance(_clock.Correction);
        for (int i = 0; i < block.Length; i++)
            _heard[i] = block[i];
        FollowEcho();
        Cancel(block);
    }

    /// <summary>Frees the filter. A second call does nothing.</summary>
    public void Dispose() => _state.Dispose();

    private void FollowEcho()
    {
        bool looked = _finder.Handle(_farEnd.Latest, _heard);
        if (++_blocks == DelayFinder.Period)
        {
            _blocks = 0;
            _clock.HandlePeriod();
        }

        if (looked)
            _clock.HandleDelay(_finder.Delay, _finder.Clarity);
    }

    private void Cancel(Span<short> block)
    {
        if (!_clock.IsLocked)
            _reference.AsSpan().Clear();
        else
            _farEnd.Read(Math.Max(0, _clock.Delay - Margin), _reference);

        long energy = 0;
        for (int i = 0; i < _play.Length; i++)
        {
            _play[i] = Sound.ToSample(_reference[i]);
            energy += _play[i] * _play[i];
        }

        // Its reverberation, and whoever takes that for a voice, last longer than itself.
        _playing = energy > 30 * 30 * Sound.BlockSamples ? 50 : Math.Max(0, _playing - 1);

        fixed (short* rec = block, play = _play, result = _out)
            Speexdsp.speex_echo_cancellation(_state, rec, play, result);
        _out.CopyTo(block);
    }
}
