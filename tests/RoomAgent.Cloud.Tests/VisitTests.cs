using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using RoomAgent.Agent.Ports;
using RoomAgent.Cloud.Account;
using RoomAgent.Cloud.Calls;
using RoomAgent.Cloud.Visits;
using RoomAgent.Enrolment;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Tests;
using RoomAgent.Meetings;
using RoomAgent.Mls;
using RoomAgent.Wire;

namespace RoomAgent.Cloud.Tests;

/// <summary>Guests and people at the hub: whom they take for it, and what they make of its answers.</summary>
public sealed class VisitTests : IAsyncLifetime
{
    private const string Secret = "AAAAAAAAAAAAAAAAAAAAAA";

    private readonly IdentityKey _key = new();
    private readonly MemoryVault _vault = new();
    private readonly List<string> _asked = [];
    private Lab _lab = null!;
    private IDeviceKey _token = null!;
    private HubVisit _visit = null!;

    public async ValueTask InitializeAsync()
    {
        _lab = await Lab.StartAsync();
        _token = new VaultKeys(_vault).Create(1);
        _visit = NewVisit();
        _lab.Hub.Between = Listen;
    }

    public async ValueTask DisposeAsync()
    {
        _visit.Dispose();
        _token.Dispose();
        _key.Dispose();
        await _lab.DisposeAsync();
    }

    private string Words => _lab.Hub.Accounts.Identity.Fingerprint;

    [Fact]
    public async Task UntilSomebodyVouchesOnlyQuestionsAreAsked()
    {
        HubIntroduction met = await _visit.MeetAsync(CancellationToken.None);

        Assert.Equal((true, false, Words), (met.IsHub, met.IsPublic, met.Words));
        Assert.Equal(["/hub/identity", "/hub/time"], _asked);
        Assert.Null(_visit.TrustedTime);
        Assert.False(_visit.Trust("babab-babab-babab-babab-babab-babab"));
        Assert.Equal(VisitOutcome.Unreachable, (await _visit.SignInAsync("ada@school.example", "secret", CancellationToken.None)).Outcome);
        Assert.Equal(VisitOutcome.Unreachable, (await _visit.JoinAsync(Secret, _key, CancellationToken.None)).Outcome);
        Assert.Equal(["/hub/identity", "/hub/time"], _asked);

        Assert.True(_visit.Trust(Words));
        Assert.NotNull(_visit.TrustedTime);
    }

    [Fact]
    public async Task WhoeverTakesTheHubsPlaceLaterGetsNothing()
    {
        await BeginAsync();
        await using TestHub rogue = await TestHub.StartAsync(_lab.Hub.Clock, $"https://{Lab.Host}", TlsCertificates.Own(Lab.Host));
        var asked = new List<string>();
        rogue.Between = (context, next) =>
        {
            asked.Add(context.Request.Path);
            return next(context);
        };
        _lab.Network[Lab.Host] = () => rogue.Port;
        HubVisit other = NewVisit();

        HubIntroduction met = await other.MeetAsync(CancellationToken.None);
        Assert.NotEqual(Words, met.Words);
        Assert.False(other.Trust(Words));
        other.Dispose();

        // Also in the middle of a visit: it is asked again who that is, and that is all.
        HubVisit late = NewVisit();
        _lab.Network[Lab.Host] = () => _lab.Hub.Port;
        await late.MeetAsync(CancellationToken.None);
        late.Trust(Words);
        _lab.Network[Lab.Host] = () => rogue.Port;
        Assert.Equal(VisitOutcome.Unreachable, (await late.SignInAsync("ada@school.example", "secret", CancellationToken.None)).Outcome);
        await late.MeetAsync(CancellationToken.None);
        Assert.False(late.Trust(rogue.Accounts.Identity.Fingerprint));
        Assert.DoesNotContain(asked, path => !path.StartsWith("/hub/", StringComparison.Ordinal));
        late.Dispose();
    }

