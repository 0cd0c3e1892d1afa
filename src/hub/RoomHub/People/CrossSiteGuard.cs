using Microsoft.Net.Http.Headers;
using RoomAgent.Enrolment;

namespace RoomAgent.Hub.People;

/// <summary>
/// Refuses what another site makes a browser send in a person's name. Pages have a token in every form besides; this is for everything, so that no endpoint can forget it.
/// </summary>
/// <remarks>
/// <para>1. A browser says from where a call comes: <c>Origin</c>, <c>Sec-Fetch-Site</c>. What changes something, or opens a WebSocket, comes from here or is refused.</para>
/// <para>2. A call outside the pages that lives on the session's cookie has a content type that no form can have, or the header <c>X-Requested-With</c>: another site may send neither without asking first (CORS),
/// and the hub never says yes. A WebSocket can have neither, so there the origin must have been said.</para>
/// <para>3. The cookie is SameSite=Lax.</para>
/// </remarks>
internal sealed class CrossSiteGuard(RequestDelegate next, HubAddress address, ILogger<CrossSiteGuard> log)
{
    /// <summary>A header that says that a program calls, as the clients of SignalR send it. Any value.</summary>
    public const string CallHeader = "X-Requested-With";

    private static readonly string[] s_typesOfForms = ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"];

    public Task InvokeAsync(HttpContext context)
    {
        bool isPerson = context.User.Identity?.AuthenticationType == SessionAuthentication.SchemeName;
        bool isPage = PageRequests.IsPage(context);
        bool isSocket = context.WebSockets.IsWebSocketRequest || HttpMethods.IsConnect(context.Request.Method) || context.Request.Headers.ContainsKey(HeaderNames.SecWebSocketKey);
        bool changesNothing = !isSocket && (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method) || HttpMethods.IsOptions(context.Request.Method));
        if (changesNothing || !(isPerson || isPage))
            return next(context);
        if (IsFromHere(context.Request) && (isSocket ? context.Request.Headers.Origin.Count > 0 : isPage || IsNoForm(context.Request)))
            return next(context);

        PeopleLog.CrossSite(log);
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return isPage
            ? Task.CompletedTask
            : Results.Problem(statusCode: StatusCodes.Status403Forbidden, title: $"A call with a session has the header {CallHeader}, or a body that is no form, and comes from this site.", type: "urn:roomhub:problem:cross-site").ExecuteAsync(context);
    }

    private bool IsFromHere(HttpRequest request)
    {
        bool isOwnOrigin = request.Headers.Origin.Count == 0 || (request.Headers.Origin.Count == 1 && request.Headers.Origin[0] == address.Url);
        var site = request.Headers["Sec-Fetch-Site"];
        return isOwnOrigin && (site.Count == 0 || (site.Count == 1 && site[0] is "same-origin" or "none"));
    }

    private static bool IsNoForm(HttpRequest request) =>
        request.Headers.ContainsKey(CallHeader)
        || (request.ContentType is { Length: > 0 } type && MediaTypeHeaderValue.TryParse(type, out MediaTypeHeaderValue? read) && !s_typesOfForms.Contains(read.MediaType.Value, StringComparer.OrdinalIgnoreCase));
}
