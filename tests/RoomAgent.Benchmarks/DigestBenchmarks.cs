using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using RoomAgent.Crypto;
using RoomAgent.Native.OpenSsl;
using HashAlgorithm = RoomAgent.Crypto.HashAlgorithm;

namespace RoomAgent.Benchmarks;

/// <summary>HKDF-Expand of one key, the step a key schedule is made of, and a digest: .NET's classes against our port.</summary>
public class DigestBenchmarks
{
    private readonly byte[] _prk = new byte[32];
    private readonly byte[] _info = new byte[40];
    private readonly byte[] _output = new byte[32];
    private readonly byte[] _message = new byte[300];

    [BenchmarkCategory("expand"), Benchmark(Baseline = true, Description = "HKDF.Expand 32 B")]
    public void FrameworkExpand() => HKDF.Expand(HashAlgorithmName.SHA256, _prk, _output, _info);

    [BenchmarkCategory("expand"), Benchmark(Description = "port: HKDF-Expand 32 B")]
    public void Expand() => OpenSslCrypto.Instance.HkdfExpand(HashAlgorithm.Sha256, _prk, _info, _output);

    [BenchmarkCategory("digest"), Benchmark(Baseline = true, Description = "SHA256.HashData 300 B")]
    public int FrameworkHash() => SHA256.HashData(_message, _output);

    [BenchmarkCategory("digest"), Benchmark(Description = "port: SHA-256 300 B")]
    public void Hash() => OpenSslCrypto.Instance.Hash(HashAlgorithm.Sha256, _message, _output);
}
