using System.Net;
using Npgsql;
using RoomAgent.Hub.Hosting;

namespace RoomAgent.Hub.Operations;

/// <summary>Something that a network between rooms, people, hubs and nodes has to let through.</summary>
/// <param name="From">Who begins.</param>
/// <param name="To">The host or address that is asked.</param>
/// <param name="Protocol"><c>tcp</c> or <c>udp</c>.</param>
/// <param name="Port">The port.</param>
/// <param name="Purpose">What for.</param>
/// <param name="IsRequired">Whether nothing works without it; otherwise something works worse.</param>
internal sealed record NetworkNeed(string From, string To, string Protocol, int Port, string Purpose, bool IsRequired)
{
    /// <summary>What a hub with these settings needs.</summary>
    public static IReadOnlyList<NetworkNeed> Of(HubSettings settings)
    {
        var address = new Uri(settings.Address.Url);
        var needs = new List<NetworkNeed>
        {
            new("rooms, browsers", address.IdnHost, "tcp", address.Port, "HTTPS: pages, pairing, tokens, calendar, meetings; WebSocket, also for media when nothing else passes", IsRequired: true),
        };

        string[] told = [.. (settings.Media.Advertise.Count > 0 ? settings.Media.Advertise : settings.Media.Listen).Select(ip => NameOf(ip, address))];
        foreach (string host in told.Distinct())
        {
            foreach (int port in settings.Media.UdpPorts.Where(port => port > 0))
                needs.Add(new NetworkNeed("rooms", host, "udp", port, port == settings.Media.UdpPorts[0] ? "media (SRTP), the best way" : "media, where that one is closed", IsRequired: false));
            if (settings.Media.TcpPort > 0)
                needs.Add(new NetworkNeed("rooms", host, "tcp", settings.Media.TcpPort, "media without UDP", IsRequired: false));
        }

        if (settings.NodeListen is { Port: > 0 } nodes)
        {
            needs.Add(new NetworkNeed("media nodes", address.IdnHost, "tcp", nodes.Port, "media nodes that run alone, mutual TLS; not for the internet", IsRequired: true));
            needs.Add(new NetworkNeed("rooms", "each media node that runs alone", "udp", 5004, "media; the ports that its own --media-udp and --media-tcp say", IsRequired: false));
        }

        if (settings.Database is { } database)
        {
            var server = new NpgsqlConnectionStringBuilder(database);
            var other = new Uri(settings.HubAddress.Url);
            needs.Add(new NetworkNeed("hubs", server.Host ?? "localhost", "tcp", server.Port, "the database", IsRequired: true));
            needs.Add(new NetworkNeed("hubs", other.IdnHost, "tcp", other.Port, "other hubs that share the database; each has an address of its own", IsRequired: true));
        }

        needs.Add(new NetworkNeed("hub", "each calendar that is polled", "tcp", 443, "HTTPS; only when calendars are polled", IsRequired: false));
        return needs;
    }

    // Everything that is bound is reached by the hub's own name.
    private static string NameOf(IPAddress address, Uri hub) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) ? hub.IdnHost : address.ToString();
}
