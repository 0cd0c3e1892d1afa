using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Meetings;

/// <summary>The links of this hub to others, made when they are needed and kept as long as they hold.</summary>
internal sealed class HubLinks(HubName hub, LinkSecret secret, SignallingContext context, ILogger<HubLinks> log) : IAsyncDisposable
{
    private static readonly TimeSpan s_betweenAttempts = TimeSpan.FromMilliseconds(500);

    private readonly Lock _lock = new();
    private readonly Dictionary<ByteString, Task<HubLink?>> _links = [];
    private readonly Dictionary<ByteString, Failure> _failures = [];
    private readonly HashSet<Task> _running = [];
    private readonly CancellationTokenSource _stop = new();

    private readonly record struct Failure(Instant Since, Instant Last, bool IsRefused);

    /// <summary>The link to a hub.</summary>
    /// <returns><see langword="null"/> when it does not answer, or did not a moment ago, or is not the hub that the database knows by that address.</returns>
    public async Task<HubLink?> OpenAsync(MeetingHome home, CancellationToken cancel)
    {
        Task<HubLink?> opening;
        lock (_lock)
        {
            bool isUsable = _links.TryGetValue(home.Hub, out Task<HubLink?>? known) && !(known.IsCompleted && (!known.IsCompletedSuccessfully || known.Result is not { IsOver: false }));
            if (!isUsable && _failures.TryGetValue(home.Hub, out Failure failure) && context.Now - failure.Last < s_betweenAttempts)
                return null;
            opening = isUsable ? known! : _links[home.Hub] = ConnectAsync(home);
        }

        return await opening.WaitAsync(cancel);
    }

    /// <summary>
    /// Whether a hub that could not be reached is lost, whatever its beat says: nobody listens at its address any more, or it has been unreachable for long.
    /// Anything else may be somebody who keeps its doors busy.
    /// </summary>
    public bool IsLost(ByteString other)
    {
        lock (_lock)
            return _failures.TryGetValue(other, out Failure failure) && (failure.IsRefused || failure.Last - failure.Since >= context.Settings.UnreachableFor);
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
            NoteFailure(home.Hub, IsRefusal(problem));
            socket.Dispose();
            return null;
        }

        SignallingLog.Linked(log, home.Hub);
        var link = new HubLink(new LinkSocket(socket), context);
        Task run = RunAsync(link, socket, home);
        lock (_lock)
        {
            _running.Add(run);
            _failures.Remove(home.Hub);
        }

        return link;
    }

    private void NoteFailure(ByteString other, bool isRefused)
    {
        Instant now = context.Now;
        lock (_lock)
        {
            // Of hubs that nobody has asked for in a while, nothing is kept.
            foreach (ByteString old in _failures.Where(entry => now - entry.Value.Last > context.Settings.UnreachableFor).Select(entry => entry.Key).ToArray())
                _failures.Remove(old);
            _failures[other] = new Failure(_failures.TryGetValue(other, out Failure before) ? before.Since : now, now, isRefused);
        }
    }

    private static bool IsRefusal(Exception? problem) =>
        problem is not null && (problem is SocketException { SocketErrorCode: SocketError.ConnectionRefused } || IsRefusal(problem.InnerException));

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
