using RoomAgent.Agent.Meetings;
using RoomAgent.Hub.Meetings;
using RoomAgent.Mls;
using RoomAgent.Wire;

namespace RoomAgent.Meetings.Tests;

/// <summary>Worlds in which people have come together.</summary>
internal static class Gathering
{
    private static int s_seed = 90_000;

    public static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    /// <summary>A calm world with host0 and these rooms, all in the meeting. Hosts let everybody in.</summary>
    public static World Of(bool strict, params string[] rooms) => Of(strict, null, rooms);

    public static World Of(bool strict, Func<DeskSettings, DeskSettings>? with, params string[] rooms)
    {
        Person host = People.Named("host0");
        int seed = Interlocked.Increment(ref s_seed);
        var world = new World(seed, People.Policy(strict, (byte)seed, host), null, with) { IsTraced = true };
        Enter(world, world.Add(host));
        world["host0"].OnEvent = happened => LetIn(world, happened);
        foreach (string room in rooms)
            Enter(world, world.Add(People.Named(room)));
        return world;
    }

    public static void Enter(World world, SimulatedClient client)
    {
        client.Join();
        Assert.True(world.RunUntil(() => client.IsIn, Seconds(20)), Explain(world));
        Agree(world);
    }

    public static void LetIn(World world, MemberEvent happened)
    {
        if (happened is not LobbyChanged lobby)
            return;

        foreach ((Participant who, _) in lobby.Waiting)
            world["host0"].Member!.Admit(who, world.Time);
    }

    /// <summary>Waits until all who are in are in the same state.</summary>
    public static void Agree(World world)
    {
        bool same() => world.Clients.Where(client => client.IsIn)
            .Select(client => (client.Member!.Generation, client.Member.Epoch, ByteString.CopyOf(client.Member.EpochAuthenticator)))
            .Distinct().Count() <= 1
            && world.Clients.Where(client => client.IsIn).All(client => client.Member!.Epoch == world.Desk?.Epoch);
        Assert.True(world.RunUntil(same, Seconds(30)), Explain(world));
    }

    public static string[] Roster(World world, string of) =>
        [.. world[of].Member!.Roster.Select(entry => System.Text.Encoding.ASCII.GetString(entry.Who.Name.Value).Split('.')[0]).Order(StringComparer.Ordinal)];

    public static Participant Who(string name) => People.Named(name).Participant;

    /// <summary>Puts somebody out, and waits until they know it.</summary>
    public static void Eject(World world, string name)
    {
        Assert.True(world["host0"].Member!.Eject(Who(name), world.Time));
        Assert.True(world.RunUntil(() => world["host0"].Member!.OpenDecisions == 0 && world[name].Member is not { Phase: not MeetingPhase.Left }, Seconds(10)), Explain(world));
    }

    /// <summary>Has somebody begin a new epoch.</summary>
    public static void NewEpoch(World world)
    {
        ulong? before = world.Desk!.Epoch;
        Assert.True(world["host0"].Member!.Lock(!world.Desk.Policy.IsLocked, world.Time));
        Assert.True(world.RunUntil(() => world.Desk.Epoch > before, Seconds(10)), Explain(world));
    }

    public static LogBody Body(World world, int entry) => LogBody.Decode(world.Store.Entries[entry].Body)!;

    public static string Explain(World world) => string.Join('\n', world.Trace.TakeLast(60));

    public static IEnumerable<Refusal> Refused(SimulatedClient client) => client.Events.OfType<SomethingRefused>().Select(refused => refused.Rule);
}
