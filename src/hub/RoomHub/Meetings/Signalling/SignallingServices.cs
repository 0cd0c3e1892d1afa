using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.Extensions.DependencyInjection.Extensions;
using RoomAgent.Hub.Calendar;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Hosting;
using RoomAgent.Hub.MediaNode;
using RoomAgent.Hub.Operations;
using RoomAgent.Hub.Store;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Net;

namespace RoomAgent.Hub.Meetings;

/// <summary>Brings meetings into the hub: desks, connections of clients, links between hubs, media.</summary>
internal static class SignallingServices
{
    /// <summary>Where clients connect.</summary>
    public const string Path = "/signal";

    // A message of 24 kB in base64, with its envelope.
    private const int LongestFrame = (SignallingSettings.LongestInline * 4 / 3) + 1024;

    /// <summary>Adds everything but an <see cref="IMeetingDirectory"/>, without which there are no meetings.</summary>
    public static IServiceCollection AddSignalling(this IServiceCollection services, LinkSecret secret)
    {
        services.TryAddSingleton(new SignallingSettings());
        services.TryAddSingleton<IMeetingDirectory, NoMeetings>();
        services.TryAddSingleton(provider => MediaNode.MediaNode.Start(provider.GetRequiredService<HubSettings>().Media, OpenSslCrypto.Instance, OpenSslRandom.Instance, provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<IMediaNode>(provider => provider.GetRequiredService<MediaNode.MediaNode>());
        services.AddSingleton<HubName>();
        services.AddSingleton(_ => secret);
        services.AddSingleton(provider => new Store.Presence(provider.GetRequiredService<Database>(), provider.GetRequiredService<HubName>().Value, provider.GetRequiredService<HubSettings>().HubAddress.Url));
        services.AddSingleton<MeetingHomes>();
        services.AddSingleton<SignallingContext>();
        services.AddSingleton<HubLinks>();
        services.AddSingleton<MeetingDesks>();
        services.AddSingleton<IMeetingDesks>(provider => provider.GetRequiredService<MeetingDesks>());
        services.AddSingleton<SignalConnections>();
        services.AddSingleton<IDeviceNotices>(provider => provider.GetRequiredService<SignalConnections>());
        services.AddSingleton<IAccessListener>(provider => provider.GetRequiredService<SignalConnections>());
        services.AddSingleton<ICalendarListener>(provider => provider.GetRequiredService<SignalConnections>());
        services.AddSingleton<IDrain>(provider => provider.GetRequiredService<SignalConnections>());
        services.AddSingleton<Uploads>();
        services.AddSingleton<LinkDesk>();
        services.AddSingleton<LinkEndpoint>();
        services.AddSingleton<HubPulse>();
        services.AddHostedService(provider => provider.GetRequiredService<HubPulse>());
        services.AddSingleton<MeetingEnds>();
        services.AddHostedService(provider => provider.GetRequiredService<MeetingEnds>());
        services.AddSignalR(options =>
        {
            options.MaximumReceiveMessageSize = LongestFrame;
            options.MaximumParallelInvocationsPerClient = 1;
            options.KeepAliveInterval = TimeSpan.FromSeconds(5);
            options.ClientTimeoutInterval = TimeSpan.FromSeconds(15);
            options.HandshakeTimeout = TimeSpan.FromSeconds(10);
        });
        return services;
    }

    /// <summary>Maps the connections of clients, their large bodies, media over WebSocket, and the links of other hubs. The application uses WebSockets.</summary>
    /// <param name="endpoints">Where to.</param>
    /// <param name="certificate">What TLS serves at the moment.</param>
    public static async Task MapSignallingAsync(this IEndpointRouteBuilder endpoints, Func<X509Certificate2> certificate)
    {
        IServiceProvider services = endpoints.ServiceProvider;
        var known = services.GetRequiredService<IAuthenticationSchemeProvider>();
        AuthenticationScheme?[] people = [await known.GetDefaultAuthenticateSchemeAsync(), await known.GetSchemeAsync(HubClaims.ProgramScheme)];
        string[] schemes = [HubClaims.DeviceScheme, HubClaims.GuestScheme, .. people.OfType<AuthenticationScheme>().Select(scheme => scheme.Name)];
        string origin = services.GetRequiredService<HubSettings>().Address.Url;
        AuthorizationPolicy policy = new AuthorizationPolicyBuilder([.. schemes.Distinct()])
            .RequireAuthenticatedUser()
            .RequireAssertion(context => context.Resource is HttpContext request && MayConnect(request, origin))
            .Build();

        endpoints.MapHub<SignalHub>(Path, options =>
        {
            options.Transports = HttpTransportType.WebSockets;
            options.ApplicationMaxBufferSize = 2 * LongestFrame;
            options.TransportMaxBufferSize = 256 * 1024;
            options.WebSockets.CloseTimeout = TimeSpan.FromSeconds(2);
        }).RequireAuthorization(policy);
        endpoints.MapBodies(policy);
        if (services.GetService<MediaNode.MediaNode>() is { } node)
            endpoints.MapMedia("/media", node.Connections);
        if (services.GetRequiredService<SignallingContext>().IsShared)
            endpoints.MapGet(LinkEndpoint.Path, (HttpContext context, LinkEndpoint links) => links.AcceptAsync(context, certificate()));
    }

    // A cookie comes along whatever page made the browser connect, so a page of another origin is refused. Devices and programs have neither. A browser names no origin
    // when its own page fetches a body, which no other page can read.
    private static bool MayConnect(HttpContext request, string origin)
    {
        if (request.Request.Headers.Origin is { Count: > 0 } from && (from.Count > 1 || from[0] != origin))
            return false;
        if (SignalConnections.SubjectOf(request) is not { } who)
            return false;

        // Somebody twice would be one whose access hangs on the other's.
        if (request.User.Identities.Count(identity => identity.IsAuthenticated) > 1)
            return false;

        bool hasCookie = who is { Account: null, Only: null } && request.User.Identity?.AuthenticationType != HubClaims.ProgramScheme;
        return hasCookie
            ? request.Request.Headers.Origin.Count == 1 || (HttpMethods.IsGet(request.Request.Method) && request.Request.Path.StartsWithSegments(BodyEndpoints.Path))
            : request.User.HasClaim(HubClaims.Scope, Scopes.MeetingsJoin) && (who.Only is not null || request.User.HasClaim(HubClaims.Scope, Scopes.Mls));
    }

    /// <summary>Without a calendar.</summary>
    private sealed class NoMeetings : IMeetingDirectory
    {
        public Task<ScheduledMeeting?> FindAsync(MeetingInstance instance, CancellationToken cancel) => Task.FromResult<ScheduledMeeting?>(null);
    }
}
