using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RoomAgent.Crypto;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Testing;
using RoomAgent.Identity;
using RoomAgent.Mls;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Testing;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Tests;

/// <summary>The hub's own certificate authority (MEETING section 8): what it issues is what members admit, and nothing else.</summary>
public sealed class AuthorityTests : IAsyncLifetime
{
    private TestHub _hub = null!;
    private TestDevice _device = null!;
    private Administrator _alice = null!;

    public async ValueTask InitializeAsync()
    {
        _hub = await TestHub.StartAsync();
        _device = new TestDevice(_hub);
        _alice = _hub.Administrator();
        await _device.PairAsync(_alice);
    }

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    [Fact]
    public async Task ADeviceGetsACertificateThatMembersAdmit()
    {
        using var key = NewKey();

        IReadOnlyList<byte[]> chain = await IssueAsync("/certificates/device", Request(key));

        // By the root's certificate, as an installation has it, and by the hash of its key, as a meeting's policy has it.
        string name = (await _device.RegistrationAsync(HttpMethod.Get)).Text("dns_name");
        Assert.Equal($"dns:{name}", Admit(chain, key, AnchorSet.Of(Anchor(_hub.Accounts.Authority.Root))));
        Assert.Equal($"dns:{name}", Admit(chain, key, AnchorSet.OfKeys([Anchor(_hub.Accounts.Authority.Root).KeyHash])));
        Assert.Null(CertificateFields.Read(chain[0], out CertificateFields? fields));
        Assert.Equal(_hub.Clock.GetUtcNow() + TimeSpan.FromHours(72), fields!.NotAfter);
        Assert.False(fields.IsAuthority);
        Assert.True(fields.CanSign);
        Assert.False(fields.CanSignCertificates);
    }

    [Fact]
    public async Task AGuestHasARandomNameUnderTheGuestsIntermediate()
    {
        using var key = NewKey();

        IReadOnlyList<byte[]> first = await IssueAsync("/certificates/guest", Request(key));
        IReadOnlyList<byte[]> second = await IssueAsync("/certificates/guest", Request(key));

        AnchorSet root = AnchorSet.Of(Anchor(_hub.Accounts.Authority.Root));
        Assert.StartsWith("uri:urn:uuid:", Admit(first, key, root));
        Assert.NotEqual(Admit(first, key, root), Admit(second, key, root));
        Assert.Equal(_hub.Accounts.Authority.Published[2], first[1]);
        Assert.Null(Admit(first, key, AnchorSet.Of(Anchor(_hub.Accounts.Authority.Published[1]))));
        Assert.Equal(Standing.Unverified, Judge(first, key).Standing);
    }

