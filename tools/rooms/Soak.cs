using System.Globalization;
using RoomAgent.XApi;

namespace RoomAgent.Rooms;

/// <summary>A long meeting in which rooms come and go, one is killed now and then, and packets are lost; all the while somebody looks whether it is still the meeting that it should be.</summary>
internal sealed class Soak(Campus campus, TimeSpan lasts, CancellationToken cancel)
{
    private static readonly TimeSpan s_change = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_kill = TimeSpan.FromSeconds(75);
    private static readonly TimeSpan s_restart = TimeSpan.FromSeconds(1); // RestartSec of the unit file
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_warm = TimeSpan.FromMinutes(5);

    // Who comes is sent frames that were sealed before it came; who stays holds early frames for 0.5 s, switches its own key within 0.5 s, and is told of counts twice a second.
    private static readonly TimeSpan s_window = TimeSpan.FromSeconds(3);

    // In percent of itself and hour.
    private const double MostGrowth = 2;

    private readonly Story _story = campus.Story;
    private readonly Dictionary<Room, Watched> _watched = campus.Rooms.ToDictionary(room => room, _ => new Watched());
    private readonly Dictionary<string, List<(double Hours, double Bytes)>> _memory = [];
    private readonly List<string> _faults = [];
    private int _changes;
    private int _kills;
    private int _agreed;
    private double _slowest;

    /// <summary>Lets it run.</summary>
    /// <returns>Whether it was that meeting all the time.</returns>
    public async Task<bool> RunAsync()
    {
        // The first two stay; of the others one comes and goes, and one is killed, in turn.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Task watching = WatchAsync(stop.Token);
        TimeSpan begun = _story.Elapsed, killed = begun;
        Room[] restless = [.. campus.Rooms.Skip(2)];
        while (_story.Elapsed - begun < lasts)
        {
            await Task.Delay(s_change, cancel);
            if (_story.Elapsed - killed >= s_kill)
            {
                killed = _story.Elapsed;
                await KillAsync(restless[_kills++ % restless.Length]);
            }
            else
            {
                await ChangeAsync(restless[_changes++ / 2 % restless.Length]);
            }

            await AgreeAsync();
        }

        // A mistake of the watch is one of the trial.
        await stop.CancelAsync();
        await watching;
        return Summarise();
    }

    private async Task ChangeAsync(Room room)
    {
        if (room.Meeting is not null)
        {
            await room.DoAsync(CommandNames.Leave, cancel);
            await room.UntilAsync(now => now.Meeting is null or { Stage: "Ended" }, "it has left", s_patience, cancel);
            return;
        }

        await room.UntilAsync(now => now.Meeting is null, "the meeting is gone from its display", s_patience, cancel);
        await room.DoAsync(CommandNames.Join, cancel);
        await BackAsync(room);
    }

    private async Task KillAsync(Room room)
    {
        bool wasIn = room.Meeting is not null;
        _story.Tell(room.Name, wasIn ? "is killed" : "is killed outside of the meeting");
        _watched[room].Forget();
        await room.KillAsync(s_restart);

        // What nobody told it to leave it is back in by itself; the rest has to be told.
        await room.UntilAsync(now => now.Phase == "Registered", "it is connected", s_patience, cancel);
        if (!wasIn && room.View?.Meeting is null)
            await room.DoAsync(CommandNames.Join, cancel);
        await BackAsync(room);
    }

    private async Task BackAsync(Room room)
    {
        await room.UntilAsync(now => now.Meeting is { Stage: "Member" }, "it is in the meeting", s_patience, cancel);
        await campus.TurnOnAsync(room);
        await room.UntilAsync(now => now.Meeting?.Media.Streams.Any(stream => stream is { IsVideo: true, Frames: > 0 }) == true, "it sees somebody", s_patience, cancel);
    }

    private async Task AgreeAsync()
    {
        TimeSpan begun = _story.Elapsed;
        try
        {
            await campus.Rooms[0].UntilAsync(_ => Campus.Agree([.. campus.Rooms.Where(room => room.Meeting is not null)]), "all who are in it agree on the security code", s_patience, cancel);
            _agreed++;
            _slowest = Math.Max(_slowest, (_story.Elapsed - begun).TotalSeconds);
        }
        catch (DemoProblem)
        {
            Blame($"they did not agree on a code within {s_patience.TotalSeconds} s: {string.Join("; ", campus.Rooms.Select(room => $"{room.Name} {room.View?.Meeting?.Stage} epoch {room.Meeting?.Epoch} of {room.Meeting?.Members.Count}, code {room.Meeting?.Code?.Status} {room.Meeting?.Code?.Epoch} {room.Meeting?.Code?.Short}"))}");
        }
    }

