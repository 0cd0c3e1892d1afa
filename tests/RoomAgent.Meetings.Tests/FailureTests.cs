using RoomAgent.Agent.Meetings;
using RoomAgent.Mls;
using RoomAgent.Wire;
using static RoomAgent.Meetings.Tests.Gathering;

namespace RoomAgent.Meetings.Tests;

/// <summary>What fails in a meeting, one thing at a time (MEETING section 9).</summary>
public sealed class FailureTests
{
    [Fact]
    public void WhenTheCommitterDiesBeforeItsCommitTheNextInRankSteps()
    {
        World world = Of(strict: false, "room1");
        bool crashed = false;
        world.Withhold = (client, message) =>
        {
            // What the first committer sends dies with it.
            if (client.Person.Name != "host0" || message is not CommitUpload)
                return false;

            if (!crashed)
                world.At(TimeSpan.Zero, client.Crash);
            crashed = true;
            return true;
        };

        SimulatedClient joiner = world.Add(People.Named("room2"));
        joiner.Join();
        Assert.True(world.RunUntil(() => joiner.IsIn, Seconds(5)), Explain(world));
        Assert.True(crashed);
        Assert.True(world.RunUntil(() => Roster(world, "room1") is ["room1", "room2"], Seconds(20)), Explain(world));
    }

    [Fact]
    public void WhenTheCommitterDiesAfterItsCommitWasAcceptedTheOthersGoOnAndItComesBack()
    {
        World world = Of(strict: false, "room1");
        bool crashed = false;
        world.Tamper = (client, message) =>
        {
            if (client.Person.Name != "host0" || message is not Logged || crashed)
                return message;

            crashed = true;
            world.At(TimeSpan.Zero, client.Crash);
            return null;
        };
        SimulatedClient joiner = world.Add(People.Named("room2"));
        joiner.Join();
        Assert.True(world.RunUntil(() => joiner.IsIn && world["room1"].Member!.Epoch == joiner.Member!.Epoch, Seconds(5)), Explain(world));

        Enter(world, world["host0"]);
        Assert.Equal(["host0", "room1", "room2"], Roster(world, "host0"));
        Assert.Equal(0u, world.Desk!.Generation);
    }

    [Theory]
    [InlineData(256)]
    [InlineData(1)]
    public void AMemberThatMissedCommitsCatchesUpOrComesBack(int replay)
    {
        World world = Of(strict: false, settings => settings with { Replay = replay }, "room1", "room2");
        world["room2"].Disconnect();
        NewEpoch(world);
        NewEpoch(world);
        Assert.True(world["room2"].Member!.Epoch < world.Desk!.Epoch);

        world["room2"].Connect();
        world.Run(Seconds(1));

        Agree(world);
        Assert.Equal(["host0", "room1", "room2"], Roster(world, "room2"));
    }

    [Fact]
    public void AMemberThatCannotTakeACommitReportsItAndComesBackOnce()
    {
        World world = Of(strict: false, "room1");
        int broken = 0;
        world.Tamper = (client, message) =>
        {
            if (client.Person.Name != "room1" || message is not Logged { Commit.IsEmpty: false } logged || broken++ > 0)
                return message;

            return logged with { Commit = Flip(logged.Commit) };
        };
        NewEpoch(world);
        Assert.True(world.RunUntil(() => broken > 0 && world["room1"].IsIn && world["room1"].Member!.Epoch == world.Desk!.Epoch, Seconds(20)), Explain(world));

        Agree(world);
        Assert.Equal(["host0", "room1"], Roster(world, "host0"));
    }

    [Fact]
    public void AMemberThatCanNeverTakeACommitLeavesAndSaysWhy()
    {
        World world = Of(strict: false, "room1");
        world.Tamper = (client, message) =>
            client.Person.Name == "room1" && message is Logged { Commit.IsEmpty: false } logged ? logged with { Commit = Flip(logged.Commit) } : message;
        for (int i = 0; i < 2; i++)
        {
            NewEpoch(world);
            world.Run(Seconds(12));
        }

        Assert.Equal(LeaveReason.Broken, world["room1"].Member!.LeftBecause);
        Assert.NotNull(world["room1"].Member!.LeftByRule);

        // Its complaints went with it: the others go on.
        NewEpoch(world);
        Assert.Equal(["host0"], Roster(world, "host0"));
    }

