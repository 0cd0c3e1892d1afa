using System.Net;
using System.Net.Security;
using System.Net.WebSockets;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using RoomAgent.Hub.Operations;
using RoomAgent.Hub.Store;

namespace RoomAgent.Hub.MediaNode.Alone;

/// <summary>
/// Where media nodes that run alone come in: a port of its own, with mutual TLS. On the port for everybody no browser and no room is ever asked for a certificate,
/// and a firewall can keep this one for the nodes.
/// </summary>
internal sealed class NodeDoor(NodePool pool, NodeCredentials credentials, Drain drain, TimeProvider clock, ILogger<NodeDoor> log)
{
    private const string Path = "/node";
    private const int MostNodes = 100;

    private static readonly object s_mark = new();
    private static readonly TimeSpan s_check = TimeSpan.FromSeconds(5);

    private int _nodes;

    /// <summary>Opens the port.</summary>
    public static void Listen(KestrelServerOptions kestrel, IPEndPoint endpoint, NodeAuthority authority) => kestrel.Listen(endpoint, listen =>
    {
        listen.Protocols = HttpProtocols.Http1;
        listen.Use(next => connection =>
        {
            connection.Items[s_mark] = true;
            return next(connection);
        });
        listen.UseHttps(new TlsHandshakeCallbackOptions
        {
            HandshakeTimeout = TimeSpan.FromSeconds(10),
            OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions
            {
                EnabledSslProtocols = SslProtocols.Tls13,
                ServerCertificateContext = authority.Hub,
                ClientCertificateRequired = true,
                CertificateChainPolicy = authority.PolicyForNodes(),
                RemoteCertificateValidationCallback = (_, certificate, _, errors) => certificate is not null && errors == SslPolicyErrors.None,
            }),
        });
    });

    /// <summary>What is for nodes is at their port alone, and nothing else is there.</summary>
    public static Task KeepApartAsync(HttpContext context, RequestDelegate next)
    {
        bool isDoor = context.Features.Get<IConnectionItemsFeature>()?.Items.ContainsKey(s_mark) == true;
        if (isDoor == (context.Request.Path == Path))
            return next(context);

        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    /// <summary>Maps the way in. The application uses WebSockets.</summary>
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints.MapGet(Path, (HttpContext context, NodeDoor door) => door.AcceptAsync(context));

    private async Task AcceptAsync(HttpContext context)
    {
        byte[]? certificate = context.Connection.ClientCertificate?.RawData;
        string? name = certificate is null ? null : await credentials.FindAsync(certificate, context.RequestAborted);
        if (name is null || !context.WebSockets.IsWebSocketRequest)
        {
            NodeLog.Refused(log);
            context.Response.StatusCode = name is null ? StatusCodes.Status403Forbidden : StatusCodes.Status426UpgradeRequired;
            return;
        }

        try
        {
            if (Interlocked.Increment(ref _nodes) > MostNodes)
            {
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                return;
            }

            await ServeAsync(context, name, certificate!);
        }
        finally
        {
            Interlocked.Decrement(ref _nodes);
        }
    }

    private async Task ServeAsync(HttpContext context, string name, byte[] certificate)
    {
        using WebSocket accepted = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext { KeepAliveInterval = NodeSocket.KeepAlive, KeepAliveTimeout = NodeSocket.Patience });
        using var socket = new NodeSocket(accepted);
        var node = new RemoteMediaNode(name, socket, log);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, drain.IsOver);
        pool.Attach(node);
        try
        {
            Task watching = WatchAsync(node, certificate, over.Token);
            await node.RunAsync(over.Token);
            await over.CancelAsync();
            await watching;
        }
        finally
        {
            pool.Detach(node);
        }
    }

    // Another process may have revoked the certificate, and time passes.
    private async Task WatchAsync(RemoteMediaNode node, byte[] certificate, CancellationToken over)
    {
        try
        {
            using var timer = new PeriodicTimer(s_check, clock);
            while (await timer.WaitForNextTickAsync(over))
            {
                try
                {
                    if (await credentials.FindAsync(certificate, over) is null)
                    {
                        NodeLog.Revoked(log, node.Name);
                        node.End();
                        return;
                    }
                }
                catch (StoreException problem)
                {
                    NodeLog.NotLookedUp(log, node.Name, problem);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The node is gone.
        }
    }
}
