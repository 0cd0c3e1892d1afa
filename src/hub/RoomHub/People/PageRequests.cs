using Microsoft.AspNetCore.Mvc.RazorPages;

namespace RoomAgent.Hub.People;

/// <summary>Tells people in front of a browser from programs.</summary>
internal static class PageRequests
{
    // What programs call.
    private static readonly PathString[] s_calls = ["/api", "/oauth", "/hub", "/certificates", "/.well-known", "/session", "/signal", "/media", "/health", "/metrics"];

    /// <summary>Whether a page answers, or would if there were one.</summary>
    public static bool IsPage(HttpContext context)
    {
        if (context.GetEndpoint() is { } endpoint)
            return endpoint.Metadata.GetMetadata<PageActionDescriptor>() is not null;

        return !s_calls.Any(call => context.Request.Path.StartsWithSegments(call))
            && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
    }
}
