using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using RoomAgent.Hub.Hosting;
using RoomAgent.Native.OpenSsl;

namespace RoomAgent.Hub.MediaNode.Alone;

/// <summary>Brings the media nodes into the hub: the one in this process and, when there is a port for them, those that run alone.</summary>
internal static class NodeServices
{
    /// <summary>Adds one <see cref="IMediaNode"/> in front of all.</summary>
    public static IServiceCollection AddMediaNodes(this IServiceCollection services)
    {
        services.TryAddSingleton(provider => MediaNode.Start(provider.GetRequiredService<HubSettings>().Media, OpenSslCrypto.Instance, OpenSslRandom.Instance, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<NodePlaces>();
        services.AddSingleton<NodeCredentials>();
        services.AddSingleton(provider => new NodePool(
            provider.GetRequiredService<MediaNode>(),
            Guid.NewGuid(),
            provider.GetRequiredService<NodePlaces>(),
            provider.GetRequiredService<IMeterFactory>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<NodePool>>()));
        services.AddSingleton<IMediaNode>(provider => provider.GetRequiredService<NodePool>());
        services.AddSingleton<NodeDoor>();
        return services;
    }
}
