using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace RoomAgent.Net;

/// <summary>Media over the hub's own HTTPS port.</summary>
public static class WebSocketMedia
{
    /// <summary>Accepts binary WebSockets at <paramref name="pattern"/>. The application needs <c>UseWebSockets</c> in front.</summary>
    /// <param name="endpoints">Where to.</param>
    /// <param name="pattern">Such as <c>/media</c>.</param>
    /// <param name="connections">Holds what comes, and turns away what is too much with status 503.</param>
    public static IEndpointConventionBuilder MapMedia(this IEndpointRouteBuilder endpoints, string pattern, MediaConnections connections) =>
        endpoints.MapGet(pattern, context => AcceptAsync(context, connections));

    private static async Task AcceptAsync(HttpContext context, MediaConnections connections)
    {
        if (!context.WebSockets.IsWebSocketRequest || context.Connection.RemoteIpAddress is not { } address)
        {
            context.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            return;
        }

        if (!connections.TryEnter(address))
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        WebSocket socket;
        try
        {
            socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext { KeepAliveInterval = Timeout.InfiniteTimeSpan }).ConfigureAwait(false);
        }
        catch
        {
            connections.Leave(address);
            throw;
        }

        await connections.RunAsync(new WebSocketStream(socket), new IPEndPoint(address, context.Connection.RemotePort), TransportKind.Tls).ConfigureAwait(false);
    }
}
