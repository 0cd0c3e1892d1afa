using RoomAgent.Agent.Meetings;
using RoomAgent.Meetings;
using RoomAgent.Wire;

namespace RoomAgent.MeetingSimulator;

/// <summary>What came of a schedule.</summary>
/// <param name="Seed">By which it is run again.</param>
/// <param name="Failure">What was wrong; nothing when all was well.</param>
/// <param name="Trace">What happened, when it was asked for.</param>
/// <param name="Epochs">Epochs that began.</param>
/// <param name="Ejects">Ejects that came into force.</param>
/// <param name="Generations">Groups that were founded.</param>
public sealed record ScheduleResult(int Seed, string? Failure, IReadOnlyList<string> Trace, int Epochs, int Ejects, int Generations)
{
    public string Describe() =>
        $"Schedule {Seed}: {Failure}\nTo see it again: dotnet artifacts/bin/RoomAgent.MeetingSimulator/release/RoomAgent.MeetingSimulator.dll --seed {Seed} --schedules 1 --trace";
}

/// <summary>
/// Some 25 seconds in which everything goes wrong that can, for 2 to 8 people; then a time of calm, after which all who remain must agree. While it runs:
/// no two members of an epoch differ, and nobody is in it who was put out or never let in.
/// </summary>
public sealed class Schedule
{
    private static readonly TimeSpan s_chaos = TimeSpan.FromSeconds(25);
    private static readonly TimeSpan s_calm = TimeSpan.FromSeconds(40);

    private readonly World _world;
    private readonly Random _random;
    private readonly List<SimulatedClient> _hosts = [];
    private readonly Dictionary<(ByteString Group, ulong Epoch), ByteString> _authenticators = [];
    private readonly HashSet<Participant> _admitted = [];
    private readonly HashSet<Participant> _overlooked = [];
    private readonly Dictionary<Participant, Instant> _admittedAt = [];

    // When each eject that is in force was decided: members that are behind see it later than it was.
    private readonly Dictionary<(ByteString Group, Participant Who, ulong Epoch), Instant> _ejectsInForce = [];
    private readonly Dictionary<Participant, Instant> _ejectedAt = [];
    private readonly HashSet<ByteString> _removedByService = [];
    private int _ejects;
    private bool _isChaos = true;

    private Schedule(int seed, bool traced)
    {
        var dice = new Random(seed);
        bool strict = dice.Next(2) == 0;
        int people = dice.Next(2, 9);
        int hosts = Math.Min(dice.Next(1, 3), people);
        Person[] hostPeople = [.. Enumerable.Range(0, hosts).Select(i => People.Named($"host{i}"))];
        RoomPolicy policy = People.Policy(strict, (byte)seed, hostPeople);
        _world = new World(seed, policy, new MeetingTimes { PathUpdate = TimeSpan.FromSeconds(18) }) { IsTraced = traced };
        _random = _world.Random;
        foreach (Person host in hostPeople)
            _hosts.Add(Watch(_world.Add(host)));
        for (int i = hosts; i < people; i++)
            Watch(_world.Add(People.Named($"room{i}"), invited: dice.Next(5) > 0));
    }

    /// <summary>Runs one schedule.</summary>
    public static ScheduleResult Run(int seed, bool traced = false)
    {
        var schedule = new Schedule(seed, traced);
        try
        {
            schedule.Play();
        }
        catch (Exception mistake) when (mistake is not OutOfMemoryException)
        {
            schedule._world.Fail(mistake.ToString());
        }

        foreach (SimulatedClient client in schedule._world.Clients)
            client.Member?.Dispose();
        World world = schedule._world;
        return new ScheduleResult(
            seed,
            world.Failure,
            world.Trace,
            world.Store.Entries.Count,
            schedule._ejects,
            world.Store.Entries.Select(entry => entry.Generation).Distinct().Count());
    }

    private void Play()
    {
        _world.Weather = new Weather
        {
            Delay = (1, _random.Next(5, 150)),
            Drop = _random.NextDouble() * 0.08,
            Duplicate = _random.NextDouble() * 0.08,
            Late = _random.NextDouble() * 0.03,
        };
        foreach (SimulatedClient client in _world.Clients)
            After(_random.Next(0, 8_000), client.Join);

        int troubles = _random.Next(5, 25);
        for (int i = 0; i < troubles; i++)
            After(_random.Next(1_000, (int)s_chaos.TotalMilliseconds), Trouble);
        _world.Run(s_chaos);

        // Calm: everything works again, and who wants to be in says so.
        _isChaos = false;
        _world.Weather = Weather.Calm;
        _world.IsStoreDown = false;
        _world.StartHub();
        foreach (SimulatedClient client in _world.Clients)
        {
            if (client.WantsIn && client.Member is null or { Phase: MeetingPhase.Left, LeftBecause: LeaveReason.Own })
                client.Join();
        }

        KeepConnected();
        _world.Run(s_calm);

        // An epoch that has just begun reaches everybody within moments.
        _world.RunUntil(() => _world.Clients.All(client => !client.IsIn || client.Member!.Epoch == _world.Desk!.Epoch), TimeSpan.FromSeconds(5));
        if (_world.Failure is null)
            CheckEnd();
    }

