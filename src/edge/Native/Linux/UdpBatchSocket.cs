using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace RoomAgent.Native.Linux;

/// <summary>
/// A UDP socket that takes and gives many datagrams with one system call. Several of them share one port, and the kernel gives each the datagrams
/// of its own sources, so that every loop of a media node has what belongs to it without a lock or a hand-over.
/// </summary>
/// <remarks>
/// The choice is made by a filter in the kernel: the source (SSRC) of an RTP packet or the first source of an RTCP packet, modulo the number of sockets.
/// Of something else, such as STUN, the same bytes choose; what is too short to have them goes to the first. One caller at a time. Allocates nothing per datagram.
/// </remarks>
public sealed unsafe class UdpBatchSocket : IDisposable
{
    /// <summary>Datagrams of one system call.</summary>
    public const int Batch = 64;

    /// <summary>Bytes kept for each datagram; a longer one is cut and then refused by whoever reads it.</summary>
    public const int SlotSize = 2_048;

    private readonly Socket _socket;
    private readonly int _fd;
    private readonly Half _incoming = new();
    private readonly Half _outgoing = new();
    private int _waiting;

    private UdpBatchSocket(Socket socket)
    {
        _socket = socket;
        _fd = (int)socket.SafeHandle.DangerousGetHandle();
        LocalEndPoint = (IPEndPoint)socket.LocalEndPoint!;
    }

    /// <summary>The address and the port it is bound to.</summary>
    public IPEndPoint LocalEndPoint { get; }

    /// <summary>Datagrams that the kernel did not take when they were to be sent: its buffer was full or the way is barred. UDP forgives.</summary>
    public long NotSent { get; private set; }

    internal int Descriptor => _fd;

