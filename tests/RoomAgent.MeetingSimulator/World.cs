using RoomAgent.Agent.Meetings;
using RoomAgent.Hub.Meetings;
using RoomAgent.Meetings;
using RoomAgent.Mls;
using RoomAgent.Wire;

namespace RoomAgent.MeetingSimulator;

/// <summary>What the network does to a message: never two worlds alike, and the same one alike every time.</summary>
public sealed record Weather
{
    public static Weather Calm { get; } = new() { Delay = (5, 15) };

    /// <summary>Milliseconds, least and most. Messages overtake each other when it varies; in calm weather they keep their order.</summary>
    public (int Least, int Most) Delay { get; init; } = (1, 80);

    public double Drop { get; init; }

    public double Duplicate { get; init; }

    /// <summary>How many are late, by half a second up to two.</summary>
    public double Late { get; init; }

    public bool KeepsOrder => Drop == 0 && Duplicate == 0 && Late == 0;
}

/// <summary>A hub with its desk, a store, clients and the wires between them, in virtual time. Everything crosses the wire as bytes.</summary>
public sealed class World
{
    private const int MostEvents = 400_000;

    private readonly PriorityQueue<Action, (long Ticks, long Order)> _agenda = new();
    private readonly Dictionary<string, SimulatedClient> _clients = [];
    private readonly Dictionary<(ConnectionId, bool), Instant> _lastArrival = [];
    private readonly DeskSettings _settings;
    private long _order;
    private int _events;
    private long _connections;
    private long _deskRun;
    private Instant _deskWake = Instant.Never;

    public World(int seed, RoomPolicy policy, MeetingTimes? times = null, Func<DeskSettings, DeskSettings>? with = null)
    {
        Seed = seed;
        Random = new Random(seed);
        Policy = policy;
        Times = times ?? new MeetingTimes();
        _settings = new DeskSettings { Policy = policy, Times = Times, SnapshotEvery = 16 };
        _settings = with is null ? _settings : with(_settings);
        StartHub();
    }

    public int Seed { get; }

    public Random Random { get; }

    public RoomPolicy Policy { get; }

    public MeetingTimes Times { get; }

    public Instant Now { get; private set; } = new(TimeSpan.FromHours(1).Ticks);

    public GroupTime Time => new(Now, People.Today + TimeSpan.FromTicks(Now.Ticks));

    public Weather Weather { get; set; } = Weather.Calm;

    public SimulatedStore Store { get; set; } = new();

    /// <summary>Whether the store is not reached; requests then fail, done or not.</summary>
    public bool IsStoreDown { get; set; }

    /// <summary>The hub's desk: <see langword="null"/> while the hub is down.</summary>
    public MeetingDesk? Desk { get; private set; }

    public IEnumerable<SimulatedClient> Clients => _clients.Values;

    public List<string> Trace { get; } = [];

    public bool IsTraced { get; init; }

    /// <summary>What is wrong, when something is.</summary>
    public string? Failure { get; private set; }

    public List<DeskEvent> DeskEvents { get; } = [];

    /// <summary>Changes a message of the service on its way, as a service that is not honest would: none means that it does not arrive.</summary>
    public Func<SimulatedClient, ServiceMessage, ServiceMessage?>? Tamper { get; set; }

    /// <summary>Keeps messages of clients from the desk, as a service that is not honest would.</summary>
    public Func<SimulatedClient, ClientMessage, bool>? Withhold { get; set; }

    public SimulatedClient Add(Person person, bool invited = true, Func<MemberSettings, MemberSettings>? with = null)
    {
        var client = new SimulatedClient(this, person, invited, with ?? (settings => settings));
        _clients.Add(person.Name, client);
        return client;
    }

    public SimulatedClient this[string name] => _clients[name];

    public void At(TimeSpan delay, Action action)
    {
        Instant at = Now + delay;
        _agenda.Enqueue(action, (at.Ticks, _order++));
    }

    /// <summary>Lets time pass. Everything that happens within it happens.</summary>
    public void Run(TimeSpan span)
    {
        Instant end = Now + span;
        Settle();
        while (Failure is null && _agenda.TryPeek(out Action? next, out (long Ticks, long Order) at) && at.Ticks <= end.Ticks)
        {
            _agenda.Dequeue();
            Now = new Instant(Math.Max(Now.Ticks, at.Ticks));
            next();
            Settle();
            if (++_events > MostEvents)
                Fail("the meeting does not come to rest: time may be standing still");
        }

        Now = Failure is null ? end : Now;
    }

    /// <summary>Lets time pass until something is so.</summary>
    /// <returns>Whether it came to be.</returns>
    public bool RunUntil(Func<bool> holds, TimeSpan atMost)
    {
        Instant end = Now + atMost;
        while (!holds() && Now < end && Failure is null)
            Run(TimeSpan.FromMilliseconds(50));
        return holds();
    }

