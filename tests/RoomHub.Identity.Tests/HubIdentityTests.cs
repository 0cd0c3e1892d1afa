using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RoomAgent.Crypto;
using RoomAgent.Enrolment;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Testing;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Tests;

/// <summary>The key by which rooms know their hub.</summary>
public sealed class HubIdentityTests : IAsyncLifetime
{
    private TestHub _hub = null!;

    public async ValueTask InitializeAsync() => _hub = await TestHub.StartAsync();

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    [Fact]
    public async Task TheHubTellsItsKeyAndTheWordsForIt()
    {
        Answer told = await Answer.ReadAsync(await _hub.Http.GetAsync("/hub/identity"));

        byte[] key = Convert.FromBase64String(told.Text("identity_key"));
        Assert.Equal(_hub.Accounts.Identity.KeyHash, SHA256.HashData(key));
        Assert.Equal(HubFingerprint.Text(SHA256.HashData(key)), told.Text("fingerprint"));
        Assert.Equal(6, told.Text("fingerprint").Split('-').Length);
    }

    [Fact]
    public async Task TheKeyOutlivesARestartAndAMove()
    {
        byte[] before = _hub.Accounts.Identity.KeyHash;

        await _hub.RestartAsync("https://new.example.org");

        Assert.Equal(before, _hub.Accounts.Identity.KeyHash);
    }

    [Fact]
    public async Task ATimeAnswerIsForTheNonceOfTheOneWhoAsked()
    {
        byte[] nonce = RandomNumberGenerator.GetBytes(16);

        Answer told = await AskTimeAsync(Base64UrlText.Encode(nonce));

        using VerifyingKey key = IdentityKey();
        DateTimeOffset time = DateTimeOffset.FromUnixTimeMilliseconds(told.Number("milliseconds"));
        byte[] signature = Convert.FromBase64String(told.Text("signature"));
        Assert.Equal(_hub.Clock.GetUtcNow(), time);
        Assert.True(HubStatement.Time(nonce, time).IsSignedBy(key, signature));
        Assert.False(HubStatement.Time(RandomNumberGenerator.GetBytes(16), time).IsSignedBy(key, signature));
        Assert.False(HubStatement.Time(nonce, time.AddMilliseconds(1)).IsSignedBy(key, signature));
    }

    [Theory]
    [InlineData(15, HttpStatusCode.BadRequest)]
    [InlineData(16, HttpStatusCode.OK)]
    [InlineData(64, HttpStatusCode.OK)]
    [InlineData(65, HttpStatusCode.BadRequest)]
    public async Task ANonceHas16To64Bytes(int size, HttpStatusCode status) =>
        Assert.Equal(status, (await AskTimeAsync(Base64UrlText.Encode(new byte[size]))).Status);

    [Fact]
    public void StatementsOfOneKindNeverPassForAnother()
    {
        DateTimeOffset now = _hub.Clock.GetUtcNow();
        using VerifyingKey key = IdentityKey();
        HubStatement[] statements =
        [
            HubStatement.TlsKey(new byte[32], now, now.AddDays(1)),
            HubStatement.TlsKey(new byte[32], now, now.AddDays(2)),
            HubStatement.Move(1, HubAddress.Read("https://new.example.org")!, now),
            HubStatement.Move(2, HubAddress.Read("https://new.example.org")!, now),
            HubStatement.Time(new byte[32], now),
        ];

        foreach (HubStatement signed in statements)
        {
            byte[] signature = _hub.Accounts.Identity.Sign(signed);
            Assert.Equal([signed], statements.Where(other => other.IsSignedBy(key, signature)));
        }
    }

    [Fact]
    public async Task TheKeyOfTlsIsSignedWhicheverIsInUse()
    {
        for (int i = 0; i < 2; i++)
        {
            using var tlsKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            DateTimeOffset now = _hub.Clock.GetUtcNow();
            using X509Certificate2 certificate = new CertificateRequest("CN=hub.example.org", tlsKey, HashAlgorithmName.SHA256).CreateSelfSigned(now, now.AddDays(90));
            _hub.TlsCertificate = certificate;

            Answer told = await Answer.ReadAsync(await _hub.Http.GetAsync("/hub/identity"));

            using VerifyingKey key = IdentityKey();
            byte[] hash = Convert.FromBase64String((string)told.Body!["tls_key"]!["spki_sha256"]!);
            Assert.Equal(SHA256.HashData(tlsKey.ExportSubjectPublicKeyInfo()), hash);
            Assert.True(HubStatement.TlsKey(hash, now, now.AddDays(90)).IsSignedBy(key, Convert.FromBase64String((string)told.Body!["tls_key"]!["signature"]!)));
        }

        _hub.TlsCertificate = null;
        Assert.Null((await Answer.ReadAsync(await _hub.Http.GetAsync("/hub/identity"))).Body!["tls_key"]);
    }

    [Fact]
    public async Task AMoveIsSigned()
    {
        _hub.Move = new HubMove(3, HubAddress.Read("https://new.example.org")!, _hub.Clock.GetUtcNow());
        await _hub.RestartAsync();

        Answer told = await Answer.ReadAsync(await _hub.Http.GetAsync("/hub/identity"));

        using VerifyingKey key = IdentityKey();
        Assert.Equal("https://new.example.org", (string?)told.Body!["move"]!["address"]);
        Assert.True(HubStatement.Move(3, _hub.Move.Address, _hub.Move.Since).IsSignedBy(key, Convert.FromBase64String((string)told.Body!["move"]!["signature"]!)));
    }

