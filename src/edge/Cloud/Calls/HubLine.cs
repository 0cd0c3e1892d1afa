using System.Net.WebSockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using RoomAgent.Agent.Ports;
using RoomAgent.Cloud.Account;
using RoomAgent.Cloud.Trust;
using RoomAgent.Enrolment;

namespace RoomAgent.Cloud.Calls;

/// <summary>One call at the hub. The content is made anew when it is asked twice.</summary>
/// <param name="Method">The method.</param>
/// <param name="Path">The path, with a query when there is one.</param>
internal sealed record HubCall(HttpMethod Method, string Path)
{
    /// <summary>Makes the content.</summary>
    public Func<HttpContent>? Content { get; init; }

    /// <summary>Whose proof goes with it; <see langword="null"/> for none.</summary>
    public IDeviceKey? Key { get; init; }

    /// <summary>The scheme of the token.</summary>
    public string Scheme { get; init; } = "DPoP";

    /// <summary>The token that goes with it.</summary>
    public string? Token { get; init; }

    /// <summary>The tag of what is known already.</summary>
    public string? IfNoneMatch { get; init; }

    /// <summary>The largest answer, in bytes.</summary>
    public int MaxAnswer { get; init; } = HubLine.UsualAnswer;

    /// <summary>Nothing of the token.</summary>
    public override string ToString() => $"{Method} {Path}";
}

/// <summary>
/// Calls at one address. It bounds every answer in size and time, remembers the nonce of the last one and learns the time from it;
/// a proof that was refused for its nonce or its time is made again.
/// </summary>
internal sealed class HubLine : IDisposable
{
    /// <summary>The largest answer of most calls, in bytes.</summary>
    public const int UsualAnswer = 64 * 1024;

    // First without a nonce, then perhaps with a wrong clock, then right.
    private const int MostAttempts = 3;
    private const int NonceSize = 32;
    private static readonly TimeSpan s_tlsLeeway = TimeSpan.FromMinutes(5);

    private readonly CloudSettings _settings;
    private readonly HubClock _clock;
    private volatile string? _nonce;

    public HubLine(HubAddress address, CloudSettings settings, HubClock clock)
    {
        Address = address;
        _settings = settings;
        _clock = clock;
        Door = new HubDoor(settings, clock);
    }

    public HubAddress Address { get; }

    public HubDoor Door { get; }

    public HubClock Clock => _clock;

    /// <summary>A call to the hub itself.</summary>
    public async Task<HubAnswer> CallAsync(HubCall call, CancellationToken cancel)
    {
        for (int attempt = 1; ; attempt++)
        {
            using HttpRequestMessage request = Make(call);
            HubAnswer answer = await SendAsync(Door.Invoker, request, call.MaxAnswer, cancel);
            if (answer.Fault != HubFault.None)
                return answer;

            // A clock is corrected before anything is made of a refusal: with a wrong one, no assertion and no proof can be right.
            bool wasCorrected = Learn(answer);
            bool isProofRefused = call.Key is not null && (answer.Error == "use_dpop_nonce" || (wasCorrected && answer.Error is "invalid_dpop_proof" or "invalid_client"));
            if (!isProofRefused || attempt == MostAttempts)
                return answer;
        }
    }

