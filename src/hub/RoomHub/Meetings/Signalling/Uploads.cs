namespace RoomAgent.Hub.Meetings;

/// <summary>The uploads that this hub reads at the moment. Room at a connection does not bound them alone: whoever connects anew has new room, while the old uploads still come.</summary>
internal sealed class Uploads
{
    // As many as a subject has connections, each of which uploads one after another.
    private const int MostOfSubject = 4;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _underWay = [];

    /// <summary>Begins one; whoever began it ends it.</summary>
    public bool TryBegin(string subject)
    {
        lock (_lock)
        {
            int now = _underWay.GetValueOrDefault(subject);
            if (now == MostOfSubject)
                return false;

            _underWay[subject] = now + 1;
            return true;
        }
    }

    /// <summary>One is over.</summary>
    public void End(string subject)
    {
        lock (_lock)
        {
            if (--_underWay[subject] == 0)
                _underWay.Remove(subject);
        }
    }
}
