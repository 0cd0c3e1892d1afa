using System.Net;
using System.Security.Cryptography;
using System.Text;
using RoomAgent.Hub.Hosting;

namespace RoomAgent.Hub.Operations;

/// <summary>How the hub is, for whoever runs it.</summary>
internal static class OperationsEndpoints
{
    /// <summary>Adds what is told here, the drain and the messages to systemd.</summary>
    public static IServiceCollection AddOperations(this IServiceCollection services, HubSettings settings)
    {
        services.Configure<HostOptions>(host => host.ShutdownTimeout = Drain.Limit);
        services.AddSingleton<Drain>();
        services.AddHostedService(provider => provider.GetRequiredService<Drain>());
        services.AddHostedService<SystemdNotifier>();
        services.AddSingleton<Readiness>();
        services.AddSingleton<Metrics>();
        services.AddSingleton(MetricsToken.Read(settings.MetricsToken));
        return services;
    }

    /// <summary>Refuses new calls while the process ends, and measures from the beginning.</summary>
    public static void UseOperations(this WebApplication web)
    {
        web.Services.GetRequiredService<Metrics>();
        Drain drain = web.Services.GetRequiredService<Drain>();
        web.Use(drain.AdmitAsync);
    }

    /// <summary>Maps <c>/health/live</c>, <c>/health/ready</c>, <c>/metrics</c> and <c>/hub/network</c>.</summary>
    public static void MapOperations(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/health/live", (HttpContext context) => AnswerAsync(context, StatusCodes.Status200OK, new { live = true }));
        endpoints.MapGet("/health/ready", TellReadinessAsync);
        endpoints.MapGet("/metrics", TellMetricsAsync);
        endpoints.MapGet("/hub/network", (HttpContext context, HubSettings settings) => AnswerAsync(context, StatusCodes.Status200OK, new { needs = NetworkNeed.Of(settings) }));
    }

    private static async Task TellReadinessAsync(HttpContext context, Readiness readiness)
    {
        IReadOnlyList<ReadinessCheck> checks = await readiness.CheckAsync();
        bool isReady = checks.All(check => check.Problem is null);
        int status = isReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        await AnswerAsync(context, status, new { ready = isReady, checks = checks.ToDictionary(check => check.Name, check => check.Problem ?? "ok") });
    }

    private static async Task TellMetricsAsync(HttpContext context, Metrics metrics, MetricsToken token)
    {
        // As if there were nothing here: what the numbers tell is nobody's business.
        if (!IsAtThisMachine(context) && !token.IsIn(context.Request.Headers.Authorization))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        context.Response.ContentType = OpenMetrics.ContentType;
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.WriteAsync(metrics.Collect(), context.RequestAborted);
    }

    // A proxy on this machine brings the whole world from the loopback interface: it is known by what it adds, or by the name that its clients ask for.
    private static bool IsAtThisMachine(HttpContext context)
    {
        IHeaderDictionary headers = context.Request.Headers;
        bool isForwarded = headers.ContainsKey("Forwarded") || headers.ContainsKey("Via") || headers.Keys.Any(name => name.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase));
        string host = context.Request.Host.Host;
        bool asksForUs = host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));
        return !isForwarded && asksForUs && context.Connection.RemoteIpAddress is { } remote && IPAddress.IsLoopback(remote);
    }

    private static Task AnswerAsync(HttpContext context, int status, object body)
    {
        context.Response.StatusCode = status;
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsJsonAsync(body, context.RequestAborted);
    }
}

/// <summary>What lets a collector read the metrics from another machine: of the token only a hash is kept.</summary>
internal sealed class MetricsToken
{
    private const int Shortest = 20, Longest = 500;

    private readonly byte[]? _hash;

    private MetricsToken(byte[]? hash) => _hash = hash;

    /// <summary>Reads the file with the token; without one nobody has it.</summary>
    /// <exception cref="IOException">It cannot be read, or is no token that is hard to guess.</exception>
    public static MetricsToken Read(string? path)
    {
        if (path is null)
            return new MetricsToken(null);

        string token = File.ReadAllText(path).Trim();
        if (token.Length is < Shortest or > Longest || token.AsSpan().ContainsAnyExceptInRange('!', '~'))
            throw new IOException($"{path}: a token is {Shortest} to {Longest} letters, digits and signs without blanks; make one with: openssl rand -hex 32");
        return new MetricsToken(SHA256.HashData(Encoding.ASCII.GetBytes(token)));
    }

    /// <summary>Whether a header has it (RFC 6750 section 2.1).</summary>
    public bool IsIn(string? authorization)
    {
        const string scheme = "Bearer ";
        if (_hash is null || authorization is null || authorization.Length > scheme.Length + Longest || !authorization.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
            return false;
        return CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(authorization[scheme.Length..])), _hash);
    }
}
