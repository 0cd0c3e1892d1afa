namespace RoomAgent.Rtp.Srtp;

/// <summary>The streams under one key, by their source: how far each came, and which indices were used.</summary>
/// <remarks>
/// A source is never forgotten as long as the key lives, because whoever has recorded its packets could then play them again.
/// Only packets that authenticate, or are our own, make a source; beyond the capacity there are no new ones.
/// </remarks>
internal sealed class SourceTable(int capacity, int windowSize)
{
    private readonly Dictionary<uint, ReplayWindow> _windows = [];

    // Packets of one source come in a row: a leg that sends one stream or gets one looks no further.
    private Ssrc _lastSource;
    private ReplayWindow? _lastFound;

    /// <summary>Whether a source that is not known finds no room.</summary>
    public bool IsFull => _windows.Count >= capacity;

    /// <summary>Whether fifteen of sixteen places are taken.</summary>
    public bool IsNearlyFull => _windows.Count >= capacity - (capacity / 16);

    /// <summary>The window of <paramref name="ssrc"/>; none for a source that is not known.</summary>
    public ReplayWindow? Find(Ssrc ssrc)
    {
        if (_lastFound is not null && ssrc == _lastSource)
            return _lastFound;
        if (!_windows.TryGetValue(ssrc.Value, out ReplayWindow? window))
            return null;

        (_lastSource, _lastFound) = (ssrc, window);
        return window;
    }

    /// <summary>Takes a source in, with its first index used. The caller has asked <see cref="IsFull"/>.</summary>
    public void Add(Ssrc ssrc, ulong firstIndex)
    {
        var window = new ReplayWindow(firstIndex, windowSize);
        window.Use(firstIndex);
        _windows.Add(ssrc.Value, window);
    }
}
