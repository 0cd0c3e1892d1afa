using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RoomAgent.Host.Meetings;
using RoomAgent.Identity;

namespace RoomAgent.Host.Tests.Meetings;

/// <summary>The authorities that a room relies on itself: all of the file is good, or nothing of it is taken.</summary>
public sealed class InstalledAuthoritiesTests : IDisposable
{
    private readonly TemporaryDirectory _home = new();

    [Fact]
    public void WithoutAFileThereAreNone()
    {
        Assert.Null(InstalledAuthorities.Read("", out IReadOnlyList<TrustAnchor> anchors));
        Assert.Empty(anchors);
    }

    [Fact]
    public void EachIsCalledByItsSubject()
    {
        string file = _home.Write("authorities.pem", $"Ours:\n{Pem("Northgate Root")}\n{Pem("Southgate Root")}");

        Assert.Null(InstalledAuthorities.Read(file, out IReadOnlyList<TrustAnchor> anchors));

        Assert.Equal(["Northgate Root", "Southgate Root"], anchors.Select(anchor => anchor.Label));
        Assert.All(anchors, anchor => Assert.Equal(AnchorOrigin.Installed, anchor.Origin));
    }

    [Fact]
    public void WhoIsNoAuthorityMakesTheWholeFileBad() =>
        Assert.Contains("certificate 2", Problem($"{Pem("Root")}\n{Pem("library", isAuthority: false)}"), StringComparison.Ordinal);

    [Theory]
    [InlineData("", "no certificate")]
    [InlineData("nothing of the kind", "no certificate")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "keep keys elsewhere")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "certificate 1")]
    public void AFileOfSomethingElseIsRefused(string text, string problem) => Assert.Contains(problem, Problem(text), StringComparison.Ordinal);

    [Fact]
    public void AFileWithoutAnEndIsRefusedAndOneThatIsNotThere()
    {
        Assert.Contains("larger", InstalledAuthorities.Read("/dev/zero", out _), StringComparison.Ordinal);
        Assert.Contains("cannot be read", InstalledAuthorities.Read(_home["none.pem"], out _), StringComparison.Ordinal);
        Assert.Contains("more than 64", Problem(string.Concat(Enumerable.Repeat($"{Pem("Root")}\n", 65))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheDaemonDoesNotStartWithoutThoseItIsToRelyOn()
    {
        Daemon.Ended end = await Daemon.RunAsync(_home, ["--simulate", "--set", $"paths.state={_home["state"]}", "--set", $"identity.authorities={_home["none.pem"]}"]);

        Assert.Equal(ExitStatus.Configuration, end.ExitCode);
        Assert.Contains("none.pem", end.Output + end.Errors);
    }

    public void Dispose() => _home.Dispose();

    private string Problem(string text)
    {
        string? problem = InstalledAuthorities.Read(_home.Write("authorities.pem", text), out IReadOnlyList<TrustAnchor> anchors);
        Assert.Empty(anchors);
        return problem ?? "";
    }

    private static string Pem(string name, bool isAuthority = true)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(isAuthority ? X509KeyUsageFlags.KeyCertSign : X509KeyUsageFlags.DigitalSignature, critical: true));
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return certificate.ExportCertificatePem();
    }
}
