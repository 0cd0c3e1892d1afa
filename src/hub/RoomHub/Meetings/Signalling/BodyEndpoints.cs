using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Features;
using RoomAgent.Hub.Devices;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Meetings;

/// <summary>Messages of more than 24 kB, beside the connection: uploaded before they are said, fetched when they are heard.</summary>
internal static class BodyEndpoints
{
    /// <summary>Below what they are.</summary>
    public const string Path = $"{SignallingServices.Path}/bodies";

    private const int IdSize = 2 * HubName.Size;
    private const string ContentType = "application/octet-stream";

    public static void MapBodies(this IEndpointRouteBuilder endpoints, AuthorizationPolicy policy)
    {
        endpoints.MapPost($"{Path}/{{connection}}", UploadAsync).RequireAuthorization(policy);
        endpoints.MapGet($"{Path}/{{connection}}/{{ticket}}", FetchAsync).RequireAuthorization(policy);
    }

    // 1. whose it is    2. the connection, wherever it is, keeps room    3. the body, within the time that a body is kept
    private static async Task UploadAsync(HttpContext context, string connection, SignalConnections connections, HubLinks links, HubName hub, Uploads uploads, SignallingContext signalling)
    {
        OAuthAnswers.Prepare(context, StatusCodes.Status200OK);
        if (Read(connection) is not { } id || SignalConnections.SubjectOf(context) is not { } who || context.Request.ContentType != ContentType)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        if (context.Request.ContentLength is not (> 0 and <= Bodies.Longest) || context.Features.Get<IHttpMaxRequestBodySizeFeature>() is not { IsReadOnly: false } limit)
        {
            context.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
            return;
        }

        if (!uploads.TryBegin(who.Subject))
        {
            context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            return;
        }

        try
        {
            int length = (int)context.Request.ContentLength;
            string? ticket = IsOf(id, hub)
                ? connections.Find(id, who.Subject)?.Bodies.Reserve(length)
                : await links.ReserveBodyAsync(HubOf(id), id, who.Subject, length, context.RequestAborted);
            if (ticket is null)
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
            }

            limit.MaxRequestBodySize = Bodies.Longest;
            if (await ReadAsync(context, length, signalling) is not { } body)
                return;

            bool isKept = IsOf(id, hub)
                ? connections.Find(id, who.Subject)?.Bodies.Fill(ticket, body) == true
                : await links.PutBodyAsync(HubOf(id), id, who.Subject, ticket, body, context.RequestAborted);
            if (!isKept)
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
            }

            context.Response.ContentType = "text/plain";
            await context.Response.WriteAsync(ticket, context.RequestAborted);
        }
        finally
        {
            uploads.End(who.Subject);
        }
    }

    // When it does not come, the answer says so.
    private static async Task<byte[]?> ReadAsync(HttpContext context, int length, SignallingContext signalling)
    {
        using var late = new CancellationTokenSource(signalling.Settings.BodyLife, signalling.Clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, late.Token);
        byte[] body = new byte[length];
        try
        {
            await context.Request.Body.ReadExactlyAsync(body, stop.Token);
            return body;
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            context.Response.StatusCode = StatusCodes.Status408RequestTimeout;
        }
        catch (EndOfStreamException)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
        }

        return null;
    }

    private static async Task FetchAsync(HttpContext context, string connection, string ticket, SignalConnections connections, HubLinks links, HubName hub)
    {
        OAuthAnswers.Prepare(context, StatusCodes.Status200OK);
        byte[]? body = null;
        if (Read(connection) is { } id && SignalConnections.SubjectOf(context) is { } who && ticket.Length <= 64)
            body = IsOf(id, hub) ? connections.Find(id, who.Subject)?.Bodies.Find(ticket) : await links.FetchBodyAsync(HubOf(id), id, who.Subject, ticket, context.RequestAborted);

        if (body is null)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        context.Response.ContentType = ContentType;
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);

        // Who did not get it has lost its connection too, and is replayed to on the next.
        if (Read(connection) is { } own && SignalConnections.SubjectOf(context) is { } owner)
            connections.Find(own, owner.Subject)?.Bodies.Take(ticket);
    }

    private static ByteString? Read(string connection)
    {
        byte[] id = new byte[IdSize];
        bool good = connection.Length == 2 * IdSize && Convert.FromHexString(connection, id, out _, out int written) == System.Buffers.OperationStatus.Done && written == IdSize;
        return good ? ByteString.Owning(id) : null;
    }

    // A request may come to another hub than the connection did.
    private static ByteString HubOf(ByteString id) => ByteString.CopyOf(id.Span[..HubName.Size]);

    private static bool IsOf(ByteString id, HubName hub) => id.Span[..HubName.Size].SequenceEqual(hub.Value);
}
