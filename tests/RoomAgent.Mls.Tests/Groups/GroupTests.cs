using RoomAgent.Wire;

namespace RoomAgent.Mls.Tests.Groups;

public sealed class GroupTests
{
    public static TheoryData<int> Suites => [1, 2, 3, 4, 5, 6, 7];

    public static TheoryData<bool> BothForms => [false, true];

    [Theory]
    [MemberData(nameof(Suites))]
    public void ThreeMeetInEverySuite(int suite)
    {
        using var meeting = new Meeting(suite, "ann");

        meeting.Add("ann", "bob");
        meeting.Add("bob", "cyn");

        meeting.AssertConversation();
    }

    [Theory]
    [MemberData(nameof(BothForms))]
    public void ALongMeetingStaysInAgreement(bool encrypted)
    {
        using var meeting = new Meeting(2, "ann", new GroupSettings { EncryptHandshakes = encrypted });
        meeting.Add("ann", "bob", "cyn", "dan", "eve");
        meeting.AssertConversation();

        meeting.Commit("cyn", new CommitOptions());
        meeting.AssertAgreement();
        meeting.Deliver("dan", meeting["dan"].ProposeUpdate());
        meeting.Deliver("bob", meeting["bob"].Propose(new RemoveProposal(meeting["eve"].Self)));
        meeting.Commit("ann", new CommitOptions());
        meeting.AssertAgreement();
        Assert.DoesNotContain("eve", meeting.Members.Keys);

        meeting.Add("dan", "fay");
        meeting.Commit("dan", new CommitOptions { Proposals = [new RemoveProposal(meeting["ann"].Self)], AuthenticatedData = ByteString.CopyOf("told to"u8) });
        meeting.AssertAgreement();
        meeting.AssertConversation();
        Assert.Equal(4, meeting.Members.Count);
    }

    [Fact]
    public void SomeoneWhoLostItsStateComesBackInItsOwnPlace()
    {
        using var meeting = new Meeting(2, "ann");
        meeting.Add("ann", "bob", "cyn");
        LeafIndex place = meeting["bob"].Self;

        meeting.JoinExternally("bob", by: "cyn", replaced: place);

        Assert.Equal(place, meeting["bob"].Self);
        meeting.JoinExternally("dan", by: "bob");
        meeting.Commit("dan", new CommitOptions());
        meeting.AssertAgreement();
        meeting.AssertConversation();
    }

    [Fact]
    public void ADroppedCommitLeavesNothingBehind()
    {
        using var meeting = new Meeting(2, "ann");
        meeting.Add("ann", "bob", "cyn");
        string before = Convert.ToHexString(meeting["ann"].EpochAuthenticator);
        Assert.Null(meeting["ann"].Commit(new CommitOptions { ForcePath = true }, TestClients.Time, out PendingCommit? own));
        Assert.Null(meeting["bob"].Receive(Meeting.Through(own!.Message), TestClients.Time, out Received? received));
        StagedCommit staged = ((CommitMessage)received!).Staged;

        own.Dispose();
        staged.Dispose();

        Assert.Equal(before, Convert.ToHexString(meeting["ann"].EpochAuthenticator));
        Assert.Same(Rules.StaleCommit, meeting["bob"].Merge(staged, TestClients.Time.Now));
        meeting.Commit("cyn", new CommitOptions());
        meeting.AssertAgreement();
        meeting.AssertConversation();
    }

    [Fact]
    public void OfTwoCommitsTheFirstWinsAndTheOtherIsMadeAnew()
    {
        using var meeting = new Meeting(2, "ann");
        meeting.Add("ann", "bob", "cyn");
        Assert.Null(meeting["bob"].Commit(new CommitOptions(), TestClients.Time, out PendingCommit? late));

        meeting.Commit("ann", new CommitOptions());

        Assert.Same(Rules.StaleCommit, meeting["bob"].Merge(late!.Staged, TestClients.Time.Now));
        late.Dispose();
        Assert.Same(Rules.EpochOther, meeting["cyn"].Receive(Meeting.Through(late.Message), TestClients.Time, out _));
        meeting.Commit("bob", new CommitOptions());
        meeting.AssertAgreement();
    }

    [Fact]
    public void ASenderLeavesOutProposalsThatCannotBeCovered()
    {
        using var meeting = new Meeting(2, "ann");
        meeting.Add("ann", "bob", "cyn");
        meeting.Deliver("bob", meeting["bob"].Propose(new RemoveProposal(meeting["cyn"].Self)));
        meeting.Deliver("cyn", meeting["cyn"].Propose(new RemoveProposal(meeting["cyn"].Self)));
        meeting.Deliver("bob", meeting["bob"].Propose(new RemoveProposal(meeting["ann"].Self)));

        meeting.Commit("ann", new CommitOptions());

        meeting.AssertAgreement();
        Assert.Equal(["ann", "bob"], meeting.Members.Keys.Order());
    }

