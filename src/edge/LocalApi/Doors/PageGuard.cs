using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace RoomAgent.LocalApi.Doors;

/// <summary>Keeps other sites, which the same browser has open, away from the page: by name (DNS rebinding), by origin, and by what headers allow.</summary>
/// <param name="page">Where it listens; <see langword="null"/> when there is no page.</param>
internal sealed class PageGuard(IPEndPoint? page)
{
    private readonly string[] _hosts = page is null ? [] : [page.ToString(), $"localhost:{page.Port}"];

    /// <summary>Whether a request means this page and does not come from another site.</summary>
    public bool IsForUs(HttpRequest request)
    {
        if (!_hosts.Contains(request.Host.Value, StringComparer.OrdinalIgnoreCase))
            return false;
        if (request.Headers.Origin is [{ } origin] && !_hosts.Any(host => origin.Equals($"http://{host}", StringComparison.OrdinalIgnoreCase)))
            return false;

        // A browser says by itself who asks. Following a link to the page is not asking for another site.
        return request.Headers["Sec-Fetch-Site"] is not ["cross-site" or "same-site"] || request.Headers["Sec-Fetch-Mode"] is ["navigate"];
    }

    /// <summary>What browsers are told of every answer.</summary>
    public static void Protect(HttpResponse response)
    {
        IHeaderDictionary headers = response.Headers;
        headers.ContentSecurityPolicy = "default-src 'none'; img-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()";
        headers.Remove(HeaderNames.Server);
    }
}
