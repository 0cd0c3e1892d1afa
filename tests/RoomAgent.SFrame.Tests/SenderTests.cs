namespace RoomAgent.SFrame.Tests;

/// <summary>Whose frames are listened to, and what a stranger can make us do.</summary>
public sealed class SenderTests
{
    /// <summary>A20: what was sealed after the removal does not open with what the leaver has, nor are its own frames heard.</summary>
    [Fact]
    public void WhoIsRemovedNeitherHearsNorIsHeard()
    {
        using Member alice = Merged(0);
        using Member bob = Merged(1);
        using Member mallory = Merged(2);
        Assert.Equal(OpenOutcome.Opened, alice.Open(mallory.Seal([1])));
        byte[] inFlight = mallory.Seal([2]);

        alice.Merge(2, at: 10, removed: [2]);
        bob.Merge(2, at: 10, removed: [2]);

        Assert.Equal(OpenOutcome.KeyAhead, mallory.Open(alice.Seal([3])));
        Assert.Equal(OpenOutcome.RemovedSender, alice.Open(inFlight));
        Assert.Equal(OpenOutcome.RemovedSender, alice.Open(mallory.Seal([4], FrameContext.Audio)));
        Assert.Equal(OpenOutcome.Opened, bob.Open(alice.Seal([5])));
        Assert.Equal(2, alice.Opener.Count(OpenOutcome.RemovedSender));
    }

    [Fact]
    public void TheOthersAreStillHeardInTheOldEpochAfterARemove()
    {
        using Member alice = Merged(0);
        using Member bob = Merged(1);
        byte[] frame = bob.Seal([1]);

        alice.Merge(2, at: 10, removed: [2]);

        Assert.Equal(OpenOutcome.Opened, alice.Open(frame));
    }

    [Fact]
    public void ALeafThatIsFilledAgainIsHeardInTheNewEpochOnly()
    {
        using Member alice = Merged(0);
        using Member leaver = Merged(2);
        using var joiner = new Member(2);
        alice.Merge(2, at: 10, removed: [2]);
        joiner.Merge(2, at: 10);

        Assert.Equal(OpenOutcome.Opened, alice.Open(joiner.Seal([1])));
        Assert.Equal(OpenOutcome.RemovedSender, alice.Open(leaver.Seal([1])));
    }

    [Fact]
    public void ALeafBeyondAnOlderTreeMayBeRemoved()
    {
        using Member alice = Merged(0);
        alice.LeafCount = 8;
        alice.Merge(2, at: 10);
        alice.LeafCount = 4;

        alice.Merge(3, at: 10, removed: [7]);

        Assert.Equal(3, alice.Keys.HeldEpochs);
    }

    [Fact]
    public void OurOwnFramesAreNotTakenForThoseOfAnother()
    {
        using Member alice = Merged(0);

        Assert.Equal(OpenOutcome.OwnFrame, alice.Open(alice.Seal([1])));
    }

    [Theory]
    [InlineData(4UL << 18)] // no such context
    [InlineData((4UL << 18) | (1 << 8) | 1)]
    [InlineData(ulong.MaxValue)]
    [InlineData((4UL << 8) | 1)] // no such leaf
    [InlineData((1_023UL << 8) | 1)]
    [InlineData((3UL << 8) | 0)] // the epoch before, not held
    [InlineData((3UL << 8) | 0x81)] // 128 ahead counts as behind
    public void AKeyIdThatNobodyHasDerivesNothing(ulong keyId)
    {
        using Member alice = Merged(0);
        byte[] frame = Named(new KeyId(keyId));

        Assert.Equal(OpenOutcome.UnknownKey, alice.Open(frame));
        Assert.Equal(0, alice.Keys.OpeningKeys);
        Assert.False(alice.Keys.IsAhead(new KeyId(keyId)));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(100)]
    [InlineData(128)]
    public void AnEpochThatLiesAheadMayStillCome(byte epoch)
    {
        using Member alice = Merged(0);
        var keyId = new KeyId((3UL << 8) | epoch);

        Assert.Equal(OpenOutcome.KeyAhead, alice.Open(Named(keyId)));
        Assert.True(alice.Keys.IsAhead(keyId));
        Assert.Equal(0, alice.Keys.OpeningKeys);
    }

