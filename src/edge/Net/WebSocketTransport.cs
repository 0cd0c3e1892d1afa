using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace RoomAgent.Net;

/// <summary>Media over a binary WebSocket on TLS 443, through the proxy if there is one (requirements G06, G19, J03). Its bytes carry the framing of RFC 4571.</summary>
public sealed class WebSocketTransport : IMediaTransport
{
    private readonly FramedConnection _connection;
    private readonly Task _run;

    private WebSocketTransport(IByteStream stream, Socket? socket, TransportSettings settings, DatagramHandler received, ClosedHandler closed)
    {
        Local = socket?.LocalEndPoint;
        Remote = socket?.RemoteEndPoint;
        _connection = new FramedConnection(stream, settings.LargestDatagram, settings.StreamQueue, datagram => received(this, datagram));
        _run = Task.Run(async () => closed(this, await _connection.RunAsync().ConfigureAwait(false)));
    }

    /// <summary>Opens a transport.</summary>
    /// <param name="uri"><c>wss://host/media</c>.</param>
    /// <param name="settings">Buffers, proxy and trust. TLS is 1.2 or 1.3.</param>
    /// <param name="received">Takes what comes.</param>
    /// <param name="closed">Learns of the end.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="TransportException">Nobody answers, the proxy refuses, or the certificate is not trusted.</exception>
    public static async Task<WebSocketTransport> OpenAsync(
        Uri uri, TransportSettings settings, DatagramHandler received, ClosedHandler closed, CancellationToken cancel)
    {
        Socket? connected = null;
        var handler = new SocketsHttpHandler
        {
            UseProxy = settings.Proxy is not null,
            Proxy = settings.Proxy?.ToWebProxy(),
            UseCookies = false,
            AllowAutoRedirect = false,
            SslOptions = TlsOf(settings),
            ConnectCallback = async (context, token) =>
            {
                connected = await SocketOptions.ConnectAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, settings, token).ConfigureAwait(false);
                return new NetworkStream(connected, ownsSocket: true);
            },
        };
        var invoker = new HttpMessageInvoker(handler);
        var socket = new ClientWebSocket();
        try
        {
            socket.Options.KeepAliveInterval = Timeout.InfiniteTimeSpan;
            await socket.ConnectAsync(uri, invoker, cancel).ConfigureAwait(false);
            return new WebSocketTransport(new WebSocketStream(socket, invoker), connected, settings, received, closed);
        }
        catch (Exception e) when (e is WebSocketException or HttpRequestException or SocketException or IOException or AuthenticationException)
        {
            socket.Dispose();
            invoker.Dispose();
            throw new TransportException("The WebSocket has no way to the node.", e);
        }
        catch
        {
            socket.Dispose();
            invoker.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public TransportKind Kind => TransportKind.Tls;

    /// <inheritdoc/>
    public EndPoint? Local { get; }

    /// <inheritdoc/>
    public EndPoint? Remote { get; }

    /// <inheritdoc/>
    public TransportCounters Counters => _connection.Counters;

    /// <inheritdoc/>
    public bool Send(ReadOnlySpan<byte> datagram) => _connection.Send(datagram);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _connection.Close(CloseReason.ByOwner);
        await _run.ConfigureAwait(false);
    }

    private static SslClientAuthenticationOptions TlsOf(TransportSettings settings)
    {
        var options = new SslClientAuthenticationOptions
        {
#pragma warning disable CA5398 // older versions that the system may still allow are not for media
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
#pragma warning restore CA5398
            RemoteCertificateValidationCallback = settings.CertificateValidation,
        };
        if (settings.TrustAnchors is { } anchors)
        {
            options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(anchors);
        }

        return options;
    }
}
