using System.Net.Security;
using System.Net.WebSockets;
using System.Security.Authentication;
using RoomAgent.Crypto;

namespace RoomAgent.Hub.MediaNode.Alone;

/// <summary>The other end: a media node that runs alone serves one hub, and comes again whenever the connection is lost. Legs live on meanwhile, as long as their lease.</summary>
internal sealed class NodeService(IMediaNode node, TimeSpan lease, Uri hub, NodeFiles files, TimeProvider clock, ILogger<NodeService> log) : BackgroundService
{
    private static readonly TimeSpan s_loadPeriod = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_connectPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_shortest = TimeSpan.FromMilliseconds(200), s_longest = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        TimeSpan pause = s_shortest;
        string? told = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                using var socket = new ClientWebSocket();
                await ConnectAsync(socket, stoppingToken);
                NodeLog.Connected(log, hub);
                (pause, told) = (s_shortest, null);
                await ServeAsync(socket, stoppingToken);
            }
            catch (Exception problem) when (!stoppingToken.IsCancellationRequested && problem is WebSocketException or HttpRequestException or IOException or AuthenticationException or OperationCanceledException or TimeoutException)
            {
                // Once for each kind of trouble, not for each attempt.
                string sentence = (problem.InnerException ?? problem).Message;
                if (sentence != told)
                    NodeLog.NotConnected(log, hub, told = sentence);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            // Not all nodes at once when a hub begins anew.
            await Task.Delay(pause * (0.5 + Random.Shared.NextDouble()), clock, CancellationToken.None).WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < s_longest ? pause * 2 : s_longest;
        }
    }

    private async Task ConnectAsync(ClientWebSocket socket, CancellationToken cancel)
    {
        using var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions
            {
                EnabledSslProtocols = SslProtocols.Tls13,
                ClientCertificateContext = SslStreamCertificateContext.Create(files.Certificate, [], offline: true),
                CertificateChainPolicy = NodeAuthority.PolicyForHubs(files.Authority, clock.GetUtcNow()),
                // Only hubs have a certificate of this authority for servers. By what name this one was reached does not matter.
                RemoteCertificateValidationCallback = (_, certificate, _, errors) => certificate is not null && (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None,
            },
        };
        using var invoker = new HttpMessageInvoker(handler, disposeHandler: false);
        socket.Options.KeepAliveInterval = NodeSocket.KeepAlive;
        socket.Options.KeepAliveTimeout = NodeSocket.Patience;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(s_connectPatience);
        await socket.ConnectAsync(new Uri(hub.AbsoluteUri.Replace("https:", "wss:", StringComparison.Ordinal) + "node"), invoker, limit.Token);
    }

    private async Task ServeAsync(ClientWebSocket connected, CancellationToken stopping)
    {
        using var socket = new NodeSocket(connected);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        await socket.SendAsync(NodeMessage.OfHello(lease), over.Token);
        Task telling = TellLoadAsync(socket, over.Token);
        try
        {
            await socket.ReceiveAsync(message => AnswerAsync(socket, message, over.Token), over.Token);
        }
        finally
        {
            await over.CancelAsync();
            await telling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task TellLoadAsync(NodeSocket socket, CancellationToken over)
    {
        using var timer = new PeriodicTimer(s_loadPeriod, clock);
        do
        {
            await socket.SendAsync(NodeMessage.OfLoad(node.Load), over);
        }
        while (await timer.WaitForNextTickAsync(over));
    }

    private async ValueTask<bool> AnswerAsync(NodeSocket socket, ReadOnlyMemory<byte> message, CancellationToken over)
    {
        if (!NodeMessage.TryReadCall(message, out byte kind, out uint call, out LegId leg, out ConferenceId conference, out ReadOnlyMemory<byte> sdp))
            return false;

        byte[] answer = kind switch
        {
            NodeMessage.Renew => NodeMessage.OfResult(NodeMessage.Renewed, call, (byte)await node.RenewAsync(leg)),
            NodeMessage.Revoke => NodeMessage.OfResult(NodeMessage.Revoked, call, await node.RevokeAsync(leg) ? (byte)1 : (byte)0),
            _ => await OfferAsync(call, leg, conference, sdp),
        };
        await socket.SendAsync(answer, over);
        return true;
    }

    private async Task<byte[]> OfferAsync(uint call, LegId leg, ConferenceId conference, ReadOnlyMemory<byte> sdp)
    {
        OfferResult result;
        try
        {
            result = await node.OfferAsync(leg, conference, sdp);
        }
#pragma warning disable CA1031 // One offer must not end a node that others are on.
        catch (Exception problem)
#pragma warning restore CA1031
        {
            NodeLog.CallFailed(log, problem);
            result = new OfferResult(null, "The media node failed.");
        }

        using Secret? text = result.Answer;
        return text is null
            ? NodeMessage.OfResult(NodeMessage.Answer, call, 0, System.Text.Encoding.ASCII.GetBytes(result.Refusal ?? ""))
            : NodeMessage.OfResult(NodeMessage.Answer, call, 1, text.Bytes);
    }
}