    [Fact]
    public void AJoinerWhoseWelcomeIsBrokenComesInThroughItsOwnPlace()
    {
        World world = Of(strict: false);
        world.Tamper = (_, message) => message is WelcomeDelivery welcome ? welcome with { Welcome = Flip(welcome.Welcome) } : message;
        SimulatedClient joiner = world.Add(People.Named("room1"));
        joiner.Join();

        Assert.True(world.RunUntil(() => joiner.IsIn, Seconds(20)), Explain(world));
        world.Tamper = null;
        Agree(world);
    }

    [Fact]
    public void AWelcomeThatWasUsedIsNotUsedAgain()
    {
        World world = Of(strict: false);
        WelcomeDelivery? kept = null;
        world.Tamper = (_, message) =>
        {
            kept = message as WelcomeDelivery ?? kept;
            return message;
        };
        Enter(world, world.Add(People.Named("room1")));
        MeetingMember room = world["room1"].Member!;
        ulong? epoch = room.Epoch;

        // In the meeting, and again when it is out of it: the key package is spent.
        room.HandleMessage(kept!.Encode(), world.Time);
        Assert.Equal(epoch, room.Epoch);
        world["host0"].Disconnect();
        room.HandleMessage(new Reset(1).Encode(), world.Time);
        room.HandleMessage(kept.Encode(), world.Time);
        Assert.Null(room.Epoch);
    }

    [Fact]
    public void AHubThatRestartsLosesNoAcceptedCommit()
    {
        World world = Of(strict: true, "room1", "room2");
        NewEpoch(world);
        Agree(world);
        ulong? epoch = world.Desk!.Epoch;

        world.CrashHub();
        world.Run(Seconds(2));
        world.StartHub();
        foreach (SimulatedClient client in world.Clients)
            client.Connect();
        world.Run(Seconds(5));

        Assert.Equal(epoch, world.Desk!.Epoch);
        Assert.All(world.Clients, client => Assert.True(client.IsIn));
        NewEpoch(world);
        Agree(world);
        Assert.Equal(0u, world.Desk.Generation);
    }

    [Fact]
    public void WhenAllAreGoneWhoComesNextFoundsANewGeneration()
    {
        World world = Of(strict: false, "room1");
        foreach (SimulatedClient client in world.Clients)
            client.Crash();
        world.Run(Seconds(1));

        SimulatedClient later = world.Add(People.Named("room2"));
        later.Join();
        Assert.True(world.RunUntil(() => later.IsIn, Seconds(20)), Explain(world));

        Assert.Equal(1u, later.Member!.Generation);
        Enter(world, world["room1"]);
        Assert.Equal(["room1", "room2"], Roster(world, "room2"));
    }

    [Fact]
    public void TheOnlyOneLeftGoesOnAndLetsOthersIn()
    {
        World world = Of(strict: false, "room1", "room2");
        world["host0"].Crash();
        world["room2"].Crash();
        Assert.True(world.RunUntil(() => Roster(world, "room1") is ["room1"], Seconds(20)), Explain(world));
        Assert.Contains(world["room1"].Events.OfType<EpochMerged>().SelectMany(merged => merged.Went), went => went.Cause == RosterCause.Lost);

        Enter(world, world.Add(People.Named("room3")));
        Assert.Equal(["room1", "room3"], Roster(world, "room1"));
        Assert.Equal(0u, world.Desk!.Generation);
    }

    [Fact]
    public void ACertificateThatExpiresInAMeetingDoesNotBreakItAndItsOwnerIsNotAddedAgain()
    {
        World world = Of(strict: false);
        DateTimeOffset end = People.Today.AddHours(1).AddMinutes(5);
        var judge = new MindsTheExpired(end);
        SimulatedClient brief = world.Add(People.Make("brief", 80, end: end));
        Enter(world, brief);
        world.Run(TimeSpan.FromMinutes(10));

        NewEpoch(world);
        Agree(world);
        Assert.Equal(["brief", "host0"], Roster(world, "host0"));

        // A member that looks at the date refuses to add it.
        World second = new(77, People.Policy(strict: false, 77, People.Named("host0"))) { IsTraced = true };
        Enter(second, second.Add(People.Named("host0"), with: settings => settings with { Judge = judge }));
        second.Run(TimeSpan.FromMinutes(10));
        SimulatedClient expired = second.Add(People.Make("brief", 80, end: end));
        expired.Join();
        second.Run(Seconds(10));
        Assert.False(expired.IsIn);
        Assert.Contains(MindsTheExpired.Rule, Refused(second["host0"]));
    }

