using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using RoomAgent.Crypto;
using RoomAgent.Native.OpenSsl;
using HashAlgorithm = RoomAgent.Crypto.HashAlgorithm;

namespace RoomAgent.Benchmarks;

/// <summary>Diffie-Hellman over P-256 with a key that came from the wire, and what HPKE (suite of MLS 0x0002) makes of it.</summary>
public class KemBenchmarks
{
    private readonly byte[] _secret = new byte[32];
    private readonly byte[] _plaintext = new byte[32];
    private readonly byte[] _ciphertext = new byte[32 + Sizes.AeadTag];
    private readonly Hpke _suite = new(OpenSslCrypto.Instance, KemGroup.P256, HashAlgorithm.Sha256, AeadAlgorithm.Aes128Gcm);
    private ECDiffieHellman _framework = null!;
    private ECParameters _peer;
    private byte[] _peerPoint = [];
    private byte[] _enc = [];
    private KemPrivateKey _own = null!;
    private KemPublicKey _ownPublic = null!;

    [GlobalSetup]
    public void Setup()
    {
        _framework = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        using var peer = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        _peer = peer.ExportParameters(includePrivateParameters: false);
        _peerPoint = [4, .. _peer.Q.X!, .. _peer.Q.Y!];
        _own = _suite.GenerateKeyPair(OpenSslRandom.Instance);
        _ownPublic = OpenSslCrypto.Instance.ImportKemPublicKey(KemGroup.P256, _own.PublicKey)!;
        _enc = new byte[_suite.EncapsulatedKeySize];
        _suite.TrySeal(_ownPublic, [], [], _plaintext, OpenSslRandom.Instance, _enc, _ciphertext);
    }

    [BenchmarkCategory("agree"), Benchmark(Baseline = true, Description = "ECDiffieHellman: import and derive")]
    public byte[] FrameworkImportAndDerive()
    {
        using var peer = ECDiffieHellman.Create(_peer);
        using ECDiffieHellmanPublicKey publicKey = peer.PublicKey;
        return _framework.DeriveRawSecretAgreement(publicKey);
    }

    [BenchmarkCategory("agree"), Benchmark(Description = "port: import and derive")]
    public bool ImportAndDerive()
    {
        using KemPublicKey peer = OpenSslCrypto.Instance.ImportKemPublicKey(KemGroup.P256, _peerPoint)!;
        return _own.TryDerive(peer, _secret);
    }

    [BenchmarkCategory("hpke"), Benchmark(Description = "port: new key pair")]
    public void NewKeyPair() => _suite.GenerateKeyPair(OpenSslRandom.Instance).Dispose();

    [BenchmarkCategory("hpke"), Benchmark(Description = "HPKE seal 32 B")]
    public bool Seal() => _suite.TrySeal(_ownPublic, [], [], _plaintext, OpenSslRandom.Instance, _enc, _ciphertext);

    [BenchmarkCategory("hpke"), Benchmark(Description = "HPKE open 32 B")]
    public bool Open() => _suite.TryOpen(_enc, _own, [], [], _ciphertext, _plaintext);
}
