using System.Net;

namespace RoomAgent.Cloud;

/// <summary>What the hub's client is told by its host.</summary>
public sealed record CloudSettings
{
    /// <summary>The board's serial number, which the administrator sees when a device is claimed.</summary>
    public required string Serial { get; init; }

    /// <summary>What the board is.</summary>
    public required string Model { get; init; }

    /// <summary>The version of the software.</summary>
    public required string Software { get; init; }

    /// <summary>The HTTP proxy on the way to the hub; <see langword="null"/> for none.</summary>
    public IWebProxy? Proxy { get; init; }

    /// <summary>
    /// Whether a certificate that a public authority (or one that is installed on this device) has issued for the hub's name is as good as a TLS key that the hub's identity key has signed.
    /// For hubs and networks where something in front of the hub serves TLS. Off: nobody but the hub itself.
    /// </summary>
    public bool TrustsAuthorities { get; init; }

    /// <summary>How long one call may take, from the first byte to the last.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How connections are made, when not by the system: for tests.</summary>
    internal Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>>? Connect { get; init; }

    /// <summary>Authorities that count as public ones beside those of the system: for tests.</summary>
    internal System.Security.Cryptography.X509Certificates.X509Certificate2? PublicAuthority { get; init; }
}