    private void After(int milliseconds, Action action) => _world.At(TimeSpan.FromMilliseconds(milliseconds), action);

    // Clients that wake up, and those whose connection the hub closed, connect again after a moment.
    private void KeepConnected()
    {
        foreach (SimulatedClient client in _world.Clients)
            client.Connect();
        After(1_000, KeepConnected);
    }

    private void Trouble()
    {
        SimulatedClient[] all = [.. _world.Clients];
        SimulatedClient any = all[_random.Next(all.Length)];
        switch (_random.Next(12))
        {
            case 0 or 1:
                any.Crash();
                After(_random.Next(200, 6_000), any.Join);
                break;
            case 2 or 3:
                any.Disconnect();
                After(_random.Next(50, 12_000), any.Connect);
                break;
            case 4:
                any.Leave();
                After(_random.Next(500, 8_000), any.Join);
                break;
            case 5:
                _world.CrashHub();
                After(_random.Next(100, 4_000), Restart);
                break;
            case 6:
                _world.IsStoreDown = true;
                After(_random.Next(100, 4_000), () => _world.IsStoreDown = false);
                break;
            case 7 or 8 or 9:
                Eject();
                break;
            case 10:
                SimulatedClient locker = _hosts[_random.Next(_hosts.Count)];
                bool locked = _random.Next(3) == 0;
                locker.Member?.Lock(locked, _world.Time);
                After(_random.Next(500, 5_000), () => locker.Member?.Lock(false, _world.Time));
                break;
            default:
                ServicePages(any);
                break;
        }
    }

    private void Restart()
    {
        _world.StartHub();
        foreach (SimulatedClient client in _world.Clients)
            After(_random.Next(100, 2_000), client.Connect);
    }

    private void Eject()
    {
        SimulatedClient host = _hosts[_random.Next(_hosts.Count)];
        if (!host.IsIn)
            return;

        HashSet<Participant> hosts = [.. _hosts.Select(client => client.Person.Participant)];
        Participant[] candidates = [.. host.Member!.Roster.Select(member => member.Who).Where(who => !hosts.Contains(who))];
        if (candidates.Length == 0)
            return;

        Participant target = candidates[_random.Next(candidates.Length)];
        if (!host.Member.Eject(target, _world.Time))
            return;

        _world.Note($"{host.Person.Name} ejects {NameOf(target)}");
        _ejectedAt[target] = _world.Now;
    }

    private void ServicePages(SimulatedClient any)
    {
        if (_world.Desk is not { IsOpen: true } desk)
            return;

        if (_random.Next(2) == 0)
        {
            foreach (ByteString waiting in desk.Waiting.ToArray())
                desk.AdmitByService(waiting, _world.Now);
        }
        else if (!_hosts.Contains(any) && desk.RemoveByService(any.Person.Identity, _world.Now))
        {
            _removedByService.Add(any.Person.Identity);
        }
    }

    private SimulatedClient Watch(SimulatedClient client)
    {
        client.OnEvent = happened =>
        {
            switch (happened)
            {
                case EpochMerged:
                    CheckEpoch(client);
                    break;
                case LobbyChanged lobby:
                    LetIn(client, lobby);
                    break;
                case ForkSeen:
                    _world.Fail($"{client.Person.Name} sees a fork");
                    break;
                case ServiceLostState:
                    _world.Fail($"{client.Person.Name} thinks that the service has lost state");
                    break;
                case MeetingLeft left:
                    CheckLeft(client, left);
                    break;
            }
        };
        return client;
    }

    // A host lets in whom it has not put out; those sometimes too, after a while.
    private void LetIn(SimulatedClient host, LobbyChanged lobby)
    {
        foreach ((Participant who, _) in lobby.Waiting)
        {
            bool wasPutOut = _ejectedAt.TryGetValue(who, out Instant at);
            bool letsIn = wasPutOut ? _world.Now - at > TimeSpan.FromSeconds(10) && _random.Next(20) == 0 : !_isChaos || _random.Next(10) > 0;
            if (!letsIn)
                _overlooked.Add(who);
            if (letsIn && host.Member!.Admit(who, _world.Time))
            {
                _overlooked.Remove(who);
                _admitted.Add(who);
                _admittedAt[who] = _world.Now;
            }
        }
    }

    private void CheckLeft(SimulatedClient client, MeetingLeft left)
    {
        bool expected = left.Reason switch
        {
            LeaveReason.Own => true,
            LeaveReason.Ejected => _ejectedAt.ContainsKey(client.Person.Participant),
            LeaveReason.RemovedByService => _removedByService.Contains(client.Person.Identity),
            _ => false,
        };
        if (!expected)
            _world.Fail($"{client.Person.Name} left: {left.Reason} {left.Rule}");
    }

