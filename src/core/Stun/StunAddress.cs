using System.Buffers.Binary;

namespace RoomAgent.Stun;

/// <summary>An IP address and a port, as STUN carries them. The edge turns it into an endpoint.</summary>
public readonly record struct StunAddress
{
    private readonly UInt128 _address;

    /// <summary>Takes an address over.</summary>
    /// <param name="address">4 bytes of IPv4 or 16 of IPv6, in network order.</param>
    /// <param name="port">0 to 65535.</param>
    /// <exception cref="ArgumentException"><paramref name="address"/> has another length.</exception>
    public StunAddress(ReadOnlySpan<byte> address, ushort port)
    {
        if (address.Length is not (4 or 16))
            throw new ArgumentException("An address has 4 or 16 bytes.", nameof(address));

        IsIPv6 = address.Length == 16;
        _address = IsIPv6 ? BinaryPrimitives.ReadUInt128BigEndian(address) : BinaryPrimitives.ReadUInt32BigEndian(address);
        Port = port;
    }

    /// <summary>Whether it is of IPv6.</summary>
    public bool IsIPv6 { get; }

    /// <summary>The port.</summary>
    public ushort Port { get; }

    /// <summary>Bytes of the address: 4 or 16.</summary>
    public int Length => IsIPv6 ? 16 : 4;

    /// <summary>Writes the address in network order.</summary>
    /// <param name="address">Room for <see cref="Length"/> bytes.</param>
    /// <returns><see cref="Length"/>.</returns>
    public int CopyTo(Span<byte> address)
    {
        if (IsIPv6)
            BinaryPrimitives.WriteUInt128BigEndian(address, _address);
        else
            BinaryPrimitives.WriteUInt32BigEndian(address, (uint)_address);

        return Length;
    }

    /// <summary>Says which family, and no more: where somebody is does not belong in a log.</summary>
    public override string ToString() => IsIPv6 ? "(IPv6 address)" : "(IPv4 address)";
}