    private async Task WatchAsync(CancellationToken stop)
    {
        TimeSpan begun = _story.Elapsed;
        while (!stop.IsCancellationRequested)
        {
            foreach (Room room in campus.Rooms)
            {
                if (_watched[room].Look(room.Meeting, _story.Elapsed, s_window) is long more and > 0)
                    Blame(string.Create(CultureInfo.InvariantCulture, $"{room.Name} could not open {more} frames, though nothing had changed for {s_window.TotalSeconds} s"));
                if (room.Meeting is { IsForked: true })
                    Blame($"{room.Name} says that the service shows different things to different members");
            }

            // Processes that were not killed.
            double hours = (_story.Elapsed - begun).TotalHours;
            if (hours > s_warm.TotalHours)
            {
                Weigh("hub", hours, campus.Hub.Memory);
                Weigh(campus.Rooms[0].Name, hours, campus.Rooms[0].Memory);
                Weigh(campus.Rooms[1].Name, hours, campus.Rooms[1].Memory);
            }

            await Task.Delay(s_look, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Weigh(string name, double hours, long bytes)
    {
        if (!_memory.TryGetValue(name, out List<(double, double)>? known))
            _memory.Add(name, known = []);
        known.Add((hours, bytes));
    }

    private bool Summarise()
    {
        _story.Say();
        _story.Say(string.Create(CultureInfo.InvariantCulture,
            $"{lasts.TotalMinutes:0} minutes, {campus.Rooms.Count} rooms: {_changes} came or went, {_kills} were killed; {_agreed} times all agreed on the code, within {_slowest:0.0} s at the latest; {_watched.Values.Sum(one => one.Inside)} frames could not be opened within {s_window.TotalSeconds} s of a change"));
        foreach ((string name, List<(double Hours, double Bytes)> points) in _memory)
        {
            double slope = Slope(points) / points[0].Bytes * 100;
            _story.Say(string.Create(CultureInfo.InvariantCulture, $"memory of {name}: {points[0].Bytes / 1e6:0.0} MB, then {points[^1].Bytes / 1e6:0.0} MB: {slope:+0.0;-0.0} % an hour (at most {MostGrowth})"));
            if (slope > MostGrowth)
                Blame($"the memory of {name} grows");
        }

        _story.Say(_faults.Count == 0 ? "good" : $"NOT GOOD: {_faults.Count} faults, the first: {_faults[0]}");
        return _faults.Count == 0;
    }

    private void Blame(string fault)
    {
        lock (_faults)
            _faults.Add(fault);
        _story.Tell("FAULT", fault);
    }

    // Least squares, bytes an hour.
    private static double Slope(List<(double Hours, double Bytes)> points)
    {
        double time = points.Average(point => point.Hours), memory = points.Average(point => point.Bytes);
        double spread = points.Sum(point => Math.Pow(point.Hours - time, 2));
        return spread == 0 ? 0 : points.Sum(point => (point.Hours - time) * (point.Bytes - memory)) / spread;
    }

    // What a room could not open, and when something changed for it.
    private sealed class Watched
    {
        private readonly Lock _turn = new();
        private (uint, ulong?, int)? _state;
        private TimeSpan _changed;
        private long _counted;

        /// <summary>Frames that could not be opened while that was to be expected.</summary>
        public long Inside { get; private set; }

        /// <summary>Its process begins anew.</summary>
        public void Forget()
        {
            lock (_turn)
                (_state, _counted) = (null, 0);
        }

        /// <summary>How many more could not be opened while it was not to be expected.</summary>
        public long Look(MeetingView? meeting, TimeSpan now, TimeSpan window)
        {
            lock (_turn)
                return Count(meeting, now, window);
        }

        private long Count(MeetingView? meeting, TimeSpan now, TimeSpan window)
        {
            (uint, ulong?, int)? state = meeting is null ? null : (meeting.Generation, meeting.Epoch, meeting.Members.Count);
            if (state != _state)
                (_state, _changed) = (state, now);

            // Another leg to the node counts anew.
            long counted = meeting?.Media.Undecryptable ?? 0;
            long more = counted < _counted ? counted : counted - _counted;
            _counted = counted;
            if (now - _changed > window)
                return more;

            Inside += more;
            return 0;
        }
    }
}
