using System.Net;
using RoomAgent.Wire;

namespace RoomAgent.Net;

/// <summary>The HTTP proxy that media on TLS 443 goes through by CONNECT (requirements G19, J03). UDP and TCP never do.</summary>
/// <remarks>Basic and Digest are answered by the framework, Digest preferred. Name and password are never printed.</remarks>
public sealed class MediaProxy
{
    private readonly Private<NetworkCredential?> _credential;

    private MediaProxy(Uri address, NetworkCredential? credential)
    {
        Address = address;
        _credential = Private.Of(credential);
    }

    /// <summary><c>http://host:port</c>, without name and password.</summary>
    public Uri Address { get; }

    /// <summary>Reads <c>http://[user[:password]@]host[:port]</c>; user and password may be percent-encoded. A missing port is 80.</summary>
    /// <returns><see langword="null"/> when it is something else.</returns>
    public static MediaProxy? Parse(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) || uri.Scheme != Uri.UriSchemeHttp || uri.Host.Length == 0)
            return null;

        NetworkCredential? credential = null;
        if (uri.UserInfo.Length > 0)
        {
            string[] parts = uri.UserInfo.Split(':', 2);
            credential = new NetworkCredential(Uri.UnescapeDataString(parts[0]), parts.Length == 2 ? Uri.UnescapeDataString(parts[1]) : "");
        }

        return new MediaProxy(new UriBuilder(uri.Scheme, uri.Host, uri.Port).Uri, credential);
    }

    /// <summary>What <c>https_proxy</c> (or <c>HTTPS_PROXY</c>) says for a host that <c>no_proxy</c> does not name.</summary>
    /// <param name="host">The node's name.</param>
    /// <param name="environment">Gives a variable, or <see langword="null"/>.</param>
    public static MediaProxy? FromEnvironment(string host, Func<string, string?> environment)
    {
        string? none = environment("no_proxy") ?? environment("NO_PROXY");
        foreach (string entry in (none ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            string suffix = entry.TrimStart('*').TrimStart('.');
            if (entry == "*" || host.Equals(suffix, StringComparison.OrdinalIgnoreCase) || host.EndsWith("." + suffix, StringComparison.OrdinalIgnoreCase))
                return null;
        }

        string? proxy = environment("https_proxy") ?? environment("HTTPS_PROXY");
        return string.IsNullOrEmpty(proxy) ? null : Parse(proxy);
    }

    /// <summary>The address, without name and password.</summary>
    public override string ToString() => Address.ToString();

    internal WebProxy ToWebProxy() => new(Address) { Credentials = _credential.Reveal(), BypassProxyOnLocal = false };
}
