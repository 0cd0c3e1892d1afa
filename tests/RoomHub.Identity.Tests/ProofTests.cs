using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Testing;
using RoomAgent.Testing;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Tests;

/// <summary>Proofs of possession (RFC 9449 section 4.3), and clocks that are wrong.</summary>
public sealed class ProofTests(SharedHub shared) : IClassFixture<SharedHub>, IAsyncLifetime
{
    private TestHub _hub = null!;
    private TestDevice _device = null!;

    public async ValueTask InitializeAsync()
    {
        _hub = await shared.RefreshAsync();
        _device = new TestDevice(_hub);
        await _device.PairAsync(_hub.Administrator());
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public static TheoryData<string, string> BadProofs => new()
    {
        { "typ", "invalid_dpop_proof" },
        { "typ-jwt", "invalid_dpop_proof" },
        { "alg-none", "invalid_dpop_proof" },
        { "alg-hs256", "invalid_dpop_proof" },
        { "alg-es384", "invalid_dpop_proof" },
        { "crit", "invalid_dpop_proof" },
        { "no-jwk", "invalid_dpop_proof" },
        { "other-jwk", "invalid_dpop_proof" },
        { "private-jwk", "invalid_dpop_proof" },
        { "off-curve", "invalid_dpop_proof" },
        { "no-jti", "invalid_dpop_proof" },
        { "long-jti", "invalid_dpop_proof" },
        { "htm", "invalid_dpop_proof" },
        { "htu-path", "invalid_dpop_proof" },
        { "htu-host", "invalid_dpop_proof" },
        { "htu-http", "invalid_dpop_proof" },
        { "no-htu", "invalid_dpop_proof" },
        { "no-iat", "invalid_dpop_proof" },
        { "iat-text", "invalid_dpop_proof" },
        { "iat-past", "invalid_dpop_proof" },
        { "iat-future", "invalid_dpop_proof" },
        { "iat-huge", "invalid_dpop_proof" },
        { "no-ath", "invalid_dpop_proof" },
        { "ath", "invalid_dpop_proof" },
        { "no-nonce", "use_dpop_nonce" },
        { "nonce", "use_dpop_nonce" },
        { "nonce-long", "use_dpop_nonce" },
    };

    [Theory]
    [MemberData(nameof(BadProofs))]
    public async Task AProofThatIsNotQuiteRightIsNone(string what, string error)
    {
        using var foreign = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _device.MindsDate = false;
        _device.SpoilProof = (header, claims) => Spoil(what, header, claims, foreign, _hub.Clock.GetUtcNow());

        Answer refused = await _device.CallAsync("/test/mls");

        Assert.Equal(HttpStatusCode.Unauthorized, refused.Status);
        Assert.Equal(error, refused.Error);
        Assert.Contains($"error=\"{error}\"", refused.Header("WWW-Authenticate"));
        _device.SpoilProof = null;
        Assert.True(await _device.HasAccessAsync());
    }

    [Theory]
    [InlineData("HTTPS://HUB.example.org/test/mls")]
    [InlineData("https://hub.example.org/test/mls?query")]
    [InlineData("https://hub.example.org/test/mls#fragment")]
    public async Task AnAddressIsComparedWithoutQueryAndFragmentAndCaseOfTheHost(string address)
    {
        _device.SpoilProof = (_, claims) => claims["htu"] = address;

        Assert.Equal(HttpStatusCode.OK, (await _device.CallAsync("/test/mls")).Status);
    }

    [Fact]
    public async Task AProofIsGoodOnce()
    {
        string proof = _device.Proof("GET", "/test/mls", _device.AccessToken);

        Assert.Equal(HttpStatusCode.OK, (await SendAsync(proof)).Status);
        Answer replayed = await SendAsync(proof);

        Assert.Equal("invalid_dpop_proof", replayed.Error);
    }

    [Fact]
    public async Task AProofIsForOneHubProcess()
    {
        string proof = _device.Proof("GET", "/test/mls", _device.AccessToken);

        // Its memory of what was used is gone, so what it gave out before is void.
        await _hub.RestartAsync();

        Assert.Equal("use_dpop_nonce", (await SendAsync(proof)).Error);
    }

    [Fact]
    public async Task ThereIsOneProof()
    {
        string proof = _device.Proof("GET", "/test/mls", _device.AccessToken);

        Assert.Equal("invalid_dpop_proof", (await SendAsync(proof, proof)).Error);
        Assert.Equal("invalid_dpop_proof", (await SendAsync()).Error);
        Assert.Equal("invalid_dpop_proof", (await SendAsync("nonsense")).Error);
    }

    [Fact]
    public async Task ANonceIsGoodForFiveMinutes()
    {
        string proof = _device.Proof("GET", "/test/mls", _device.AccessToken);
        _hub.Clock.Advance(TimeSpan.FromMinutes(5));

        Answer late = await SendAsync(proof);

        Assert.Equal("use_dpop_nonce", late.Error);
        Assert.NotNull(late.Header("DPoP-Nonce"));
    }

    [Fact]
    public void AnEnvelopeIsReadWholeOrNotAtAll()
    {
        string proof = _device.Proof("GET", "/test/mls", _device.AccessToken);

        Assert.Empty(Truncation.AcceptedLengths(Encoding.ASCII.GetBytes(proof), bytes => DpopProof.Read(Encoding.ASCII.GetString(bytes)) is not null));
        for (int i = 0; i < proof.Length; i++)
            Assert.Null(DpopProof.Read(proof[..i] + (proof[i] == 'A' ? 'B' : 'A') + proof[(i + 1)..]));
        Assert.Null(DpopProof.Read(proof + "="));
        Assert.Null(DpopProof.Read(" " + proof));
        Assert.Null(DpopProof.Read(new string('A', 5_000)));
    }

    // A device without a clock battery begins in 1970, or in a year to come.
    [Theory]
    [InlineData(-20_000)]
    [InlineData(-1)]
    [InlineData(3_650)]
    public async Task AWrongClockIsCorrectedByTheHubsDate(int days)
    {
        _device.ClockError = TimeSpan.FromDays(days);
        _device.Nonce = null;

        Assert.Equal(HttpStatusCode.OK, (await _device.RefreshAsync()).Status);

        Assert.True(_device.ClockError.Duration() < TimeSpan.FromSeconds(2));
        Assert.True(await _device.HasAccessAsync());
    }

    [Fact]
    public async Task AClockThatIsAFewMinutesWrongIsGoodEnough()
    {
        _device.MindsDate = false;
        _device.ClockError = TimeSpan.FromMinutes(-4);
        Assert.True(await _device.HasAccessAsync());
        Assert.Equal(HttpStatusCode.OK, (await _device.RefreshAsync()).Status);

        _device.ClockError = TimeSpan.FromMinutes(6);
        Assert.Equal("invalid_dpop_proof", (await _device.CallAsync("/test/mls")).Error);
    }

    // Whoever has no token cannot fill the memory of proofs that were used, which would hold up everyone.
    [Fact]
    public async Task AProofWithABadTokenIsNotRemembered()
    {
        string proof = _device.Proof("GET", "/test/mls", "bad");

        for (int i = 0; i < 2; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/test/mls");
            request.Headers.Add("DPoP", proof);
            request.Headers.TryAddWithoutValidation("Authorization", "DPoP bad");
            Assert.Equal("invalid_token", (await Answer.ReadAsync(await _hub.Http.SendAsync(request))).Error);
        }
    }

    [Fact]
    public void WhatIsUsedIsRememberedLongEnoughAndBounded()
    {
        var clock = new VirtualClock();
        var guard = new ReplayGuard(clock, TimeSpan.FromMinutes(5), mostPerUser: 3, mostForAll: 5);
        ByteString one = ByteString.CopyOf([1]);
        ByteString two = ByteString.CopyOf([2]);

        Assert.Equal(FirstUse.Yes, guard.Use(one, "a"));
        Assert.Equal(FirstUse.Yes, guard.Use(two, "a"));
        clock.Advance(TimeSpan.FromMinutes(4.9));
        Assert.Equal(FirstUse.No, guard.Use(one, "a"));
        clock.Advance(TimeSpan.FromMinutes(0.2));
        Assert.Equal(FirstUse.No, guard.Use(one, "a"));

        // One who uses much takes nothing from the other; together they have their bound.
        Assert.Equal([FirstUse.Yes, FirstUse.Yes, FirstUse.Yes, FirstUse.Busy], "bcde".Select(id => guard.Use(one, id.ToString())));
        Assert.Equal([FirstUse.Yes, FirstUse.Yes, FirstUse.Busy], "bcd".Select(id => guard.Use(two, id.ToString())));
        clock.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal(FirstUse.Yes, guard.Use(one, "a"));
    }

    [Fact]
    public void GuessersAreForgottenBeforeThereAreTooMany()
    {
        var clock = new VirtualClock();
        var guesses = new Guesses(clock, tries: 5, TimeSpan.FromHours(1), perSecond: 1_000_000);
        for (int i = 0; i < 12_000; i++)
        {
            Assert.True(guesses.TryBegin($"source {i}", out _));
            clock.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.True(guesses.TryBegin("source 11999", out _));
    }

    private static void Spoil(string what, JsonObject header, JsonObject claims, ECDsa foreign, DateTimeOffset now)
    {
        switch (what)
        {
            case "typ": header.Remove("typ"); break;
            case "typ-jwt": header["typ"] = "JWT"; break;
            case "alg-none": header["alg"] = "none"; break;
            case "alg-hs256": header["alg"] = "HS256"; break;
            case "alg-es384": header["alg"] = "ES384"; break;
            case "crit": header["crit"] = new JsonArray("exp"); break;
            case "no-jwk": header.Remove("jwk"); break;
            case "other-jwk": header["jwk"] = TestDevice.JwkOf(foreign); break;
            case "private-jwk": header["jwk"]!["d"] = "AAAA"; break;
            case "off-curve": header["jwk"]!["y"] = header["jwk"]!["x"]!.DeepClone(); break;
            case "no-jti": claims.Remove("jti"); break;
            case "long-jti": claims["jti"] = new string('x', 129); break;
            case "htm": claims["htm"] = "POST"; break;
            case "htu-path": claims["htu"] = "https://hub.example.org/test/media"; break;
            case "htu-host": claims["htu"] = "https://hub.example.com/test/mls"; break;
            case "htu-http": claims["htu"] = "http://hub.example.org/test/mls"; break;
            case "no-htu": claims.Remove("htu"); break;
            case "no-iat": claims.Remove("iat"); break;
            case "iat-text": claims["iat"] = "now"; break;
            case "iat-past": claims["iat"] = now.AddMinutes(-6).ToUnixTimeSeconds(); break;
            case "iat-future": claims["iat"] = now.AddMinutes(6).ToUnixTimeSeconds(); break;
            case "iat-huge": claims["iat"] = 1e300; break;
            case "no-ath": claims.Remove("ath"); break;
            case "ath": claims["ath"] = DpopProofs.HashOf("another token"); break;
            case "no-nonce": claims.Remove("nonce"); break;
            case "nonce": claims["nonce"] = new string('A', 32); break;
            case "nonce-long": claims["nonce"] = new string('A', 1_000); break;
            default: throw new ArgumentOutOfRangeException(nameof(what));
        }
    }

    private async Task<Answer> SendAsync(params string[] proofs)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/test/mls");
        foreach (string proof in proofs)
            request.Headers.Add("DPoP", proof);
        request.Headers.TryAddWithoutValidation("Authorization", $"DPoP {_device.AccessToken}");
        return await Answer.ReadAsync(await _hub.Http.SendAsync(request));
    }

    [Fact]
    public void AClockThatIsSetBackKeepsNobodyWaiting()
    {
        var clock = new SetBackClock();
        var limit = new RateLimit(clock, perSecond: 1, burst: 1, perSecondForAll: 100, burstForAll: 100);
        var guesses = new Guesses(clock, tries: 1, TimeSpan.FromMinutes(1), perSecond: 100);
        Assert.True(limit.TryTake("source", out _));
        Assert.True(guesses.TryBegin("guesser", out _));

        clock.Wall -= TimeSpan.FromHours(1);
        Assert.False(limit.TryTake("source", out TimeSpan wait));
        Assert.InRange(wait, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.False(guesses.TryBegin("guesser", out wait));
        Assert.InRange(wait, TimeSpan.Zero, TimeSpan.FromMinutes(1));

        clock.Elapsed += TimeSpan.FromMinutes(1);
        Assert.True(limit.TryTake("source", out _));
        Assert.True(guesses.TryBegin("guesser", out _));
    }

    private sealed class SetBackClock : TimeProvider
    {
        public DateTimeOffset Wall { get; set; } = new(2026, 11, 25, 8, 0, 0, TimeSpan.Zero);

        public TimeSpan Elapsed { get; set; }

        public override DateTimeOffset GetUtcNow() => Wall;

        public override long GetTimestamp() => Elapsed.Ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;
    }
}