    // By name: a rogue hub at pairing.
    [Fact]
    public async Task ARogueHubAtPairingIsFoundByTheKeyInTheSetupCodeAndByTheWords()
    {
        SetupCode? setup = await _hub.Accounts.MakeSetupCodeAsync(OrganisationId.New(), "School", "Room 1", "alice", TimeSpan.FromHours(1));
        await using TestHub rogue = await TestHub.StartAsync(_hub.Clock, _hub.Address.Url);

        // It has the address, shows the good hub's key, and signs with what it has.
        using VerifyingKey good = IdentityKey();
        byte[] nonce = RandomNumberGenerator.GetBytes(16);
        DateTimeOffset now = _hub.Clock.GetUtcNow();

        Assert.False(setup!.KeyHash.SequenceEqual(rogue.Accounts.Identity.KeyHash));
        Assert.True(setup.KeyHash.SequenceEqual(_hub.Accounts.Identity.KeyHash));
        Assert.False(HubStatement.TlsKey(new byte[32], now, now.AddDays(1)).IsSignedBy(good, rogue.Accounts.Identity.Sign(HubStatement.TlsKey(new byte[32], now, now.AddDays(1)))));
        Assert.False(HubStatement.Time(nonce, now).IsSignedBy(good, rogue.Accounts.Identity.Sign(HubStatement.Time(nonce, now))));
        Assert.NotEqual(_hub.Accounts.Identity.Fingerprint, rogue.Accounts.Identity.Fingerprint);
    }

    // By name: a rogue hub that relays a pairing to the good one.
    [Fact]
    public async Task ARogueHubInTheMiddleShowsOtherDigitsThanTheDevice()
    {
        // The rogue cannot use the device's key, so it pairs with one of its own, and the administrator sees that one's digits.
        var device = new TestDevice(_hub);
        var rogue = new TestDevice(_hub);
        Answer started = await rogue.StartPairingAsync();
        Answer seen = await _hub.Administrator().PostAsync("/api/pairing/lookup", new { user_code = started.Text("user_code") });

        byte[] nonce = Base64UrlText.Decode(started.Text("confirmation_nonce"))!;
        Assert.Equal(Devices.Confirmation.Digits(rogue.PublicKey.Thumbprint, nonce), seen.Text("confirmation"));
        Assert.NotEqual(Devices.Confirmation.Digits(device.PublicKey.Thumbprint, nonce), seen.Text("confirmation"));
    }

    [Fact]
    public async Task WithAnotherSecretTheDatabaseOpensNothing()
    {
        using HubSecret other = HubSecret.CopyOf(new byte[32]);

        await Assert.ThrowsAsync<CryptographicException>(() => Devices.Accounts.OpenAsync(_hub.Database, _hub.Address, other, () => null, _hub.Clock));
    }

    [Fact]
    public void WhatIsWrappedOpensUnderItsNameAloneAndUnchanged()
    {
        using HubSecret secret = _hub.Secret();
        byte[] wrapped = secret.Seal("one", "text"u8);

        using (Secret? opened = secret.Open("one", wrapped))
            Assert.Equal("text"u8, opened!.Bytes);
        Assert.Null(secret.Open("two", wrapped));
        Assert.Null(secret.Open("one", wrapped.AsSpan(0, wrapped.Length - 1)));
        Assert.Null(secret.Open("one", []));
        for (int i = 0; i < wrapped.Length; i++)
        {
            wrapped[i] ^= 1;
            Assert.Null(secret.Open("one", wrapped));
            wrapped[i] ^= 1;
        }
    }

    [Fact]
    public void ASecretIsAFileOfItsOwnersAlone()
    {
        string folder = Directory.CreateTempSubdirectory("roomhub-secret-").FullName;
        try
        {
            string path = Path.Combine(folder, "secret");
            using HubSecret made = HubSecret.LoadOrCreate(path);
            using HubSecret read = HubSecret.LoadOrCreate(path);

            Assert.Equal(made.Derive("test", 32), read.Derive("test", 32));
            Assert.NotEqual(made.Derive("test", 32), made.Derive("other", 32));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));

            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.GroupRead);
            Assert.Throws<IOException>(() => HubSecret.LoadOrCreate(path));
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            File.WriteAllBytes(path, new byte[31]);
            Assert.Throws<IOException>(() => HubSecret.LoadOrCreate(path));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<Answer> AskTimeAsync(string nonce) => await Answer.ReadAsync(await _hub.Http.PostAsJsonAsync("/hub/time", new { nonce }));

    private VerifyingKey IdentityKey()
    {
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(_hub.Accounts.Identity.PublicKey, out _);
        ECPoint point = key.ExportParameters(includePrivateParameters: false).Q;
        return OpenSslCrypto.Instance.ImportVerifyingKey(SignatureScheme.EcdsaSecp256r1Sha256, [4, .. point.X!, .. point.Y!])!;
    }
}
