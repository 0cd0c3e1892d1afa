using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using RoomAgent.Agent.Ports;
using RoomAgent.Cloud.Account;
using RoomAgent.Cloud.Certificates;
using RoomAgent.Enrolment;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Testing;

namespace RoomAgent.Cloud.Tests;

/// <summary>Certificates of the hub's authority, for a key of the device's choice.</summary>
public sealed class CertificateTests : IAsyncLifetime
{
    private Lab _lab = null!;
    private Room _room = null!;
    private readonly IdentityKey _key = new();

    public async ValueTask InitializeAsync()
    {
        _lab = await Lab.StartAsync();
        _room = _lab.NewRoom();
        await _room.PairAsync(await _lab.MakeSetupCodeAsync());
    }

    public async ValueTask DisposeAsync()
    {
        _key.Dispose();
        await _lab.DisposeAsync();
    }

    [Fact]
    public async Task ADeviceGetsACertificateOfItsName()
    {
        CertificateAnswer answer = await new DeviceCertificates(_room.Membership).RequestDeviceAsync(_key, CancellationToken.None);

        Assert.Null(answer.Problem);
        DeviceCertificate certificate = answer.Certificate!;
        Assert.EndsWith(".devices.hub.example.org", certificate.Name, StringComparison.Ordinal);
        Assert.Equal(_room.Membership.DnsName, certificate.Name);
        Assert.Equal(72, (certificate.NotAfter - _lab.Hub.Clock.GetUtcNow()).TotalHours, tolerance: 0.1);
        Assert.True(certificate.Chain.Count >= 2);
        using X509Certificate2 leaf = X509CertificateLoader.LoadCertificate(certificate.Chain[0].Span);
        Assert.Equal(_key.PublicKey.ToArray(), leaf.PublicKey.ExportSubjectPublicKeyInfo());
    }