    [Fact]
    public void FiftyJoinsInTwoSecondsTakeAtMostEightEpochs()
    {
        World world = Of(strict: false);
        ulong before = world.Desk!.Epoch!.Value;
        for (int i = 0; i < 50; i++)
        {
            SimulatedClient client = world.Add(People.Named($"crowd{i}"));
            world.At(TimeSpan.FromMilliseconds(40 * i), client.Join);
        }

        Assert.True(world.RunUntil(() => world.Clients.All(client => client.IsIn), Seconds(30)), Explain(world));
        Assert.InRange(world.Clients.Select(client => client.Events.OfType<EpochMerged>().First().Epoch).Max() - before, 1ul, 8ul);
    }

    [Fact]
    public void TheServicesPagesAdmitAndRemoveOnlyWhereNoHostMust()
    {
        World world = Of(strict: false, "room1");
        world["host0"].OnEvent = null;
        SimulatedClient guest = world.Add(People.Named("room2"), invited: false);
        guest.Join();
        world.Run(Seconds(5));
        Assert.Equal(MeetingPhase.Lobby, guest.Member!.Phase);

        Assert.True(world.Desk!.AdmitByService(People.Named("room2").Identity, world.Now));
        Assert.True(world.RunUntil(() => guest.IsIn, Seconds(10)), Explain(world));
        Assert.True(world.Desk.RemoveByService(People.Named("room2").Identity, world.Now));
        Assert.True(world.RunUntil(() => guest.Member!.LeftBecause == LeaveReason.RemovedByService, Seconds(10)), Explain(world));

        World strict = Of(strict: true, "room1");
        Assert.False(strict.Desk!.AdmitByService(People.Named("room2").Identity, strict.Now));
        Assert.False(strict.Desk.RemoveByService(People.Named("room1").Identity, strict.Now));
    }

    [Fact]
    public void ALockedMeetingTakesBackWhomAHostHasLetInAndNobodyElse()
    {
        World world = Of(strict: false, "room1");
        world["host0"].OnEvent = null;
        Assert.True(world["host0"].Member!.Lock(true, world.Time));
        Assert.True(world.RunUntil(() => world["room1"].Member!.Policy!.IsLocked, Seconds(10)), Explain(world));

        SimulatedClient other = world.Add(People.Named("room2"));
        other.Join();
        world.Run(Seconds(5));
        Assert.Equal(MeetingPhase.Lobby, other.Member!.Phase);

        Assert.True(world["host0"].Member!.Admit(Who("room2"), world.Time));
        Assert.True(world.RunUntil(() => other.IsIn, Seconds(10)), Explain(world));
        Assert.True(world["host0"].Member!.Lock(false, world.Time));
        Assert.True(world.RunUntil(() => !world["room1"].Member!.Policy!.IsLocked, Seconds(10)), Explain(world));
    }

    [Fact]
    public void WhoHearsNothingOfTheServiceStopsSending()
    {
        World world = Of(strict: false, "room1");
        Assert.True(world["room1"].Member!.MaySend);
        world["room1"].Disconnect();
        world.Run(Seconds(11));

        Assert.False(world["room1"].Member!.MaySend);
        Assert.Null(world["room1"].Keys.FindSealing(SFrame.FrameContext.Audio));
    }

    private static ByteString Flip(ByteString bytes)
    {
        byte[] flipped = bytes.ToArray();
        flipped[^40] ^= 1;
        return ByteString.Owning(flipped);
    }

    private sealed class MindsTheExpired(DateTimeOffset end) : IMemberJudge
    {
        public static readonly Refusal Rule = new(RefusalReason.Policy, "test.expired", "Expired.");

        public Refusal? Judge(Credential credential, ByteString signatureKey, DateTimeOffset date) =>
            CertificateChain.NameOf(credential)!.Value.Value.Reveal().StartsWith("brief", StringComparison.Ordinal) && date > end ? Rule : null;
    }
}
