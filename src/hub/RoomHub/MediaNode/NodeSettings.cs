using System.Net;

namespace RoomAgent.Hub.MediaNode;

/// <summary>Everything about a media node that can be set.</summary>
public sealed record NodeSettings
{
    /// <summary>The addresses to bind. On a machine with several ones that rooms use, name each: answers then leave by the address that was asked.</summary>
    public IReadOnlyList<IPAddress> Listen { get; init; } = [IPAddress.IPv6Any];

    /// <summary>UDP ports, in the order in which rooms try them. 0 takes a free one.</summary>
    public IReadOnlyList<int> UdpPorts { get; init; } = [5004, 9000];

    /// <summary>The TCP port for RFC 4571; -1 for none, 0 takes a free one.</summary>
    public int TcpPort { get; init; } = 5004;

    /// <summary>What rooms are told to connect to: behind a NAT, the addresses outside. None: those of <see cref="Listen"/>.</summary>
    public IReadOnlyList<IPAddress> Advertise { get; init; } = [];

    /// <summary>The WebSocket that rooms take as the last resort, as it is told to them: <c>https://hub.example/media</c>; null for none.</summary>
    public Uri? WebSocket { get; init; }

    /// <summary>Loops, each with its own thread, sockets and meetings; 0 for one a processor.</summary>
    public int Loops { get; init; }

    /// <summary>Legs at a time; a further offer is refused.</summary>
    public int MostLegs { get; init; } = 4_000;

    /// <summary>How long a leg lives unless the hub renews it.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Cameras that one leg gets at most: those of the last speakers.</summary>
    public int LastCameras { get; init; } = 9;

    /// <summary>Voices of a meeting that are forwarded at a time: the loudest. In a meeting with no more of them all are, silence included.</summary>
    public int MostVoices { get; init; } = 8;

    /// <summary>Bits a second that one leg gets at most, whatever its network bears.</summary>
    public int MostBitRate { get; init; } = 20_000_000;

    /// <summary>Bits a second that one leg may send at most; what is more is dropped and counted.</summary>
    public int MostIncomingBitRate { get; init; } = 10_000_000;

    /// <summary>How long two requests for a key frame of the same camera lie apart at least.</summary>
    public TimeSpan KeyFrameInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Answers to STUN requests a second that one loop sends by UDP to all the world; what is more is not answered. Far above what rooms need: whoever forges
    /// that many sources keeps newcomers from UDP.
    /// </summary>
    public int StunRate { get; init; } = 20_000;

    /// <summary>Answers to STUN requests a second that one loop sends by UDP to one address (of IPv6, one network of 64 bits).</summary>
    public int StunRatePerAddress { get; init; } = 20;

    /// <summary>RTCP packets a second that are taken from one leg; a compound holds several.</summary>
    public int RtcpRate { get; init; } = 2_000;

    /// <summary>Whether AES_CM_128_HMAC_SHA1_80 may be negotiated (REQUIREMENTS B17); off, rooms without GCM are refused.</summary>
    public bool AllowAesCm { get; init; }
}
