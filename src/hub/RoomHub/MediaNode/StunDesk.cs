using System.Net;
using System.Net.Sockets;
using RoomAgent.Crypto;
using RoomAgent.Stun;
using RoomAgent.Wire;

namespace RoomAgent.Hub.MediaNode;

/// <summary>Answers STUN Binding requests (RFC 8489), which tell a room whether it reaches the node and how fast. They change nothing here.</summary>
/// <remarks>
/// No answer is longer than its request, so that nobody can have the node shout at somebody else: a request that is too short is dropped, and ours are padded.
/// Answers to datagrams, whose source anyone can forge, are limited for each address and for all the world, in memory of a fixed size; what would not be answered
/// anyway uses nothing up. Who has a connection is where it says, and the connections have bounds of their own.
/// </remarks>
internal sealed class StunDesk
{
    private const int Buckets = 4_096;

    private readonly BindingServer _server = new();
    private readonly uint _salt;
    private readonly RateLimit[] _perAddress = new RateLimit[Buckets];
    private RateLimit _total;

    public StunDesk(NodeSettings settings, IRandom random)
    {
        _total = new RateLimit(settings.StunRate);
        Array.Fill(_perAddress, new RateLimit(settings.StunRatePerAddress));

        // Nobody shall find an address that shares its bucket with a victim's.
        Span<byte> salt = stackalloc byte[4];
        random.Fill(salt);
        _salt = BitConverter.ToUInt32(salt);
    }

    public bool TryAnswer(ReadOnlySpan<byte> request, in Flow flow, Instant now, Span<byte> answer, out int length)
    {
        length = 0;
        Span<byte> address = stackalloc byte[16];
        int port = WriteAddress(flow, address);
        ReadOnlySpan<byte> mappedV4 = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];
        var source = new StunAddress(address.StartsWith(mappedV4) ? address[12..] : address, (ushort)port);
        BindingVerdict verdict = _server.Answer(request, source, answer, out length, out _);
        if (verdict == BindingVerdict.Ignored || length == 0 || length > request.Length)
            return false;

        return flow.Connection is not null || (_perAddress[BucketOf(address)].TryTake(1, now) && _total.TryTake(1, now));
    }

    private static int WriteAddress(in Flow flow, Span<byte> address)
    {
        if (flow.Connection is not { } connection)
        {
            flow.Address.WriteAddress(address);
            return flow.Address.Port;
        }

        IPEndPoint remote = connection.Remote;
        IPAddress mapped = remote.AddressFamily == AddressFamily.InterNetwork ? remote.Address.MapToIPv6() : remote.Address;
        mapped.TryWriteBytes(address, out _);
        return remote.Port;
    }

    // Of IPv6 the network counts (the first 8 bytes): one host has as many addresses below it as it likes.
    private int BucketOf(ReadOnlySpan<byte> address)
    {
        bool isV4 = address[..10].IndexOfAnyExcept((byte)0) < 0;
        uint hash = _salt;
        foreach (byte next in isV4 ? address[12..] : address[..8])
            hash = (hash ^ next) * 16_777_619;
        return (int)((hash ^ (hash >> 15)) % Buckets);
    }
}
