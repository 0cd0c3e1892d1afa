using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using RoomAgent.XApi;

namespace RoomAgent.Rooms;

/// <summary>A room as a process, and a person in it, who does what people there do: at its own socket.</summary>
internal sealed class Room : IAsyncDisposable
{
    private const int Wait = 10;

    private readonly Story _story;
    private readonly Func<Child> _start;
    private readonly HttpClient _http;
    private CancellationTokenSource _stop = new();
    private readonly Dictionary<string, TimeSpan> _reached = [];
    private Task _following = Task.CompletedTask;
    private Child _child;
    private volatile RoomView? _view;

    private Room(string name, Func<Child> start, string socket, int page, Story story)
    {
        (Name, _start, _child, Socket, Page, _story) = (name, start, start(), socket, string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{page}/"), story);
        _http = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (_, cancel) =>
            {
                var end = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await end.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancel);
                    return new NetworkStream(end, ownsSocket: true);
                }
                catch
                {
                    end.Dispose();
                    throw;
                }
            },
        })
        {
            BaseAddress = new Uri("http://room"),
        };
    }

    /// <summary>What it is called.</summary>
    public string Name { get; }

    /// <summary>Where <c>roomctl</c> reaches it.</summary>
    public string Socket { get; }

    /// <summary>Where its display is to be seen.</summary>
    public string Page { get; }

    /// <summary>How it stands; <see langword="null"/> before it has said.</summary>
    public RoomView? View => _view;

    /// <summary>The meeting, once it is a member.</summary>
    public MeetingView? Meeting => _view?.Meeting is { Stage: "Member" } meeting ? meeting : null;

    /// <summary>Its own entry in the roster, once it is a member.</summary>
    public MemberView? Self => Meeting?.Members.FirstOrDefault(member => member.IsSelf);

    /// <summary>The memory of its process, in bytes.</summary>
    public long Memory => _child.Memory;

    /// <summary>When it came that far; <see langword="null"/> before.</summary>
    public TimeSpan? When(string what)
    {
        lock (_reached)
            return _reached.TryGetValue(what, out TimeSpan when) ? when : null;
    }

    /// <summary>Starts one.</summary>
    /// <param name="name">What to call it.</param>
    /// <param name="programs">Where programs are.</param>
    /// <param name="folder">Where it may keep what it keeps.</param>
    /// <param name="settings">What it is to be told.</param>
    /// <param name="story">Hears what happens.</param>
    public static Room Start(string name, string programs, string folder, IEnumerable<string> settings, Story story)
    {
        string state = Path.Combine(folder, name);
        int page = Ports.FreeTcp();
        string[] all = [$"paths.state={state}", string.Create(CultureInfo.InvariantCulture, $"local.listen=127.0.0.1:{page}"), .. settings];
        string[] words = ["--simulate", .. all.SelectMany(setting => (string[])["--set", setting])];
        Child Begin() => Child.Start(name, Path.Combine(programs, "RoomAgent", "release", "roomagent.dll"), words, Path.Combine(folder, $"{name}.log"));
        var room = new Room(name, Begin, Path.Combine(state, "local.sock"), page, story);
        room._following = room.FollowAsync(room._stop.Token);
        return room;
    }

    /// <summary>Its power is cut, and comes back.</summary>
    /// <param name="off">For how long it is off.</param>
    public async Task KillAsync(TimeSpan off)
    {
        await _stop.CancelAsync();
        await _following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _child.KillAsync();
        await _child.DisposeAsync();
        _stop.Dispose();
        await Task.Delay(off);
        (_view, _stop) = (null, new CancellationTokenSource());
        _child = _start();
        _following = FollowAsync(_stop.Token);
    }

    /// <summary>Has it do something.</summary>
    public async Task DoAsync(string command, CancellationToken cancel, params (string Name, string Value)[] arguments)
    {
        var content = new ByteArrayContent(new RpcRequest("1", command, arguments.ToDictionary(one => one.Name, one => one.Value)).Write());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using HttpResponseMessage response = await _http.PostAsync("/rpc", content, cancel);
        RpcReply reply = RpcReply.Read(await response.Content.ReadAsByteArrayAsync(cancel)) ?? throw new DemoProblem($"{Name} does not answer {command}.");
        if (reply.Fault != RpcFault.None)
            throw new DemoProblem($"{Name} refuses {command}: {reply.Message}");
    }

    /// <summary>What is on its display, as a PNG.</summary>
    public Task<byte[]> DisplayAsync(CancellationToken cancel) => _http.GetByteArrayAsync("/display.png", cancel);

    /// <summary>Waits until something is so.</summary>
    /// <param name="isSo">What.</param>
    /// <param name="what">The same in words that follow "until".</param>
    /// <param name="patience">How long.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<RoomView> UntilAsync(Func<RoomView, bool> isSo, string what, TimeSpan patience, CancellationToken cancel)
    {
        TimeSpan until = _story.Elapsed + patience;
        while (true)
        {
            if (_view is { } view && isSo(view))
                return view;
            if (_child.HasEnded)
                throw new DemoProblem($"{Name} ended: {_child.LogFile} says why.");
            if (_story.Elapsed > until)
                throw new DemoProblem($"{Name}: waited {patience.TotalSeconds:0} s in vain until {what}. It is {_view?.Phase ?? "silent"}, {_view?.Account.State} {_view?.Account.Why}, {_view?.Meeting?.Stage} {_view?.Meeting?.Trouble}; {_child.LogFile} says more.");

            await Task.Delay(5, cancel);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _http.Dispose();
        await _child.DisposeAsync();
        _stop.Dispose();
    }

    private async Task FollowAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                string path = _view is { } seen ? string.Create(CultureInfo.InvariantCulture, $"/status?after={seen.Version}&wait={Wait}") : "/status";
                if (RoomJson.ReadView(await _http.GetByteArrayAsync(path, stop)) is not { } now)
                    continue;

                Tell(_view, now);
                _view = now;
            }
            catch (Exception early) when (early is HttpRequestException or IOException && !stop.IsCancellationRequested)
            {
                // It has not opened its door yet, or is gone, which whoever waits for it sees.
                await Task.Delay(50, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Tell(RoomView? before, RoomView now)
    {
        if (now.Account.State != before?.Account.State && Words(now.Account) is { } account)
            Reach(now.Account.State, account);
        if (now.CertifiedUntil is { } until && before?.CertifiedUntil is null)
            Reach("Certified", $"has a certificate for {now.DnsName} until {until.UtcDateTime:yyyy-MM-dd HH:mm} UTC");
        if (now.Countdown is { } countdown && before?.Countdown is null)
            Reach("Countdown", $"joins \"{countdown.Title}\" at {countdown.JoinsAt.UtcDateTime:HH:mm:ss} UTC unless somebody there stops it");
        if (now.Meeting is not { } meeting)
            return;

        MeetingView? old = before?.Meeting;
        if (meeting.Stage != old?.Stage)
            Reach(meeting.Stage, meeting.Trouble is { } trouble ? $"meeting: {meeting.Stage}, {trouble}" : $"meeting: {meeting.Stage}");
        if (meeting.Epoch is { } epoch && epoch != old?.Epoch)
            Reach("Epoch", string.Create(CultureInfo.InvariantCulture, $"epoch {epoch}, {meeting.Members.Count} members"));
        if (meeting.Code is { Status: "Current" } code && (code.Epoch != old?.Code?.Epoch || code.Status != old?.Code?.Status))
            Reach("Code", string.Create(CultureInfo.InvariantCulture, $"security code {code.Short} (epoch {code.Epoch}, {code.Members} members)"));
        if (meeting.Media.Transport.Length > 0 && meeting.Media.Transport != old?.Media.Transport)
            Reach("Transport", $"media by {meeting.Media.Transport}");
        if (meeting.Media.Encoder.Length > 0 && meeting.Media.Encoder != old?.Media.Encoder)
            Reach("Encoder", $"pictures by {meeting.Media.Encoder}");
        if (meeting.Media.Streams.Any(stream => stream.IsVideo && stream.Frames > 0) && old?.Media.Streams.Any(stream => stream.IsVideo && stream.Frames > 0) != true)
            Reach("Picture", "sees somebody");
        if (meeting.Media.Streams.Any(stream => !stream.IsVideo && stream.Frames > 0) && old?.Media.Streams.Any(stream => !stream.IsVideo && stream.Frames > 0) != true)
            Reach("Sound", "hears somebody");
        if (meeting.IsForked && old?.IsForked != true)
            Reach("Forked", "WARNING: the service shows different things to different members");
    }

    private void Reach(string what, string words)
    {
        lock (_reached)
            _reached.TryAdd(what, _story.Elapsed);
        _story.Tell(Name, words);
    }

    private static string? Words(AccountView account) => account.State switch
    {
        "NoHub" => null,
        "HubUnknown" => $"found a hub whose words are {account.Words}",
        "Pairing" => $"shows the code {account.Code} and the digits {account.Digits}",
        "Registering" => "becomes a member",
        "Claimed" or "Paired" => $"{(account.State == "Claimed" ? "was claimed by" : "is paired with")} {account.Organisation}",
        _ => account.Why is { } why ? $"hub: {account.State}, {why}" : $"hub: {account.State}",
    };
}
