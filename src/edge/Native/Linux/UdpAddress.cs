using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace RoomAgent.Native.Linux;

/// <summary>Where a datagram comes from or goes to, as the kernel writes it: a sockaddr_in6. IPv4 addresses are mapped into IPv6 (RFC 4291 section 2.5.5.2).</summary>
/// <remarks>A value without references, so that thousands can be compared and kept without allocating.</remarks>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct UdpAddress
{
    private readonly ushort _family;
    private readonly ushort _portInNetworkOrder;
    private readonly uint _flow;
    private readonly ulong _high;
    private readonly ulong _low;
    private readonly uint _scope;

    /// <summary>The address of <paramref name="endPoint"/>.</summary>
    public UdpAddress(IPEndPoint endPoint)
    {
        IPAddress address = endPoint.Address.AddressFamily == AddressFamily.InterNetworkV6 ? endPoint.Address : endPoint.Address.MapToIPv6();
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        _family = Libc.AF_INET6;
        _portInNetworkOrder = BinaryPrimitives.ReverseEndianness((ushort)endPoint.Port);
        _high = MemoryMarshal.Read<ulong>(bytes);
        _low = MemoryMarshal.Read<ulong>(bytes[8..]);
        _scope = address.ScopeId is > 0 and <= uint.MaxValue ? (uint)address.ScopeId : 0;
    }

    /// <summary>1 to 65535.</summary>
    public int Port => BinaryPrimitives.ReverseEndianness(_portInNetworkOrder);

    /// <summary>Whether <paramref name="other"/> is the same address, whatever the ports.</summary>
    public bool IsSameHost(in UdpAddress other) => _high == other._high && _low == other._low && _scope == other._scope;

    /// <summary>The same as .NET has it; an IPv4 address comes out of its mapping. Allocates.</summary>
    public IPEndPoint ToEndPoint()
    {
        Span<byte> bytes = stackalloc byte[16];
        WriteAddress(bytes);
        var address = new IPAddress(bytes, _scope);
        return new IPEndPoint(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, Port);
    }

    /// <summary>Writes the 16 bytes of the IPv6 address.</summary>
    public void WriteAddress(Span<byte> bytes)
    {
        MemoryMarshal.Write(bytes, _high);
        MemoryMarshal.Write(bytes[8..], _low);
    }

    /// <summary>Address and port for people.</summary>
    public override string ToString() => ToEndPoint().ToString();
}