    /// <summary>Opens <paramref name="count"/> sockets on one port.</summary>
    /// <param name="endPoint">What to bind; port 0 takes a free one. <see cref="IPAddress.IPv6Any"/> takes IPv4 too.</param>
    /// <param name="count">1 to 1,024.</param>
    /// <param name="bufferSize">Bytes that the kernel may keep for each socket and direction; it caps this at its own limit.</param>
    /// <exception cref="SocketException">The port is taken, or needs rights.</exception>
    public static UdpBatchSocket[] Open(IPEndPoint endPoint, int count, int bufferSize = 4 << 20)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, 1_024);

        var sockets = new UdpBatchSocket[count];
        try
        {
            for (int i = 0; i < count; i++)
            {
                sockets[i] = new UdpBatchSocket(Bind(endPoint, shared: count > 1, bufferSize));
                endPoint = new IPEndPoint(endPoint.Address, sockets[i].LocalEndPoint.Port);
            }

            if (count > 1)
                SteerBySource(sockets[0]._socket, count);
            return sockets;
        }
        catch
        {
            foreach (UdpBatchSocket? socket in sockets)
                socket?.Dispose();
            throw;
        }
    }

    /// <summary>Takes what has arrived, at most <see cref="Batch"/> datagrams, without waiting.</summary>
    /// <returns>How many; they stay in place until the next call.</returns>
    public int Receive()
    {
        int count;
        do
        {
            _incoming.Reset();
            count = Libc.recvmmsg(_fd, _incoming.Messages, Batch, Libc.MSG_DONTWAIT, null);
        }
        while (count < 0 && Marshal.GetLastPInvokeError() == Libc.EINTR);

        // An ICMP error of an earlier datagram also ends here; it concerns one receiver, not the socket.
        return Math.Max(count, 0);
    }

    /// <summary>The datagram <paramref name="index"/> of the last <see cref="Receive"/>, to be changed in place.</summary>
    public Span<byte> Received(int index) => new(_incoming.Slot(index), (int)Math.Min(_incoming.Messages[index].msg_len, SlotSize));

    /// <summary>Whence it came.</summary>
    public ref readonly UdpAddress Sender(int index) => ref _incoming.Addresses[index];

    /// <summary>Room for the next datagram to be sent. What was committed is sent first when there is none left.</summary>
    /// <returns><see cref="SlotSize"/> bytes.</returns>
    public Span<byte> Reserve()
    {
        if (_waiting == Batch)
            Flush();

        return new Span<byte>(_outgoing.Slot(_waiting), SlotSize);
    }

    /// <summary>Puts the first <paramref name="length"/> bytes of the room last reserved in line for <paramref name="to"/>.</summary>
    public void Commit(in UdpAddress to, int length)
    {
        _outgoing.Addresses[_waiting] = to;
        _outgoing.Vectors[_waiting].iov_len = (nuint)length;
        _waiting++;
    }

    /// <summary>Sends what is in line.</summary>
    public void Flush()
    {
        int sent = 0;
        while (sent < _waiting)
        {
            int count = Libc.sendmmsg(_fd, _outgoing.Messages + sent, (uint)(_waiting - sent), Libc.MSG_DONTWAIT);
            if (count < 0 && Marshal.GetLastPInvokeError() == Libc.EINTR)
                continue;

            // A failure is that of the first one in line: the others have their own.
            if (count <= 0)
                NotSent++;
            sent += Math.Max(count, 1);
        }

        _waiting = 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _socket.Dispose();
        _incoming.Dispose();
        _outgoing.Dispose();
    }

    private static Socket Bind(IPEndPoint endPoint, bool shared, int bufferSize)
    {
        var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp) { DualMode = true, Blocking = false };
        try
        {
            if (shared)
                socket.SetRawSocketOption(Libc.SOL_SOCKET, Libc.SO_REUSEPORT, [1, 0, 0, 0]);
            socket.ReceiveBufferSize = bufferSize;
            socket.SendBufferSize = bufferSize;

            IPAddress address = endPoint.Address;
            socket.Bind(new IPEndPoint(address.AddressFamily == AddressFamily.InterNetworkV6 ? address : address.MapToIPv6(), endPoint.Port));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // A program of the classic packet filter; its input starts with the payload of the datagram.
    private static void SteerBySource(Socket socket, int count)
    {
        const ushort LoadByte = 0x30, LoadWord = 0x20, JumpIfAtLeast = 0x35, JumpIfMore = 0x25, Jump = 0x05, Modulo = 0x94, ReturnA = 0x16;
        const uint FirstRtcp = 192, LastRtcp = 223; // RFC 5761 section 4

        ReadOnlySpan<Libc.sock_filter> program =
        [
            new() { code = LoadByte, k = 1 },
            new() { code = JumpIfAtLeast, k = FirstRtcp, jf = 3 },
            new() { code = JumpIfMore, k = LastRtcp, jt = 2 },
            new() { code = LoadWord, k = 4 },
            new() { code = Jump, k = 1 },
            new() { code = LoadWord, k = 8 },
            new() { code = Modulo, k = (uint)count },
            new() { code = ReturnA },
        ];
        fixed (Libc.sock_filter* filter = program)
        {
            var attached = new Libc.sock_fprog { len = (ushort)program.Length, filter = filter };
            socket.SetRawSocketOption(Libc.SOL_SOCKET, Libc.SO_ATTACH_REUSEPORT_CBPF, new ReadOnlySpan<byte>(&attached, sizeof(Libc.sock_fprog)));
        }
    }

    /// <summary>The messages of one direction, in native memory: the kernel keeps pointers into it.</summary>
    private sealed class Half : IDisposable
    {
        private byte* _memory = (byte*)NativeMemory.AlignedAlloc(Size, 64);

        public Half()
        {
            NativeMemory.Clear(_memory, Size);
            for (int i = 0; i < Batch; i++)
            {
                Vectors[i] = new() { iov_base = Slot(i), iov_len = SlotSize };
                Messages[i].msg_hdr = new() { msg_name = &Addresses[i], msg_namelen = (uint)sizeof(UdpAddress), msg_iov = &Vectors[i], msg_iovlen = 1 };
            }
        }

        private static nuint Size => (nuint)(Batch * (SlotSize + sizeof(Libc.mmsghdr) + sizeof(Libc.iovec) + sizeof(UdpAddress)));

        public Libc.mmsghdr* Messages => (Libc.mmsghdr*)(_memory + (Batch * SlotSize));

        public Libc.iovec* Vectors => (Libc.iovec*)(Messages + Batch);

        public UdpAddress* Addresses => (UdpAddress*)(Vectors + Batch);

        public byte* Slot(int index) => _memory + (index * SlotSize);

        public void Reset()
        {
            for (int i = 0; i < Batch; i++)
                Messages[i].msg_hdr.msg_namelen = (uint)sizeof(UdpAddress);
        }

        public void Dispose()
        {
            NativeMemory.AlignedFree(_memory);
            _memory = null;
        }
    }
}
