using RoomAgent.Crypto;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Wire;

namespace RoomAgent.SFrame.Tests;

/// <summary>One member of a group whose base keys follow from the numbers of generation and epoch.</summary>
internal sealed class Member : IDisposable
{
    private readonly KeyringSettings _settings;

    public Member(int leaf, KeyringSettings? settings = null, int leafCount = 4)
    {
        Leaf = leaf;
        LeafCount = leafCount;
        _settings = settings ?? new KeyringSettings();
        Keys = new EpochKeyring(OpenSslCrypto.Instance, _settings);
        Opener = new FrameOpener(Keys);
    }

    public int Leaf { get; }

    public int LeafCount { get; set; }

    public EpochKeyring Keys { get; }

    public FrameOpener Opener { get; }

    public static Instant At(double seconds) => new((long)(seconds * TimeSpan.TicksPerSecond));

    public void Merge(ulong epoch, double at = 0, int[]? removed = null, bool resync = false, uint generation = 0) => Keys.AddEpoch(
        new FrameEpoch { Generation = generation, Number = epoch, OwnLeaf = Leaf, LeafCount = LeafCount, RemovedLeaves = removed ?? [], IsResync = resync },
        BaseKey(epoch, generation),
        At(at));

    public Secret BaseKey(ulong epoch, uint generation = 0)
    {
        var secret = new Secret(_settings.Suite.Key());
        new Random((int)((generation * 1_000_003) + epoch)).NextBytes(secret.Buffer);
        return secret;
    }

    public byte[] Seal(ReadOnlySpan<byte> plaintext, FrameContext context = FrameContext.Camera, ReadOnlySpan<byte> metadata = default)
    {
        SealingKey key = Keys.FindSealing(context) ?? throw new InvalidOperationException("There is no key to seal with.");
        byte[] frame = new byte[key.SealedLength(plaintext.Length)];
        Assert.Equal(SealOutcome.Sealed, key.Seal(metadata, plaintext, frame, out int written));
        Assert.Equal(frame.Length, written);
        return frame;
    }

    public OpenOutcome Open(byte[] frame) => Open(frame, [], out _);

    public OpenOutcome Open(byte[] frame, ReadOnlySpan<byte> metadata, out byte[] plaintext)
    {
        byte[] buffer = new byte[frame.Length];
        OpenOutcome outcome = Opener.Open(frame, metadata, buffer, out _, out int length);
        plaintext = buffer[..length];
        return outcome;
    }

    public void Dispose() => Keys.Dispose();
}