    [Fact]
    public void PreSharedKeysOfBothKindsAreMixedIn()
    {
        ByteString id = ByteString.CopyOf("paper"u8);
        using var meeting = new Meeting(2, "ann", psks: new PskTable(new Dictionary<ByteString, byte[]> { [id] = [1, 2, 3] }));
        meeting.Add("ann", "bob", "cyn");
        ulong epoch = meeting["ann"].Epoch;
        meeting.Commit("ann", new CommitOptions());

        meeting.Commit("bob", new CommitOptions
        {
            Proposals = [new PreSharedKeyProposal(meeting["bob"].NewPskId(id)), new PreSharedKeyProposal(meeting["bob"].NewResumptionPskId(epoch))],
        });

        meeting.AssertAgreement();
    }

    [Fact]
    public void AMemberTakesANewSignatureKey()
    {
        using var meeting = new Meeting(2, "ann");
        meeting.Add("ann", "bob", "cyn");
        MlsClient renewed = meeting.Client("bob", seed: 2);

        meeting.Commit("bob", new CommitOptions { NewClient = renewed });

        meeting.AssertAgreement();
        Assert.Equal(ByteString.CopyOf(renewed.SigningKey.PublicKey), meeting["ann"].MemberAt(meeting["bob"].Self)!.SignatureKey);
        meeting.AssertConversation();
        meeting.JoinExternally("dan", by: "bob");
        meeting.Commit("bob", new CommitOptions());
        meeting.AssertAgreement();
    }

    [Fact]
    public void ThoseOutsideProposeAndThoseInsideCommit()
    {
        CipherSuite suite = TestClients.Suite(2);
        MlsClient service = TestClients.Client(suite, "service");
        var sender = new ExternalSender(ByteString.CopyOf(service.SigningKey.PublicKey), service.Credential);
        using var meeting = new Meeting(2, "ann", extensions: [ExternalSender.ToExtension([sender])]);
        meeting.Add("ann", "bob", "cyn");
        using OwnKeyPackage dan = meeting.Client("dan").CreateKeyPackage(TestClients.Valid);

        meeting.Deliver(null, ExternalProposal.Create(suite, Meeting.Id, meeting["ann"].Epoch, new RemoveProposal(meeting["cyn"].Self), 0, service.SigningKey));
        meeting.Deliver(null, ExternalProposal.AskToJoin(meeting.Client("dan"), Meeting.Id, meeting["ann"].Epoch, dan));
        PendingCommit pending = meeting.Commit("bob", new CommitOptions());
        meeting.Welcome("dan", pending, dan);

        meeting.AssertAgreement();
        Assert.Equal(["ann", "bob", "dan"], meeting.Members.Keys.Order());
        meeting.AssertConversation();
    }

    [Fact]
    public void TheTreeTravelsApartFromTheWelcome()
    {
        using var meeting = new Meeting(2, "ann");
        using OwnKeyPackage bob = meeting.Client("bob").CreateKeyPackage(TestClients.Valid);
        var add = new CommitOptions { Proposals = [new AddProposal(bob.KeyPackage)], TreeInWelcome = false };

        PendingCommit pending = meeting.Commit("ann", add);

        Assert.Same(
            Rules.TreeMissing,
            Group.Join(meeting.Client("bob"), pending.Welcome!, bob, [], new GroupSettings(), TestClients.Time, null, out _));
        meeting.Welcome("bob", pending, bob);
        meeting.AssertAgreement();
    }

    [Fact]
    public void ABranchHasSomeOfTheMembers()
    {
        using var meeting = new Meeting(2, "ann");
        meeting.Add("ann", "bob", "cyn");
        using OwnKeyPackage bob = meeting.Client("bob").CreateKeyPackage(TestClients.Valid);
        using OwnKeyPackage eve = meeting.Client("eve").CreateKeyPackage(TestClients.Valid);

        Assert.Null(meeting["ann"].Branch(ByteString.CopyOf("aside"u8), [bob.KeyPackage], TestClients.Time, out RestartedGroup? branch));
        Assert.Null(branch!.Group.Merge(branch.Commit.Staged, TestClients.Time.Now));
        Welcome welcome = branch.Commit.Welcome!;

        Assert.Same(Rules.RestartFormerMissing, Group.Join(meeting.Client("bob"), welcome, bob, [], new GroupSettings(), TestClients.Time, null, out _));
        Assert.Null(Group.Join(meeting.Client("bob"), welcome, bob, [], new GroupSettings(), TestClients.Time, null, out Group? joined, meeting["bob"]));
        Assert.Equal(Convert.ToHexString(branch.Group.EpochAuthenticator), Convert.ToHexString(joined!.EpochAuthenticator));
        Assert.Same(Rules.RestartMembers, meeting["ann"].Branch(ByteString.CopyOf("aside too"u8), [eve.KeyPackage], TestClients.Time, out _));
    }

