using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using RoomAgent.Hal;

namespace RoomAgent.Agent.Devices;

/// <summary>
/// The microphones' thread: hears the room, takes echo and noise out, measures how loud it is, encodes it, and puts it where the media loop fetches it.
/// Nothing managed is allocated for a packet.
/// </summary>
/// <remarks>Muted is closed: what nobody shall hear is not recorded in the first place (REQUIREMENTS B28).</remarks>
public sealed class MicrophoneLoop : DeviceLoop
{
    private const int Block = IMicrophoneArray.SampleRate / 100;
    private const int Frame = 2 * Block;
    private const int Waiting = 16;
    private const byte Silence = 127;

    // libopus gives what it was given 312 samples before (its OPUS_GET_LOOKAHEAD at 48 kHz).
    private static readonly TimeSpan s_lookahead = TimeSpan.FromSeconds(312.0 / IMicrophoneArray.SampleRate);

    private readonly IMicrophoneArray _microphones;
    private readonly IVoiceTools _tools;
    private readonly IVoiceCodecs _codecs;
    private readonly PlayedSound _played;
    private readonly ConcurrentBag<VoicePacket> _packets = [];
    private readonly Channel<VoicePacket> _sent = Channel.CreateBounded<VoicePacket>(new BoundedChannelOptions(Waiting) { SingleWriter = true });
    private readonly short[] _far = new short[Block];
    private readonly short[] _voice = new short[Frame];
    private short[] _heard = [];
    private IMicrophonePath? _path;
    private IVoiceEncoder? _encoder;
    private VoiceEncoding _encoding = new();
    private volatile MicrophoneSettings _settings = new();
    private MicrophoneSettings? _inForce;
    private uint _position;
    private TimeSpan _stopped;
    private TimeSpan _late;
    private int _loss;
    private int _level;
    private long _lost;

    /// <summary>Begins closed, so muted.</summary>
    /// <param name="microphones">The microphones, which belong to the loop from now on.</param>
    /// <param name="tools">What takes echo and noise out.</param>
    /// <param name="codecs">Where encoders come from.</param>
    /// <param name="played">What the speaker plays.</param>
    /// <param name="patience">How long the device may take.</param>
    /// <param name="clock">The machine's clock.</param>
    /// <param name="log">The journal.</param>
    public MicrophoneLoop(
        IMicrophoneArray microphones, IVoiceTools tools, IVoiceCodecs codecs, PlayedSound played, DevicePatience patience, TimeProvider clock, ILogger<MicrophoneLoop> log)
        : base("microphone", patience, clock, log)
    {
        _microphones = microphones;
        _tools = tools;
        _codecs = codecs;
        _played = played;
    }

    /// <summary>The encoded voice; silence that need not be sent is left out. Who takes a packet gives it back.</summary>
    public ChannelReader<VoicePacket> Packets => _sent.Reader;

    /// <summary>Raised on the microphones' thread when there is one more of <see cref="Packets"/>. Who is told must not wait.</summary>
    public event Action? PacketReady;

    /// <summary>What is done to what is heard. A change takes effect with the next packet.</summary>
    public MicrophoneSettings Settings
    {
        get => _settings;
        set => _settings = value;
    }

    /// <summary>How loud it was last.</summary>
    public byte Level => (byte)(IsHearing ? Volatile.Read(ref _level) : Silence);

    /// <summary>Packets that were lost since the media loop was behind.</summary>
    public long Lost => Volatile.Read(ref _lost);

    /// <summary>Tells how much of what is sent gets lost.</summary>
    /// <param name="percent">0 to 100.</param>
    public void SetLoss(int percent) => Volatile.Write(ref _loss, percent);

    private bool IsHearing => Status.State == DeviceState.Running;

    /// <inheritdoc/>
    protected override DeviceOutcome Start(out string problem)
    {
        DeviceOutcome outcome = _microphones.Start();
        problem = _microphones.Problem;
        if (outcome != DeviceOutcome.Done)
            return outcome;

        int channels = _microphones.Channels;
        if (_heard.Length != Frame * channels)
            _heard = new short[Frame * channels];
        // What was not heard in between took its time all the same.
        if (_stopped != TimeSpan.Zero)
            _position += (uint)((new TimeSpan(Now.Ticks) - _stopped).TotalSeconds * IMicrophoneArray.SampleRate);
        _inForce = _settings;
        _encoding = new VoiceEncoding { IsMusic = _inForce.MusicMode };
        _path = _tools.OpenPath(channels, _microphones.Positions);
        _path.Settings = _inForce;
        _late = s_lookahead + TimeSpan.FromSeconds((double)_path.Delay / IMicrophoneArray.SampleRate);
        _encoder = _codecs.OpenEncoder(_encoding);
        return DeviceOutcome.Done;
    }

    /// <inheritdoc/>
    protected override DeviceOutcome Step(out string problem)
    {
        DeviceOutcome outcome = _microphones.Read(_heard, Wait, out TimeSpan capturedAt);
        problem = _microphones.Problem;
        if (outcome != DeviceOutcome.Done)
            return outcome;

        Follow();
        SoundLevel level = Process();
        Volatile.Write(ref _level, level.Level);
        Send(level, capturedAt - _late);
        _position += Frame;
        return DeviceOutcome.Done;
    }

    /// <inheritdoc/>
    protected override void Stop()
    {
        _path?.Dispose();
        _encoder?.Dispose();
        (_path, _encoder) = (null, null);
        _microphones.Stop();
        _stopped = new TimeSpan(Now.Ticks);
        while (_sent.Reader.TryRead(out VoicePacket? packet))
            packet.Dispose();

        // Nothing of what was said stays in memory.
        _played.Clear();
        Array.Clear(_heard);
        Array.Clear(_voice);
    }

    /// <inheritdoc/>
    protected override void DisposeDevice() => _microphones.Dispose();

    private void Follow()
    {
        _encoder!.SetLoss(Volatile.Read(ref _loss));
        if (_inForce == _settings)
            return;

        _inForce = _settings;
        _path!.Settings = _inForce;
        _encoding = _encoding with { IsMusic = _inForce.MusicMode };
        _encoder.Set(_encoding);
    }

    // Two pieces of 10 ms make a packet, whose level is that of the louder one.
    private SoundLevel Process()
    {
        var loudest = new SoundLevel(Silence, false);
        int channels = _heard.Length / Frame;
        for (int at = 0; at < Frame; at += Block)
        {
            _played.Read(_far);
            _path!.HandlePlayed(_far);
            SoundLevel level = _path.Process(_heard.AsSpan(at * channels, Block * channels), _voice.AsSpan(at, Block));
            loudest = new SoundLevel(Math.Min(loudest.Level, level.Level), loudest.Voice || level.Voice);
        }

        return loudest;
    }

    private void Send(SoundLevel level, TimeSpan capturedAt)
    {
        VoicePacket packet = VoicePacket.Take(_packets);
        if (_encoder!.Encode(_voice, packet.Buffer, out int length) != DeviceOutcome.Done || length == 0)
        {
            packet.Dispose();
            return;
        }

        packet.Set(length, _position, capturedAt, level);
        if (_sent.Writer.TryWrite(packet))
        {
            PacketReady?.Invoke();
            return;
        }

        _lost++;
        packet.Dispose();
    }
}
