using RoomAgent.Hal;

namespace RoomAgent.Agent.Devices;

/// <summary>
/// The way of one remote voice from the media loop, which puts packets in, to the speaker's thread, which takes samples out and decodes in between.
/// What is lost is made up for; when nothing comes, nothing is heard.
/// </summary>
/// <remarks>One writer, one reader. What does not fit pushes the oldest out: late sound is of no use to anyone.</remarks>
public sealed class RemoteVoice : IVoiceSource, IDisposable
{
    private const int Frame = IMicrophoneArray.SampleRate / 50;
    private const int Waiting = 8;
    private const int MostBytes = 1_276;
    private const int MostSamples = 5_760; // 120 ms, the longest that Opus packs

    private readonly IVoiceDecoder _decoder;
    private readonly Lock _queueTurn = new();
    private readonly byte[][] _packets = [.. Enumerable.Range(0, Waiting).Select(_ => new byte[MostBytes])];
    private readonly int[] _lengths = new int[Waiting];
    private readonly byte[] _packet = new byte[MostBytes];
    private readonly short[] _samples = new short[MostSamples];
    private int _first;
    private int _count;
    private int _at;
    private int _decoded;
    private long _crowdedOut;

    /// <summary>Begins silent.</summary>
    /// <param name="decoder">Its decoder, which belongs to it from now on.</param>
    public RemoteVoice(IVoiceDecoder decoder) => _decoder = decoder;

    /// <summary>Packets that came while too many waited.</summary>
    public long CrowdedOut => Volatile.Read(ref _crowdedOut);

    /// <summary>Puts in what is to be heard next.</summary>
    /// <param name="packet">An Opus packet, copied; empty for one that was lost.</param>
    public void Put(ReadOnlySpan<byte> packet)
    {
        if (packet.Length > MostBytes)
            packet = [];
        lock (_queueTurn)
        {
            if (_count == Waiting)
            {
                _first = (_first + 1) % Waiting;
                _count--;
                _crowdedOut++;
            }

            int at = (_first + _count) % Waiting;
            packet.CopyTo(_packets[at]);
            _lengths[at] = packet.Length;
            _count++;
        }
    }

    /// <inheritdoc/>
    public bool TryPull(Span<short> samples)
    {
        int done = 0;
        while (done < samples.Length)
        {
            if (_at == _decoded && !Decode())
            {
                samples[done..].Clear();
                return done > 0;
            }

            int taken = Math.Min(samples.Length - done, _decoded - _at);
            _samples.AsSpan(_at, taken).CopyTo(samples[done..]);
            _at += taken;
            done += taken;
        }

        return true;
    }

    /// <summary>Frees the decoder. The mixer must no longer have the voice.</summary>
    public void Dispose()
    {
        _decoder.Dispose();
        Array.Clear(_samples);
    }

    private bool Decode()
    {
        if (!TryTake(out int length))
            return false;

        DeviceOutcome outcome = DeviceOutcome.Failed;
        int decoded = 0;
        if (length > 0)
            outcome = _decoder.Decode(_packet.AsSpan(0, length), _samples, out decoded);
        if (outcome != DeviceOutcome.Done || decoded == 0)
        {
            decoded = Frame;
            if (_decoder.Conceal(_samples.AsSpan(0, Frame)) != DeviceOutcome.Done)
                _samples.AsSpan(0, Frame).Clear();
        }

        (_at, _decoded) = (0, decoded);
        return true;
    }

    private bool TryTake(out int length)
    {
        lock (_queueTurn)
        {
            length = 0;
            if (_count == 0)
                return false;

            length = _lengths[_first];
            _packets[_first].AsSpan(0, length).CopyTo(_packet);
            _first = (_first + 1) % Waiting;
            _count--;
            return true;
        }
    }
}