    [Fact]
    public void AReInitializedGroupHasAllMembersAndTheAnnouncedParameters()
    {
        using var meeting = new Meeting(2, "ann");
        meeting.Add("ann", "bob");
        CipherSuite next = TestClients.Suite(1);
        ByteString id = ByteString.CopyOf("the next meeting"u8);
        Assert.Same(Rules.RestartNotAnnounced, meeting["ann"].ReInitialize(TestClients.Client(next, "ann"), [], TestClients.Time, out _));

        meeting.Commit("ann", new CommitOptions { Proposals = [new ReInitProposal(id, 1, next.Id, [])] });

        Assert.True(meeting["bob"].IsClosed);
        Assert.Same(Rules.GroupClosed, meeting["bob"].Commit(new CommitOptions(), TestClients.Time, out _));
        using OwnKeyPackage ann = TestClients.Client(next, "ann").CreateKeyPackage(TestClients.Valid);
        Assert.Same(Rules.RestartMembers, meeting["bob"].ReInitialize(TestClients.Client(next, "bob"), [], TestClients.Time, out _));
        Assert.Null(meeting["bob"].ReInitialize(TestClients.Client(next, "bob"), [ann.KeyPackage], TestClients.Time, out RestartedGroup? restarted));
        Assert.Null(restarted!.Group.Merge(restarted.Commit.Staged, TestClients.Time.Now));
        Assert.Null(Group.Join(TestClients.Client(next, "ann"), restarted.Commit.Welcome!, ann, [], new GroupSettings(), TestClients.Time, null, out Group? joined, meeting["ann"]));
        Assert.Equal(Convert.ToHexString(restarted.Group.EpochAuthenticator), Convert.ToHexString(joined!.EpochAuthenticator));
        Assert.Equal(id, joined.GroupId);
    }

    [Fact]
    public void LateMessagesAreReadInTheirOwnEpochUntilItsTimeIsOver()
    {
        var settings = new GroupSettings { PastEpochs = 2, PastEpochLifetime = TimeSpan.FromSeconds(5) };
        using var meeting = new Meeting(2, "ann", settings);
        meeting.Add("ann", "bob", "cyn");
        MlsMessage[] late = [.. Enumerable.Range(0, 3).Select(i => meeting["ann"].Protect([(byte)i]))];
        meeting.Commit("bob", new CommitOptions());
        GroupTime after(double seconds) => TestClients.Time with { Now = TestClients.Time.Now + TimeSpan.FromSeconds(seconds) };

        Assert.Null(meeting["bob"].Receive(late[1], after(1), out Received? received));
        Assert.Equal(1, ((ApplicationMessage)received!).Data.Span[0]);
        Assert.Null(meeting["bob"].Receive(late[0], after(1), out _));
        Assert.Same(Rules.Generation, meeting["bob"].Receive(late[1], after(1), out _));
        Assert.Same(Rules.EpochOther, meeting["bob"].Receive(late[2], after(5), out _));

        Assert.Null(meeting["cyn"].Receive(late[2], after(1), out _));
        meeting["cyn"].ForgetPastEpochs();
        Assert.Same(Rules.EpochOther, meeting["cyn"].Receive(late[1], after(1), out _));
    }

    [Fact]
    public void OurOwnMessageComesBackWithoutHarm()
    {
        using var meeting = new Meeting(2, "ann");
        meeting.Add("ann", "bob");
        MlsMessage said = meeting["ann"].Protect("hello"u8);
        Assert.Null(meeting["ann"].Commit(new CommitOptions(), TestClients.Time, out PendingCommit? pending));

        Assert.Null(meeting["ann"].Receive(Meeting.Through(said), TestClients.Time, out Received? own));
        Assert.Equal(new OwnMessage(ContentType.Application), own);
        Assert.Null(meeting["ann"].Receive(Meeting.Through(pending!.Message), TestClients.Time, out own));
        Assert.Equal(new OwnMessage(ContentType.Commit), own);
        pending.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void UpdatesFillASparseTree(int suite)
    {
        using var meeting = new Meeting(suite, "ann");
        meeting.Add("ann", [.. Enumerable.Range(0, 9).Select(i => $"guest {i}")]);
        foreach (string name in meeting.Members.Keys.ToArray())
        {
            meeting.Commit(name, new CommitOptions { PathWhenBlank = 0.25 });
            meeting.AssertAgreement();
        }

        meeting.AssertConversation();
    }
}