    public void Fail(string why)
    {
        Failure ??= why;
        Note($"FAILED: {why}");
    }

    public void Note(string line)
    {
        if (IsTraced)
            Trace.Add($"{TimeSpan.FromTicks(Now.Ticks).TotalSeconds - 3600:F3} {line}");
    }

    public void StartHub()
    {
        if (Desk is not null)
            return;

        Note("hub starts");
        _deskRun++;
        _deskWake = Instant.Never;
        Desk = new MeetingDesk(People.Suite, People.Identities, _settings, Now);
    }

    /// <summary>The hub's process dies: all connections break, what it knew is gone.</summary>
    public void CrashHub()
    {
        if (Desk is null)
            return;

        Note("hub crashes");
        Desk = null;
        _deskRun++;
        foreach (SimulatedClient client in _clients.Values)
            client.Disconnect();
    }

    internal ConnectionId? Connect(SimulatedClient client)
    {
        if (Desk is null)
            return null;

        var id = new ConnectionId(++_connections);
        return Desk.HandleConnected(id, client.Person.Identity, client.IsInvited, Now) ? id : null;
    }

    internal void Disconnect(ConnectionId connection) => Desk?.HandleDisconnected(connection, Now);

    internal void ToService(ConnectionId connection, ClientMessage message)
    {
        if (Withhold is not null && _clients.Values.FirstOrDefault(client => client.Connection == connection) is { } sender && Withhold(sender, message))
            return;

        ByteString bytes = message.Encode();
        long run = _deskRun;
        Deliver(connection, toService: true, () =>
        {
            if (run == _deskRun)
                Desk?.HandleMessage(connection, bytes, Time);
        });
    }

    /// <summary>Takes what everyone has to say until nobody has any more, and notes when to wake whom.</summary>
    public void Settle()
    {
        for (bool any = true; any;)
        {
            any = false;
            while (Desk is { } desk && desk.TryPollMessage(out ConnectionId to, out ServiceMessage? message))
            {
                any = true;
                ToClient(to, message);
            }

            while (Desk is { } desk && desk.TryPollStore(out StoreRequest? request))
            {
                any = true;
                Ask(request);
            }

            while (Desk is { } desk && desk.TryPollEvent(out DeskEvent? happened))
            {
                DeskEvents.Add(happened);
                Note($"desk: {happened}");
            }

            foreach (SimulatedClient client in _clients.Values)
                any |= client.Pump();
        }

        if (Desk is { } awake && awake.PollTimeout() is var at && at < Instant.Never && at != _deskWake)
        {
            _deskWake = at;
            long run = _deskRun;
            At(at - Now, () =>
            {
                if (run != _deskRun || _deskWake != at)
                    return;

                _deskWake = Instant.Never;
                Desk?.HandleTimeout(Now);
            });
        }
    }

    private void ToClient(ConnectionId to, ServiceMessage message)
    {
        if (_clients.Values.FirstOrDefault(client => client.Connection == to) is not { } client)
            return;

        ServiceMessage? sent = Tamper is null ? message : Tamper(client, message);
        if (sent is null)
            return;

        ByteString bytes = sent.Encode();
        Deliver(to, toService: false, () => client.Receive(to, bytes));
    }

    private void Ask(StoreRequest request)
    {
        long run = _deskRun;
        SimulatedStore store = Store;
        void answer(StoreAnswer result, int after) => At(TimeSpan.FromMilliseconds(after), () =>
        {
            if (run == _deskRun)
                Desk?.HandleStored(result, Now);
        });

        if (!IsStoreDown)
        {
            At(TimeSpan.FromMilliseconds(Random.Next(1, 6)), () => answer(store.Perform(request), Random.Next(0, 3)));
            return;
        }

        // Lost on the way there, or on the way back, or done long after everyone has given it up.
        switch (Random.Next(3))
        {
            case 0:
                break;
            case 1:
                store.Perform(request);
                break;
            default:
                At(TimeSpan.FromMilliseconds(Random.Next(50, 3_000)), () => store.Perform(request));
                break;
        }

        answer(new StoreFailed(request.Id), Random.Next(10, 500));
    }

    private void Deliver(ConnectionId connection, bool toService, Action arrive)
    {
        Weather weather = Weather;
        if (Random.NextDouble() < weather.Drop)
            return;

        int copies = Random.NextDouble() < weather.Duplicate ? 2 : 1;
        for (int i = 0; i < copies; i++)
        {
            int delay = Random.Next(weather.Delay.Least, weather.Delay.Most + 1);
            if (Random.NextDouble() < weather.Late)
                delay += Random.Next(500, 2_000);
            Instant at = Now + TimeSpan.FromMilliseconds(delay);
            if (weather.KeepsOrder && _lastArrival.TryGetValue((connection, toService), out Instant last) && at < last)
                at = last;
            _lastArrival[(connection, toService)] = at;
            At(at - Now, arrive);
        }
    }
}
