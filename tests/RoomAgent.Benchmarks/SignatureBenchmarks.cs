using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using RoomAgent.Crypto;
using RoomAgent.Native.OpenSsl;

namespace RoomAgent.Benchmarks;

/// <summary>ECDSA over P-256 of a message as long as an MLS commit's: .NET's class against our port.</summary>
public class SignatureBenchmarks
{
    private const SignatureScheme Scheme = SignatureScheme.EcdsaSecp256r1Sha256;
    private readonly byte[] _message = new byte[600];
    private readonly byte[] _signature = new byte[Scheme.LargestSignature()];
    private ECParameters _public;
    private ECDsa _framework = null!;
    private byte[] _point = [];
    private byte[] _made = [];
    private SigningKey _signing = null!;
    private VerifyingKey _verifying = null!;

    [GlobalSetup]
    public void Setup()
    {
        _framework = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        ECParameters pair = _framework.ExportParameters(includePrivateParameters: true);
        _public = new ECParameters { Curve = pair.Curve, Q = pair.Q };
        _point = [4, .. pair.Q.X!, .. pair.Q.Y!];
        _signing = OpenSslCrypto.Instance.ImportSigningKey(Scheme, pair.D!)!;
        _verifying = OpenSslCrypto.Instance.ImportVerifyingKey(Scheme, _point)!;
        _made = _signature[.._signing.Sign(_message, _signature)].ToArray();
    }

    [BenchmarkCategory("verify"), Benchmark(Baseline = true, Description = "ECDsa: import and verify")]
    public bool FrameworkImportAndVerify()
    {
        using var key = ECDsa.Create(_public);
        return key.VerifyData(_message, _made, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
    }

    [BenchmarkCategory("verify"), Benchmark(Description = "port: import and verify")]
    public bool ImportAndVerify()
    {
        using VerifyingKey key = OpenSslCrypto.Instance.ImportVerifyingKey(Scheme, _point)!;
        return key.Verify(_message, _made);
    }

    [BenchmarkCategory("verify"), Benchmark(Description = "port: verify, key kept")]
    public bool Verify() => _verifying.Verify(_message, _made);

    [BenchmarkCategory("sign"), Benchmark(Baseline = true, Description = "ECDsa: sign")]
    public byte[] FrameworkSign() => _framework.SignData(_message, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

    [BenchmarkCategory("sign"), Benchmark(Description = "port: sign")]
    public int Sign() => _signing.Sign(_message, _signature);
}
