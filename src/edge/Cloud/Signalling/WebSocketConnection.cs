using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using RoomAgent.Agent.Ports;
using RoomAgent.Cloud.Calls;

namespace RoomAgent.Cloud;

/// <summary>Connects SignalR's client to the hub by a WebSocket, without the negotiation of transports: there is one.</summary>
internal sealed class WebSocketConnector(IHubCalls calls, string path) : IConnectionFactory
{
    /// <inheritdoc/>
    public async ValueTask<ConnectionContext> ConnectAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        HubSocket opened = await calls.OpenSocketAsync(path, cancellationToken).ConfigureAwait(false);
        return opened.Socket is { } socket
            ? new WebSocketConnection(socket)
            : throw new IOException(opened.Fault == HubFault.None ? $"The hub answered {opened.Status}." : $"The hub cannot be called: {opened.Fault}.");
    }
}

/// <summary>A WebSocket as a pair of pipes.</summary>
internal sealed class WebSocketConnection : ConnectionContext
{
    // What the hub sends at once is a little over 32 kB; what is more than this waits in the network.
    private static readonly PipeOptions s_pipe = new(pauseWriterThreshold: 512 * 1024, resumeWriterThreshold: 256 * 1024, useSynchronizationContext: false);

    private readonly WebSocket _socket;
    private readonly CancellationTokenSource _closed = new();
    private readonly Ends _application;
    private readonly Task _work;

    public WebSocketConnection(WebSocket socket)
    {
        _socket = socket;
        var incoming = new Pipe(s_pipe);
        var outgoing = new Pipe(s_pipe);
        Transport = new Ends(incoming.Reader, outgoing.Writer);
        _application = new Ends(outgoing.Reader, incoming.Writer);
        ConnectionClosed = _closed.Token;
        _work = Task.Run(RunAsync);
    }

    /// <inheritdoc/>
    public override string ConnectionId { get; set; } = "";

    /// <inheritdoc/>
    public override IFeatureCollection Features { get; } = new FeatureCollection();

    /// <inheritdoc/>
    public override IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();

    /// <inheritdoc/>
    public override IDuplexPipe Transport { get; set; }

    /// <inheritdoc/>
    public override CancellationToken ConnectionClosed { get; set; }

    /// <inheritdoc/>
    public override void Abort() => _socket.Abort();

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await Transport.Output.CompleteAsync().ConfigureAwait(false);
        await Transport.Input.CompleteAsync().ConfigureAwait(false);

        // What was written may still go out; nobody waits for a hub that does not take it.
        await Task.WhenAny(_work, Task.Delay(TimeSpan.FromSeconds(1))).ConfigureAwait(false);
        _socket.Abort();
        await _work.ConfigureAwait(false);
        _socket.Dispose();
        _closed.Dispose();
        await base.DisposeAsync().ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        Task receiving = ReceiveAsync();
        Task sending = SendAsync();
        await Task.WhenAny(receiving, sending).ConfigureAwait(false);

        // One way is of no use without the other.
        if (sending.IsCompleted)
            await Task.WhenAny(receiving, Task.Delay(TimeSpan.FromMilliseconds(500))).ConfigureAwait(false);
        _socket.Abort();
        _application.Output.CancelPendingFlush();
        _application.Input.CancelPendingRead();
        await Task.WhenAll(receiving, sending).ConfigureAwait(false);
        await _closed.CancelAsync().ConfigureAwait(false);
    }

    private async Task ReceiveAsync()
    {
        Exception? problem = null;
        try
        {
            while (true)
            {
                ValueWebSocketReceiveResult received = await _socket.ReceiveAsync(_application.Output.GetMemory(4096), CancellationToken.None).ConfigureAwait(false);
                if (received.MessageType == WebSocketMessageType.Close)
                    break;

                _application.Output.Advance(received.Count);
                FlushResult flushed = await _application.Output.FlushAsync().ConfigureAwait(false);
                if (flushed.IsCompleted || flushed.IsCanceled)
                    break;
            }
        }
        catch (Exception thrown) when (thrown is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            problem = new IOException("The connection to the hub was lost.", thrown);
        }

        await _application.Output.CompleteAsync(problem).ConfigureAwait(false);
    }

    private async Task SendAsync()
    {
        try
        {
            while (true)
            {
                ReadResult read = await _application.Input.ReadAsync().ConfigureAwait(false);
                ReadOnlySequence<byte> bytes = read.Buffer;
                foreach (ReadOnlyMemory<byte> part in bytes)
                    await _socket.SendAsync(part, WebSocketMessageType.Text, endOfMessage: false, CancellationToken.None).ConfigureAwait(false);
                if (!bytes.IsEmpty)
                    await _socket.SendAsync(ReadOnlyMemory<byte>.Empty, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None).ConfigureAwait(false);
                _application.Input.AdvanceTo(bytes.End);
                if (read.IsCompleted || read.IsCanceled)
                    break;
            }

            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception thrown) when (thrown is WebSocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // The receiving side says what happened.
        }

        await _application.Input.CompleteAsync().ConfigureAwait(false);
    }

    private sealed class Ends(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
