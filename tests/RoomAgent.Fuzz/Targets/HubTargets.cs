using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using RoomAgent.Enrolment;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Wire;

namespace RoomAgent.Fuzz.Targets;

/// <summary>What strangers send to the hub before it knows them.</summary>
internal static class HubTargets
{
    // The same key on every run, so that an input which was kept means the same.
    private static readonly Lazy<ECDsa> s_key = new(() =>
    {
        var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(
            Convert.FromBase64String("MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyChRANCAARRXD1uueOWuQTT/sp/VP3NDMHpl783XcpRWtCmw7QDX0U2vjpQ8xj7+aVHWQKiIVAr7w1X4IxTsswKVvF9n5NU"),
            out _);
        return key;
    });

    /// <summary>A setup code. What is read is written in the same way.</summary>
    public static FuzzTarget SetupCodeText { get; } = new("hub-setup-code", input =>
    {
        string text = Encoding.UTF8.GetString(input);
        if (SetupCode.Read(text, OpenSslCrypto.Instance) is { } code && code.Reveal(OpenSslCrypto.Instance) != text.Trim(' ', '\t', '\r', '\n'))
            throw new InvalidOperationException("Two texts for one setup code.");
        _ = HubAddress.Read(text);
    }, () => [Encoding.ASCII.GetBytes(new SetupCode(HubAddress.Read("https://hub.example.org")!, new byte[32], ActivationCode.Read("000000000000016JD")!).Reveal(OpenSslCrypto.Instance))]);

    /// <summary>The codes that people type, and the nonce of a client.</summary>
    public static FuzzTarget Codes { get; } = new("hub-codes", input =>
    {
        string text = Encoding.UTF8.GetString(input);
        if (ActivationCode.Read(text) is { } code && !code.Equals(ActivationCode.Read(code.RevealGrouped())))
            throw new InvalidOperationException("A code is not read as it is written.");
        if (UserCode.Read(text) is { } shown && !shown.Equals(UserCode.Read(shown.Reveal())))
            throw new InvalidOperationException("A code is not read as it is shown.");
        if (HubStatement.ReadNonce(text) is { } nonce && Base64UrlText.Encode(nonce) != text)
            throw new InvalidOperationException("Two texts for one nonce.");
    }, () => ["0000-0000-0000-016J-D"u8.ToArray(), "1234-5678-9012-3456"u8.ToArray(), "BCDF-GHJK"u8.ToArray(), "AAAAAAAAAAAAAAAAAAAAAA"u8.ToArray()]);

    /// <summary>A proof of possession and a client assertion, as texts.</summary>
    public static FuzzTarget Proof { get; } = new("hub-proof", input =>
    {
        string text = Encoding.UTF8.GetString(input);
        _ = DpopProof.Read(text);
        _ = ClientAssertion.Read(text);
    }, () => [Encoding.ASCII.GetBytes(Sign(ProofHeader(), ProofClaims))]);

    /// <summary>The two JSON objects of a proof, with a zero byte between them: enveloped here, so that what is in them is reached.</summary>
    public static FuzzTarget ProofContent { get; } = new("hub-proof-content", input =>
    {
        int end = input.IndexOf((byte)0);
        ReadOnlySpan<byte> header = end < 0 ? input : input[..end];
        ReadOnlySpan<byte> claims = end < 0 ? default : input[(end + 1)..];
        string text = $"{Base64UrlText.Encode(header)}.{Base64UrlText.Encode(claims)}.{Base64UrlText.Encode(new byte[64])}";
        _ = DpopProof.Read(text);
        if (ClientAssertion.Read(text) is { } assertion)
            _ = assertion.Client.Length + assertion.Id.Length;
    }, () => [[.. Encoding.ASCII.GetBytes(ProofHeader()), 0, .. Encoding.ASCII.GetBytes(ProofClaims)]]);

    /// <summary>A certificate request.</summary>
    public static FuzzTarget Request { get; } = new("hub-certificate-request", input =>
    {
        if (SigningRequest.Read(input, out SigningRequest? request) is null && request!.SubjectPublicKeyInfo.Length != 91)
            throw new InvalidOperationException("A key that is not of P-256.");
    }, () => [new CertificateRequest("CN=room", s_key.Value, HashAlgorithmName.SHA256).CreateSigningRequest()]);

    private const string ProofClaims = """{"jti":"0123456789abcdef","htm":"POST","htu":"https://hub.example.org/oauth/token","iat":1790000000,"nonce":"AAAA","ath":"AAAA"}""";

    private static string ProofHeader()
    {
        ECPoint point = s_key.Value.ExportParameters(includePrivateParameters: false).Q;
        return $$$"""{"typ":"dpop+jwt","alg":"ES256","jwk":{"kty":"EC","crv":"P-256","x":"{{{Base64UrlText.Encode(point.X)}}}","y":"{{{Base64UrlText.Encode(point.Y)}}}"}}""";
    }

    private static string Sign(string header, string claims)
    {
        string text = $"{Base64UrlText.Encode(Encoding.ASCII.GetBytes(header))}.{Base64UrlText.Encode(Encoding.ASCII.GetBytes(claims))}";
        byte[] signature = s_key.Value.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return $"{text}.{Base64UrlText.Encode(signature)}";
    }
}
