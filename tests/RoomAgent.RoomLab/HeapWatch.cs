namespace RoomAgent.RoomLab;

/// <summary>Who allocates managed memory: the rooms, or the thread that measures them and writes about it.</summary>
internal sealed class HeapWatch
{
    private long _all = GC.GetTotalAllocatedBytes(precise: true);
    private long _own = GC.GetAllocatedBytesForCurrentThread();

    /// <summary>What was allocated since this was asked last, in words. The measuring thread calls.</summary>
    public string Take()
    {
        long all = GC.GetTotalAllocatedBytes(precise: true);
        long own = GC.GetAllocatedBytesForCurrentThread();
        string words = $"allocated {all - _all - own + _own} B by the rooms, {own - _own} B by the measurement";
        (_all, _own) = (all, own);
        return words;
    }
}