    [Fact]
    public async Task AGuestGetsACertificateOfNoName()
    {
        CertificateAnswer answer = await new DeviceCertificates(_room.Membership).RequestGuestAsync(_key, CancellationToken.None);

        Assert.Null(answer.Problem);
        Assert.StartsWith("urn:uuid:", answer.Certificate!.Name, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ACertificateForAnotherKeyIsNotTaken()
    {
        using var other = new IdentityKey();
        byte[] chain = await ChainAsync("/certificates/device", other);
        Put("/certificates/device", chain);

        Assert.Equal("the certificate is for another key", (await RequestAsync()).Problem);
    }

    [Fact]
    public async Task ACertificateOfAnotherNameIsNotTaken()
    {
        Put("/certificates/device", await ChainAsync("/certificates/guest", _key));

        Assert.Equal("the certificate is of another name", (await RequestAsync()).Problem);
    }

    [Fact]
    public async Task AChainThatLeadsNowhereIsNotTaken()
    {
        using var root = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var publicKey = ECDsa.Create();
        publicKey.ImportSubjectPublicKeyInfo(_key.PublicKey.Span, out _);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(_room.Membership.DnsName!);
        var request = new CertificateRequest("CN=x", publicKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(names.Build());
        DateTimeOffset now = _lab.Hub.Clock.GetUtcNow();
        using X509Certificate2 forged = request.Create(new X500DistinguishedName("CN=RoomHub root"), X509SignatureGenerator.CreateForECDsa(root), now.AddDays(-1), now.AddDays(1), [1]);
        Put("/certificates/device", System.Text.Encoding.ASCII.GetBytes(forged.ExportCertificatePem()));

        Assert.StartsWith("the chain does not lead to an anchor", (await RequestAsync()).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnOldCertificateIsNotTaken()
    {
        byte[] old = await ChainAsync("/certificates/device", _key);
        await _room.LiveAsync(TimeSpan.FromDays(4));
        Put("/certificates/device", old);

        Assert.StartsWith("the chain does not lead to an anchor", (await RequestAsync()).Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")]
    public async Task WhatIsNoChainIsNotTaken(string text)
    {
        Put("/certificates/device", System.Text.Encoding.ASCII.GetBytes(text));

        Assert.Equal("the answer is no chain of certificates in PEM", (await RequestAsync()).Problem);
    }

    // The whole hub, as it is started for people: pairs a device, restarts, and knows it still.
    [Fact]
    public async Task TheWholeHubAndADevice()
    {
        RunningHub hub = await RunningHub.StartAsync();
        try
        {
            SetupCode? setup = await hub.Get<Accounts>().MakeSetupCodeAsync(OrganisationId.New(), "School", "Room 1", "test", TimeSpan.FromDays(1));
            RunningHub[] current = [hub];
            var network = new Network { [hub.Address.Url["https://".Length..]] = () => current[0].EndPoint.Port };
            string folder = Path.Combine(hub.Settings.Data, "device");
            Directory.CreateDirectory(folder);
            var vault = new FolderVault(folder);
            var settings = new CloudSettings { Serial = "SN-1", Model = "Pi 5", Software = "46.11", Connect = network.ConnectAsync };
            using Membership membership = Membership.Open(settings, vault, new VaultKeys(vault), TimeProvider.System, NullLogger<Membership>.Instance);
            using var stopping = new CancellationTokenSource();
            Task loop = membership.RunAsync(stopping.Token);

            Assert.True(await membership.UseSetupCodeAsync(setup!));
            CertificateAnswer first = await UntilGoodAsync(membership);
            current[0] = hub = await hub.RestartAsync();
            CertificateAnswer second = await UntilGoodAsync(membership);

            Assert.Null(first.Problem);
            Assert.Equal(first.Certificate!.Name, second.Certificate!.Name);
            Assert.All(Directory.GetFiles(folder), file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
            Assert.Equal(["cloud", "device-key-1"], Directory.GetFiles(folder).Select(Path.GetFileName).Order());
            await stopping.CancelAsync();
            await loop;
        }
        finally
        {
            await hub.DisposeAsync();
        }
    }

    private async Task<CertificateAnswer> UntilGoodAsync(Membership membership)
    {
        for (int attempt = 0; ; attempt++)
        {
            CertificateAnswer answer = await new DeviceCertificates(membership).RequestDeviceAsync(_key, CancellationToken.None);
            if (answer.Certificate is not null || attempt == 100)
                return answer;
            await Task.Delay(100);
        }
    }

    private Task<CertificateAnswer> RequestAsync() => new DeviceCertificates(_room.Membership).RequestDeviceAsync(_key, CancellationToken.None);

    // What the hub answers to a request with that key.
    private async Task<byte[]> ChainAsync(string path, IdentityKey key)
    {
        byte[]? chain = null;
        _lab.Hub.Between = async (context, next) =>
        {
            Stream body = context.Response.Body;
            using var buffer = new MemoryStream();
            context.Response.Body = buffer;
            await next(context);
            context.Response.Body = body;
            if (context.Request.Path == path)
                chain = buffer.ToArray();
            await body.WriteAsync(buffer.ToArray());
        };
        var certificates = new DeviceCertificates(_room.Membership);
        CertificateAnswer answer = path.EndsWith("guest", StringComparison.Ordinal) ? await certificates.RequestGuestAsync(key, CancellationToken.None) : await certificates.RequestDeviceAsync(key, CancellationToken.None);
        Assert.Null(answer.Problem);
        return chain!;
    }

    private void Put(string path, byte[] chain) => _lab.Hub.Between = (context, next) =>
    {
        if (context.Request.Path != path)
            return next(context);

        context.Response.ContentType = "application/pem-certificate-chain";
        return context.Response.Body.WriteAsync(chain).AsTask();
    };

    private sealed class IdentityKey : IIdentityKey, IDisposable
    {
        private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        public IdentityKey() => PublicKey = _key.ExportSubjectPublicKeyInfo();

        public ReadOnlyMemory<byte> PublicKey { get; }

        public byte[] Sign(ReadOnlySpan<byte> text) => _key.SignData(text, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

        public void Dispose() => _key.Dispose();
    }
}
