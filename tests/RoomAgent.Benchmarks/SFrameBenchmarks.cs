using BenchmarkDotNet.Attributes;
using RoomAgent.Crypto;
using RoomAgent.Native.OpenSsl;
using RoomAgent.SFrame;
using RoomAgent.Wire;

namespace RoomAgent.Benchmarks;

/// <summary>Sealing one frame in the suite of meetings, against what AES-256-GCM costs a C program that keeps its context.</summary>
public class SFrameSealBenchmarks
{
    private readonly byte[] _sealed = new byte[20_000 + SFrameSizes.LargestOverhead];
    private byte[] _frame = [];
    private RawAes256Gcm _raw = null!;
    private SealingKey _key = null!;

    [Params(160, 1_200, 20_000)]
    public int Bytes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _frame = new byte[Bytes];
        _raw = new RawAes256Gcm(new byte[32], encrypt: true);
        _key = SFramePair.NewKeyring(ownLeaf: 0).FindSealing(FrameContext.Camera)!;
    }

    [Benchmark(Baseline = true, Description = "raw EVP AES-256-GCM encrypt")]
    public void RawEncrypt() => _raw.Encrypt(_frame, _sealed);

    [Benchmark(Description = "SFrame seal")]
    public SealOutcome Seal() => _key.Seal([], _frame, _sealed, out _);
}

/// <summary>Opening one frame in the suite of meetings, likewise.</summary>
/// <remarks>
/// A frame opens once only, a second time is a replay. So each iteration gets fresh keyrings, outside the measurement, and opens the same frames with each.
/// The first frame of a sender derives its key, which is no part of a steady state: it is opened outside too.
/// An iteration is one call, so that it takes more of them until the compiler has done its best.
/// </remarks>
[WarmupCount(20)]
public class SFrameOpenBenchmarks
{
    private const int Frames = 1_024;
    private const int Rounds = 64;

    private readonly byte[][] _sealed = new byte[Frames][];
    private readonly byte[][] _rawSealed = new byte[Frames][];
    private readonly FrameOpener[] _openers = new FrameOpener[Rounds];
    private readonly byte[] _plaintext = new byte[20_000];
    private RawAes256Gcm _raw = null!;

    [Params(160, 1_200, 20_000)]
    public int Bytes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        SealingKey key = SFramePair.NewKeyring(ownLeaf: 0).FindSealing(FrameContext.Camera)!;
        var rawEncryption = new RawAes256Gcm(new byte[32], encrypt: true);
        byte[] frame = new byte[Bytes];
        for (int i = 0; i < Frames; i++)
        {
            _sealed[i] = new byte[key.SealedLength(Bytes)];
            key.Seal([], frame, _sealed[i], out _);
            _rawSealed[i] = new byte[Bytes + Sizes.AeadTag];
            rawEncryption.Encrypt(frame, _rawSealed[i]);
        }

        _raw = new RawAes256Gcm(new byte[32], encrypt: false);
    }

    [IterationSetup]
    public void FreshKeyrings()
    {
        for (int round = 0; round < Rounds; round++)
        {
            _openers[round] = new FrameOpener(SFramePair.NewKeyring(ownLeaf: 1));
            _openers[round].Open(_sealed[0], [], _plaintext, out _, out _);
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Rounds * (Frames - 1), Description = "raw EVP AES-256-GCM decrypt")]
    public void RawDecrypt()
    {
        for (int round = 0; round < Rounds; round++)
        {
            for (int i = 1; i < Frames; i++)
            {
                if (!_raw.TryDecrypt(_rawSealed[i], _plaintext))
                    throw new InvalidOperationException("The tag did not fit.");
            }
        }
    }

    [Benchmark(OperationsPerInvoke = Rounds * (Frames - 1), Description = "SFrame open")]
    public void Open()
    {
        foreach (FrameOpener opener in _openers)
        {
            for (int i = 1; i < Frames; i++)
            {
                if (opener.Open(_sealed[i], [], _plaintext, out _, out _) != OpenOutcome.Opened)
                    throw new InvalidOperationException("The frame was not opened.");
            }
        }
    }
}

internal static class SFramePair
{
    /// <summary>The keyring of a member of two, both of which have the same base key.</summary>
    public static EpochKeyring NewKeyring(int ownLeaf)
    {
        var keyring = new EpochKeyring(OpenSslCrypto.Instance, new KeyringSettings());
        keyring.AddEpoch(new FrameEpoch { Number = 1, OwnLeaf = ownLeaf, LeafCount = 2 }, new Secret(32), new Instant(0));
        return keyring;
    }
}
