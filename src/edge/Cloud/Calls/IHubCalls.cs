using System.Net.WebSockets;
using RoomAgent.Agent.Ports;

namespace RoomAgent.Cloud.Calls;

/// <summary>A call of the device at its hub.</summary>
/// <param name="Method">The method.</param>
/// <param name="Path">The path below the hub's address, with a query when there is one.</param>
public sealed record HubRequest(HttpMethod Method, string Path)
{
    /// <summary>The content.</summary>
    public ReadOnlyMemory<byte>? Content { get; init; }

    /// <summary>The media type of the content.</summary>
    public string ContentType { get; init; } = "application/json";

    /// <summary>What is known already (RFC 9110 section 13.1.2): the answer is 304 when nothing has changed.</summary>
    public string? IfNoneMatch { get; init; }

    /// <summary>The largest answer, in bytes; a larger one is none.</summary>
    public int MaxAnswer { get; init; } = 64 * 1024;
}

/// <summary>A socket, or why there is none.</summary>
/// <param name="Socket">The socket, open. The caller's from now on.</param>
/// <param name="Fault">Why there is none.</param>
/// <param name="Status">The HTTP status, when the hub has refused.</param>
public sealed record HubSocket(WebSocket? Socket, HubFault Fault, int Status);

/// <summary>
/// Calls at the hub in the name of the device's account: each with its token and a proof for this very call. To the hub itself and nobody else; nothing the hub or the network does is an exception.
/// </summary>
public interface IHubCalls
{
    /// <summary>Calls. A nonce, the time or a token that the hub wants otherwise are mended, and it is asked again.</summary>
    Task<HubAnswer> CallAsync(HubRequest request, CancellationToken cancel);

    /// <summary>Opens a WebSocket.</summary>
    /// <param name="path">The path below the hub's address, with a query when there is one.</param>
    /// <param name="cancel">Gives up.</param>
    Task<HubSocket> OpenSocketAsync(string path, CancellationToken cancel);
}