    [Fact]
    public async Task AGoodAnswerGivesANameACertificateAndTheMeeting()
    {
        await BeginAsync();
        Answer(Good());

        Assert.Equal(VisitOutcome.Good, (await _visit.JoinAsync(Secret, _key, CancellationToken.None)).Outcome);

        Assert.StartsWith("urn:uuid:", _visit.DnsName, StringComparison.Ordinal);
        Assert.Equal("Open day", _visit.Meeting!.Title);
        Assert.Equal(_visit.DnsName, (await _visit.CertifyAsync(_key, CancellationToken.None))!.Name);

        // For another key there is none.
        using var other = new IdentityKey();
        Assert.Null(await _visit.CertifyAsync(other, CancellationToken.None));

        // The room's calendar has this meeting alone, for as long as the token lasts.
        CalendarAnswer calendar = await _visit.ReadCalendarAsync(null, CancellationToken.None);
        Agent.Calendar.Occurrence entry = Assert.Single(Agent.Calendar.CalendarText.Read(calendar.Content.Span)!.Entries);
        Assert.Equal(_visit.Meeting.Name, entry.Name);
        Assert.True(entry.EndsAt > _visit.Meeting.EndsAt);
    }

    [Fact]
    public async Task WhatIsNoAnswerOfAHubIsRefusedWithoutHarm()
    {
        await BeginAsync();
        JsonObject good = Good();
        foreach (string member in good.Select(one => one.Key).ToArray())
        {
            foreach (JsonNode? instead in (JsonNode?[])[null, 0, "", "x y", new string('A', 40_000), new JsonObject(), new JsonArray(), -5])
            {
                var spoiled = good.DeepClone().AsObject();
                spoiled[member] = instead?.DeepClone();
                Answer(spoiled);
                Assert.Equal((member, instead?.ToJsonString(), VisitOutcome.Malformed), (member, instead?.ToJsonString(), (await _visit.JoinAsync(Secret, _key, CancellationToken.None)).Outcome));
            }
        }

        // The certificate of somebody else, and a name that is not in it.
        using var other = new IdentityKey();
        Answer(Good(other));
        Assert.Equal(VisitOutcome.Malformed, (await _visit.JoinAsync(Secret, _key, CancellationToken.None)).Outcome);
        good["name"] = $"urn:uuid:{Guid.NewGuid():D}";
        Answer(good);
        Assert.Equal(VisitOutcome.Malformed, (await _visit.JoinAsync(Secret, _key, CancellationToken.None)).Outcome);
        Assert.True(_visit is { DnsName: null, Meeting: null, State: CloudState.NoHub });

        string text = Good().ToJsonString();
        for (int length = 0; length < text.Length; length += 97)
        {
            Answer(text[..length]);
            Assert.Equal(VisitOutcome.Malformed, (await _visit.JoinAsync(Secret, _key, CancellationToken.None)).Outcome);
        }
    }

    [Theory]
    [InlineData(404, "invalid_link", VisitOutcome.Refused)]
    [InlineData(403, "too_early", VisitOutcome.TooEarly)]
    [InlineData(429, "temporarily_unavailable", VisitOutcome.Busy)]
    [InlineData(503, "temporarily_unavailable", VisitOutcome.Unreachable)]
    [InlineData(404, "", VisitOutcome.Malformed)]
    [InlineData(302, "", VisitOutcome.Malformed)]
    public async Task ARefusalIsAValue(int status, string error, VisitOutcome expected)
    {
        await BeginAsync();
        Answer(new JsonObject { ["error"] = error }.ToJsonString(), status, retryAfter: "90");

        VisitAnswer answer = await _visit.JoinAsync(Secret, _key, CancellationToken.None);

        Assert.Equal(expected, answer.Outcome);
        if (expected is VisitOutcome.TooEarly or VisitOutcome.Busy)
            Assert.Equal(TimeSpan.FromSeconds(90), answer.Wait);
    }

    [Fact]
    public async Task ATokenThatIsRefusedEndsTheVisit()
    {
        await BeginAsync();
        Answer(Good());
        await _visit.JoinAsync(Secret, _key, CancellationToken.None);
        var states = new List<CloudState>();
        _visit.Changed += states.Add;

        // The token is none of the hub's.
        HubSocket refused = await _visit.OpenSocketAsync("/test/mls", CancellationToken.None);

        Assert.Null(refused.Socket);
        Assert.Equal(UnpairedReason.AccessEnded, Assert.IsType<CloudState.Unpaired>(Assert.Single(states)).Why);
        Assert.Null(_visit.DnsName);
    }

