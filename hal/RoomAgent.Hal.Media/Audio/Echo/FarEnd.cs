namespace RoomAgent.Hal.Media.Audio;

/// <summary>What was played, brought to the microphone's clock.</summary>
/// <remarks>
/// The player writes by its clock, the microphone reads by its own, and a resampler between them makes up for the difference that <see cref="EchoClock"/> has found.
/// 10 ms are kept between the two so that neither has to be punctual, and more if that has not been enough. A player that writes nothing plays silence.
/// </remarks>
internal sealed class FarEnd
{
    // The two take turns, but which of them is first changes with their clocks.
    private const int LeastReserve = Sound.BlockSamples + 48;
    private const int MostReserve = LeastReserve + (3 * Sound.BlockSamples);

    // A pause that is shorter was none: the player was late.
    private const int Pause = 20;

    private const int MostAhead = 12 * Sound.BlockSamples;

    private readonly SampleRing _written = new(65_536);
    private readonly SampleRing _played = new(65_536);
    private readonly FractionalReader _reader = new(Sound.BlockSamples);
    private readonly float[] _block = new float[Sound.BlockSamples];
    private double _position;
    private int _reserve = LeastReserve;
    private int _idleBlocks = Pause;
    private bool _isIdle = true;

    /// <summary>The block that was read last, by the microphone's clock.</summary>
    public ReadOnlySpan<float> Latest => _block;

    /// <summary>Takes what is given to the speaker.</summary>
    public void Write(ReadOnlySpan<short> samples)
    {
        if (_isIdle)
        {
            if (_idleBlocks < Pause)
                _reserve = Math.Min(_reserve + Sound.BlockSamples, MostReserve);
            _isIdle = false;
            _idleBlocks = 0;
            _written.WriteSilence(FractionalReader.Ahead);
            _position = _written.Written;
            _written.WriteSilence(_reserve);
        }

        _written.Write(samples);
    }

    /// <summary>Goes on by one block of the microphone.</summary>
    /// <param name="correction">How much slower than the microphone's clock the player's is taken, in samples a second.</param>
    public void Advance(double correction)
    {
        double step = 1 - (correction / Sound.SampleRate);
        double end = _position + (step * Sound.BlockSamples);
        _isIdle |= end + FractionalReader.Ahead + 1 > _written.Written;
        if (_isIdle)
        {
            _idleBlocks = Math.Min(_idleBlocks + 1, Pause);
            Array.Clear(_block);
        }
        else
        {
            // Who writes far more than is heard has lost count.
            if (_written.Written - end > MostAhead)
                end = (_position = _written.Written - _reserve - Sound.BlockSamples) + (step * Sound.BlockSamples);
            _reader.Read(_written, _position, step, _block);
            _position = end;
        }

        _played.Write(_block);
    }

    /// <summary>The block that was played <paramref name="delay"/> samples before the latest one.</summary>
    public void Read(int delay, Span<float> destination) => _played.CopyTo(_played.Written - Sound.BlockSamples - delay, destination);
}
