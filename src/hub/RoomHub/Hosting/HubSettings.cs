using System.Net;
using RoomAgent.Enrolment;

namespace RoomAgent.Hub.Hosting;

/// <summary>Everything about a hub's process that can be set. What organisations decide is in the database.</summary>
public sealed record HubSettings
{
    /// <summary>The folder with the database, the hub's secrets and its own TLS certificate. Nobody else may read it.</summary>
    public required string Data { get; init; }

    /// <summary>Where rooms and people reach the hub.</summary>
    public required HubAddress Address { get; init; }

    /// <summary>What HTTPS listens on.</summary>
    public IReadOnlyList<IPEndPoint> Listen { get; init; } = [new(IPAddress.IPv6Any, 443)];

    /// <summary>A PostgreSQL server in Npgsql's words, which several hubs share; <see langword="null"/> for an SQLite file in <see cref="Data"/>.</summary>
    public string? Database { get; init; }

    /// <summary>Where other hubs reach this one: itself, not what stands in front of all of them.</summary>
    public HubAddress HubAddress { get => field ?? Address; init; }

    /// <summary>A TLS certificate with its chain, in PEM, and its key; <see langword="null"/> for one that the hub makes itself. Both files are read again when they change.</summary>
    public (string Chain, string Key)? Certificate { get; init; }

    /// <summary>A file with the token that lets other machines read <c>/metrics</c>; <see langword="null"/> when only this machine may.</summary>
    public string? MetricsToken { get; init; }

    /// <summary>Where media nodes that run alone connect to; <see langword="null"/> when there are none.</summary>
    public IPEndPoint? NodeListen { get; init; }

    /// <summary>The media node in this process.</summary>
    public MediaNode.NodeSettings Media { get; init; } = new();

    /// <summary>Whether calendars that are polled may be inside the own network. Else an administrator of an organisation could look around there through the hub.</summary>
    public bool MayPollPrivateCalendars { get; init; }