    /// <summary>Opens a WebSocket to the hub itself. Does not throw for anything that the other side or the network does.</summary>
    /// <param name="key">Signs the proof.</param>
    /// <param name="token">In whose name.</param>
    /// <param name="path">The path, with a query when there is one.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>The socket, or why there is none; and whether it is the token that the hub does not take.</returns>
    public async Task<(HubSocket Opened, bool IsTokenRefused)> OpenSocketAsync(IDeviceKey key, string token, string path, CancellationToken cancel)
    {
        var socket = new ClientWebSocket();
        using var limit = new CancellationTokenSource(_settings.CallTimeout, _clock.Device);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, limit.Token);
        try
        {
            socket.Options.CollectHttpResponseDetails = true;
            socket.Options.SetRequestHeader("Authorization", $"DPoP {token}");
            socket.Options.SetRequestHeader("DPoP", Proof(key, "GET", path, token));
            var address = new UriBuilder(Address.Of(path)) { Scheme = Uri.UriSchemeWss };
            await socket.ConnectAsync(address.Uri, Door.Invoker, either.Token);
            socket.HttpResponseHeaders = null;
            return (new HubSocket(socket, HubFault.None, 101), false);
        }
        catch (Exception problem) when (problem is WebSocketException or ObjectDisposedException || (problem is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            int status = (int)socket.HttpStatusCode;
            bool isTokenRefused = false;
            if (socket.HttpResponseHeaders is { } headers)
            {
                Learn(HubAnswer.NonceOf(Of(headers, "DPoP-Nonce")), DateTimeOffset.TryParse(Of(headers, "Date").FirstOrDefault(), out DateTimeOffset date) ? date : null);
                isTokenRefused = Of(headers, "WWW-Authenticate").Any(value => value.Contains("error=\"invalid_token\"", StringComparison.Ordinal));
            }

            socket.Dispose();
            HubFault fault = status != 0 ? HubFault.None : problem is OperationCanceledException ? HubFault.TooSlow : FaultOf(problem);
            return (new HubSocket(null, fault, status), isTokenRefused);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        static IEnumerable<string> Of(IReadOnlyDictionary<string, IEnumerable<string>> headers, string name) => headers.TryGetValue(name, out IEnumerable<string>? values) ? values : [];
    }

    /// <summary>Asks whoever is there who they say they are.</summary>
    /// <param name="introduction">A connection that carries nothing else.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>The description, or <see langword="null"/> and why there is none.</returns>
    public async Task<(HubDescription? Who, HubAnswer Answer)> AskWhoAsync(HubDoor.Introduction introduction, CancellationToken cancel)
    {
        HubAnswer answer = await AskAsync(introduction, HubEndpoints.Identity, cancel).ConfigureAwait(false);
        if (answer is not { Status: 200, Json: { } json })
            return (null, answer);
        return HubDescription.Read(json) is { } who ? (who, answer) : (null, new HubAnswer(HubFault.Malformed));
    }

    /// <summary>Has whoever is there sign how late it is, over a nonce: they have the key, and have it now.</summary>
    /// <param name="introduction">The same connection.</param>
    /// <param name="key">The key that they say they have.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>The time as the answer came, and the answer; no time when there is no answer (its status is not 200) or it was not signed by that key.</returns>
    public async Task<(DateTimeOffset? Time, HubAnswer Answer)> AskTimeAsync(HubDoor.Introduction introduction, HubKey key, CancellationToken cancel)
    {
        byte[] nonce = RandomNumberGenerator.GetBytes(NonceSize);
        long askedAt = _clock.Device.GetTimestamp();
        HubAnswer answer = await AskAsync(introduction, HubEndpoints.Time(nonce), cancel).ConfigureAwait(false);
        return (answer.Status == 200 ? HubEndpoints.ReadTime(answer, nonce, key) + (_clock.Device.GetElapsedTime(askedAt) / 2) : null, answer);
    }

    /// <summary>The TLS key that the hub has signed as its own, when TLS is spoken with it now; <see langword="null"/> otherwise.</summary>
    /// <param name="introduction">The connection.</param>
    /// <param name="who">What the hub has signed.</param>
    /// <param name="now">The hub's time.</param>
    public static HubTlsKey? TlsKeyOf(HubDoor.Introduction introduction, HubDescription who, DateTimeOffset now) =>
        who.Tls is { } said && introduction.IsWith(said) && now >= said.NotBefore - s_tlsLeeway && now <= said.NotAfter + s_tlsLeeway ? said : null;

    private async Task<HubAnswer> AskAsync(HubDoor.Introduction introduction, HubCall call, CancellationToken cancel)
    {
        using HttpRequestMessage request = Make(call);
        return await SendAsync(introduction.Invoker, request, call.MaxAnswer, cancel).ConfigureAwait(false);
    }

    /// <summary>A request, its token, and a proof of now.</summary>
    public HttpRequestMessage Make(HubCall call)
    {
        var request = new HttpRequestMessage(call.Method, Address.Of(call.Path)) { Content = call.Content?.Invoke() };
        if (call.Token is not null)
            request.Headers.TryAddWithoutValidation("Authorization", $"{call.Scheme} {call.Token}");
        if (call.Key is not null)
            request.Headers.TryAddWithoutValidation("DPoP", Proof(call.Key, call.Method.Method, call.Path, call.Token));
        if (call.IfNoneMatch is not null)
            request.Headers.TryAddWithoutValidation("If-None-Match", call.IfNoneMatch);
        return request;
    }

    /// <summary>A proof for a request of now.</summary>
    public string Proof(IDeviceKey key, string method, string path, string? token) =>
        Proofs.Proof(key, method, Address.Of(path.Split('?', 2)[0]), _clock.Now, _nonce, token);

    /// <summary>Takes nonce and time from an answer of the hub itself.</summary>
    /// <returns>Whether the clock was wrong.</returns>
    public bool Learn(string? nonce, DateTimeOffset? date)
    {
        _nonce = nonce ?? _nonce;
        return date is { } time && _clock.Correct(time);
    }

    /// <summary>Sends a request and reads the whole answer. Does not throw for anything that the other side or the network does.</summary>
    public async Task<HubAnswer> SendAsync(HttpMessageInvoker invoker, HttpRequestMessage request, int maxAnswer, CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(_settings.CallTimeout, _clock.Device);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, limit.Token);
        try
        {
            using HttpResponseMessage response = await invoker.SendAsync(request, either.Token);
            return await ReadAsync(response, maxAnswer, either.Token) is { } body ? new HubAnswer(response, body, _clock.Now) : new HubAnswer(HubFault.TooLarge);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return new HubAnswer(HubFault.TooSlow);
        }
        catch (Exception problem) when (problem is HttpRequestException or IOException or ObjectDisposedException)
        {
            return new HubAnswer(FaultOf(problem));
        }
    }

    public void Dispose() => Door.Dispose();

    /// <summary>What an exception of the framework means.</summary>
    public static HubFault FaultOf(Exception problem)
    {
        for (Exception? inner = problem; inner is not null; inner = inner.InnerException)
        {
            switch (inner)
            {
                case AuthenticationException:
                    return HubFault.NotTheHub;
                case HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse }:
                    return HubFault.Malformed;
                case HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded }:
                    return HubFault.TooLarge;
            }
        }

        return HubFault.NoConnection;
    }

    private bool Learn(HubAnswer answer) => Learn(answer.Nonce, answer.Date);

    private static async Task<byte[]?> ReadAsync(HttpResponseMessage response, int most, CancellationToken cancel)
    {
        if (response.Content.Headers.ContentLength > most)
            return null;

        await using Stream stream = await response.Content.ReadAsStreamAsync(cancel);
        using var body = new MemoryStream();
        byte[] room = new byte[8 * 1024];
        int read;
        while ((read = await stream.ReadAsync(room, cancel)) > 0)
        {
            if (body.Length + read > most)
                return null;
            body.Write(room, 0, read);
        }

        return body.ToArray();
    }
}
