using static RoomAgent.Meetings.Tests.Gathering;

namespace RoomAgent.Meetings.Tests;

/// <summary>What the desk answers to commits that are right in themselves and come at the wrong moment (MEETING section 3, rules 3, 8 and 9).</summary>
public sealed class DeskRuleTests
{
    private readonly List<(SimulatedClient To, Answer Answer)> _answers = [];

    // When each entry of the log first went to somebody, in seconds.
    private readonly SortedDictionary<ulong, double> _logged = [];

    [Fact]
    public void ACommitThatLeavesOutADueRemovalIsToldWhatIsMissing()
    {
        World world = Watched(Of(strict: false, "room1", "room2"));
        CommitUpload early = WithheldLock(world);
        world["room2"].Disconnect();
        world.Run(Seconds(12));

        ulong? epoch = world.Desk!.Epoch;
        Pass(world, early);
        world.Run(Seconds(0.2));

        Assert.True(_answers.Exists(answer => answer.Answer is { Outcome: AnswerOutcome.MissingRequired, Missing.Count: 1 }), Explain(world));
        Assert.Equal(epoch, world.Desk.Epoch);

        world.Withhold = null;
        Assert.True(world.RunUntil(() => world.Desk.Policy.IsLocked && Roster(world, "host0") is ["host0", "room1"], Seconds(30)), Explain(world));
    }

    [Fact]
    public void OneWhomAThirdReportsIsBarredAsLongAsThoseAreThere()
    {
        World world = Watched(Of(strict: false, "room1", "room2"));
        NewEpoch(world);
        CommitUpload early = WithheldLock(world);
        world["room1"].Send(new Report(world.Desk!.Seq, ClientCode.Unprocessable));
        world.Run(Seconds(0.2));

        ulong? epoch = world.Desk.Epoch;
        Pass(world, early);
        world.Run(Seconds(0.2));
        Assert.Contains(_answers, answer => answer is { To.Person.Name: "host0", Answer: { Outcome: AnswerOutcome.Invalid, Code: ServiceCode.Barred } });
        Assert.Equal(epoch, world.Desk.Epoch);

        world.Withhold = null;
        _answers.Clear();
        world["room1"].Disconnect();
        Assert.True(world.RunUntil(() => world.Desk.Epoch > epoch, Seconds(30)), Explain(world));
        NewEpoch(world);
        Assert.DoesNotContain(_answers, answer => answer.Answer.Code == ServiceCode.Barred);
    }

    [Fact]
    public void MoreEpochsThanAreAllowedInASecondWait()
    {
        World world = Watched(Of(strict: false, settings => settings with { Times = settings.Times with { EpochsPerSecond = 1 } }, "room1"));
        for (int i = 0; i < 5; i++)
            NewEpoch(world);

        Assert.Contains(_answers, answer => answer.Answer is { Outcome: AnswerOutcome.Busy, Code: ServiceCode.TooMany });
        double[] began = [.. _logged.Values];
        Assert.All(began.Zip(began.Skip(1)), pair => Assert.True(pair.Second - pair.First >= 0.95, $"{pair.First:F3} s and {pair.Second:F3} s"));
        Agree(world);
    }

    [Fact]
    public void WhereOneWaitsForAHostNobodyEntersBeforeOneIsThere()
    {
        Person host = People.Named("host0");
        var world = new World(77, People.Policy(strict: false, 77, host), null, settings => settings with { WaitsForHost = true }) { IsTraced = true };
        SimulatedClient room = world.Add(People.Named("room1"));
        room.Join();
        world.Run(Seconds(5));
        Assert.Null(world.Desk!.Epoch);
        Assert.False(room.IsIn);

        // Nobody lets it in: the host's presence does.
        SimulatedClient first = world.Add(host);
        first.Join();
        Assert.True(world.RunUntil(() => first.IsIn && room.IsIn, Seconds(20)), Explain(world));

        first.Leave();
        world.Run(Seconds(5));
        SimulatedClient late = world.Add(People.Named("room2"));
        late.Join();
        world.Run(Seconds(5));
        Assert.True(room.IsIn);
        Assert.False(late.IsIn);
    }

    // A commit by host0 that does not arrive; nor does any other from then on.
    private static CommitUpload WithheldLock(World world)
    {
        CommitUpload? early = null;
        world.Withhold = (_, message) =>
        {
            early ??= message as CommitUpload;
            return message is CommitUpload;
        };
        Assert.True(world["host0"].Member!.Lock(!world.Desk!.Policy.IsLocked, world.Time));
        Assert.True(world.RunUntil(() => early is not null, Seconds(2)), Explain(world));
        return early!;
    }

    // This one arrives.
    private static void Pass(World world, CommitUpload commit)
    {
        Func<SimulatedClient, ClientMessage, bool>? withhold = world.Withhold;
        world.Withhold = null;
        world["host0"].Send(commit);
        world.Withhold = withhold;
    }

    private World Watched(World world)
    {
        world.Tamper = (client, message) =>
        {
            if (message is Answer answer)
                _answers.Add((client, answer));
            if (message is Logged logged)
                _logged.TryAdd(logged.Seq, TimeSpan.FromTicks(world.Now.Ticks).TotalSeconds);
            return message;
        };
        return world;
    }
}
