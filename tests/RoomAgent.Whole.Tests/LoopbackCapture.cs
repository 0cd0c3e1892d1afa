using System.Buffers.Binary;
using System.Net.Sockets;

namespace RoomAgent.Whole.Tests;

/// <summary>What passes over UDP through one port of this machine's own network interface, as anybody sees it who may look (packet(7)).</summary>
internal sealed class LoopbackCapture : IDisposable
{
    private const int EthernetHeader = 14;
    private const int UdpHeader = 8;
    private const byte Udp = 17;
    private const short Ipv4 = 0x0800;

    private readonly Socket _socket;
    private readonly int _port;
    private readonly Task _taking;

    /// <summary>Begins; only root may.</summary>
    /// <param name="port">From or to which port.</param>
    public LoopbackCapture(int port)
    {
        _port = port;
        _socket = new Socket(AddressFamily.Packet, SocketType.Raw, (ProtocolType)BinaryPrimitives.ReverseEndianness(Ipv4)) { ReceiveBufferSize = 8 << 20, ReceiveTimeout = 200 };
        _taking = Task.Factory.StartNew(Take, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>What was sent to the port. Complete when this has ended.</summary>
    public List<byte[]> ToPort { get; } = [];

    /// <summary>What was sent from it.</summary>
    public List<byte[]> FromPort { get; } = [];

    /// <summary>Ends.</summary>
    public async Task EndAsync()
    {
        _ended = true;
        await _taking;
    }

    public void Dispose() => _socket.Dispose();

    private volatile bool _ended;

    private void Take()
    {
        byte[] frame = new byte[1 << 16];
        while (!_ended)
        {
            int length;
            try
            {
                length = _socket.Receive(frame);
            }
            catch (SocketException problem) when (problem.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock)
            {
                continue;
            }

            Keep(frame.AsSpan(0, length));
        }
    }

    // Ethernet | IPv4 | UDP | payload. What is sent to ourselves is seen when it leaves and when it arrives: once is enough.
    private void Keep(ReadOnlySpan<byte> frame)
    {
        if (frame.Length < EthernetHeader + 20 + UdpHeader)
            return;

        ReadOnlySpan<byte> packet = frame[EthernetHeader..];
        int header = (packet[0] & 0xf) * 4;
        if (packet[9] != Udp || packet.Length < header + UdpHeader)
            return;

        ReadOnlySpan<byte> datagram = packet[header..];
        int from = BinaryPrimitives.ReadUInt16BigEndian(datagram), to = BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]);
        byte[] payload = datagram[UdpHeader..Math.Min(datagram.Length, BinaryPrimitives.ReadUInt16BigEndian(datagram[4..]))].ToArray();
        List<byte[]>? kept = to == _port ? ToPort : from == _port ? FromPort : null;
        if (kept is not null && !(kept.Count > 0 && kept[^1].AsSpan().SequenceEqual(payload)))
            kept.Add(payload);
    }
}
