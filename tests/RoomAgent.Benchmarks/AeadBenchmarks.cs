using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using RoomAgent.Crypto;
using RoomAgent.Native.OpenSsl;

namespace RoomAgent.Benchmarks;

/// <summary>AES-256-GCM of one message, under a key that is set once: .NET's class against our port.</summary>
public class AeadBenchmarks
{
    private readonly byte[] _nonce = new byte[Sizes.AeadNonce];
    private byte[] _plaintext = [];
    private byte[] _ciphertext = [];
    private AesGcm _framework = null!;
    private Aead _port = null!;

    [Params(160, 1_200, 20_000)]
    public int Bytes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        byte[] key = new byte[32];
        _plaintext = new byte[Bytes];
        _ciphertext = new byte[Bytes + Sizes.AeadTag];
        _framework = new AesGcm(key, Sizes.AeadTag);
        _port = OpenSslCrypto.Instance.CreateAead(AeadAlgorithm.Aes256Gcm, key)!;
        _port.Seal(_nonce, _nonce, _plaintext, _ciphertext);
    }

    [Benchmark(Baseline = true, Description = "AesGcm.Encrypt")]
    public void FrameworkEncrypt() => _framework.Encrypt(_nonce, _plaintext, _ciphertext.AsSpan(0, Bytes), _ciphertext.AsSpan(Bytes), _nonce);

    [Benchmark(Description = "Aead.Seal")]
    public void Seal() => _port.Seal(_nonce, _nonce, _plaintext, _ciphertext);

    [Benchmark(Description = "Aead.TryOpen")]
    public bool Open() => _port.TryOpen(_nonce, _nonce, _ciphertext, _plaintext);
}