    [Fact]
    public void BeforeTheFirstEpochAllLieAhead()
    {
        using var alice = new Member(0);

        Assert.Equal(OpenOutcome.KeyAhead, alice.Open(Named(KeyId.Of(FrameContext.Audio, 3, 200))));
        alice.Keys.Dispose();
        Assert.Equal(OpenOutcome.UnknownKey, alice.Open(Named(KeyId.Of(FrameContext.Audio, 3, 200))));
    }

    [Fact]
    public void FramesOfAStrangerFillNoMemory()
    {
        using var alice = new Member(0, leafCount: 1_024);
        using var bob = new Member(1, leafCount: 1_024);
        alice.Merge(1);
        bob.Merge(1);
        Assert.Equal(OpenOutcome.Opened, alice.Open(bob.Seal([1])));
        byte[] replayed = bob.Seal([2]);
        Assert.Equal(OpenOutcome.Opened, alice.Open(replayed));

        for (int leaf = 2; leaf < 1_024; leaf++)
            Assert.Equal(OpenOutcome.Undecryptable, alice.Open(Named(KeyId.Of(FrameContext.Camera, leaf, 1))));

        // The key of one who was heard stays, and remembers what it has opened.
        Assert.Equal(1 + 64, alice.Keys.OpeningKeys);
        Assert.Equal(OpenOutcome.Replayed, alice.Open(replayed));
        Assert.Equal(OpenOutcome.Opened, alice.Open(bob.Seal([3])));
    }

    [Fact]
    public void ASenderWhoseKeyHadToGiveWayIsHeardAgain()
    {
        using var alice = new Member(0, leafCount: 1_024);
        using var bob = new Member(1, leafCount: 1_024);
        alice.Merge(1);
        bob.Merge(1);
        byte[] frame = bob.Seal([1]);
        Assert.Equal(OpenOutcome.Undecryptable, alice.Open([.. frame[..^1], (byte)(frame[^1] ^ 1)]));
        for (int leaf = 2; leaf < 102; leaf++)
            alice.Open(Named(KeyId.Of(FrameContext.Camera, leaf, 1)));

        Assert.Equal(OpenOutcome.Opened, alice.Open(frame));
    }

    [Fact]
    public void MoreSendersThanTheSettingAllowsAreRefusedAndCounted()
    {
        var settings = new KeyringSettings { MostOpeningKeys = 2 };
        using var alice = new Member(0, settings);
        Member[] others = [.. Enumerable.Range(1, 3).Select(leaf => new Member(leaf, settings))];
        alice.Merge(1);
        foreach (Member other in others)
            other.Merge(1);

        Assert.Equal(OpenOutcome.Opened, alice.Open(others[0].Seal([1])));
        Assert.Equal(OpenOutcome.Opened, alice.Open(others[1].Seal([1])));
        Assert.Equal(OpenOutcome.TooManyKeys, alice.Open(others[2].Seal([1])));
        Assert.Equal(OpenOutcome.Opened, alice.Open(others[0].Seal([2])));
        Assert.Equal(1, alice.Opener.Count(OpenOutcome.TooManyKeys));

        // With the epoch go its keys.
        alice.Merge(2, at: 1);
        alice.Keys.HandleTimeout(Member.At(10));
        others[2].Merge(2);
        others[2].Keys.HandleAllReady(2);
        Assert.Equal(OpenOutcome.Opened, alice.Open(others[2].Seal([2])));
    }

    [Fact]
    public void TooShortAPlaintextBufferIsOurMistakeAndCostsNoFrame()
    {
        using Member alice = Merged(0);
        using Member bob = Merged(1);
        byte[] frame = bob.Seal([1, 2, 3]);

        Assert.Throws<ArgumentException>(() => alice.Opener.Open(frame, [], new byte[2], out _, out _));
        Assert.Equal(OpenOutcome.Opened, alice.Open(frame));
    }

    private static byte[] Named(KeyId keyId)
    {
        var header = new SFrameHeader(keyId, 5);
        byte[] frame = new byte[header.Length + 40];
        header.Write(frame);
        return frame;
    }

    private static Member Merged(int leaf)
    {
        var member = new Member(leaf);
        member.Merge(1);
        return member;
    }
}
