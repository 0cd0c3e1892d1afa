using RoomAgent.Wire;

namespace RoomAgent.Media.Tests.Simulated;

/// <summary>Time that jumps from one event to the next. Every run is the same.</summary>
internal sealed class VirtualTime
{
    // A thousand events at one moment are a loop that makes no progress, not a busy call.
    private const int MostEventsAtOnce = 20_000;

    private readonly PriorityQueue<Action, (long Ticks, long Order)> _events = new();
    private long _order;
    private int _atOnce;

    public Instant Now { get; private set; }

    public void At(Instant moment, Action deed) => _events.Enqueue(deed, (Math.Max(moment.Ticks, Now.Ticks), _order++));

    public void After(TimeSpan span, Action deed) => At(Now + span, deed);

    public void Every(TimeSpan interval, Action deed, TimeSpan offset = default)
    {
        void Again()
        {
            deed();
            After(interval, Again);
        }

        After(offset, Again);
    }

    public void RunFor(TimeSpan span)
    {
        Instant end = Now + span;
        while (_events.TryPeek(out _, out (long Ticks, long Order) next) && next.Ticks <= end.Ticks)
        {
            Action deed = _events.Dequeue();
            _atOnce = next.Ticks == Now.Ticks ? _atOnce + 1 : 0;
            Assert.True(_atOnce < MostEventsAtOnce, $"Time stands still at {Now.Ticks}.");
            Now = new Instant(next.Ticks);
            deed();
        }

        Now = end;
    }
}
