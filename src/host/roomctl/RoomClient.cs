using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using RoomAgent.XApi;

namespace RoomAgent.Control;

/// <summary>The daemon, by its socket.</summary>
internal sealed class RoomClient : IDisposable
{
    private const int LargestAnswer = 4 * 1024 * 1024;
    private const int Wait = 20;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly string _path;
    private readonly HttpClient _http;

    public RoomClient(string path)
    {
        _path = path;
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false, ConnectCallback = (_, cancel) => ConnectAsync(cancel) })
        {
            BaseAddress = new Uri("http://room"),
            Timeout = s_patience,
            MaxResponseContentBufferSize = LargestAnswer,
        };
    }

    /// <summary>Where the daemon's socket is when nobody says: that of the service, or that of a simulated room of this user.</summary>
    public static string DefaultPath()
    {
        const string Service = "/run/roomagent/local.sock";
        string? states = Environment.GetEnvironmentVariable("XDG_STATE_HOME") is ['/', ..] set ? set
            : Environment.GetEnvironmentVariable("HOME") is ['/', ..] home ? Path.Combine(home, ".local/state") : null;
        string? own = states is null ? null : Path.Combine(states, "roomagent", "local.sock");
        return own is null || File.Exists(Service) || !File.Exists(own) ? Service : own;
    }

    /// <summary>How the room stands.</summary>
    /// <param name="after">What was seen already: comes back once there is something newer, or after a while.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="RoomProblem">There is no such answer.</exception>
    public async Task<(RoomView View, byte[] Text)> ReadAsync(long? after, CancellationToken cancel)
    {
        string path = after is { } seen ? string.Create(CultureInfo.InvariantCulture, $"/status?after={seen}&wait={Wait}") : "/status";
        byte[] text = await SendAsync(new HttpRequestMessage(HttpMethod.Get, path), cancel);
        return (RoomJson.ReadView(text) ?? throw Confused(), text);
    }

    /// <summary>Has the room do something.</summary>
    /// <exception cref="RoomProblem">It did not.</exception>
    public async Task<RpcReply> CallAsync(string command, IReadOnlyDictionary<string, string> arguments, CancellationToken cancel)
    {
        var content = new ByteArrayContent(new RpcRequest("1", command, arguments).Write());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        byte[] text = await SendAsync(new HttpRequestMessage(HttpMethod.Post, "/rpc") { Content = content }, cancel);
        RpcReply reply = RpcReply.Read(text) ?? throw Confused();
        return reply.Fault == RpcFault.None ? reply : throw new RoomProblem(ExitStatus.Refused, reply.Message);
    }

    public void Dispose() => _http.Dispose();

    private async Task<byte[]> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        using (request)
        {
            try
            {
                using HttpResponseMessage response = await _http.SendAsync(request, cancel);
                if (response.StatusCode == HttpStatusCode.TooManyRequests)
                    throw new RoomProblem(ExitStatus.Refused, "The daemon is asked too often: wait a moment, then try again.");
                return response.IsSuccessStatusCode ? await response.Content.ReadAsByteArrayAsync(cancel) : throw Confused();
            }
            catch (HttpRequestException problem)
            {
                throw Explained(problem);
            }
            catch (TaskCanceledException) when (!cancel.IsCancellationRequested)
            {
                throw new RoomProblem(ExitStatus.NoDaemon, $"The daemon does not answer within {s_patience.TotalSeconds:0} seconds: systemctl status roomagent says what it does.");
            }
        }
    }

    private async ValueTask<Stream> ConnectAsync(CancellationToken cancel)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_path), cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private RoomProblem Explained(HttpRequestException problem) => (problem.InnerException as SocketException)?.SocketErrorCode switch
    {
        SocketError.AccessDenied => new(ExitStatus.NotPermitted, $"{_path} may be opened by the owner of the daemon only: try sudo -u roomagent roomctl, or as root."),
        SocketError.ConnectionRefused or SocketError.AddressNotAvailable or SocketError.SocketError => NoDaemon(),
        null => Confused(),
        _ => NoDaemon(),
    };

    private RoomProblem NoDaemon() => new(ExitStatus.NoDaemon, $"No daemon listens at {_path}: start it (systemctl start roomagent), or name its socket with --socket.");

    private static RoomProblem Confused() => new(ExitStatus.Confused, "What answers is not the daemon of this version: start it anew (systemctl restart roomagent).");
}

/// <summary>Why something was not done, in words for whoever asked.</summary>
/// <param name="code">With which code to end.</param>
/// <param name="message">Why, and what to do.</param>
internal sealed class RoomProblem(int code, string message) : Exception(message)
{
    /// <summary>With which code to end.</summary>
    public int Code => code;
}
