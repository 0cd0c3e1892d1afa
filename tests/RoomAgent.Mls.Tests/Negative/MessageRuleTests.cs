using RoomAgent.Wire;
using static RoomAgent.Mls.Tests.TestClients;

namespace RoomAgent.Mls.Tests.Negative;

/// <summary>Rules of messages (RFC 9420 section 6), each broken by one who has all keys of a member.</summary>
public sealed class MessageRuleTests : IDisposable
{
    private readonly Room _room = Room.Of("alice", "bob", "carol");

    private Member Alice => _room[0];

    private Member Bob => _room[1];

    private Member Carol => _room[2];

    [Fact]
    public void OnlyMessagesInsideAGroupAreReceived()
    {
        using OwnKeyPackage keyPackage = Client(_room.Suite, "dave").CreateKeyPackage(Valid);

        Room.Refuses(Rules.MessageKind, MlsMessage.Of(keyPackage.KeyPackage), Alice);
        Room.Refuses(Rules.MessageKind, MlsMessage.Of(Bob.Group.CreateGroupInfo()), Alice);
    }

    [Fact]
    public void AMessageForAnotherGroupIsRefused()
    {
        FramedContent framed = Forge.Framed(Bob, new RemoveProposal(Carol.Leaf));

        _room.Refuses(Rules.GroupOther, Bob, Forge.Public(Bob, framed with { GroupId = ByteString.CopyOf("rook"u8) }));
        _room.Propose(Bob, Forge.Public(Bob, framed));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public void AHandshakeForAnotherEpochIsRefused(int step)
    {
        FramedContent framed = Forge.Framed(Bob, new RemoveProposal(Carol.Leaf));

        _room.Refuses(Rules.EpochOther, Bob, Forge.Public(Bob, framed with { Epoch = Bob.Group.Epoch + (ulong)step }));
        _room.Propose(Bob, Forge.Public(Bob, framed));
    }

    [Fact]
    public void AnEncryptedHandshakeOfAPastEpochIsRefusedWhereDataOfItIsRead()
    {
        byte[] proposal = Forge.Plaintext(Bob, new RemoveProposal(Carol.Leaf));
        var handshake = MlsMessage.Of(Forge.Private(Bob, Bob.Leaf, 0, ContentType.Proposal, proposal));
        MlsMessage data = Bob.Group.Protect("late"u8);
        _room.Commit(Carol, new CommitOptions { ForcePath = true });

        _room.Refuses(Rules.EpochOther, Bob, handshake);
        Assert.Null(Alice.Group.Receive(data, Time, out Received? received));
        Assert.Equal("late"u8, Assert.IsType<ApplicationMessage>(received).Data.Span);
    }

    [Fact]
    public void AMessageOfAnEpochThatIsNotKeptIsRefused()
    {
        MlsMessage data = Bob.Group.Protect("late"u8);
        _room.Commit(Carol, new CommitOptions { ForcePath = true });
        Alice.Group.ForgetPastEpochs();

        Room.Refuses(Rules.EpochOther, data, Alice);
    }

    [Fact]
    public void AMessageOfAPastEpochIsVerifiedByTheTreeOfThatEpoch()
    {
        MlsMessage ofBob = Bob.Group.Protect("from bob"u8);
        var forged = MlsMessage.Of(Forge.Private(Carol, Bob.Leaf, 1, ContentType.Application, Forge.Plaintext(Carol, ByteString.CopyOf("from dave"u8), Sender.Member(Bob.Leaf))));
        using OwnKeyPackage dave = Client(_room.Suite, "dave").CreateKeyPackage(Valid);

        // Dave takes the place of Bob, whose late message is still Bob's.
        LeafIndex place = Bob.Leaf;
        _room.Commit(Alice, new CommitOptions { Proposals = [new RemoveProposal(Bob.Leaf), new AddProposal(dave.KeyPackage)] });
        Assert.Equal("dave"u8, Alice.Group.MemberAt(place)!.Credential.Identity.Span);

        Room.Refuses(Rules.MessageSignature, forged, Alice);
        Assert.Null(Alice.Group.Receive(ofBob, Time, out Received? received));
        Assert.Equal("bob"u8, Assert.IsType<ApplicationMessage>(received).Leaf.Credential.Identity.Span);
    }

    [Fact]
    public void AMemberThatWasRemovedIsNotHeardInTheNextEpoch()
    {
        LeafIndex place = Carol.Leaf;
        _room.Commit(Alice, new CommitOptions { Proposals = [new RemoveProposal(place)] });

        // Even if it knew the secrets of the new epoch.
        _room.Refuses(Rules.SenderUnknown, Bob, Forge.Public(Bob, Forge.Framed(Bob, new RemoveProposal(default), Sender.Member(place))));
    }

    [Theory]
    [InlineData(3u)]
    [InlineData(4u)]
    [InlineData(uint.MaxValue)]
    public void ASenderWithoutALeafIsRefused(uint leaf)
    {
        var nobody = new LeafIndex(leaf);

        _room.Refuses(Rules.SenderUnknown, Bob, Forge.Public(Bob, Forge.Framed(Bob, new RemoveProposal(Carol.Leaf), Sender.Member(nobody))));
        if (leaf < Alice.Group.Secrets().State.Tree.Leaves)
            _room.Refuses(Rules.SenderUnknown, Bob, MlsMessage.Of(Forge.Private(Bob, nobody, 0, ContentType.Application, Forge.Plaintext(Bob, ByteString.Empty, Sender.Member(nobody)))));
        else
            _room.Refuses(Rules.Generation, Bob, MlsMessage.Of(Forge.Private(Bob, nobody, 0, ContentType.Application, Forge.Plaintext(Bob, ByteString.Empty, Sender.Member(nobody)))));
    }

    [Fact]
    public void AnExternalSenderThatIsNotListedIsRefused()
    {
        MlsMessage unlisted = Forge.Public(Bob, Forge.Framed(Bob, new RemoveProposal(Carol.Leaf), new Sender(SenderType.External, 0)));
        _room.Refuses(Rules.SenderUnknown, Bob, unlisted);

        Extension senders = ExternalSender.ToExtension([new ExternalSender(ByteString.CopyOf(Bob.Client.SigningKey.PublicKey), Bob.Client.Credential)]);
        _room.Commit(Alice, new CommitOptions { Proposals = [new GroupContextExtensionsProposal([senders])] });

        _room.Refuses(Rules.SenderUnknown, Bob, Forge.Public(Bob, Forge.Framed(Bob, new RemoveProposal(Carol.Leaf), new Sender(SenderType.External, 1))));
        _room.Refuses(Rules.MessageSignature, Bob, Forge.Public(Bob, Forge.Framed(Bob, new RemoveProposal(Carol.Leaf), new Sender(SenderType.External, 0)), key: Carol.Client.SigningKey));
        _room.Propose(Bob, Forge.Public(Bob, Forge.Framed(Bob, new RemoveProposal(Carol.Leaf), new Sender(SenderType.External, 0))));
    }

    [Fact]
    public void AMemberCannotSpeakForTheOneAtLeafZero()
    {
        FramedContent framed = Forge.Framed(Bob, new RemoveProposal(Carol.Leaf), Sender.Member(default));

        Room.Refuses(Rules.MessageSignature, Forge.Public(Bob, framed), Carol);
        Assert.Null(Carol.Group.Receive(Forge.Public(Alice, framed), Time, out Received? received));
        Assert.Equal(0u, Assert.IsType<ProposalMessage>(received).Sender.Index);
    }

    [Fact]
    public void AMemberCannotPassItsMessageOffAsOurOwn()
    {
        // The membership key is everybody's: without the signature anyone could tell us that our own commit was accepted.
        PendingCommit pending = Room.Make(Alice, new CommitOptions());
        MlsMessage forged = Forge.Public(Bob, Forge.Framed(Bob, ((Commit)pending.Message.PublicMessage!.Content.Content.Content) with { Path = null }, Sender.Member(Alice.Leaf)));

        Room.Refuses(Rules.MessageSignature, forged, Alice);
        Assert.Null(Alice.Group.Receive(pending.Message, Time, out Received? received));
        Assert.IsType<OwnMessage>(received);
        pending.Dispose();
    }

    [Fact]
    public void AChangedContentIsRefusedThoughItsTagFits()
    {
        PublicMessage genuine = Bob.Group.Propose(new RemoveProposal(Carol.Leaf)).PublicMessage!;
        AuthenticatedContent content = genuine.Content;
        AuthenticatedContent changed = content with { Content = content.Content with { Content = new RemoveProposal(Alice.Leaf) } };

        _room.Refuses(Rules.MessageSignature, Bob, MlsMessage.Of(Forge.Tag(Bob, changed)));
        _room.Refuses(Rules.MessageSignature, Bob, MlsMessage.Of(Forge.Tag(Bob, content with { Signature = default })));
        _room.Propose(Bob, MlsMessage.Of(genuine));
    }

    [Fact]
    public void AMembershipTagThatDoesNotFitIsRefusedAtAnyLength()
    {
        PublicMessage genuine = Bob.Group.Propose(new RemoveProposal(Carol.Leaf)).PublicMessage!;
        byte[] tag = genuine.MembershipTag.ToArray();
        byte[] flipped = [.. tag];
        flipped[^1] ^= 1;

        _room.Refuses(Rules.MembershipTag, Bob, MlsMessage.Of(genuine with { MembershipTag = ByteString.Owning(flipped) }));
        _room.Refuses(Rules.MembershipTag, Bob, MlsMessage.Of(genuine with { MembershipTag = ByteString.Owning([.. tag, 0]) }));
        for (int length = 0; length < tag.Length; length++)
            _room.Refuses(Rules.MembershipTag, Bob, MlsMessage.Of(genuine with { MembershipTag = ByteString.CopyOf(tag.AsSpan(0, length)) }));

        _room.Propose(Bob, MlsMessage.Of(genuine));
    }

    [Fact]
    public void ApplicationDataInThePublicIsRefused()
    {
        _room.Refuses(Rules.ApplicationInPublic, Bob, Forge.Public(Bob, Forge.Framed(Bob, ByteString.CopyOf("data"u8))));
        _room.Refuses(Rules.ApplicationInPublic, Bob, Forge.Public(Bob, Forge.Framed(Bob, ByteString.CopyOf("data"u8), new Sender(SenderType.NewMemberProposal, 0))));
    }

    [Fact]
    public void ThoseOutsideSendOnlyWhatTheyMay()
    {
        Commit withoutPath = new([], null);
        var remove = new RemoveProposal(Carol.Leaf);

        _room.Refuses(Rules.ContentSender, Bob, Forge.Public(Bob, Forge.Framed(Bob, withoutPath, new Sender(SenderType.External, 0)), ByteString.CopyOf("tag"u8)));
        _room.Refuses(Rules.ContentSender, Bob, Forge.Public(Bob, Forge.Framed(Bob, withoutPath, new Sender(SenderType.NewMemberProposal, 0)), ByteString.CopyOf("tag"u8)));
        _room.Refuses(Rules.ContentSender, Bob, Forge.Public(Bob, Forge.Framed(Bob, withoutPath, new Sender(SenderType.NewMemberCommit, 0)), ByteString.CopyOf("tag"u8)));
        _room.Refuses(Rules.ContentSender, Bob, Forge.Public(Bob, Forge.Framed(Bob, remove, new Sender(SenderType.NewMemberCommit, 0))));
        _room.Refuses(Rules.ContentSender, Bob, Forge.Public(Bob, Forge.Framed(Bob, remove, new Sender(SenderType.NewMemberProposal, 0))));
    }

    [Fact]
    public void SenderDataThatDoesNotDecryptIsRefused()
    {
        MlsMessage message = Bob.Group.Protect("data"u8);
        PrivateMessage genuine = message.PrivateMessage!;

        _room.Refuses(Rules.SenderData, Bob, MlsMessage.Of(genuine with { EncryptedSenderData = Flip(genuine.EncryptedSenderData, 0) }));
        _room.Refuses(Rules.SenderData, Bob, MlsMessage.Of(genuine with { EncryptedSenderData = default }));
        _room.Refuses(Rules.SenderData, Bob, MlsMessage.Of(genuine with { EncryptedSenderData = ByteString.CopyOf(genuine.EncryptedSenderData.Span[..^1]) }));
        _room.Refuses(Rules.SenderData, Bob, MlsMessage.Of(genuine with { Ciphertext = Flip(genuine.Ciphertext, 0) }));
        AssertRead(Alice, message, "data"u8);
    }

    [Fact]
    public void AMessageIsReadOnce()
    {
        MlsMessage message = Bob.Group.Protect("data"u8);
        AssertRead(Alice, message, "data"u8);

        Room.Refuses(Rules.Generation, message, Alice);
        AssertRead(Alice, Bob.Group.Protect("more"u8), "more"u8);
    }

    [Fact]
    public void AGenerationTooFarAheadIsRefused()
    {
        uint ahead = RatchetWindow.Default.Ahead;
        byte[] plaintext = Forge.Plaintext(Bob, ByteString.CopyOf("data"u8));

        _room.Refuses(Rules.Generation, Bob, MlsMessage.Of(Forge.Private(Bob, Bob.Leaf, ahead + 1, ContentType.Application, plaintext)));
        AssertRead(Alice, MlsMessage.Of(Forge.Private(Bob, Bob.Leaf, ahead, ContentType.Application, plaintext)), "data"u8);
    }

    [Fact]
    public void AGenerationFurtherBackThanIsKeptIsRefused()
    {
        MlsMessage[] messages = [.. Enumerable.Range(0, RatchetWindow.Default.Skipped + 2).Select(i => Bob.Group.Protect([(byte)i]))];
        AssertRead(Alice, messages[^1], [(byte)(messages.Length - 1)]);

        Room.Refuses(Rules.Generation, messages[0], Alice);
        AssertRead(Alice, messages[1], [1]);
    }

    [Fact]
    public void AContentThatDoesNotDecryptIsRefused()
    {
        MlsMessage message = Bob.Group.Protect("data"u8, "in the open"u8);
        PrivateMessage genuine = message.PrivateMessage!;

        _room.Refuses(Rules.MessageDecryption, Bob, MlsMessage.Of(genuine with { Ciphertext = Flip(genuine.Ciphertext, genuine.Ciphertext.Length - 1) }));
        _room.Refuses(Rules.MessageDecryption, Bob, MlsMessage.Of(genuine with { AuthenticatedData = ByteString.CopyOf("in the opera"u8) }));
        AssertRead(Alice, message, "data"u8);
    }

    [Fact]
    public void AForgedMessageFarAheadDoesNotCostTheKeysOfTheTrueOnes()
    {
        MlsMessage[] messages = [.. Enumerable.Range(0, 3).Select(i => Bob.Group.Protect([(byte)i]))];
        PrivateMessage far = Forge.Private(Carol, Bob.Leaf, 900, ContentType.Application, [1, 2, 3]);
        var undecryptable = MlsMessage.Of(Forge.Private(Carol, Bob.Leaf, 900, ContentType.Application, [1, 2, 3], reuseGuard: 1)
            with { Ciphertext = Flip(far.Ciphertext, far.Ciphertext.Length - 1) });
        byte[] signedByCarol = Forge.Plaintext(Carol, ByteString.CopyOf("data"u8), Sender.Member(Bob.Leaf));

        Assert.NotNull(Alice.Group.Receive(undecryptable, Time, out _));
        Room.Refuses(Rules.MessageEncoding, MlsMessage.Of(far), Alice);
        Room.Refuses(Rules.MessageSignature, MlsMessage.Of(Forge.Private(Carol, Bob.Leaf, 900, ContentType.Application, signedByCarol)), Alice);
        Room.Refuses(Rules.MessageSignature, MlsMessage.Of(Forge.Private(Carol, Bob.Leaf, 0, ContentType.Application, signedByCarol)), Alice);

        for (int i = 0; i < messages.Length; i++)
            AssertRead(Alice, messages[i], [(byte)i]);
    }

    [Fact]
    public void AContentThatIsNotOneIsRefused()
    {
        byte[] good = Forge.Plaintext(Bob, ByteString.CopyOf("data"u8));
        byte[] proposal = Forge.Plaintext(Bob, new RemoveProposal(Carol.Leaf));

        _room.Refuses(Rules.MessageEncoding, Bob, MlsMessage.Of(Forge.Private(Bob, Bob.Leaf, 0, ContentType.Application, [])));
        _room.Refuses(Rules.MessageEncoding, Bob, MlsMessage.Of(Forge.Private(Bob, Bob.Leaf, 1, ContentType.Application, [.. good, 0, 1])));
        _room.Refuses(Rules.MessageEncoding, Bob, MlsMessage.Of(Forge.Private(Bob, Bob.Leaf, 2, ContentType.Application, good[..^1])));
        _room.Refuses(Rules.MessageEncoding, Bob, MlsMessage.Of(Forge.Private(Bob, Bob.Leaf, 3, ContentType.Commit, proposal)));
        AssertRead(Alice, MlsMessage.Of(Forge.Private(Bob, Bob.Leaf, 4, ContentType.Application, [.. good, .. new byte[1000]])), "data"u8);
    }

    [Fact]
    public void OurOwnPrivateMessageIsNotDecrypted()
    {
        MlsMessage message = Bob.Group.Protect("data"u8);
        Epoch epoch = Bob.Group.Secrets();

        Assert.Same(Rules.OwnMessage, MessageProtection.Unprotect(_room.Suite, epoch.Secrets.SenderDataSecret, epoch.Messages, Bob.Leaf, message.PrivateMessage!, out _, out _));
        Assert.Null(Bob.Group.Receive(message, Time, out Received? received));
        Assert.Equal(ContentType.Application, Assert.IsType<OwnMessage>(received).ContentType);
    }

    [Fact]
    public void NoMoreProposalsAreKeptThanTheSettingsAllow()
    {
        using Room room = Room.Of(Suite(1), ["alice", "bob"], settings: new GroupSettings { MaxProposals = 2 });
        MlsMessage[] proposals = [.. Enumerable.Range(0, 3).Select(i => room[1].Group.Propose(new RemoveProposal(default), [(byte)i]))];
        room.Propose(room[1], proposals[0]);
        room.Propose(room[1], proposals[1]);

        room.Refuses(Rules.TooManyProposals, room[1], proposals[2]);
        room.Propose(room[1], proposals[1]);
    }

    [Fact]
    public void AGroupThatIsClosedTakesAndMakesNothing()
    {
        MlsMessage late = Bob.Group.Protect("late"u8);
        _room.Commit(Alice, new CommitOptions { Proposals = [new ReInitProposal(ByteString.CopyOf("new"u8), 1, _room.Suite.Id, [])] });

        Assert.True(Bob.Group.IsClosed);
        Assert.Same(Rules.GroupClosed, Carol.Group.Receive(late, Time, out Received? received));
        Assert.Null(received);
        Assert.Same(Rules.GroupClosed, Carol.Group.Commit(new CommitOptions(), Time, out PendingCommit? pending));
        Assert.Null(pending);
        Assert.Throws<InvalidOperationException>(() => Carol.Group.Protect("data"u8));
        Assert.Throws<InvalidOperationException>(() => Carol.Group.ProposeUpdate());
    }

    [Fact]
    public void AStagedCommitIsMergedOnceAndInItsEpoch()
    {
        PendingCommit early = Room.Make(Bob, new CommitOptions());
        PendingCommit dropped = Room.Make(Bob, new CommitOptions());
        dropped.Dispose();
        Assert.Same(Rules.StaleCommit, Bob.Group.Merge(dropped.Staged, Time.Now));
        PendingCommit accepted = Room.Make(Alice, new CommitOptions());
        _room.Accept(Alice, accepted);

        Assert.Same(Rules.StaleCommit, Bob.Group.Merge(early.Staged, Time.Now));
        Assert.Same(Rules.StaleCommit, Alice.Group.Merge(accepted.Staged, Time.Now));
        early.Dispose();
        _room.AssertAgreement();
        _room.Commit(Bob, new CommitOptions());
    }

    [Fact]
    public void DroppingACommitThatLostLeavesTheKeysOfTheOneThatWon()
    {
        // Two members commit the same update of a third, which stages both.
        MlsMessage update = Carol.Group.ProposeUpdate();
        _room.Propose(Carol, update);
        PendingCommit winner = Room.Make(Alice, new CommitOptions());
        PendingCommit loser = Room.Make(Bob, new CommitOptions());
        Assert.Null(Carol.Group.Receive(loser.Message, Time, out Received? received));
        StagedCommit lost = Assert.IsType<CommitMessage>(received).Staged;
        Assert.Single(lost.Updated);

        _room.Accept(Alice, winner);
        lost.Dispose();
        loser.Dispose();

        _room.Commit(Bob, new CommitOptions());
        _room.Commit(Carol, new CommitOptions());
    }

    public void Dispose() => _room.Dispose();

    private static void AssertRead(Member reader, MlsMessage message, ReadOnlySpan<byte> data)
    {
        Refusal? refusal = reader.Group.Receive(Room.Wire(message), Time, out Received? received);
        Assert.True(refusal is null, refusal?.ToString());
        Assert.Equal(data, Assert.IsType<ApplicationMessage>(received).Data.Span);
    }

    private static ByteString Flip(ByteString bytes, int at)
    {
        byte[] changed = bytes.ToArray();
        changed[at] ^= 1;
        return ByteString.Owning(changed);
    }
}