    // At any time: those who are in an epoch are in the same one, and all in it may be.
    private void CheckEpoch(SimulatedClient client)
    {
        MeetingMember member = client.Member!;
        if (member.Epoch is not { } epoch)
            return;

        ByteString group = member.Policy!.Name.ComputeGroupId(People.Suite.Crypto);
        ByteString authenticator = ByteString.CopyOf(member.EpochAuthenticator);
        if (!_authenticators.TryAdd((group, epoch), authenticator) && _authenticators[(group, epoch)] != authenticator)
            _world.Fail($"epoch {epoch} has two winners: {client.Person.Name} is in another one");

        foreach (EjectedParticipant ejected in member.Policy.Ejected)
            _ejectsInForce.TryAdd((group, ejected.Who, ejected.Epoch), _ejectedAt[ejected.Who]);
        HashSet<ParticipantName> hosts = [.. member.Policy.Hosts.Select(host => host.Name)];
        foreach ((_, Participant who) in member.Roster)
        {
            bool isHost = hosts.Contains(who.Name);
            if (member.Policy.IsStrict && !isHost && !_admitted.Contains(who))
                _world.Fail($"{NameOf(who)} is in a strict meeting and no host has let it in");
            if (member.Policy.EjectedAt(who) is not { } at)
                continue;

            bool isKnown = _ejectsInForce.TryGetValue((group, who, at), out Instant decided);
            if (!isKnown || !(_admittedAt.TryGetValue(who, out Instant admitted) && admitted >= decided))
                _world.Fail($"{NameOf(who)} was put out and is in epoch {epoch}");
        }
    }

    private void CheckEnd()
    {
        SimulatedClient[] members = [.. _world.Clients.Where(client => client.IsIn)];
        MeetingMember? first = members.FirstOrDefault()?.Member;
        if (first is not null)
            _ejects = first.Policy!.Ejected.Count;

        foreach (SimulatedClient client in members)
        {
            MeetingMember member = client.Member!;
            if (member.Generation != first!.Generation || member.Epoch != first.Epoch)
                _world.Fail($"{client.Person.Name} is at {member.Generation}/{member.Epoch}, others at {first.Generation}/{first.Epoch}");
            else if (!member.EpochAuthenticator.SequenceEqual(first.EpochAuthenticator))
                _world.Fail($"{client.Person.Name} has another security code");
            else if (!member.Roster.SequenceEqual(first.Roster))
                _world.Fail($"{client.Person.Name} has another roster");
            if (!member.MaySend || member.OpenDecisions > 0)
                _world.Fail($"{client.Person.Name} may send: {member.MaySend}, decisions that are not in force: {member.OpenDecisions}");
        }

        if (first is not null)
        {
            if (!first.Roster.Select(entry => entry.Who).ToHashSet().SetEquals(members.Select(client => client.Person.Participant)))
                _world.Fail($"the roster is not of those who are there: {string.Join(", ", first.Roster.Select(entry => NameOf(entry.Who)))}");
            if (_world.Desk!.Generation != first.Generation || _world.Desk.Epoch != first.Epoch)
                _world.Fail($"the desk is at {_world.Desk.Generation}/{_world.Desk.Epoch}, the members at {first.Generation}/{first.Epoch}");
        }

        foreach (SimulatedClient client in _world.Clients.Where(client => client.WantsIn && !client.IsIn))
            CheckOutside(client, first);
    }

    // Who wants in and is not in it has a reason.
    private void CheckOutside(SimulatedClient client, MeetingMember? inside)
    {
        MeetingMember member = client.Member!;
        Participant who = client.Person.Participant;
        RoomPolicy policy = _world.Desk!.Policy;
        bool isHost = _hosts.Contains(client);
        bool mayWait = member.Phase == MeetingPhase.Lobby && (policy.EjectedAt(who) is not null || _ejectedAt.ContainsKey(who) || _overlooked.Contains(who) || _removedByService.Contains(client.Person.Identity)
            || (!isHost && (policy.IsStrict || policy.IsLocked || !client.IsInvited) && !_hosts.Exists(host => host.IsIn)));
        bool wasPutOut = member is { Phase: MeetingPhase.Left, LeftBecause: LeaveReason.Ejected or LeaveReason.RemovedByService };
        if (!mayWait && !wasPutOut)
            _world.Fail($"{client.Person.Name} wants in and is {member.Phase} ({member.LeftBecause}), {(inside is null ? "nobody is in" : "others are in")}");
    }

    private string NameOf(Participant who) => _world.Clients.FirstOrDefault(client => client.Person.Participant == who)?.Person.Name ?? "somebody";
}
