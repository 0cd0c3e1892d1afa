namespace RoomAgent.SFrame;

/// <summary>What a frame belongs to. Each context of a sender has its own key, and its own counter therefore.</summary>
public enum FrameContext : byte
{
    /// <summary>The microphones.</summary>
    Audio = 0,

    /// <summary>The camera, all its layers.</summary>
    Camera = 1,

    /// <summary>The picture of a presentation.</summary>
    ContentVideo = 2,

    /// <summary>The sound of a presentation.</summary>
    ContentAudio = 3,
}

/// <summary>The KID of a frame (RFC 9605 section 4.3), in the layout of section 5.2 with sizes that stay the same for the whole meeting.</summary>
/// <remarks>
/// <code>
///  19  18 17                  8 7              0
/// +------+---------------------+----------------+
/// | ctx  |     leaf index      | epoch mod 256  |
/// +------+---------------------+----------------+
/// </code>
/// From the wire comes any number; one with higher bits set is in no layout of ours.
/// </remarks>
/// <param name="Value">Any 64-bit number.</param>
public readonly record struct KeyId(ulong Value)
{
    /// <summary>Leaves that the layout has numbers for: 0 to 1,023.</summary>
    public const int MostLeaves = 1 << LeafBits;

    /// <summary>How many contexts there are.</summary>
    public const int Contexts = 4;

    private const int EpochBits = 8;
    private const int LeafBits = 10;

    /// <summary>The KID of what <paramref name="leaf"/> sends in <paramref name="context"/> in <paramref name="epoch"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The context is none, or the leaf is not 0 to 1,023.</exception>
    public static KeyId Of(FrameContext context, int leaf, ulong epoch)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((int)context, Contexts, nameof(context));
        ArgumentOutOfRangeException.ThrowIfNegative(leaf);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(leaf, MostLeaves);

        return new(((ulong)context << (LeafBits + EpochBits)) | ((ulong)leaf << EpochBits) | (byte)epoch);
    }

    /// <summary>Whether it has the layout: then, and only then, the parts mean something.</summary>
    public bool IsInLayout => Value < (ulong)Contexts << (LeafBits + EpochBits);

    /// <summary>What the frame belongs to.</summary>
    public FrameContext Context => (FrameContext)(Value >> (LeafBits + EpochBits));

    /// <summary>Who sent it: an index in the ratchet tree, 0 to 1,023.</summary>
    public int Leaf => (int)(Value >> EpochBits) & (MostLeaves - 1);

    /// <summary>The low 8 bits of the epoch.</summary>
    public byte Epoch => (byte)Value;

    /// <summary>The number in hexadecimal.</summary>
    public override string ToString() => $"0x{Value:x}";
}