    [Fact]
    public async Task APersonsTokenIsRenewedAndAnAnswerThatIsNoneChangesNothing()
    {
        await BeginAsync();
        string renewed = "{}";
        var used = new List<string>();
        _lab.Hub.Between = (context, next) =>
        {
            if (!context.Request.Path.StartsWithSegments("/session"))
                return next(context);

            used.Add(context.Request.Headers.Authorization.ToString());
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync(context.Request.Path == "/session" ? Token("one") : context.Request.Path == "/session/token" ? renewed : """{"name":"Ada","entries":[]}""");
        };
        Assert.Equal(VisitOutcome.Good, (await _visit.SignInAsync("ada@school.example", "secret", CancellationToken.None)).Outcome);

        await _visit.RenewAsync();
        Assert.NotNull(await _visit.ReadMeetingsAsync(CancellationToken.None));
        renewed = Token("two");
        await _visit.RenewAsync();
        Assert.NotNull(await _visit.ReadMeetingsAsync(CancellationToken.None));

        Assert.Equal(["", "DPoP one", "DPoP one", "DPoP one", "DPoP two"], used);

        static string Token(string token) => $$"""{"access_token":"{{token}}","token_type":"DPoP","expires_in":600,"mailbox":"ada@school.example","name":"Ada","organisation_name":"School"}""";
    }

    private async Task BeginAsync()
    {
        await _visit.MeetAsync(CancellationToken.None);
        Assert.True(_visit.Trust(Words));
    }

    private HubVisit NewVisit() => new(
        HubAddress.Read($"https://{Lab.Host}")!,
        _token,
        new CloudSettings { Serial = "", Model = "", Software = "test", Connect = _lab.Network.ConnectAsync, PublicAuthority = _lab.Authority },
        _lab.Hub.Clock,
        NullLoggerFactory.Instance);

    private async Task Listen(HttpContext context, RequestDelegate next)
    {
        _asked.Add(context.Request.Path);
        await next(context);
    }

    private void Answer(JsonObject json) => Answer(json.ToJsonString());

    private void Answer(string json, int status = 200, string? retryAfter = null) => _lab.Hub.Between = (context, next) =>
    {
        if (!context.Request.Path.StartsWithSegments("/join"))
            return next(context);

        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        if (retryAfter is not null)
            context.Response.Headers.RetryAfter = retryAfter;
        return context.Response.WriteAsync(json);
    };

    // What the hub says to a guest.
    private JsonObject Good(IdentityKey? key = null)
    {
        string name = $"urn:uuid:{Guid.NewGuid():D}";
        byte[] request = Certificates.DeviceCertificates.SigningRequest(key ?? _key);
        Assert.Null(_lab.Hub.Accounts.Authority.Issue(CertifiedKind.Guest, name, request, [], out IssuedCertificate? issued));
        var policy = new RoomPolicy
        {
            Name = new GroupName(ByteString.Owning(new byte[16]), ByteString.Owning(new byte[Limits.Instance]), Generation: 0),
            Hosts = [new MeetingHost(new ParticipantName(NameKind.Dns, ByteString.CopyOf("room1.example.org"u8)), ByteString.Owning(new byte[32]))],
            Anchors = [ByteString.Owning(new byte[32])],
        };
        DateTimeOffset now = _lab.Hub.Clock.GetUtcNow();
        return new JsonObject
        {
            ["name"] = name,
            ["certificates"] = string.Concat(issued!.Chain.Select(one => $"{PemEncoding.WriteString("CERTIFICATE", one)}\n")),
            ["access_token"] = "token",
            ["token_type"] = "DPoP",
            ["expires_in"] = 7_200,
            ["meeting"] = new JsonObject
            {
                ["meeting_id"] = Base64UrlText.Encode(policy.Name.MeetingId.Span),
                ["instance"] = Base64UrlText.Encode(policy.Name.Instance.Span),
                ["title"] = "Open day",
                ["organiser"] = "",
                ["starts_at"] = now,
                ["ends_at"] = now.AddHours(1),
                ["opens_at"] = now,
                ["policy"] = Convert.ToBase64String(policy.Encode().Span),
                ["elsewhere"] = null,
            },
        };
    }

    private sealed class IdentityKey : IIdentityKey, IDisposable
    {
        private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        public IdentityKey() => PublicKey = _key.ExportSubjectPublicKeyInfo();

        public ReadOnlyMemory<byte> PublicKey { get; }

        public byte[] Sign(ReadOnlySpan<byte> text) => _key.SignData(text, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

        public void Dispose() => _key.Dispose();
    }
}
