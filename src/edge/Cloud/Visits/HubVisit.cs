using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using RoomAgent.Agent.Calendar;
using RoomAgent.Agent.Ports;
using RoomAgent.Cloud.Account;
using RoomAgent.Cloud.Calls;
using RoomAgent.Cloud.Certificates;
using RoomAgent.Cloud.Trust;
using RoomAgent.Enrolment;
using RoomAgent.Wire;

namespace RoomAgent.Cloud.Visits;

/// <summary>
/// Somebody without an account of a device at the hub, for one meeting: a guest who came by a link, or a person who signs in. To a room loop it is the account and the hub's services,
/// as <see cref="Membership"/> and <see cref="HubServices"/> are for a device; there is nothing to keep, and when it ends it is over.
/// </summary>
/// <remarks>
/// <code>
/// MeetAsync: who is there?  -> somebody vouches -> Trust: that is the hub -> JoinAsync by a link, or SignInAsync and choose a meeting -> the room loop
/// </code>
/// Before <see cref="Trust"/> nothing that is secret goes anywhere; from then on to that hub alone.
/// </remarks>
public sealed class HubVisit : IHubAccount, IHubServices, IHubCalls, IDisposable
{
    private const int MaxToken = 6_000;
    private const int MaxChain = 32 * 1024;
    private const int LargestMeeting = 256 * 1024;
    private const string JsonType = "application/json";
    private const string RequestType = "application/pkcs10";
    private const string SessionPath = "/session";

    private static readonly TimeSpan s_soonestRenewal = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_longestAccess = TimeSpan.FromDays(7);

    private readonly CloudSettings _settings;
    private readonly IDeviceKey _key;
    private readonly HubClock _clock;
    private readonly HubLine _line;
    private readonly ILoggerFactory _logs;
    private readonly ILogger _log;
    private readonly SemaphoreSlim _meetings = new(1);
    private readonly ITimer _renewal;
    private (HubDescription Who, DateTimeOffset Time, long At, HubTlsKey? Tls, string? Nonce)? _seen;
    private volatile HubKey? _hub;
    private volatile Access? _access;
    private volatile CloudState _state = new CloudState.NoHub();
    private DeviceCertificate? _certificate;
    private ReadOnlyMemory<byte> _certifiedKey;
    private JsonElement? _meeting;