    [Fact]
    public async Task APersonIsNamedByTheMailboxOfTheSignIn()
    {
        using var key = NewKey();
        var person = new Administrator(_hub, _alice.Organisation, "School", "bob") { Role = "person" };

        HttpResponseMessage answer = await person.SendRawAsync(HttpMethod.Post, "/certificates/person", Content(Request(key)));

        Assert.Equal("mail:bob@example.org", Admit(await ReadChainAsync(answer), key, AnchorSet.Of(Anchor(_hub.Accounts.Authority.Root))));
        Assert.Equal(HttpStatusCode.Unauthorized, (await _hub.Http.PostAsync("/certificates/person", Content(Request(key)))).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await person.SendRawAsync(HttpMethod.Post, "/certificates/device", Content(Request(key)))).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await _device.CallAsync("/certificates/person", HttpMethod.Post, () => Content(Request(key)))).Status);
    }

    [Theory]
    [InlineData(CertifiedKind.Person, "böb@example.org")]
    [InlineData(CertifiedKind.Person, "bob")]
    [InlineData(CertifiedKind.Person, "Bob@example.org")]
    [InlineData(CertifiedKind.Device, "localhost")]
    [InlineData(CertifiedKind.Device, "*.example.org")]
    [InlineData(CertifiedKind.Guest, "https://example.org")]
    [InlineData(CertifiedKind.Device, "")]
    public void ANameThatMembersWouldNotTakeIsNotCertified(CertifiedKind kind, string name)
    {
        using var key = NewKey();

        string? problem = _hub.Accounts.Authority.Issue(kind, name, Request(key), [], out IssuedCertificate? issued);

        Assert.NotNull(problem);
        Assert.Null(issued);
    }

    [Fact]
    public async Task ADeviceMayAskForItsOwnNameAndForNoOther()
    {
        using var key = NewKey();
        string own = (await _device.RegistrationAsync(HttpMethod.Get)).Text("dns_name");

        Assert.NotEmpty(await IssueAsync("/certificates/device", Request(key, names => names.AddDnsName(own))));
        foreach (Action<SubjectAlternativeNameBuilder> wrong in new Action<SubjectAlternativeNameBuilder>[]
        {
            names => names.AddDnsName("room-000000000000.devices.hub.example.org"),
            names => names.AddDnsName("*.devices.hub.example.org"),
            names => names.AddEmailAddress("alice@example.org"),
            names =>
            {
                names.AddDnsName(own);
                names.AddDnsName("other.example.org");
            },
        })
        {
            Assert.Equal("bad_csr", (await AskAsync("/certificates/device", Request(key, wrong))).Error);
        }
    }

    [Fact]
    public async Task ARequestHasToBeSignedByItsOwnKeyAndForAKeyOfItsOwn()
    {
        using var key = NewKey();
        byte[] good = Request(key);

        // Its signature changed; another key put in place of its own; the key of the machine account.
        byte[] spoiled = [.. good];
        spoiled[^3] ^= 1;
        using var other = NewKey();
        byte[] otherPoint = Point(other);
        byte[] swapped = [.. good];
        otherPoint.CopyTo(swapped, swapped.AsSpan().IndexOf(Point(key)));

        Assert.Equal("bad_csr", (await AskAsync("/certificates/device", spoiled)).Error);
        Assert.Equal("bad_csr", (await AskAsync("/certificates/device", swapped)).Error);
        Assert.Equal("bad_csr", (await AskAsync("/certificates/device", Request(_device.Key))).Error);
    }

    [Fact]
    public async Task OtherKeysAndExtensionsAreRefused()
    {
        using var key = NewKey();
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var rsa = RSA.Create(2048);
        var authority = new CertificateRequest("CN=x", key, HashAlgorithmName.SHA256);
        authority.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));

        foreach (byte[] bad in new[]
        {
            new CertificateRequest("CN=x", p384, HashAlgorithmName.SHA384).CreateSigningRequest(),
            new CertificateRequest("CN=x", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSigningRequest(),
            authority.CreateSigningRequest(),
            [],
            [0x30],
            [.. Request(key), 0],
            new byte[2048],
        })
        {
            Assert.Equal("bad_csr", (await AskAsync("/certificates/device", bad)).Error);
        }

        Assert.Empty(Truncation.AcceptedLengths(Request(key), bytes => SigningRequest.Read(bytes, out _) is null));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await AskAsync("/certificates/device", new byte[2049])).Status);
        Assert.Equal("invalid_request", (await _device.CallAsync("/certificates/device", HttpMethod.Post, () => new StringContent("x"))).Error);
    }

    [Fact]
    public async Task WhoHasNoAccessGetsNoCertificate()
    {
        using var key = NewKey();
        await _device.RefreshAsync("mls");
        Assert.Equal(HttpStatusCode.Forbidden, (await AskAsync("/certificates/device", Request(key))).Status);

        await _device.RefreshAsync();
        await _alice.PostAsync("/api/devices/reset-access");
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync("/certificates/device", Request(key))).Status);
    }

    [Fact]
    public async Task TheChainIsPublished()
    {
        HttpResponseMessage answer = await _hub.Http.GetAsync("/hub/authority");

        IReadOnlyList<byte[]> published = await ReadChainAsync(answer);
        Assert.Equal(_hub.Accounts.Authority.Published, published);
        Assert.Equal("application/pem-certificate-chain", answer.Content.Headers.ContentType!.MediaType);
        foreach ((byte[] certificate, int below) in published.Zip([1, 0, 0]))
        {
            Assert.Null(CertificateFields.Read(certificate, out CertificateFields? fields));
            Assert.True(fields!.IsAuthority);
            Assert.Equal(below, fields.PathLength);
        }
    }

    [Fact]
    public async Task TheAuthorityIsTheSameAfterARestartWithoutTheRootsSecret()
    {
        IReadOnlyList<byte[]> before = _hub.Accounts.Authority.Published;

        await _hub.RestartAsync(withRootSecret: false);

        using var key = NewKey();
        Assert.Equal(before, _hub.Accounts.Authority.Published);
        Assert.False(_hub.Accounts.Authority.NeedsRoot);
        Assert.NotEmpty(await IssueAsync("/certificates/device", Request(key)));
    }

    [Fact]
    public async Task IntermediatesAreRenewedInTimeUnderTheSameRoot()
    {
        using var key = NewKey();
        IReadOnlyList<byte[]> before = _hub.Accounts.Authority.Published;
        await _hub.RestartAsync(withRootSecret: false);

        // 120 days before their end they are due. Without the secret of the root the hub goes on, and says so.
        _hub.Clock.Advance(TimeSpan.FromDays(246));
        await _hub.Accounts.TidyAsync();
        Assert.True(_hub.Accounts.Authority.NeedsRoot);
        Assert.Equal(before, _hub.Accounts.Authority.Published);

        // Past their end nothing is issued; with the secret it is as before.
        _hub.Clock.Advance(TimeSpan.FromDays(120));
        Assert.Contains("expired", _hub.Accounts.Authority.Issue(CertifiedKind.Device, "room.example.org", Request(key), [], out _));
        await _hub.RestartAsync();
        var device = new TestDevice(_hub);
        await device.PairAsync(_alice);
        IReadOnlyList<byte[]> chain = await ReadChainAsync((await device.CallAsync("/certificates/device", HttpMethod.Post, () => Content(Request(key)))).Response);
        Assert.Equal(before[0], _hub.Accounts.Authority.Root);
        Assert.NotEqual(before[1], chain[1]);
        Assert.StartsWith("dns:", Admit(chain, key, AnchorSet.Of(Anchor(before[0]))));
    }

    [Fact]
    public async Task AHubThatRunsForAYearRenewsByItself()
    {
        IReadOnlyList<byte[]> before = _hub.Accounts.Authority.Published;
        await _hub.Accounts.TidyAsync();
        Assert.Equal(before, _hub.Accounts.Authority.Published);

        _hub.Clock.Advance(TimeSpan.FromDays(246));
        await _hub.Accounts.TidyAsync();

        Assert.False(_hub.Accounts.Authority.NeedsRoot);
        Assert.Equal(before[0], _hub.Accounts.Authority.Published[0]);
        Assert.NotEqual(before[1], _hub.Accounts.Authority.Published[1]);
        Assert.NotEqual(before[2], _hub.Accounts.Authority.Published[2]);
    }

    [Fact]
    public async Task TheRootsKeyIsNotWrappedWithTheHubsSecret()
    {
        var keys = new KeyStore(_hub.Database);
        KeptKey root = Assert.Single(await keys.AllAsync("authority-root"));
        using HubSecret secret = _hub.Secret();
        using HubSecret rootSecret = _hub.RootSecret();

        Assert.Throws<CryptographicException>(() => root.Unwrap(secret));
        using ECDsa unwrapped = root.Unwrap(rootSecret);
        Assert.NotNull(unwrapped);
    }

    [Fact]
    public async Task WithoutTheRootsSecretNoAuthorityBegins()
    {
        string folder = Directory.CreateTempSubdirectory("roomhub-accounts-").FullName;
        try
        {
            await using Store.Database database = Store.Database.Sqlite(Path.Combine(folder, "hub.db"));
            await database.MigrateAsync(_hub.Clock.GetUtcNow());
            using HubSecret secret = _hub.Secret();

            await Assert.ThrowsAsync<CryptographicException>(() => Devices.Accounts.OpenAsync(database, _hub.Address, secret, () => null, _hub.Clock));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static ECDsa NewKey() => ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private static byte[] Point(ECDsa key)
    {
        ECPoint point = key.ExportParameters(includePrivateParameters: false).Q;
        return [4, .. point.X!, .. point.Y!];
    }

    private static byte[] Request(ECDsa key, Action<SubjectAlternativeNameBuilder>? names = null)
    {
        var request = new CertificateRequest("CN=whatever", key, HashAlgorithmName.SHA256);
        if (names is not null)
        {
            var builder = new SubjectAlternativeNameBuilder();
            names(builder);
            request.CertificateExtensions.Add(builder.Build());
        }

        return request.CreateSigningRequest();
    }

    private static ByteArrayContent Content(byte[] request) => new(request) { Headers = { ContentType = new MediaTypeHeaderValue("application/pkcs10") } };

    private Task<Answer> AskAsync(string path, byte[] request) => _device.CallAsync(path, HttpMethod.Post, () => Content(request));

    private async Task<IReadOnlyList<byte[]>> IssueAsync(string path, byte[] request) => await ReadChainAsync((await AskAsync(path, request)).Response);

    private static async Task<IReadOnlyList<byte[]>> ReadChainAsync(HttpResponseMessage answer)
    {
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(await answer.Content.ReadAsStringAsync());
        return [.. chain.Select(certificate => certificate.RawData)];
    }

    private static TrustAnchor Anchor(byte[] certificate)
    {
        Assert.Null(TrustAnchor.Read(certificate, "hub", AnchorOrigin.Installed, out TrustAnchor? anchor));
        return anchor!;
    }

    // The identity, as MLS asks for it; null when it is not admitted.
    private string? Admit(IReadOnlyList<byte[]> chain, ECDsa key, AnchorSet anchors)
    {
        var provider = new X509IdentityProvider(new CertificatePaths(OpenSslCrypto.Instance), SignatureScheme.EcdsaSecp256r1Sha256, anchors, AdmissionDates.DecideOnJoin);
        Credential credential = CredentialOf(chain);
        return provider.IsValid(credential, ByteString.CopyOf(Point(key)), IdentityRole.Joiner, _hub.Clock.GetUtcNow())
            ? System.Text.Encoding.ASCII.GetString(provider.IdentityOf(credential)!.Value)
            : null;
    }

    private Verdict Judge(IReadOnlyList<byte[]> chain, ECDsa key)
    {
        var judge = new IdentityJudge(new CertificatePaths(OpenSslCrypto.Instance), SignatureScheme.EcdsaSecp256r1Sha256, [Anchor(_hub.Accounts.Authority.Root)], new NothingKnown(), UnknownRevocation.Tolerated);
        return judge.Judge(CredentialOf(chain), ByteString.CopyOf(Point(key)), _hub.Clock.GetUtcNow());
    }

    private static Credential CredentialOf(IReadOnlyList<byte[]> chain) => Credential.X509([.. chain.Select(ByteString.Owning)]);

    private sealed class NothingKnown : IRevocation
    {
        public RevocationStatus StatusOf(ByteString certificate, ByteString issuer, DateTimeOffset date) => RevocationStatus.Unknown;
    }
}
