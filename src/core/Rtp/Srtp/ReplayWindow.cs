namespace RoomAgent.Rtp.Srtp;

/// <summary>Which of the newest indices of one source were used (RFC 3711 section 3.3.2).</summary>
/// <remarks>A ring of bits, one for each index from the newest one back. What lies further back counts as used.</remarks>
internal sealed class ReplayWindow
{
    private readonly ulong[] _used;
    private readonly ulong _size;

    /// <summary>A window in which no index is used.</summary>
    /// <param name="newest">Where it ends.</param>
    /// <param name="size">Indices it remembers: a power of two, at least 64.</param>
    public ReplayWindow(ulong newest, int size)
    {
        Newest = newest;
        _size = (ulong)size;
        _used = new ulong[size / 64];
    }

    /// <summary>The newest index that was used, or that the window began with.</summary>
    public ulong Newest { get; private set; }

    /// <summary>Whether <paramref name="index"/> may be used: it was not, and it is not too old to tell.</summary>
    public bool IsFree(ulong index) =>
        index > Newest || (Newest - index < _size && (Word(index) & Bit(index)) == 0);

    /// <summary>Marks <paramref name="index"/> as used, and moves the window up to it when it is the newest.</summary>
    public void Use(ulong index)
    {
        if (index > Newest)
            MoveTo(index);

        Word(index) |= Bit(index);
    }

    private void MoveTo(ulong index)
    {
        if (index - Newest >= _size)
        {
            Array.Clear(_used);
        }
        else
        {
            for (ulong skipped = Newest + 1; skipped <= index; skipped++)
                Word(skipped) &= ~Bit(skipped);
        }

        Newest = index;
    }

    private ref ulong Word(ulong index) => ref _used[(index & (_size - 1)) / 64];

    private static ulong Bit(ulong index) => 1UL << (int)(index % 64);
}
