using RoomAgent.Agent.Meetings;
using RoomAgent.Hub.Meetings;
using RoomAgent.Mls;
using RoomAgent.Native.OpenSsl;
using RoomAgent.SFrame;
using RoomAgent.Testing;
using RoomAgent.Wire;
using static RoomAgent.Meetings.Tests.Gathering;

namespace RoomAgent.Meetings.Tests;

/// <summary>Attacks by name: of a service that is not honest, of members, and of those who would like to be (MEETING section 9).</summary>
public sealed class AttackTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AKeyPackageThatTheServiceSwappedLetsNobodyIn(bool anotherAuthority)
    {
        // The service answers for a name that it has no certificate for, or for another one in a strict meeting.
        World world = Of(strict: true);
        TestAuthority own = TestAuthority.Root(CertificateContent.Authority("Rogue"), TestSigner.Of(People.NewKey(70)));
        Person mallory = anotherAuthority ? People.Make("room1", 71, own) : People.Make("mallory", 72);
        ByteString swapped = KeyPackageOf(mallory);
        world.Tamper = (_, message) => message is OpenRequests requests
            ? requests with { Requests = [.. requests.Requests.Select(request => request.Kind == RequestKind.Add ? request with { KeyPackage = swapped } : request)] }
            : message;

        SimulatedClient room = world.Add(People.Named("room1"));
        room.Join();
        world.Run(Seconds(10));

        Assert.Equal(["host0"], Roster(world, "host0"));
        Assert.False(room.IsIn);
        Assert.Contains(anotherAuthority ? Rules.Credential : MeetingRules.NotAdmitted, Refused(world["host0"]));
    }

    [Fact]
    public void AForkedLogShowsInTheSecurityCodes()
    {
        World world = Of(strict: false, "room1");
        MeetingMember host = world["host0"].Member!;
        MeetingMember room = world["room1"].Member!;
        ulong epoch = host.Epoch!.Value;
        ulong seq = world.Desk!.Seq;

        // Each is asked for new keys, and shown its own commit as the one that won.
        CommitUpload first = AskForUpdate(world, host);
        CommitUpload second = AskForUpdate(world, room);
        host.HandleMessage(new Logged(seq + 1, 0, epoch + 1, first.Commit, []).Encode(), world.Time);
        room.HandleMessage(new Logged(seq + 1, 0, epoch + 1, second.Commit, []).Encode(), world.Time);

        Assert.Equal(epoch + 1, host.Epoch);
        Assert.Equal(epoch + 1, room.Epoch);
        SecurityCode one = Code(host);
        SecurityCode other = Code(room);
        Assert.False(one.Matches(other));
        Assert.NotEqual(one.Short, other.Short);

        // And neither hears of the other any more.
        Relay heartbeat = Drain(room).OfType<Relay>().Single();
        host.HandleMessage(new Relayed(0, heartbeat.Epoch, heartbeat.Message).Encode(), world.Time);
        Assert.False(host.IsConfirmed(room.Leaf!.Value));
        var later = new GroupTime(world.Now + Seconds(60), world.Time.Date);
        host.HandleTimeout(later);
        Assert.Contains(Events(host), happened => happened is MemberUnconfirmed { IsAlarm: true });
    }

    [Fact]
    public void OneWhoFallsSilentLateInAnEpochIsNotAnAlarmAtOnce()
    {
        World world = Of(strict: false, "room1");
        MeetingMember host = world["host0"].Member!;
        LeafIndex room = world["room1"].Member!.Leaf!.Value;
        world.Run(Seconds(300));
        Assert.True(host.IsConfirmed(room));
        Events(host);

        host.HandleTimeout(new GroupTime(world.Now + Seconds(31), world.Time.Date));
        host.HandleTimeout(new GroupTime(world.Now + Seconds(32), world.Time.Date));
        Assert.Equal([new MemberUnconfirmed(room, IsAlarm: false)], Events(host).OfType<MemberUnconfirmed>());
        Assert.False(host.IsConfirmed(room));
        Assert.Equal((true, false), (host.IsSilent(room, isAlarm: false), host.IsSilent(room, isAlarm: true)));

        host.HandleTimeout(new GroupTime(world.Now + Seconds(61), world.Time.Date));
        Assert.Equal([new MemberUnconfirmed(room, IsAlarm: true)], Events(host).OfType<MemberUnconfirmed>());
        Assert.True(host.IsSilent(room, isAlarm: true));
    }

    [Fact]
    public void ALogThatWasRolledBackBeforeAnEjectBringsNobodyBack()
    {
        World world = Of(strict: false, "room1", "room2");
        SimulatedStore backup = world.Store.Backup();
        Eject(world, "room2");
        Agree(world);

        world.CrashHub();
        world.Store = backup;
        world.StartHub();
        foreach (SimulatedClient client in world.Clients)
            client.Connect();
        SimulatedClient? aware() => world.Clients.FirstOrDefault(client => client.Events.OfType<ServiceLostState>().Any());
        Assert.True(world.RunUntil(() => aware() is not null, Seconds(10)), Explain(world));
        Assert.True(aware()!.Member!.Generation == 1 || !aware()!.Member!.MaySend);

        // The members accept a new generation alone, and a host that founds it has not forgotten.
        Assert.True(world.RunUntil(() => world["host0"].IsIn && world["room1"].IsIn && world["host0"].Member!.Generation == 1, Seconds(60)), Explain(world));
        Agree(world);
        Assert.NotNull(world["room1"].Member!.Policy!.EjectedAt(Who("room2")));

        world["host0"].OnEvent = null;
        world["room2"].Join();
        world.Run(Seconds(10));
        Assert.Equal(["host0", "room1"], Roster(world, "host0"));
    }

    [Fact]
    public void ANewGenerationThatDropsWhoWasPutOutIsRefused()
    {
        RoomPolicy policy = People.Policy(strict: false, 1, People.Named("host0"));
        RoomPolicy former = policy.WithEjected(Who("room2"), 5) with { IsLocked = true };
        RoomPolicy kept = JoinRules.NextGeneration(former, 1);

        Assert.Null(JoinRules.CheckSuccessor(former, kept));
        Assert.Same(MeetingRules.Generation, JoinRules.CheckSuccessor(former, kept with { Ejected = [] }));
        Assert.Same(MeetingRules.Generation, JoinRules.CheckSuccessor(former, kept with { IsLocked = false }));
        Assert.Same(MeetingRules.Generation, JoinRules.CheckSuccessor(former, kept with { Hosts = [] }));
        Assert.Same(MeetingRules.Generation, JoinRules.CheckSuccessor(former, kept with { IsStrict = true }));
        Assert.Same(MeetingRules.Generation, JoinRules.CheckSuccessor(kept, former));
    }

    [Fact]
    public void AnExternalCommitDoesNotLeadAroundTheLobby()
    {
        World world = Of(strict: true);
        world["host0"].OnEvent = null; // nobody lets in
        SimulatedClient mallory = world.Add(People.Named("mallory"));
        mallory.Join();
        Assert.True(world.RunUntil(() => mallory.Member!.Phase == MeetingPhase.Lobby, Seconds(10)), Explain(world));

        // Somebody gave it the group, as the service could.
        GroupInfo info = MlsMessage.Decode(Body(world, 0).GroupInfo)!.GroupInfo!;
        Assert.Null(Group.JoinExternally(ClientOf(People.Named("mallory")), info, default, null, new GroupSettings(), world.Time, null, [], out ExternalJoin? joined));
        ByteString commit = ByteString.Owning(joined!.Message.Encode());
        mallory.Send(new CommitUpload(1, 0, 0, commit, default, ByteString.Owning(MlsMessage.Of(joined.GroupInfo).Encode()), [], IsExternal: true));
        world.Run(Seconds(5));
        Assert.Equal(0ul, world.Desk!.Epoch);
        Assert.Equal(["host0"], Roster(world, "host0"));

        // Nor with the help of the service.
        MeetingMember host = world["host0"].Member!;
        host.HandleMessage(new Logged(2, 0, 1, commit, []).Encode(), world.Time);
        Assert.Equal(LeaveReason.Refused, host.LeftBecause);
        Assert.Same(MeetingRules.ExternalCommit, host.LeftByRule);
    }

    [Fact]
    public void AForgedAdmissionLetsNobodyIn()
    {
        World world = Of(strict: true);
        world["host0"].OnEvent = null;
        SimulatedClient mallory = world.Add(People.Named("mallory"));
        mallory.Join();
        world.Run(Seconds(3));

        HostAction admit = HostAction.Create(world.Policy.Name.ComputeGroupId(OpenSslCrypto.Instance), HostActionKind.Admit, Who("mallory"), 0, new SeededRandom(1));
        SignedHostAction own = SignedHostAction.Sign(People.Suite, admit, People.Named("mallory").Credential, People.Named("mallory").Key);
        mallory.Send(new HostActionUpload(1, own));
        mallory.Send(new HostActionUpload(2, own with { Chain = People.Named("host0").Credential.Certificates }));
        mallory.Send(new JoinRequest([own]));
        world.Run(Seconds(5));

        Assert.Equal(MeetingPhase.Lobby, mallory.Member!.Phase);
        Assert.Equal(["host0"], Roster(world, "host0"));
    }

    [Fact]
    public void AnAdmissionIsNotReplayedForAnotherGroupAfterAnEjectOrForAnother()
    {
        World world = Of(strict: true, "room1");
        SignedHostAction admission = SignedHostAction.DecodeList(MlsMessage.Decode(Body(world, 1).Commit) is { } message ? AuthenticatedDataOf(world, message) : default)!.Single();
        RoomPolicy policy = world.Desk!.Policy;
        ByteString group = policy.Name.ComputeGroupId(OpenSslCrypto.Instance);
        Assert.Null(admission.Verify(People.Suite, group, policy, People.Identities));
        Assert.True(admission.Admits(Who("room1"), policy));

        Assert.False(admission.Admits(Who("mallory"), policy));
        Assert.False(admission.Admits(Who("room1") with { KeyHash = Who("mallory").KeyHash }, policy));
        Assert.Same(MeetingRules.ActionGroup, admission.Verify(People.Suite, policy.ForGeneration(1).Name.ComputeGroupId(OpenSslCrypto.Instance), policy, People.Identities));
        Eject(world, "room1");
        Assert.False(admission.Admits(Who("room1"), world.Desk.Policy));

        // The service keeps it and sends it along again: the ejected one stays outside.
        world["host0"].OnEvent = null;
        world["room1"].Join();
        world.Run(Seconds(10));
        Assert.Equal(["host0"], Roster(world, "host0"));
    }

    [Fact]
    public void AnEjectThatTheServiceWithholdsIsSeenToBeMissing()
    {
        World world = Of(strict: false, "room1");
        world.Withhold = (_, message) => message is HostActionUpload;
        Assert.True(world["host0"].Member!.Eject(Who("room1"), world.Time));
        world.Run(Seconds(10));

        Assert.Equal(1, world["host0"].Member!.OpenDecisions);
        Assert.Equal(["host0", "room1"], Roster(world, "host0"));

        world.Withhold = null;
        Assert.True(world.RunUntil(() => world["host0"].Member!.OpenDecisions == 0, Seconds(10)), Explain(world));
        Assert.Equal(["host0"], Roster(world, "host0"));
        Assert.True(world.RunUntil(() => world["room1"].Member!.LeftBecause == LeaveReason.Ejected, Seconds(5)), Explain(world));
    }

    [Fact]
    public void AWelcomeWithoutAnAdmissionIsNotUsedInAStrictMeeting()
    {
        // The service lets one in with the help of a member, and cannot show that a host wanted it.
        World world = Of(strict: true);
        world.Tamper = (_, message) => message is WelcomeDelivery welcome ? welcome with { Actions = [] } : message;
        SimulatedClient room = world.Add(People.Named("room1"));
        room.Join();
        Assert.True(world.RunUntil(() => room.Member!.Phase == MeetingPhase.Left, Seconds(15)), Explain(world));

        Assert.Same(MeetingRules.NotAdmitted, room.Member!.LeftByRule);
    }

    [Fact]
    public void LaterFramesOfOneWhoWasPutOutAreNotOpened()
    {
        World world = Of(strict: false, "room1", "room2");
        SimulatedClient host = world["host0"];
        SimulatedClient gone = world["room2"];
        int leaf = (int)gone.Member!.Leaf!.Value.Value;
        KeyId before = gone.Keys.FindSealing(FrameContext.Audio)!.KeyId;
        Assert.NotNull(host.Keys.FindOpening(before, out _));

        Eject(world, "room2");

        Assert.Null(host.Keys.FindOpening(before, out OpenOutcome outcome));
        Assert.Equal(OpenOutcome.RemovedSender, outcome);
        Assert.Equal(leaf, before.Leaf);

        // What the others seal from now on it cannot open: they have new keys at once.
        KeyId now = host.Keys.FindSealing(FrameContext.Audio)!.KeyId;
        Assert.Equal((byte)host.Member!.Epoch!.Value, now.Epoch);
        Agree(world);
        Assert.Null(gone.Keys.FindOpening(now, out _));
        Assert.Null(gone.Keys.FindSealing(FrameContext.Audio));
        Assert.Contains(world.DeskEvents, happened => happened is MediaCut cut && cut.Identity == People.Named("room2").Identity);
    }

    [Fact]
    public void OneWhoWasPutOutStaysOutUntilAHostLetsItInAgain()
    {
        World world = Of(strict: false, "room1");
        Eject(world, "room1");
        world["host0"].OnEvent = null;

        world["room1"].Join();
        world.Run(Seconds(10));
        Assert.Equal(MeetingPhase.Lobby, world["room1"].Member!.Phase);
        Assert.False(world.Desk!.AdmitByService(People.Named("room1").Identity, world.Now) && world.RunUntil(() => world["room1"].IsIn, Seconds(5)));

        Assert.True(world["host0"].Member!.Admit(Who("room1"), world.Time));
        Assert.True(world.RunUntil(() => world["room1"].IsIn, Seconds(10)), Explain(world));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AMeetingOfALowerClassIsNotJoined(bool trusted)
    {
        RoomPolicy invited = People.Policy(strict: false, 9, People.Named("host0"));
        var world = new World(9, invited with { Class = MeetingClass.Encrypted }) { IsTraced = true };
        SimulatedClient room = world.Add(People.Named("room1"), with: settings => settings with { Invitation = new Invitation { Policy = invited, IsTrusted = trusted } });
        room.Join();
        world.Run(Seconds(10));

        Assert.Equal(LeaveReason.Refused, room.Member!.LeftBecause);
        Assert.Same(MeetingRules.Class, room.Member.LeftByRule);
    }

    [Fact]
    public void WhoFoundsAGroupOtherThanItWasInvitedToIsToldAsWell()
    {
        RoomPolicy real = People.Policy(strict: false, 9, People.Named("host0"));
        var world = new World(9, real) { IsTraced = true };
        SimulatedClient room = world.Add(People.Named("host0"), with: settings => settings with { Invitation = new Invitation { Policy = real with { Hosts = [] } } });
        room.Join();
        Assert.True(world.RunUntil(() => room.IsIn, Seconds(10)), Explain(world));

        Assert.Contains(new InvitationDiffers(PolicyDifferences.Hosts), room.Events);
    }

    [Fact]
    public void AFloodOfKeyPackagesHoldsNobodyUp()
    {
        World world = Of(strict: false, "room1");
        SimulatedClient flooder = world.Add(People.Named("mallory"));
        flooder.Join();
        Assert.True(world.RunUntil(() => flooder.IsIn, Seconds(10)), Explain(world));
        ByteString[] many = [.. Enumerable.Range(0, Limits.KeyPackages).Select(_ => KeyPackageOf(People.Named("mallory")))];
        for (int i = 0; i < 500; i++)
            flooder.Send(new PublishKeyPackages(many, default));

        SimulatedClient room = world.Add(People.Named("room2"));
        Enter(world, room);
        Assert.True(world.Desk!.Refusals >= 490);
    }

    [Fact]
    public void AServiceRestoredFromAnOldBackupStartsANewGeneration()
    {
        World world = Of(strict: true, "room1");
        SimulatedStore backup = world.Store.Backup();
        NewEpoch(world);
        NewEpoch(world);
        Agree(world);

        // As the restoring does it: before anybody is served, the old generation is closed.
        world.CrashHub();
        backup.Perform(new RaiseFloor(0, 1));
        world.Store = backup;
        world.StartHub();
        foreach (SimulatedClient client in world.Clients)
            client.Connect();

        Assert.True(world.RunUntil(() => world.Clients.All(client => client.IsIn && client.Member!.Generation == 1), Seconds(60)), Explain(world));
        Agree(world);
        Assert.Equal(["host0", "room1"], Roster(world, "room1"));
    }

    private static CommitUpload AskForUpdate(World world, MeetingMember member)
    {
        Drain(member);
        uint leaf = member.Leaf!.Value.Value;
        var request = new MeetingRequest { Id = 1_000_000 + leaf, Kind = RequestKind.Update, Leaf = leaf };
        member.HandleMessage(new OpenRequests(0, member.Epoch!.Value, [leaf], [request]).Encode(), world.Time);
        return Drain(member).OfType<CommitUpload>().Single();
    }

    private static List<ClientMessage> Drain(MeetingMember member)
    {
        var messages = new List<ClientMessage>();
        while (member.TryPollMessage(out ClientMessage? message))
            messages.Add(message);
        return messages;
    }

    private static List<MemberEvent> Events(MeetingMember member)
    {
        var events = new List<MemberEvent>();
        while (member.TryPollEvent(out MemberEvent? happened))
            events.Add(happened);
        return events;
    }

    private static SecurityCode Code(MeetingMember member) => SecurityCode.Derive(
        OpenSslCrypto.Instance,
        People.Suite.Id,
        member.Epoch!.Value,
        member.Policy!.Name.ComputeGroupId(OpenSslCrypto.Instance),
        member.EpochAuthenticator);

    private static ReadOnlySpan<byte> AuthenticatedDataOf(World world, MlsMessage commit)
    {
        GroupInfo info = MlsMessage.Decode(Body(world, 0).GroupInfo)!.GroupInfo!;
        Assert.Null(PublicGroup.Follow(People.Suite, info, default, People.Identities, GroupTime.NoDate, out PublicGroup? group));
        Assert.Null(group!.Receive(commit, GroupTime.NoDate, out Followed? followed));
        return Assert.IsType<FollowedCommit>(followed).Commit.AuthenticatedData;
    }

    internal static MlsClient ClientOf(Person person) => new(People.Suite, People.Identities, new SeededRandom(3), person.Key, person.Credential)
    {
        SupportedExtensions = [(ushort)RoomPolicy.ExtensionType],
        SupportedCredentials = [(ushort)CredentialType.X509],
    };

    internal static ByteString KeyPackageOf(Person person)
    {
        ulong now = (ulong)People.Today.AddHours(1).ToUnixTimeSeconds();
        return ByteString.Owning(MlsMessage.Of(ClientOf(person).CreateKeyPackage(new Lifetime(now - 60, now + 3_600)).KeyPackage).Encode());
    }
}
