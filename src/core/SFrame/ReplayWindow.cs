namespace RoomAgent.SFrame;

/// <summary>Which of the newest 1,024 counters of one key have been seen. Older ones count as seen.</summary>
internal sealed class ReplayWindow
{
    /// <summary>How far behind the newest counter a frame may come.</summary>
    public const int Size = 1_024;

    // The bit of a counter is at counter mod Size, so that moving on clears bits and shifts none.
    private readonly ulong[] _seen = new ulong[Size / 64];
    private ulong _newest;

    /// <summary>Whether any frame was accepted.</summary>
    public bool Moved { get; private set; }

    /// <summary>Whether <paramref name="counter"/> is neither seen nor too old.</summary>
    public bool IsFresh(ulong counter)
    {
        if (!Moved || counter > _newest)
            return true;

        return _newest - counter < Size && (Word(counter) & Bit(counter)) == 0;
    }

    /// <summary>Notes a fresh counter whose frame has been authenticated.</summary>
    public void Accept(ulong counter)
    {
        if (!Moved)
        {
            Moved = true;
            _newest = counter;
        }
        else if (counter > _newest)
        {
            MoveTo(counter);
        }

        Word(counter) |= Bit(counter);
    }

    private void MoveTo(ulong counter)
    {
        if (counter - _newest >= Size)
        {
            _seen.AsSpan().Clear();
        }
        else
        {
            for (ulong passed = _newest + 1; passed < counter; passed++)
                Word(passed) &= ~Bit(passed);
            Word(counter) &= ~Bit(counter);
        }

        _newest = counter;
    }

    private ref ulong Word(ulong counter) => ref _seen[(counter % Size) / 64];

    private static ulong Bit(ulong counter) => 1UL << (int)(counter % 64);
}
