using System.Collections.Concurrent;
using RoomAgent.Hal;

namespace RoomAgent.Agent.Devices;

/// <summary>20 ms of the room's voice, encoded and borrowed. Who has it calls <see cref="Dispose"/>, which lets it be used again.</summary>
public sealed class VoicePacket : IDisposable
{
    private const int MostBytes = 1_276; // the largest Opus packet of one frame (RFC 6716, section 3.4)

    private readonly ConcurrentBag<VoicePacket> _home;
    private readonly byte[] _data = new byte[MostBytes];
    private int _length;
    private int _isOut;

    private VoicePacket(ConcurrentBag<VoicePacket> home) => _home = home;

    /// <summary>One Opus packet.</summary>
    public ReadOnlySpan<byte> Data => _data.AsSpan(0, _length);

    /// <summary>The number of its first sample, silence that is not sent counted too; the media time of RTP.</summary>
    public uint Position { get; private set; }

    /// <summary>When its first sample was taken, on the machine's monotonic clock.</summary>
    public TimeSpan CapturedAt { get; private set; }

    /// <summary>How loud it is.</summary>
    public SoundLevel Level { get; private set; }

    /// <summary>Gives the packet back. Neither it nor <see cref="Data"/> is to be used afterwards: it will be lent to somebody else.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isOut, 0) == 0)
            return;

        Buffer.Clear();
        _home.Add(this);
    }

    internal static VoicePacket Take(ConcurrentBag<VoicePacket> home)
    {
        if (!home.TryTake(out VoicePacket? packet))
            packet = new VoicePacket(home);
        packet._isOut = 1;
        return packet;
    }

    internal Span<byte> Buffer => _data;

    internal void Set(int length, uint position, TimeSpan capturedAt, SoundLevel level) => (_length, Position, CapturedAt, Level) = (length, position, capturedAt, level);
}
