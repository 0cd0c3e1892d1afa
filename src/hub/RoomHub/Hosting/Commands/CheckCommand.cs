using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RoomAgent.Hub.Store;

namespace RoomAgent.Hub.Hosting.Commands;

/// <summary><c>roomhub check</c>: what is wrong with this machine and these settings, before anybody else finds out.</summary>
internal static class CheckCommand
{
    private static readonly TimeSpan s_soon = TimeSpan.FromDays(14);

    public static Command Create(VerbRunner run)
    {
        var command = new Command("check", "Looks at settings, folder, database, certificate and ports, and says what is wrong and what to do. It changes nothing; the hub may run.");
        command.SetAction(run(CheckAsync));
        return command;
    }

    private static async Task<int> CheckAsync(HubSettings settings, ParseResult parsed, CancellationToken cancel)
    {
        bool isGood = true;
        void Tell(string what, string? problem, string good)
        {
            isGood &= problem is null;
            Console.WriteLine($"{(problem is null ? "good" : "BAD ")}  {what}: {problem ?? good}");
        }

        // Whoever could read the settings has no problem with them: they would have ended the program.
        Tell("settings", null, $"the hub is {settings.Address}");
        Tell("folder", FolderProblem(settings), settings.Data);
        Tell("database", await DatabaseProblemAsync(settings, cancel), settings.Database is null ? "SQLite" : "PostgreSQL");
        Tell("certificate", CertificateProblem(settings), settings.Certificate is null ? "the hub makes its own; browsers warn of it, devices know the hub by its identity key" : "it belongs to its key and to the address");
        // A hub takes all of its ports as it starts, or ends: where one answers, what is in use is in use by it.
        bool isRunning = settings.Listen.Any(IsHub);
        string? PortProblem(IPEndPoint point, SocketType type) => CheckCommand.PortProblem(point, type, isRunning);
        foreach (IPEndPoint point in settings.Listen)
            Tell($"port {point}", PortProblem(point, SocketType.Stream), "free, or in use by a hub");
        if (settings.NodeListen is { } nodes)
            Tell($"port {nodes}", PortProblem(nodes, SocketType.Stream), "free, or in use by a hub");
        foreach (IPAddress address in settings.Media.Listen)
        {
            foreach (int port in settings.Media.UdpPorts)
                Tell($"media {port}/udp", PortProblem(new IPEndPoint(address, port), SocketType.Dgram), "free, or in use by a hub");
            if (settings.Media.TcpPort >= 0)
                Tell($"media {settings.Media.TcpPort}/tcp", PortProblem(new IPEndPoint(address, settings.Media.TcpPort), SocketType.Stream), "free, or in use by a hub");
        }

        return isGood ? ExitCode.Good : ExitCode.Failure;
    }

    private static string? FolderProblem(HubSettings settings)
    {
        if (!Directory.Exists(settings.Data))
            return $"{settings.Data} is not there; roomhub makes it when it starts, if it may write to the folder above";

        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        foreach (string secret in new[] { DataFolder.SecretName, DataFolder.RootSecretName }.Select(name => Path.Combine(settings.Data, name)).Where(File.Exists))
        {
            if ((File.GetUnixFileMode(secret) & others) != 0)
                return $"others may read {secret}: chmod go-rwx it";
        }

        return null;
    }

    private static async Task<string?> DatabaseProblemAsync(HubSettings settings, CancellationToken cancel)
    {
        string file = Path.Combine(settings.Data, DataFolder.DatabaseName);
        if (settings.Database is null && !File.Exists(file))
            return $"{file} is not there yet; roomhub makes it when it starts for the first time";

        try
        {
            await using Database database = settings.Database is { } server ? Database.PostgreSql(server) : Database.Sqlite(file);
            int step = await database.ReadAsync(transaction => transaction.FirstAsync($"SELECT MAX(number) FROM schema_step", row => (int?)row.LongOrNull(0), cancel), cancel) ?? 0;
            return step > Migration.All[^1].Number ? "a newer roomhub has changed it: install that version or a later one" : null;
        }
        catch (StoreException problem)
        {
            return problem.Message;
        }
    }

    private static string? CertificateProblem(HubSettings settings)
    {
        if (settings.Certificate is not var (chain, key))
            return null;

        try
        {
            using X509Certificate2 certificate = X509Certificate2.CreateFromPemFile(chain, key);
            DateTime now = DateTime.UtcNow;
            if (now > certificate.NotAfter.ToUniversalTime())
                return $"it has expired on {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd}: renew it";
            if (now < certificate.NotBefore.ToUniversalTime())
                return $"it is valid from {certificate.NotBefore.ToUniversalTime():yyyy-MM-dd} on: is the clock right?";
            string host = new Uri(settings.Address.Url).IdnHost;
            if (!certificate.MatchesHostname(host))
                return $"it is not for {host}: get one for that name, or say with --address what rooms call the hub";
            return certificate.NotAfter.ToUniversalTime() - now < s_soon ? $"it expires on {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd}: renew it" : null;
        }
        catch (Exception problem) when (problem is IOException or CryptographicException or UnauthorizedAccessException)
        {
            return $"{chain} and {key} are no certificate with its key that we may read: {problem.Message}";
        }
    }

    private static string? PortProblem(IPEndPoint point, SocketType type, bool isRunning)
    {
        try
        {
            using var socket = new Socket(point.AddressFamily, type, type == SocketType.Stream ? ProtocolType.Tcp : ProtocolType.Udp);
            if (point.Address.Equals(IPAddress.IPv6Any))
                socket.DualMode = true;
            socket.Bind(point);
            return null;
        }
        catch (SocketException problem)
        {
            return problem.SocketErrorCode switch
            {
                SocketError.AccessDenied => "this user may not take ports below 1024: start roomhub by its service, or give it CAP_NET_BIND_SERVICE",
                SocketError.AddressAlreadyInUse => isRunning ? null : "another program has it: ss -lntup tells which",
                SocketError.AddressNotAvailable => "this machine does not have that address",
                _ => problem.Message,
            };
        }
    }

    // A hub that runs here is no problem. Who it is does not matter: nobody else answers like that.
    private static bool IsHub(IPEndPoint point)
    {
        if (point.Port == 0)
            return false;

#pragma warning disable CA5359 // Nothing is told to whoever answers, and nothing is believed but that it answers as a hub.
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true } }) { Timeout = TimeSpan.FromSeconds(10) };
#pragma warning restore CA5359
        IPAddress here = point.Address.Equals(IPAddress.IPv6Any) || point.Address.Equals(IPAddress.Any) ? IPAddress.Loopback : point.Address;
        try
        {
            using HttpResponseMessage answer = http.Send(new HttpRequestMessage(HttpMethod.Get, $"https://{new IPEndPoint(here, point.Port)}/health/live"));
            return answer.IsSuccessStatusCode;
        }
        catch (Exception none) when (none is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }
}
