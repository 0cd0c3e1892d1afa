using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace RoomAgent.Hub.Calendar;

/// <summary>What the server of a calendar gave.</summary>
/// <param name="Fault">What went wrong; see <see cref="FeedFaults"/>.</param>
/// <param name="File">The file; nothing when it is as it was.</param>
/// <param name="Entity">Its ETag.</param>
/// <param name="Modified">Its Last-Modified.</param>
internal sealed record FeedAnswer(string? Fault, byte[]? File, string? Entity, string? Modified);

/// <summary>
/// Fetches calendars from addresses that administrators chose, over HTTPS and from nowhere inside: a hub must not be a way to reach its neighbours.
/// </summary>
internal sealed class FeedClient : IDisposable
{
    /// <summary>The largest file, in bytes.</summary>
    public const int MaxFile = 4 * 1024 * 1024;

    private const int MaxAddress = 2_000;
    private const int MaxHeader = 300;
    private const int MostRedirects = 3;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_connect = TimeSpan.FromSeconds(10);

    private readonly HttpClient _http;

    /// <summary>A client.</summary>
    /// <param name="mayBePrivate">Whether calendars inside the own network may be fetched.</param>
    /// <param name="trust">Decides about the certificates of servers, instead of the machine.</param>
    public FeedClient(bool mayBePrivate, RemoteCertificateValidationCallback? trust = null)
    {
        // A proxy would look names up itself, and what is packed may become large.
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = s_connect,
            MaxResponseHeadersLength = 32,
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
            SslOptions = { RemoteCertificateValidationCallback = trust },
            ConnectCallback = (context, cancel) => ConnectAsync(context.DnsEndPoint, mayBePrivate, cancel),
        };
        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.UserAgent.ParseAdd("RoomHub");
        _http.DefaultRequestHeaders.Accept.ParseAdd("text/calendar");
    }

    /// <summary>Reads an address that may be fetched: <see langword="null"/> for one that may not. <c>webcal:</c> stands for <c>https:</c>.</summary>
    public static Uri? ReadAddress(string? text)
    {
        if (text is not { Length: > 0 and <= MaxAddress } || text.AsSpan().ContainsAnyExceptInRange('!', '~'))
            return null;
        if (text.StartsWith("webcal://", StringComparison.OrdinalIgnoreCase))
            text = "https" + text["webcal".Length..];
        return Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.Scheme == Uri.UriSchemeHttps && uri.Host.Length > 0 && uri.UserInfo.Length == 0 && uri.Fragment.Length == 0 ? uri : null;
    }

    /// <summary>Whether an address belongs to everybody: not to this machine, its network, or something with a special meaning (RFC 6890).</summary>
    public static bool IsPublic(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (address.AddressFamily == AddressFamily.InterNetwork)
            return !s_special.Any(network => network.Contains(address));

        // Of IPv6 only what is given out (RFC 4291 section 2.4), without tunnels and translations, which lead to IPv4 addresses that nobody looked at, and examples.
        return s_global.Contains(address) && !s_specialOfSix.Any(network => network.Contains(address));
    }

    /// <summary>Fetches a calendar, unless it is as it was.</summary>
    public async Task<FeedAnswer> FetchAsync(Uri address, string? entity, string? modified, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(s_patience);
        try
        {
            Uri at = address;
            for (int redirects = 0; redirects <= MostRedirects; redirects++)
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, at);
                if (entity is not null)
                    request.Headers.TryAddWithoutValidation("If-None-Match", entity);
                if (modified is not null)
                    request.Headers.TryAddWithoutValidation("If-Modified-Since", modified);
                using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
                switch (response.StatusCode)
                {
                    case HttpStatusCode.OK:
                        return await ReadAsync(response, patience.Token);
                    case HttpStatusCode.NotModified when entity is not null || modified is not null:
                        return new FeedAnswer(null, null, entity, modified);
                    case HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect:
                        if (response.Headers.Location is not { } location || ReadAddress(new Uri(at, location).AbsoluteUri) is not { } next)
                            return Failed(FeedFaults.Refused);
                        at = next;
                        break;
                    default:
                        return Failed(FeedFaults.Refused);
                }
            }

            return Failed(FeedFaults.TooManyRedirects);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return Failed(FeedFaults.TooSlow);
        }
        catch (HttpRequestException problem) when (problem.InnerException is PrivateAddressException)
        {
            return Failed(FeedFaults.PrivateAddress);
        }
        catch (Exception problem) when (problem is HttpRequestException or IOException or UriFormatException)
        {
            return Failed(FeedFaults.Unreachable);
        }
    }

    public void Dispose() => _http.Dispose();

    // The address that was looked at is the one that is connected to, so that a name cannot change its mind in between.
    private static async ValueTask<Stream> ConnectAsync(DnsEndPoint endpoint, bool mayBePrivate, CancellationToken cancel)
    {
        IPAddress[] addresses = IPAddress.TryParse(endpoint.Host.Trim('[', ']'), out IPAddress? literal) ? [literal] : await Dns.GetHostAddressesAsync(endpoint.Host, cancel);
        IPAddress[] allowed = mayBePrivate ? addresses : [.. addresses.Where(IsPublic)];
        if (allowed.Length == 0)
            throw addresses.Length > 0 ? new PrivateAddressException() : new SocketException((int)SocketError.HostNotFound);

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, endpoint.Port, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<FeedAnswer> ReadAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        if (response.Content.Headers.ContentLength > MaxFile)
            return Failed(FeedFaults.TooLarge);

        await using Stream body = await response.Content.ReadAsStreamAsync(cancel);
        using var file = new MemoryStream();
        byte[] part = new byte[64 * 1024];
        while (await body.ReadAsync(part, cancel) is var length and > 0)
        {
            if (file.Length + length > MaxFile)
                return Failed(FeedFaults.TooLarge);
            file.Write(part, 0, length);
        }

        return new FeedAnswer(null, file.ToArray(), Header(response.Headers.ETag?.ToString()), Header(response.Content.Headers.LastModified?.ToString("R")));
    }

    // What may be sent back.
    private static string? Header(string? value) => value is { Length: <= MaxHeader } && !value.AsSpan().ContainsAnyExceptInRange(' ', '~') ? value : null;

    private static FeedAnswer Failed(string fault) => new(fault, null, null, null);

    private static readonly IPNetwork[] s_special =
    [
        IPNetwork.Parse("0.0.0.0/8"), IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("100.64.0.0/10"), IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("169.254.0.0/16"),
        IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.0.0.0/24"), IPNetwork.Parse("192.0.2.0/24"), IPNetwork.Parse("192.88.99.0/24"), IPNetwork.Parse("192.168.0.0/16"), IPNetwork.Parse("198.18.0.0/15"),
        IPNetwork.Parse("198.51.100.0/24"), IPNetwork.Parse("203.0.113.0/24"), IPNetwork.Parse("224.0.0.0/3"),
    ];

    private static readonly IPNetwork s_global = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork[] s_specialOfSix = [IPNetwork.Parse("2001::/23"), IPNetwork.Parse("2001:db8::/32"), IPNetwork.Parse("2002::/16"), IPNetwork.Parse("3fff::/20")];

    private sealed class PrivateAddressException : IOException;
}
