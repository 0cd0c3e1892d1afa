using Microsoft.Net.Http.Headers;

namespace RoomAgent.Hub.People;

/// <summary>What browsers are told with every answer: that nothing but our own style sheet is loaded, nothing runs, nobody frames us, and no address of ours goes elsewhere.</summary>
internal sealed class PageSecurity(RequestDelegate next, bool isCertificateOurOwn)
{
    private const string Policy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    private const string Permissions = "camera=(), microphone=(), geolocation=(), display-capture=(), payment=(), usb=(), publickey-credentials-get=()";

    public Task InvokeAsync(HttpContext context)
    {
        // At the last moment, since whoever answers for a failure clears what was there before.
        context.Response.OnStarting(() =>
        {
            IHeaderDictionary headers = context.Response.Headers;
            headers.ContentSecurityPolicy = Policy;
            headers.XContentTypeOptions = "nosniff";
            headers.XFrameOptions = "DENY";
            // Not no-referrer: browsers would then say "Origin: null" with our own forms (Fetch standard, "append a request Origin header").
            headers["Referrer-Policy"] = "same-origin";
            headers["Permissions-Policy"] = Permissions;
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
            headers["Cross-Origin-Resource-Policy"] = "same-origin";
            // With a certificate of our own every browser would lock its user out for good.
            if (!isCertificateOurOwn)
                headers.StrictTransportSecurity = "max-age=31536000";
            if (!headers.ContainsKey(HeaderNames.CacheControl))
                headers.CacheControl = "no-store";
            return Task.CompletedTask;
        });
        return next(context);
    }
}