    /// <summary>How long a person stays signed in without a call.</summary>
    public TimeSpan SessionIdle { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How long a person stays signed in at the most.</summary>
    public TimeSpan SessionLife { get; init; } = TimeSpan.FromHours(12);

    /// <summary>The names of settings, each with what it means; in files, environment and on the command line they are the same.</summary>
    public static IReadOnlyList<(string Name, string Meaning)> Names { get; } =
    [
        ("data", "The folder with database, secrets and certificate. Default: $STATE_DIRECTORY, else ~/.local/share/roomhub."),
        ("address", "Where rooms and people reach the hub: https://name[:port]. Default: this machine's name and the port of the first --listen."),
        ("listen", "Address and port of HTTPS; several with commas. Default: [::]:443."),
        ("database", "A PostgreSQL connection string, to share the work with other hubs. Default: an SQLite file in --data."),
        ("hub-address", "Where other hubs that share the database reach this one: https://name[:port]. Default: --address."),
        ("certificate", "A TLS certificate with its chain, PEM. Default: the hub makes one."),
        ("certificate-key", "The key of the certificate, PEM."),
        ("session-idle", "Minutes without a call after which a person is signed out: 1 to 1440. Default: 30."),
        ("session-life", "Minutes after which a person is signed out in any case: 5 to 43200. Default: 720."),
        ("metrics-token", "A file with the token (Authorization: Bearer) that lets other machines read /metrics. Default: only this machine may."),
        ("node-listen", "Address and port for media nodes that run alone, such as [::]:5443. Default: none."),
        ("media-listen", "Addresses that media binds to, with commas. Default: [::]."),
        ("media-udp", "UDP ports of media, with commas. Default: 5004,9000."),
        ("media-tcp", "The TCP port of media; -1 for none. Default: 5004."),
        ("calendar-private", "true lets organisations have calendars polled from addresses inside the hub's own network. Default: false."),
        ("media-advertise", "Addresses that rooms are told for media, with commas. Default: those it binds to."),
    ];

    /// <summary>Reads settings.</summary>
    /// <param name="configuration">Files, environment and command line, put together.</param>
    /// <param name="problems">What is wrong, a sentence each, naming the setting and what would be right.</param>
    /// <returns><see langword="null"/> when something is wrong.</returns>
    public static HubSettings? Read(IConfiguration configuration, out IReadOnlyList<string> problems)
    {
        var wrong = new List<string>();
        problems = wrong;
        foreach (IConfigurationSection section in configuration.GetChildren())
        {
            if (!Names.Any(known => known.Name == section.Key))
                wrong.Add($"{section.Key}: there is no such setting; roomhub --help lists what there is");
        }

        IPEndPoint[] listen = List(configuration, "listen", text => IPEndPoint.TryParse(text, out IPEndPoint? point) && text.Contains(':', StringComparison.Ordinal) ? point : null, "address:port, such as [::]:443 or 127.0.0.1:8443", wrong)
            ?? [new(IPAddress.IPv6Any, 443)];
        int port = listen.FirstOrDefault()?.Port ?? 443;
        string ownAddress = $"https://{Dns.GetHostName().ToLowerInvariant()}{(port is 443 or 0 ? "" : $":{port}")}";
        HubAddress? address = Enrolment.HubAddress.Read(configuration["address"] ?? ownAddress);
        if (address is null)
            wrong.Add("address: it is https://name[:port] in lower case, without a path");

        HubAddress? hubAddress = configuration["hub-address"] is { } among ? Enrolment.HubAddress.Read(among) : address;
        if (hubAddress is null && address is not null)
            wrong.Add("hub-address: it is https://name[:port] in lower case, without a path");

        string? chain = configuration["certificate"];
        string? key = configuration["certificate-key"];
        if (chain is null != key is null)
            wrong.Add("certificate and certificate-key: each needs the other");

        TimeSpan idle = Minutes(configuration, "session-idle", 1, 1440, 30, wrong);
        TimeSpan life = Minutes(configuration, "session-life", 5, 43_200, 720, wrong);
        IPEndPoint[]? nodes = List(configuration, "node-listen", text => IPEndPoint.TryParse(text, out IPEndPoint? point) && text.Contains(':', StringComparison.Ordinal) ? point : null, "address:port, such as [::]:5443", wrong);
        if (nodes?.Length > 1)
            wrong.Add("node-listen: one address and port");

        var media = new MediaNode.NodeSettings();
        IPAddress[]? bind = List(configuration, "media-listen", text => IPAddress.TryParse(text, out IPAddress? ip) ? ip : null, "IP addresses", wrong);
        IPAddress[]? advertise = List(configuration, "media-advertise", text => IPAddress.TryParse(text, out IPAddress? ip) ? ip : null, "IP addresses", wrong);
        object[]? udp = List<object>(configuration, "media-udp", text => ushort.TryParse(text, out ushort number) ? (int)number : null, "ports from 0 to 65535", wrong);
        int tcp = media.TcpPort;
        if (configuration["media-tcp"] is { } text && !(int.TryParse(text, out tcp) && tcp is >= -1 and <= ushort.MaxValue))
            wrong.Add("media-tcp: a port from 0 to 65535, or -1");

        bool mayPollPrivate = false;
        if (configuration["calendar-private"] is { } word && !bool.TryParse(word, out mayPollPrivate))
            wrong.Add("calendar-private: true or false");

        if (wrong.Count > 0)
            return null;

        return new HubSettings
        {
            Data = Path.GetFullPath(configuration["data"] ?? DefaultData()),
            Address = address!,
            HubAddress = hubAddress!,
            Listen = listen,
            Database = configuration["database"],
            Certificate = chain is null ? null : (chain, key!),
            MayPollPrivateCalendars = mayPollPrivate,
            SessionIdle = idle,
            SessionLife = life,
            MetricsToken = configuration["metrics-token"],
            NodeListen = nodes?[0],
            Media = media with
            {
                Listen = bind ?? media.Listen,
                Advertise = advertise ?? media.Advertise,
                UdpPorts = udp?.Cast<int>().ToArray() ?? media.UdpPorts,
                TcpPort = tcp,
                WebSocket = new Uri(address!.Of("/media")),
            },
        };
    }

    private static string DefaultData() =>
        Environment.GetEnvironmentVariable("STATE_DIRECTORY") is { Length: > 0 } state
            ? state
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "roomhub");

    private static TimeSpan Minutes(IConfiguration configuration, string name, int least, int most, int usual, List<string> wrong)
    {
        if (configuration[name] is not { } text)
            return TimeSpan.FromMinutes(usual);
        if (int.TryParse(text, out int minutes) && minutes >= least && minutes <= most)
            return TimeSpan.FromMinutes(minutes);

        wrong.Add($"{name}: minutes from {least} to {most}");
        return default;
    }

    private static T[]? List<T>(IConfiguration configuration, string name, Func<string, T?> read, string form, List<string> wrong)
        where T : class
    {
        if (configuration[name] is not { } text)
            return null;

        T?[] values = [.. text.Split(',', StringSplitOptions.TrimEntries).Select(read)];
        if (values.Length > 0 && values.All(value => value is not null))
            return values!;

        wrong.Add($"{name}: {form}, with commas between them");
        return null;
    }
}
