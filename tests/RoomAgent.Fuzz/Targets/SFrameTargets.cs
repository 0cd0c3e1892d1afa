using RoomAgent.Crypto;
using RoomAgent.Native.OpenSsl;
using RoomAgent.SFrame;
using RoomAgent.Wire;

namespace RoomAgent.Fuzz.Targets;

internal static class SFrameTargets
{
    private static readonly EpochKeyring s_sender = NewKeyring(leaf: 0);
    private static readonly FrameOpener s_receiver = new(NewKeyring(leaf: 1));
    private static readonly byte[] s_plaintext = new byte[128 * 1024];

    /// <summary>A header. One that is read is written again in the same bytes.</summary>
    public static FuzzTarget Header { get; } = new("sframe-header", input =>
    {
        if (!SFrameHeader.TryRead(input, out SFrameHeader header))
            return;

        Span<byte> again = stackalloc byte[SFrameHeader.LargestLength];
        header.Write(again);
        if (!again[..header.Length].SequenceEqual(input[..header.Length]))
            throw new InvalidOperationException("A header has two encodings.");
    }, () => [[0x00], [0x77], [0x99, 0x01, 0x23, 0x45, 0x67], [0xff, .. Enumerable.Repeat((byte)0xff, 16)]]);

    /// <summary>metadata&lt;V&gt;, frame</summary>
    public static FuzzTarget Open { get; } = new("sframe-open", input =>
    {
        var reader = new WireReader(input);
        ReadOnlySpan<byte> metadata = reader.ReadVector();
        OpenOutcome outcome = s_receiver.Open(reader.ReadRest(), metadata, s_plaintext, out _, out int length);
        if (outcome != OpenOutcome.Opened && length != 0)
            throw new InvalidOperationException("A refused frame has a text.");
    }, () => Enum.GetValues<FrameContext>().Select(context =>
    {
        byte[] frame = new byte[200];
        s_sender.FindSealing(context)!.Seal([], new byte[40], frame, out int length);
        return (byte[])[0, .. frame[..length]];
    }));

    private static EpochKeyring NewKeyring(int leaf)
    {
        var keyring = new EpochKeyring(OpenSslCrypto.Instance, new KeyringSettings());
        for (ulong epoch = 1; epoch <= 3; epoch++)
            keyring.AddEpoch(new FrameEpoch { Number = epoch, OwnLeaf = leaf, LeafCount = 64 }, new Secret(32), new Instant(0));
        return keyring;
    }
}
