using System.Net.Security;
using System.Net.WebSockets;
using System.Security.Cryptography;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Meetings;

/// <summary>The links of this hub to others, made when they are needed and kept as long as they hold.</summary>
internal sealed class HubLinks(HubName hub, LinkSecret secret, SignallingContext context, ILogger<HubLinks> log) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ByteString, Task<HubLink?>> _links = [];
    private readonly HashSet<Task> _running = [];
    private readonly CancellationTokenSource _stop = new();

    /// <summary>The link to a hub.</summary>
    /// <returns><see langword="null"/> when it does not answer, or is not the hub that the database knows by that address.</returns>
    public async Task<HubLink?> OpenAsync(MeetingHome home, CancellationToken cancel)
    {
        Task<HubLink?> opening;
        lock (_lock)
        {
            bool isUsable = _links.TryGetValue(home.Hub, out Task<HubLink?>? known) && !(known.IsCompleted && (!known.IsCompletedSuccessfully || known.Result is not { IsOver: false }));
            opening = isUsable ? known! : _links[home.Hub] = ConnectAsync(home);
        }

        return await opening.WaitAsync(cancel);
    }

    /// <summary>Has a connection of another hub keep room for a body.</summary>
    public async Task<string?> ReserveBodyAsync(ByteString other, ByteString connection, string subject, int length, CancellationToken cancel) =>
        await OpenAsync(other, cancel) is { } link ? await link.ReserveBodyAsync(connection, subject, length, cancel) : null;

    /// <summary>Brings a body to a connection of another hub, which has room for it.</summary>
    public async Task<bool> PutBodyAsync(ByteString other, ByteString connection, string subject, string ticket, ReadOnlyMemory<byte> body, CancellationToken cancel) =>
        await OpenAsync(other, cancel) is { } link && await link.PutBodyAsync(connection, subject, ticket, body, cancel);

    /// <summary>Fetches a body from a connection of another hub.</summary>
    public async Task<byte[]?> FetchBodyAsync(ByteString other, ByteString connection, string subject, string ticket, CancellationToken cancel) =>
        await OpenAsync(other, cancel) is { } link ? await link.FetchBodyAsync(connection, subject, ticket, cancel) : null;

    /// <summary>Ends all links.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Task[] running;
        lock (_lock)
            running = [.. _running];
        await Task.WhenAll(running);
        _stop.Dispose();
    }

    private async Task<HubLink?> OpenAsync(ByteString other, CancellationToken cancel) =>
        await context.Homes.AddressOfAsync(other, cancel) is { } address ? await OpenAsync(new MeetingHome(other, address, false), cancel) : null;

    private async Task<HubLink?> ConnectAsync(MeetingHome home)
    {
        var socket = new ClientWebSocket();
        socket.Options.KeepAliveInterval = LinkEndpoint.KeepAlive;
        socket.Options.KeepAliveTimeout = LinkEndpoint.KeepAliveTimeout;
        byte[] certificate = [];
        using var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            // It proves itself over this certificate, whoever has signed it.
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, presented, _, _) =>
                {
                    certificate = presented is null ? [] : SHA256.HashData(presented.GetRawCertData());
                    return presented is not null;
                },
            },
        };
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            patience.CancelAfter(context.Settings.LinkTimeout);
            var address = new Uri(home.Address.Replace("https:", "wss:", StringComparison.Ordinal) + LinkEndpoint.Path);
            await socket.ConnectAsync(address, new HttpMessageInvoker(handler, disposeHandler: false), patience.Token);
            if (!await ProveAsync(socket, home, certificate, patience.Token))
                throw new WebSocketException("somebody else answered");
        }
        catch (Exception problem) when (problem is WebSocketException or OperationCanceledException or UriFormatException or HttpRequestException)
        {
            SignallingLog.NoLink(log, home.Hub, home.Address, problem.Message);
            socket.Dispose();
            return null;
        }

        SignallingLog.Linked(log, home.Hub);
        var link = new HubLink(new LinkSocket(socket), context);
        Task run = RunAsync(link, socket, home);
        lock (_lock)
            _running.Add(run);
        return link;
    }

    private async Task RunAsync(HubLink link, ClientWebSocket socket, MeetingHome home)
    {
        await Task.Yield();
        await link.RunAsync(_stop.Token);
        socket.Dispose();
        SignallingLog.Unlinked(log, home.Hub);
        lock (_lock)
            _running.RemoveWhere(task => task.IsCompleted);
    }

    private async Task<bool> ProveAsync(ClientWebSocket socket, MeetingHome home, byte[] certificate, CancellationToken cancel)
    {
        byte[]? theirs = await LinkEndpoint.ReadAsync(socket, LinkSecret.GreetingSize, cancel);
        if (theirs is null || !theirs.AsSpan(LinkSecret.NonceSize).SequenceEqual(home.Hub))
            return false;

        byte[] ours = LinkSecret.Greet(hub);
        byte[] proof = secret.ProveCaller(theirs, ours, certificate);
        await socket.SendAsync((byte[])[.. ours, .. proof], WebSocketMessageType.Binary, endOfMessage: true, cancel);
        return await LinkEndpoint.ReadAsync(socket, LinkSecret.ProofSize, cancel) is { } answer
            && CryptographicOperations.FixedTimeEquals(answer, secret.ProveHome(theirs, ours, certificate));
    }
}
