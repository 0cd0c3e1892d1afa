using RoomAgent.Hal.Media.Interop;
using static RoomAgent.Hal.Media.Interop.RoomagentMedia;

namespace RoomAgent.Hal.Media;

/// <summary>Lends encoded frames, a fixed number at a time; they outlive the encoder that made them.</summary>
internal sealed class EncodedFramePool : IDisposable
{
    private readonly PooledEncodedFrame[] _frames;

    public EncodedFramePool(int capacity)
    {
        Handle = MediaLibrary.Check(ra_packets_new(capacity));
        _frames = [.. Enumerable.Range(0, capacity).Select(_ => new PooledEncodedFrame(Handle))];
    }

    public PacketsHandle Handle { get; }

    public PooledEncodedFrame Lend(in ra_packet packet)
    {
        PooledEncodedFrame frame = _frames[packet.slot];
        frame.Begin(packet);
        return frame;
    }

    public void Dispose() => Handle.Dispose();
}

/// <summary>An encoded picture in the shim's memory. The object is lent again with its memory.</summary>
internal sealed unsafe class PooledEncodedFrame : EncodedFrame
{
    private readonly nint _packets;
    private ra_packet _packet;
    private int _isOut;

    // The number and not the handle: what is out keeps the native pool alive, also after its owner let go of it.
    public PooledEncodedFrame(PacketsHandle packets) => _packets = packets.DangerousGetHandle();

    public override ReadOnlySpan<byte> Data => new(_packet.data, _packet.length);

    public override bool IsKeyFrame => _packet.is_key != 0;

    public override TimeSpan CapturedAt => Nanoseconds.ToTime(_packet.captured_at);

    public override void Dispose()
    {
        if (Interlocked.Exchange(ref _isOut, 0) == 0)
            return;

        int slot = _packet.slot;
        _packet = default;
        ra_packet_release(_packets, slot);
    }

    public void Begin(in ra_packet packet)
    {
        _packet = packet;
        Volatile.Write(ref _isOut, 1);
    }
}