    /// <summary>A visit that has not begun.</summary>
    /// <param name="address">Where the hub is.</param>
    /// <param name="key">What tokens are bound to. It lives longer.</param>
    /// <param name="settings">How it is called.</param>
    /// <param name="clock">The machine's clock.</param>
    /// <param name="logs">The journal.</param>
    public HubVisit(HubAddress address, IDeviceKey key, CloudSettings settings, TimeProvider clock, ILoggerFactory logs)
    {
        (_key, _settings, _logs) = (key, settings, logs);
        _log = logs.CreateLogger<HubVisit>();
        _clock = new HubClock(clock);
        _line = new HubLine(address, settings, _clock);
        _renewal = clock.CreateTimer(_ => _ = RenewAsync(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public CloudState State => _state;

    /// <inheritdoc/>
    public event Action<CloudState>? Changed;

    /// <inheritdoc/>
    public DateTimeOffset? TrustedTime => _clock.IsTrusted ? _clock.Now : null;

    /// <summary>The name in the certificate: a guest's <c>urn:uuid</c>, or a person's mailbox. <see langword="null"/> before somebody has one.</summary>
    public string? DnsName => _access?.Name;

    /// <summary>The meeting that is visited; <see langword="null"/> before it is known.</summary>
    public Occurrence? Meeting { get; private set; }

    /// <summary>What the visitor is called, on the own screen; a guest also wants to be called so by others, who are shown that nobody has checked it.</summary>
    public string DisplayName { get; set; } = "";

    /// <summary>Whether a TLS certificate is the hub's, for connections that others make to it. Any thread.</summary>
    public bool IsHub(X509Certificate? presented, SslPolicyErrors errors) => _hub is not null && _line.Door.IsWelcome(presented, errors);

    /// <summary>Asks whoever is at the address who they are and how late it is there, over a connection that carries nothing else.</summary>
    public async Task<HubIntroduction> MeetAsync(CancellationToken cancel)
    {
        _seen = null;
        using HubDoor.Introduction introduction = _line.Door.Introduce();

        // 1. Who does it say it is?
        (HubDescription? said, HubAnswer answer) = await _line.AskWhoAsync(introduction, cancel).ConfigureAwait(false);
        if (said is not { } who)
            return Fault(answer.Fault == HubFault.None ? HubFault.Malformed : answer.Fault);

        // 2. Has it that key, now?
        (DateTimeOffset? signed, answer) = await _line.AskTimeAsync(introduction, who.Key, cancel).ConfigureAwait(false);
        if (answer.Status != 200)
            return Fault(answer.Fault == HubFault.None ? HubFault.Malformed : answer.Fault);
        if (signed is not { } now)
            return Refuse(RefusedHub.NotSigned);

        // 3. Is it the one whom TLS is spoken with, and where it says?
        if (who.Address != _line.Address)
            return Refuse(RefusedHub.OtherAddress);
        HubTlsKey? tls = HubLine.TlsKeyOf(introduction, who, now);
        if (tls is null && !(_settings.TrustsAuthorities && introduction.IsPublic))
            return Refuse(RefusedHub.OtherTlsKey);

        _seen = (who, now, _clock.Device.GetTimestamp(), tls, answer.Nonce);
        return new HubIntroduction(who.Key.Words, introduction.IsPublic, HubFault.None, null);

        static HubIntroduction Fault(HubFault fault) => new("", false, fault, null);

        HubIntroduction Refuse(RefusedHub why)
        {
            _log.HubRefused(_line.Address.Url, why);
            return new HubIntroduction(who.Key.Words, introduction.IsPublic, HubFault.None, why);
        }
    }

    /// <summary>Somebody vouches for whoever was met: it is the hub, its time is the time.</summary>
    /// <param name="words">The words that they vouch for.</param>
    /// <returns>Whether these are the words of whoever was met last.</returns>
    public bool Trust(string words)
    {
        if (_seen is not { } seen || seen.Who.Key.Words != words || (_hub is { } before && !before.Hash.AsSpan().SequenceEqual(seen.Who.Key.Hash)))
            return false;

        _hub = seen.Who.Key;
        _clock.Trust(seen.Time + _clock.Device.GetElapsedTime(seen.At));
        _line.Door.Welcome(seen.Tls);
        _line.Learn(seen.Nonce, date: null);
        _log.HubMet(_line.Address.Url, words);
        return true;
    }

    /// <summary>Comes by a guest's link: gets a name for this once, a certificate for a key, and a token for the meeting.</summary>
    /// <param name="secret">What is in the link.</param>
    /// <param name="key">The key of the leaf in the meeting. Another than the token's.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<VisitAnswer> JoinAsync(string secret, IIdentityKey key, CancellationToken cancel)
    {
        byte[] request = DeviceCertificates.SigningRequest(key, DisplayName);
        HubAnswer authority = await _line.CallAsync(HubEndpoints.Authority, cancel).ConfigureAwait(false);
        if (authority.Status != 200)
            return OutcomeOf(authority);

        HubAnswer answer = await _line.CallAsync(
            new HubCall(HttpMethod.Post, $"/join/{Uri.EscapeDataString(secret)}") { Content = () => Body(request, RequestType), Key = _key, MaxAnswer = LargestMeeting },
            cancel).ConfigureAwait(false);
        if (answer.Status != 200)
            return OutcomeOf(answer);
        if (answer.Json is not { } json
            || Json.Ascii(json, "name", 100) is not { } name
            || Json.Text(json, "certificates", MaxChain) is not { } chain
            || ReadToken(json) is not var (token, until)
            || !json.TryGetProperty("meeting", out JsonElement meeting)
            || CalendarText.ReadEntry(Encoding.UTF8.GetBytes(meeting.GetRawText())) is not { Policy: not null } occurrence)
        {
            return new VisitAnswer(VisitOutcome.Malformed);
        }

        if (DeviceCertificates.Check(authority, chain, key, ownName: null, _clock.Now, out DeviceCertificate? certificate) is { } problem || certificate!.Name != name)
        {
            _log.NotCertified("the guest's certificate does not hold", answer.Status);
            return new VisitAnswer(VisitOutcome.Malformed);
        }

        (_certificate, _certifiedKey) = (certificate, key.PublicKey);
        (Meeting, _meeting) = (occurrence, meeting);
        Begin(new Access(token, until, name, IsPerson: false), organisation: "");
        return VisitAnswer.Good;
    }

    /// <summary>Signs a person in. The password is sent to the hub and kept nowhere.</summary>
    public async Task<VisitAnswer> SignInAsync(string mailbox, string password, CancellationToken cancel)
    {
        HubAnswer answer = await _line.CallAsync(new HubCall(HttpMethod.Post, SessionPath) { Content = () => Body(Credentials(mailbox, password), JsonType), Key = _key }, cancel).ConfigureAwait(false);
        if (answer.Status != 200)
            return OutcomeOf(answer);
        if (answer.Json is not { } json || ReadToken(json) is not var (token, until) || Json.Ascii(json, "mailbox", 255) is not { } name)
            return new VisitAnswer(VisitOutcome.Malformed);

        if (DisplayName.Length == 0)
            DisplayName = Json.Label(json, "name") ?? name;
        Begin(new Access(token, until, name, IsPerson: true), Json.Label(json, "organisation_name") ?? "");
        return VisitAnswer.Good;
    }

    /// <summary>What the person is invited to; <see langword="null"/> when the hub does not say.</summary>
    public async Task<RoomCalendar?> ReadMeetingsAsync(CancellationToken cancel)
    {
        HubAnswer answer = await CallAsync(new HubRequest(HttpMethod.Get, $"{SessionPath}/calendar") { MaxAnswer = CalendarText.MaximumBytes }, cancel).ConfigureAwait(false);
        return answer is { Status: 200, ContentType: JsonType } ? CalendarText.Read(answer.Body.Span) : null;
    }

    /// <summary>Visits one of the meetings that the person is invited to, and no other.</summary>
    public void Choose(Occurrence meeting) => (Meeting, _meeting) = (meeting, null);

    /// <summary>Visits a personal room.</summary>
    /// <param name="address">Its short name.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>Whether there is one.</returns>
    public async Task<bool> ChooseRoomAsync(string address, CancellationToken cancel)
    {
        if (await EnterPersonalAsync(address, cancel).ConfigureAwait(false) is not { } content || CalendarText.ReadEntry(content.Span) is not { Policy: not null } entered)
            return false;

        using var document = JsonDocument.Parse(content);
        (Meeting, _meeting) = (entered, document.RootElement.Clone());
        return true;
    }

    /// <summary>Signs the person out, which ends the token. A guest's ends by itself.</summary>
    public async Task SignOutAsync(CancellationToken cancel)
    {
        if (_access is { IsPerson: true })
            await CallAsync(new HubRequest(HttpMethod.Delete, SessionPath), cancel).ConfigureAwait(false);
        _access = null;
    }

    /// <inheritdoc/>
    public async Task<HubAnswer> CallAsync(HubRequest request, CancellationToken cancel)
    {
        if (_access is not { } access || _clock.Now >= access.Until)
            return new HubAnswer(HubFault.NoToken);

        try
        {
            HubAnswer answer = await _line.CallAsync(
                new HubCall(request.Method, request.Path)
                {
                    Content = request.Content is { } content ? () => Body(content, request.ContentType) : null,
                    Key = _key,
                    Token = access.Token,
                    IfNoneMatch = request.IfNoneMatch,
                    MaxAnswer = request.MaxAnswer,
                },
                cancel).ConfigureAwait(false);
            if (answer.Fault == HubFault.NotTheHub)
                await MeetAgainAsync(cancel).ConfigureAwait(false);
            if (answer is { Status: 401, Error: "invalid_token" })
                DoubtAccess();
            return answer;
        }
        catch (OperationCanceledException)
        {
            return new HubAnswer(HubFault.NoConnection);
        }
    }

    /// <inheritdoc/>
    public async Task<HubSocket> OpenSocketAsync(string path, CancellationToken cancel)
    {
        const int mostAttempts = 3;
        for (int attempt = 1; ; attempt++)
        {
            if (_access is not { } access || _clock.Now >= access.Until)
                return new HubSocket(null, HubFault.NoToken, 0);

            (HubSocket opened, bool isTokenRefused) = await _line.OpenSocketAsync(_key, access.Token, path, cancel).ConfigureAwait(false);
            if (opened.Fault == HubFault.NotTheHub)
                await MeetAgainAsync(cancel).ConfigureAwait(false);
            if (isTokenRefused)
                DoubtAccess();
            if (opened.Status != 401 || isTokenRefused || attempt == mostAttempts)
                return opened;
        }
    }

    /// <inheritdoc/>
    public ISignalling OpenSignalling() => new HubSignalling(this, _clock.Device, _logs.CreateLogger<HubSignalling>());

    /// <summary>A certificate for a key: a guest has one for the key with which it came, and no other; a person gets as many as are needed.</summary>
    public async Task<DeviceCertificate?> CertifyAsync(IIdentityKey key, CancellationToken cancel)
    {
        if (_access is not { } access)
            return null;
        if (!access.IsPerson)
            return key.PublicKey.Span.SequenceEqual(_certifiedKey.Span) ? _certificate : null;

        HubAnswer authority = await CallAsync(new HubRequest(HttpMethod.Get, HubEndpoints.Authority.Path), cancel).ConfigureAwait(false);
        HubAnswer answer = await CallAsync(
            new HubRequest(HttpMethod.Post, $"{SessionPath}/certificate") { Content = DeviceCertificates.SigningRequest(key), ContentType = RequestType },
            cancel).ConfigureAwait(false);
        string? problem = answer.Status != 200 ? answer.Error ?? answer.Fault.ToString() : null;
        DeviceCertificate? certificate = null;
        problem ??= DeviceCertificates.Check(authority, answer, key, access.Name, _clock.Now, out certificate);
        if (problem is not null)
            _log.NotCertified(problem, answer.Status);
        return certificate;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ReadOnlyMemory<byte>>> ReadAuthoritiesAsync(CancellationToken cancel)
    {
        HubAnswer answer = await CallAsync(new HubRequest(HttpMethod.Get, HubEndpoints.Authority.Path), cancel).ConfigureAwait(false);
        return answer.Status == 200 ? DeviceCertificates.ReadChain(answer) ?? [] : [];
    }

    /// <summary>A calendar with the one meeting that is visited, as it is now; empty once it was called off.</summary>
    public async Task<CalendarAnswer> ReadCalendarAsync(string? tag, CancellationToken cancel)
    {
        if (_meeting is { } entered)
            return new CalendarAnswer(tag is null ? CalendarOutcome.New : CalendarOutcome.Same, Calendar(entered), "visit");

        HubAnswer answer = await CallAsync(new HubRequest(HttpMethod.Get, $"{SessionPath}/calendar") { MaxAnswer = CalendarText.MaximumBytes }, cancel).ConfigureAwait(false);
        if (Meeting is not { } meeting || answer is not { Status: 200, Json: { } json } || !json.TryGetProperty("entries", out JsonElement entries) || entries.ValueKind != JsonValueKind.Array)
            return new CalendarAnswer(CalendarOutcome.Unreachable);

        string id = Base64UrlText.Encode(meeting.Name.MeetingId.Span), instance = Base64UrlText.Encode(meeting.Name.Instance.Span);
        return new CalendarAnswer(CalendarOutcome.New, Calendar([.. entries.EnumerateArray().Where(one => Json.Ascii(one, "meeting_id", 100) == id && Json.Ascii(one, "instance", 100) == instance && HasEnd(one)).Take(1)]));
    }

    /// <inheritdoc/>
    public async Task<ReadOnlyMemory<byte>?> EnterPersonalAsync(string address, CancellationToken cancel)
    {
        HubAnswer answer = await CallAsync(new HubRequest(HttpMethod.Post, $"{SessionPath}/personal/{Uri.EscapeDataString(address)}") { MaxAnswer = LargestMeeting }, cancel).ConfigureAwait(false);
        return answer is { Status: 200, ContentType: JsonType } ? answer.Body : null;
    }

    /// <summary>The access is over: the link was taken back, the person was signed out, or the token has run out. It does not come back.</summary>
    public void DoubtAccess()
    {
        if (_state is CloudState.Unpaired)
            return;

        _access = null;
        Show(new CloudState.Unpaired(UnpairedReason.AccessEnded));
    }

    /// <summary>A visitor has no setup codes.</summary>
    public Task<bool> UseSetupCodeAsync(SetupCode setup, CancellationToken cancel = default) => Task.FromResult(false);

    /// <summary>A visit is at one hub.</summary>
    public Task<bool> UseHubAsync(HubAddress address, CancellationToken cancel = default) => Task.FromResult(false);

    /// <summary>Whoever begins the visit has vouched for the hub.</summary>
    public Task<bool> TrustHubAsync(string words, CancellationToken cancel = default) => Task.FromResult(false);

    /// <summary>A visit that is over does not begin anew.</summary>
    public Task<bool> PairAnewAsync(CancellationToken cancel = default) => Task.FromResult(false);

    /// <summary>Whoever has begun the visit ends it.</summary>
    public Task<bool> LeaveAsync(CancellationToken cancel = default) => Task.FromResult(false);

    /// <summary>Ends all connections.</summary>
    public void Dispose()
    {
        _renewal.Dispose();
        _line.Dispose();
        _meetings.Dispose();
    }

    // The hub has another TLS key, or somebody else is there: only the identity key that was vouched for tells them apart.
    private async Task MeetAgainAsync(CancellationToken cancel)
    {
        await _meetings.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            if ((await MeetAsync(cancel).ConfigureAwait(false)) is { IsHub: true, Words: var words })
                Trust(words);
        }
        finally
        {
            _meetings.Release();
        }
    }

    /// <summary>Renews a person's token: when three quarters of its life are over, and again until it ends when the hub does not answer. What cannot be renewed has reached the session's end.</summary>
    internal async Task RenewAsync()
    {
        if (_access is not { IsPerson: true } access)
            return;

        HubAnswer answer = await CallAsync(new HubRequest(HttpMethod.Post, $"{SessionPath}/token"), CancellationToken.None).ConfigureAwait(false);
        if (answer is { Status: 200, Json: { } json } && ReadToken(json) is var (token, until) && Interlocked.CompareExchange(ref _access, access with { Token = token, Until = until }, access) == access)
            access = access with { Until = until };
        if (_access is not null)
            RenewLater(access);
    }

    private void RenewLater(Access access)
    {
        TimeSpan wait = (access.Until - _clock.Now) * 3 / 4;
        _renewal.Change(wait > s_soonestRenewal ? wait : s_soonestRenewal, Timeout.InfiniteTimeSpan);
    }

    private void Begin(Access access, string organisation)
    {
        _access = access;
        if (access.IsPerson)
            RenewLater(access);
        Show(new CloudState.Paired(organisation, access.Name));
    }

    private void Show(CloudState state)
    {
        _state = state;
        Changed?.Invoke(state);
    }

    private (string Token, DateTimeOffset Until)? ReadToken(JsonElement json) =>
        Json.Ascii(json, "access_token", MaxToken) is { } token
        && string.Equals(Json.Ascii(json, "token_type", 20), "DPoP", StringComparison.OrdinalIgnoreCase)
        && Json.Number(json, "expires_in") is { } seconds and > 0
            ? (token, _clock.Now + TimeSpan.FromSeconds(Math.Min(seconds, s_longestAccess.TotalSeconds)))
            : null;

    private static VisitAnswer OutcomeOf(HubAnswer answer) => answer switch
    {
        { Status: 403, Error: "too_early" } => new VisitAnswer(VisitOutcome.TooEarly, answer.RetryAfter),
        { Status: 429 } => new VisitAnswer(VisitOutcome.Busy, answer.RetryAfter),
        { Status: 404, Error: "invalid_link" } or { Status: 400, Error: "invalid_grant" } => new VisitAnswer(VisitOutcome.Refused),
        { Status: 0 or >= 500 } => new VisitAnswer(VisitOutcome.Unreachable, answer.RetryAfter),
        _ => new VisitAnswer(VisitOutcome.Malformed),
    };

    private static ReadOnlyMemoryContent Body(ReadOnlyMemory<byte> content, string type) => new(content) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };

    private static byte[] Credentials(string mailbox, string password)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("mailbox", mailbox);
            json.WriteString("password", password);
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    // In the form in which devices read theirs. Its end is the token's when that is later: a meeting may go on after its own, and who visits it says when to leave.
    private byte[] Calendar(params IReadOnlyList<JsonElement> entries)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("name", DisplayName);
            json.WriteStartArray("entries");
            foreach (JsonElement entry in entries)
            {
                json.WriteStartObject();
                foreach (JsonProperty member in entry.EnumerateObject().Where(member => member.Name != "ends_at"))
                    member.WriteTo(json);
                DateTimeOffset end = entry.GetProperty("ends_at").GetDateTimeOffset();
                json.WriteString("ends_at", _access is { } access && access.Until > end ? access.Until : end);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    // The hub's answer may be anything; the calendar's reader sees to the rest of it.
    private static bool HasEnd(JsonElement entry) => entry.TryGetProperty("ends_at", out JsonElement end) && end.ValueKind == JsonValueKind.String && end.TryGetDateTimeOffset(out _);

    private sealed record Access(string Token, DateTimeOffset Until, string Name, bool IsPerson)
    {
        public override string ToString() => "(token)";
    }
}
