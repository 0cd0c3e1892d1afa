using System.Diagnostics;
using System.Globalization;
using RoomAgent.Crypto;
using RoomAgent.Mls;
using RoomAgent.Testing;
using RoomAgent.Wire;
using static RoomAgent.Identity.Tests.TestWorld;

namespace RoomAgent.Identity.Tests;

/// <summary>The openssl program on the same certificates: it must see in them what we see, and refuse what breaks a rule of path validation.</summary>
[Trait("Category", "Peer")]
public sealed class OpenSslPeerTests : IDisposable
{
    // Where both have the same rule. In all others we are stricter than RFC 5280.
    private static readonly Refusal[] s_sharedRules =
    [
        IdentityRules.Anchor, IdentityRules.Signature, IdentityRules.NameConstraints, IdentityRules.PathLength, IdentityRules.Path,
        IdentityRules.NotYetValid, IdentityRules.Expired, CertificateRules.IssuerIsNoAuthority, CertificateRules.CriticalExtension,
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("x509-").FullName;

    public static TheoryData<string> SharedRules => [.. BadIdentity.All.Where(bad => s_sharedRules.Contains(bad.Rule)).Select(bad => bad.Name)];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(SignatureScheme.EcdsaSecp256r1Sha256)]
    [InlineData(SignatureScheme.EcdsaSecp384r1Sha384)]
    [InlineData(SignatureScheme.Ed25519)]
    public void OpenSslVerifiesTheGoodChains(SignatureScheme scheme)
    {
        var root = TestAuthority.Root(CertificateContent.Authority("Root"), NewSigner(scheme));
        var intermediate = root.Subordinate(CertificateContent.Authority("Intermediate"), NewSigner(scheme));

        Assert.True(Verifies(root.Certificate, Certify(intermediate, Room(), NewKey(scheme)), intermediate.Certificate));
    }

    [Theory]
    [MemberData(nameof(SharedRules))]
    public void OpenSslRefusesWhatWeRefuse(string name)
    {
        (Credential credential, _) = BadIdentity.All.Single(bad => bad.Name == name).Present();

        Assert.False(Verifies(Root.Certificate, [.. credential.Certificates.Select(certificate => certificate.ToArray())]));
    }

    [Fact]
    public void OpenSslReadsTheSameFields()
    {
        SigningKey key = NewKey();
        byte[] leaf = Certify(Intermediate, Room() with { NotAfter = new DateTimeOffset(2061, 2, 3, 4, 5, 6, TimeSpan.Zero) }, key);
        Assert.Null(CertificateFields.Read(leaf, out CertificateFields? fields));

        string text = OpenSsl("x509", "-inform", "DER", "-in", Save(leaf), "-noout", "-pubkey", "-dates", "-dateopt", "iso_8601", "-ext", "subjectAltName,keyUsage");

        Assert.Contains("DNS:room1.example.org", text, StringComparison.Ordinal);
        Assert.Contains("Digital Signature", text, StringComparison.Ordinal);
        Assert.Contains($"notBefore={Iso(fields!.NotBefore)}", text, StringComparison.Ordinal);
        Assert.Contains($"notAfter={Iso(fields.NotAfter)}", text, StringComparison.Ordinal);
        string pem = text[(text.IndexOf("KEY-----", StringComparison.Ordinal) + 8)..text.IndexOf("-----END", StringComparison.Ordinal)];
        Assert.Equal(ByteString.CopyOf(Convert.FromBase64String(pem)), fields.SubjectPublicKeyInfo);
        Assert.Equal(key.PublicKey(), fields.PublicKey);

        static string Iso(DateTimeOffset date) => date.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
    }

    [Fact]
    public void AChainThatOpenSslMadeIsAdmitted()
    {
        string root = Path.Combine(_folder, "root"), leaf = Path.Combine(_folder, "leaf");
        OpenSsl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384", "-nodes", "-days", "30", "-subj", "/O=Test/CN=Made by openssl",
            "-addext", "keyUsage=critical,keyCertSign", "-keyout", root + ".key", "-out", root + ".pem");
        OpenSsl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=other.example.org", "-keyout", leaf + ".key", "-out", leaf + ".csr");
        File.WriteAllText(leaf + ".ext", "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\nsubjectAltName=email:Alice@example.org\nauthorityKeyIdentifier=keyid\n");
        OpenSsl("x509", "-req", "-in", leaf + ".csr", "-CA", root + ".pem", "-CAkey", root + ".key", "-CAcreateserial", "-days", "20", "-extfile", leaf + ".ext", "-out", leaf + ".pem");
        byte[] rootDer = Der(root), leafDer = Der(leaf);

        Assert.Null(TrustAnchor.Read(rootDer, "openssl", AnchorOrigin.Installed, out TrustAnchor? anchor));
        Assert.Null(CertificateFields.Read(leafDer, out CertificateFields? fields));
        Credential credential = Chain(leafDer, rootDer);

        Assert.Null(Provider(anchors: AnchorSet.Of(anchor!), dates: AdmissionDates.Ignored).Admit(credential, fields!.PublicKey, IdentityRole.Joiner, Today));
        Assert.Equal("alice@example.org", CertificateChain.NameOf(credential)?.Value.Reveal());
    }

    private bool Verifies(byte[] root, params byte[][] chain)
    {
        string anchor = Save(root, pem: true), leaf = Save(chain[0], pem: true), others = Save([], pem: true);
        foreach (byte[] certificate in chain.Skip(1))
            File.AppendAllText(others, Pem(certificate));

        List<string> arguments = ["verify", "-no-CApath", "-no-CAstore", "-CAfile", anchor, "-attime", $"{Today.ToUnixTimeSeconds()}"];
        if (chain.Length > 1)
            arguments.AddRange(["-untrusted", others]);
        return Run([.. arguments, leaf]).ExitCode == 0;
    }

    private static byte[] Der(string name)
    {
        OpenSsl("x509", "-in", name + ".pem", "-outform", "DER", "-out", name + ".der");
        return File.ReadAllBytes(name + ".der");
    }

    private string Save(byte[] certificate, bool pem = false)
    {
        string file = Path.Combine(_folder, Path.GetRandomFileName());
        if (!pem)
            File.WriteAllBytes(file, certificate);
        else
            File.WriteAllText(file, certificate.Length == 0 ? "" : Pem(certificate));
        return file;
    }

    private static string Pem(byte[] certificate) => System.Security.Cryptography.PemEncoding.WriteString("CERTIFICATE", certificate) + "\n";

    private static string OpenSsl(params string[] arguments)
    {
        (int exitCode, string text) = Run(arguments);
        Assert.True(exitCode == 0, text);
        return text;
    }

    private static (int ExitCode, string Text) Run(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("openssl", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }
}
