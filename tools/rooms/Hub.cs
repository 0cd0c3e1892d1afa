using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace RoomAgent.Rooms;

/// <summary>The hub as a process, and its administrator, who opens pages and calls the API as a browser would.</summary>
internal sealed partial class Hub : IAsyncDisposable
{
    /// <summary>Who the administrator is.</summary>
    public const string Mailbox = "alice@demo.example";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly Func<Child> _start;
    private readonly HttpClient _http;
    private readonly string _data;
    private Child _child;

    private Hub(Func<Child> start, string address, string data)
    {
        _start = start;
        _child = start();
        _data = data;
        Address = address;
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, SslOptions = { RemoteCertificateValidationCallback = (_, presented, _, _) => IsOurs(presented) } })
        {
            BaseAddress = new Uri(address),
            Timeout = s_patience,
        };
    }

    /// <summary>Where it is.</summary>
    public string Address { get; }

    /// <summary>With what the administrator signs in: made anew for each demonstration.</summary>
    public string Password { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(10));

    /// <summary>Whether it has ended.</summary>
    public bool HasEnded => _child.HasEnded;

    /// <summary>Starts a new one, whose first administrator we become by the link that it prints.</summary>
    /// <param name="programs">Where programs are.</param>
    /// <param name="folder">Where it may keep what it keeps.</param>
    /// <param name="udpPorts">Where its media node listens.</param>
    /// <param name="advertise">Where rooms are told that it does.</param>
    /// <param name="cancel">Gives up.</param>
    public static async Task<Hub> StartAsync(string programs, string folder, IReadOnlyList<int> udpPorts, IPAddress advertise, CancellationToken cancel)
    {
        string data = Path.Combine(folder, "hub");
        string address = string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{Ports.FreeTcp()}");
        var invitation = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        // Rooms are told of the very port, so that it has to be one; behind the lossy link there is no TCP.
        int tcpPort = advertise.Equals(IPAddress.Loopback) ? Ports.FreeTcp() : -1;
        string[] words =
        [
            "--data", data, "--address", address, "--listen", address["https://".Length..],
            "--media-listen", "127.0.0.1", "--media-advertise", advertise.ToString(), "--media-udp", string.Join(',', udpPorts), "--media-tcp", tcpPort.ToString(CultureInfo.InvariantCulture),
        ];
        Child Begin() => Child.Start("hub", Path.Combine(programs, "RoomHub", "release", "RoomHub.dll"), words, Path.Combine(folder, "hub.log"), line =>
        {
            if (Link().Match(line) is { Success: true } link)
                invitation.TrySetResult(new Uri(link.Value));
        });
        var hub = new Hub(Begin, address, data);
        try
        {
            await hub.UntilAsync(invitation.Task, "the hub prints the link for its first administrator", cancel);
            await hub.AcceptAsync(await invitation.Task, cancel);
            return hub;
        }
        catch
        {
            await hub.DisposeAsync();
            throw;
        }
    }

    /// <summary>The memory of its process, in bytes.</summary>
    public long Memory => _child.Memory;

    /// <summary>Its power is cut, and comes back.</summary>
    /// <param name="off">For how long it is off.</param>
    public async Task KillAsync(TimeSpan off)
    {
        await _child.KillAsync();
        await _child.DisposeAsync();
        await Task.Delay(off);
        _child = _start();
    }

    /// <summary>The words that its pages show, over a connection with its own certificate.</summary>
    public async Task<string> WordsAsync(CancellationToken cancel)
    {
        using HttpResponseMessage response = await _http.GetAsync("/hub/identity", cancel);
        JsonNode identity = JsonNode.Parse(await response.Content.ReadAsStringAsync(cancel))!;
        return (string?)identity["fingerprint"] ?? throw new DemoProblem("The hub does not say its words.");
    }

    /// <summary>Enters the code of a display; gives the digits that have to be on that display.</summary>
    public async Task<string> LookUpAsync(string code, CancellationToken cancel) =>
        (string)(await CallAsync(HttpMethod.Post, "/api/pairing/lookup", new { user_code = code }, cancel))["confirmation"]!;

    /// <summary>Lets the device with a code in.</summary>
    public Task ApproveAsync(string code, string name, CancellationToken cancel) =>
        CallAsync(HttpMethod.Post, "/api/pairing/decision", new { user_code = code, approve = true, device_name = name }, cancel);

    /// <summary>What an administrator prints for a new device.</summary>
    public async Task<string> SetupCodeAsync(string name, CancellationToken cancel) =>
        (string)(await CallAsync(HttpMethod.Post, "/api/activation-codes", new { device_name = name }, cancel))["setup_code"]!;

    /// <summary>Makes a room and says that the device of the same name stands there; gives the room's id.</summary>
    public async Task<string> PlaceAsync(string name, CancellationToken cancel)
    {
        JsonArray devices = (await CallAsync(HttpMethod.Get, "/api/devices", null, cancel))["devices"]!.AsArray();
        string device = (string)devices.Single(one => (string)one!["name"]! == name)!["id"]!;
        return (string)(await CallAsync(HttpMethod.Post, "/api/rooms", new { name, zone = "UTC", device }, cancel))["id"]!;
    }

    /// <summary>Schedules a meeting that is end-to-end encrypted.</summary>
    public Task ScheduleAsync(string title, DateTime start, DateTime end, IEnumerable<string> rooms, CancellationToken cancel) =>
        CallAsync(HttpMethod.Post, "/api/meetings", new Dictionary<string, object> { ["title"] = title, ["zone"] = "UTC", ["start"] = Text(start), ["end"] = Text(end), ["class"] = "end-to-end", ["rooms"] = rooms }, cancel);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return _child.DisposeAsync();
    }

    private async Task AcceptAsync(Uri link, CancellationToken cancel)
    {
        string token = await OpenAsync(link.AbsolutePath, cancel);
        await SubmitAsync(link.AbsolutePath, token, [new("Organisation", "Demo"), new("MailboxText", Mailbox), new("Name", "Alice"), new("Password", Password), new("Again", Password)], cancel);
        token = await OpenAsync("/sign-in", cancel);
        await SubmitAsync("/sign-in", token, [new("MailboxText", Mailbox), new("Password", Password)], cancel);
    }

    private async Task<string> OpenAsync(string path, CancellationToken cancel)
    {
        using HttpResponseMessage page = await _http.GetAsync(path, cancel);
        string html = await page.Content.ReadAsStringAsync(cancel);
        return Token().Match(html) is { Success: true } token ? token.Groups[1].Value : throw new DemoProblem($"The hub's page {path} has no form ({(int)page.StatusCode}).");
    }

    private async Task SubmitAsync(string path, string token, IEnumerable<KeyValuePair<string, string>> fields, CancellationToken cancel)
    {
        using var form = new FormUrlEncodedContent([.. fields, new("__RequestVerificationToken", token)]);
        using HttpResponseMessage answer = await _http.PostAsync(path, form, cancel);
        if (answer.StatusCode is not (HttpStatusCode.Redirect or HttpStatusCode.SeeOther))
            throw new DemoProblem($"The hub's page {path} did not take the form ({(int)answer.StatusCode}).");
    }

    private async Task<JsonNode> CallAsync(HttpMethod method, string path, object? body, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Add("X-Requested-With", "rooms");
        using HttpResponseMessage answer = await _http.SendAsync(request, cancel);
        string text = await answer.Content.ReadAsStringAsync(cancel);
        if (!answer.IsSuccessStatusCode)
            throw new DemoProblem($"The hub refused {method} {path}: {(int)answer.StatusCode} {text}");
        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
    }

    private async Task UntilAsync(Task done, string what, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(s_patience);
        while (!done.IsCompleted)
        {
            if (HasEnded)
                throw new DemoProblem($"The hub ended: {_child.LogFile} says why.");
            await Task.WhenAny(done, Task.Delay(100, patience.Token));
            if (patience.IsCancellationRequested)
                throw new DemoProblem($"Waited in vain until {what}: {_child.LogFile} may say why.");
        }
    }

    // The hub's own certificate, from its folder: nobody else's is taken.
    private bool IsOurs(X509Certificate? presented)
    {
        using X509Certificate2 own = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(_data, "tls.pem"));
        return presented is not null && own.RawDataMemory.Span.SequenceEqual(presented.GetRawCertData());
    }

    private static string Text(DateTime time) => time.ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture);

    [GeneratedRegex("name=\"__RequestVerificationToken\" type=\"hidden\" value=\"([^\"]+)\"")]
    private static partial Regex Token();

    [GeneratedRegex("https://\\S+/invitation/[A-Za-z0-9_-]+")]
    private static partial Regex Link();
}
