using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RoomAgent.Hub.Devices;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Meetings;

/// <summary>Where other hubs link to this one.</summary>
internal sealed class LinkEndpoint(HubName hub, LinkSecret secret, LinkDesk desk, TimeProvider clock, IHostApplicationLifetime life, ILogger<LinkEndpoint> log)
{
    public const string Path = "/hub/link";

    // Whoever is no hub takes doors from those that are: so few from one source, and not for long.
    private const int MostHandshakes = 64;
    private const int MostHandshakesOfSource = 2;

    /// <summary>How often a silent link is tried, and when one without an answer is over.</summary>
    public static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(1), KeepAliveTimeout = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _handshakes = [];
    private readonly TokenBucket _words = new(perSecond: 1.0 / 60, limit: 1);
    private readonly RateLimit _limit = new(clock, perSecond: 5, burst: 20, perSecondForAll: 1_000, burstForAll: 2_000);

    /// <summary>Accepts a link. Whoever cannot prove to be a hub has got nothing but a random number.</summary>
    /// <param name="context">The request.</param>
    /// <param name="certificate">What TLS serves at the moment.</param>
    public async Task AcceptAsync(HttpContext context, X509Certificate2 certificate)
    {
        string source = Requests.SourceOf(context);
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            return;
        }

        if (!TryBegin(source))
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        WebSocket? socket = null;
        ByteString? caller = null;
        try
        {
            socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext { KeepAliveInterval = KeepAlive, KeepAliveTimeout = KeepAliveTimeout });
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
            patience.CancelAfter(s_patience);
            caller = await ProveAsync(socket, SHA256.HashData(certificate.RawDataMemory.Span), patience.Token);
        }
        catch (Exception problem) when (problem is WebSocketException or OperationCanceledException or IOException)
        {
            // It went away.
        }
        finally
        {
            End(source);
        }

        using (socket)
        {
            if (caller is not { } name)
            {
                TellOfStrangers();
                return;
            }

            SignallingLog.Linked(log, name);
            using var link = new LinkSocket(socket!);
            // The server that ends would wait for it.
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, life.ApplicationStopping);
            await desk.ServeAsync(link, stop.Token);
            SignallingLog.Unlinked(log, name);
        }
    }

    // Once a minute: they can come as often as they like.
    private void TellOfStrangers()
    {
        lock (_lock)
        {
            if (!_words.TryTake(clock.Monotonic(), out _))
                return;
        }

        SignallingLog.FalseHub(log);
    }

    private bool TryBegin(string source)
    {
        lock (_lock)
        {
            int now = _handshakes.GetValueOrDefault(source);
            if (now == MostHandshakesOfSource || _handshakes.Values.Sum() >= MostHandshakes || !_limit.TryTake(source, out _))
                return false;

            _handshakes[source] = now + 1;
            return true;
        }
    }

    private void End(string source)
    {
        lock (_lock)
        {
            if (--_handshakes[source] == 0)
                _handshakes.Remove(source);
        }
    }

    /// <summary>Reads one message of exactly that many bytes.</summary>
    public static async Task<byte[]?> ReadAsync(WebSocket socket, int size, CancellationToken cancel)
    {
        byte[] bytes = new byte[size];
        int length = 0;
        while (true)
        {
            ValueWebSocketReceiveResult received = await socket.ReceiveAsync(bytes.AsMemory(length), cancel);
            length += received.Count;
            if (received.MessageType != WebSocketMessageType.Binary)
                return null;
            if (received.EndOfMessage)
                return length == size ? bytes : null;
            if (length == size)
                return null;
        }
    }

    private async Task<ByteString?> ProveAsync(WebSocket socket, byte[] certificate, CancellationToken cancel)
    {
        byte[] ours = LinkSecret.Greet(hub);
        await socket.SendAsync(ours, WebSocketMessageType.Binary, endOfMessage: true, cancel);
        if (await ReadAsync(socket, LinkSecret.GreetingSize + LinkSecret.ProofSize, cancel) is not { } theirs)
            return null;

        byte[] caller = theirs[..LinkSecret.GreetingSize];
        if (!CryptographicOperations.FixedTimeEquals(theirs.AsSpan(LinkSecret.GreetingSize), secret.ProveCaller(ours, caller, certificate)))
            return null;

        await socket.SendAsync(secret.ProveHome(ours, caller, certificate), WebSocketMessageType.Binary, endOfMessage: true, cancel);
        return ByteString.CopyOf(caller.AsSpan(LinkSecret.NonceSize));
    }
}
