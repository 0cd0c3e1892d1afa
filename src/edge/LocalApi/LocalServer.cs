using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RoomAgent.Agent.Room;
using RoomAgent.LocalApi.Commands;
using RoomAgent.LocalApi.Doors;
using RoomAgent.LocalApi.Feed;
using RoomAgent.LocalApi.Page;
using RoomAgent.XApi;

namespace RoomAgent.LocalApi;

/// <summary>
/// The door for people at the device: a socket of its owner for those in the room, who do everything; and where the settings say so a page on this machine, for those who look.
/// </summary>
/// <remarks>
/// <code>
/// GET  /status[?after=VERSION&amp;wait=SECONDS]   the room, once it has changed
/// GET  /display.png                           what is on the display
/// POST /rpc                                   a command (JSON-RPC 2.0); by the page only those that change nothing
/// GET  /                                      the page
/// </code>
/// </remarks>
public sealed class LocalServer : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly LocalSettings _settings;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly RoomFeed _feed;
    private readonly Snapshots _snapshots;
    private readonly Dispatcher _dispatcher;
    private readonly PageGuard _guard;
    private readonly Door _room;
    private readonly Door _page;
    private readonly WebApplication _web;

    private LocalServer(IRoom room, Func<byte[]?> snapshot, LocalSettings settings, TimeProvider clock, ILoggerFactory logs)
    {
        (_settings, _clock) = (settings, clock);
        _log = logs.CreateLogger<LocalServer>();
        _feed = new RoomFeed(room);
        _snapshots = new Snapshots(snapshot, settings.SnapshotEvery, clock);
        _dispatcher = new Dispatcher(room, _log);
        _guard = new PageGuard(settings.Page);
        _room = new Door(Caller.InTheRoom, settings.MostCallers, settings.RequestsPerSecond);
        _page = new Door(Caller.Onlooker, settings.MostOnlookers, settings.RequestsPerSecond);
        _web = Build();
    }

    /// <summary>Opens the doors.</summary>
    /// <param name="room">The room.</param>
    /// <param name="snapshot">Makes a PNG of the display, on any thread; <see langword="null"/> when there is none.</param>
    /// <param name="settings">Where.</param>
    /// <param name="clock">The machine's clock.</param>
    /// <param name="logs">The journal.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="IOException">Another process listens there, or the place cannot be used.</exception>
    public static async Task<LocalServer> StartAsync(
        IRoom room, Func<byte[]?> snapshot, LocalSettings settings, TimeProvider clock, ILoggerFactory logs, CancellationToken cancel = default)
    {
        if (settings.Page is { } page && !IPAddress.IsLoopback(page.Address))
            throw new ArgumentException("The page is for this machine alone.", nameof(settings));

        var server = new LocalServer(room, snapshot, settings, clock, logs);
        try
        {
            await server._web.StartAsync(cancel).ConfigureAwait(false);
        }
        catch
        {
            await server.CloseAsync().ConfigureAwait(false);
            throw;
        }

        server._log.Listening(settings.SocketPath);
        if (settings.Page is not null)
            server._log.Showing(settings.Page.ToString());
        return server;
    }

    /// <summary>Closes the doors; those who wait are sent away.</summary>
    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _web.StopAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await CloseAsync().ConfigureAwait(false);
        LocalSocket.Remove(_settings.SocketPath);
    }

    private async Task CloseAsync()
    {
        await _web.DisposeAsync().ConfigureAwait(false);
        _feed.Dispose();
        _room.Dispose();
        _page.Dispose();
    }

    private WebApplication Build()
    {
        // Nothing of the environment, no file and no log of the framework: what is here is all there is.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Services.AddSingleton<IHostLifetime>(new NoLifetime());
        builder.Services.AddRoutingCore().AddLogging();
        builder.WebHost.UseKestrelCore().UseSockets(Bind).ConfigureKestrel(Listen);
        WebApplication web = builder.Build();
        web.Use(AdmitAsync);
        web.MapGet("/status", StatusAsync);
        web.MapGet("/display.png", DisplayAsync);
        web.MapPost("/rpc", CallAsync);
        web.MapGet("/", PageAsync);
        web.MapGet("/style.css", context => WriteAsync(context, "text/css; charset=utf-8", RoomPage.Style));
        return web;
    }

    private void Bind(SocketTransportOptions transport) =>
        transport.CreateBoundListenSocket = end => end is System.Net.Sockets.UnixDomainSocketEndPoint ? LocalSocket.Bind(_settings.SocketPath) : SocketTransportOptions.CreateDefaultBoundListenSocket(end);

    private void Listen(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        KestrelServerLimits limits = kestrel.Limits;
        limits.MaxRequestBodySize = _settings.LargestBody;
        limits.MaxRequestHeadersTotalSize = 8 * 1024;
        limits.MaxRequestHeaderCount = 40;
        limits.MaxRequestLineSize = 2 * 1024;
        limits.RequestHeadersTimeout = s_patience;
        limits.KeepAliveTimeout = TimeSpan.FromMinutes(1);
        limits.MinRequestBodyDataRate = new MinDataRate(240, TimeSpan.FromSeconds(5));
        kestrel.ListenUnixSocket(_settings.SocketPath, door => Open(door, _room));
        if (_settings.Page is { } page)
            kestrel.Listen(page, door => Open(door, _page));

        static void Open(ListenOptions listen, Door door)
        {
            listen.Protocols = HttpProtocols.Http1;
            listen.Use(door.Guard);
        }
    }

    // 1. which door   2. not too many   3. by the page: for us, and not from another site
    private async Task AdmitAsync(HttpContext context, RequestDelegate next)
    {
        PageGuard.Protect(context.Response);
        Door door = DoorOf(context);
        if (!door.TryEnter())
        {
            context.Response.Headers.RetryAfter = "1";
            context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
        }
        else if (door.Caller == Caller.Onlooker && !_guard.IsForUs(context.Request))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
        }
        else
        {
            await GoOnAsync(context, next);
        }
    }

    private async Task GoOnAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (Microsoft.AspNetCore.Http.BadHttpRequestException refusal)
        {
            if (!context.Response.HasStarted)
                context.Response.StatusCode = refusal.StatusCode;
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
        {
            // They went away.
        }
#pragma warning disable CA1031 // what goes wrong with one request is no reason to close the door
        catch (Exception mistake)
#pragma warning restore CA1031
        {
            _log.Mistaken(mistake, context.GetEndpoint()?.DisplayName ?? "a request");
            if (!context.Response.HasStarted)
                context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        }
    }

    // A connection that no door has marked is nobody's, and may look at most.
    private Door DoorOf(HttpContext context) => context.Features.Get<Door>() ?? _page;

    private async Task StatusAsync(HttpContext context)
    {
        IQueryCollection query = context.Request.Query;
        if (!TryRead(query, "after", long.MaxValue, -1, out long after) || !TryRead(query, "wait", (long)_settings.LongestWait.TotalSeconds, 0, out long wait))
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        using var gone = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _web.Lifetime.ApplicationStopping);
        RoomView room = wait > 0 ? await _feed.WaitAsync(after, TimeSpan.FromSeconds(wait), _clock, gone.Token) : _feed.Now;
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(room, RoomJson.Default.RoomView), context.RequestAborted);
    }

    private async Task DisplayAsync(HttpContext context)
    {
        if (await _snapshots.TakeAsync() is not { } picture)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        context.Response.ContentType = "image/png";
        context.Response.ContentLength = picture.Length;
        await context.Response.Body.WriteAsync(picture, context.RequestAborted);
    }

    private async Task CallAsync(HttpContext context)
    {
        // A form of another site cannot have this type without asking first.
        if (!context.Request.HasJsonContentType())
        {
            context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return;
        }

        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        byte[] reply = await _dispatcher.CallAsync(DoorOf(context).Caller, body.GetBuffer().AsMemory(0, (int)body.Length));
        if (reply.Length == 0)
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(reply, context.RequestAborted);
    }

    private Task PageAsync(HttpContext context)
    {
        bool isStill = context.Request.Query.ContainsKey("still");
        if (!isStill)
            context.Response.Headers["Refresh"] = ((int)Math.Ceiling(_settings.PageEvery.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return WriteAsync(context, "text/html; charset=utf-8", RoomPage.Write(_feed.Now, isStill));
    }

    private static Task WriteAsync(HttpContext context, string type, string text)
    {
        context.Response.ContentType = type;
        return context.Response.WriteAsync(text, context.RequestAborted);
    }

    private static bool TryRead(IQueryCollection query, string name, long most, long otherwise, out long value)
    {
        value = otherwise;
        return query[name] is [] || (query[name] is [{ } text] && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value <= most);
    }

    // Signals to the process are the daemon's affair: the framework's own lifetime would close the doors by itself.
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
