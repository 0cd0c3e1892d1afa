using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using RoomAgent.Hub.Testing;

namespace RoomAgent.Whole.Tests;

/// <summary>The hub's program in a process of its own, with its media node and an empty folder.</summary>
internal sealed partial class HubAlone : IVisitableHub, IAsyncDisposable
{
    private readonly DirectoryInfo _folder;
    private readonly HubProgram _program;
    private readonly Uri _address;

    private HubAlone(DirectoryInfo folder, HubProgram program, Uri address, int mediaPort) => (_folder, _program, _address, MediaPort) = (folder, program, address, mediaPort);

    /// <summary>The process.</summary>
    public int Id => _program.Id;

    /// <summary>The one UDP port of its media.</summary>
    public int MediaPort { get; }

    /// <summary>Where it keeps everything: database, keys, certificates.</summary>
    public string Data => Path.Combine(_folder.FullName, "data");

    /// <summary>All that it has written on its console.</summary>
    public string Said => _program.Said;

    public Uri? FirstInvitation { get; private init; }

    public static async Task<HubAlone> StartAsync()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("roomhub-");
        string listen = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Free(SocketType.Stream)}");
        int media = Free(SocketType.Dgram);
        HubProgram program = HubProgram.Start(
            ["--data", Path.Combine(folder.FullName, "data"), "--address", $"https://{listen}", "--listen", listen,
                "--media-listen", "127.0.0.1", "--media-udp", media.ToString(CultureInfo.InvariantCulture), "--media-tcp", "-1"],
            new Dictionary<string, string> { ["JOURNAL_STREAM"] = "" });
        await program.UntilAsync(() => Link().IsMatch(program.Said), "the link for its first administrator");
        return new HubAlone(folder, program, new Uri($"https://{listen}"), media) { FirstInvitation = new Uri(Link().Match(program.Said).Value) };
    }

    public HttpClient NewClient(bool followsRedirects = false, IPAddress? from = null) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = followsRedirects,
        UseProxy = false,
        SslOptions = { RemoteCertificateValidationCallback = (_, presented, _, _) => IsOurs(presented) },
    })
    {
        BaseAddress = _address,
    };

    public async ValueTask DisposeAsync()
    {
        await _program.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private bool IsOurs(X509Certificate? presented)
    {
        using X509Certificate2 own = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(Data, "tls.pem"));
        return presented is not null && own.RawDataMemory.Span.SequenceEqual(presented.GetRawCertData());
    }

    private static int Free(SocketType type)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, type, ProtocolType.Unspecified);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    [GeneratedRegex("https://\\S+/invitation/[A-Za-z0-9_-]+")]
    private static partial Regex Link();
}
