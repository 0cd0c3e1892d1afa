using RoomAgent.Crypto;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Wire;
using static RoomAgent.SFrame.Tests.Member;

namespace RoomAgent.SFrame.Tests;

/// <summary>When keys come and go.</summary>
public sealed class EpochTests
{
    [Fact]
    public void TheFirstEpochSealsAtOnce()
    {
        using var alice = new Member(0);

        alice.Merge(7);

        Assert.Equal(7UL, alice.Keys.SendEpoch);
    }

    [Fact]
    public void ANewEpochOpensAtOnceAndSealsAfterHalfASecond()
    {
        using Member alice = Merged(0, 1);
        using Member bob = Merged(1, 1);
        alice.Merge(2, at: 10);
        bob.Merge(2, at: 10);
        bob.Keys.HandleAllReady(2);

        Assert.Equal(OpenOutcome.Opened, alice.Open(bob.Seal([1])));
        Assert.Equal(1UL, alice.Keys.SendEpoch);
        Assert.Equal(At(10.5), alice.Keys.PollTimeout());
        alice.Keys.HandleTimeout(At(10.499));
        Assert.Equal(1UL, alice.Keys.SendEpoch);
        alice.Keys.HandleTimeout(At(10.5));
        Assert.Equal(2UL, alice.Keys.SendEpoch);
    }

    [Fact]
    public void ItSealsAsSoonAsAllAreReady()
    {
        using Member alice = Merged(0, 1);
        alice.Merge(2, at: 10);

        alice.Keys.HandleAllReady(3);
        Assert.Equal(1UL, alice.Keys.SendEpoch);
        alice.Keys.HandleAllReady(2 + 256);
        Assert.Equal(1UL, alice.Keys.SendEpoch);
        alice.Keys.HandleAllReady(2);
        Assert.Equal(2UL, alice.Keys.SendEpoch);
        alice.Keys.HandleAllReady(1);
        Assert.Equal(2UL, alice.Keys.SendEpoch);
    }

    [Fact]
    public void ItSealsAtOnceAfterARemoveExceptThatOfAResync()
    {
        using Member alice = Merged(0, 1);

        alice.Merge(2, at: 10, removed: [3], resync: true);
        Assert.Equal(1UL, alice.Keys.SendEpoch);
        alice.Merge(3, at: 10.1, removed: [3]);
        Assert.Equal(3UL, alice.Keys.SendEpoch);
    }

    [Fact]
    public void EpochsInARowDoNotPutTheSwitchOff()
    {
        using Member alice = Merged(0, 0);

        // An epoch each 100 ms: the one that seals follows at a distance of half a second.
        for (ulong epoch = 1; epoch <= 30; epoch++)
        {
            alice.Merge(epoch, at: 10 + (epoch * 0.1));
            Assert.Equal(epoch <= 5 ? 0 : epoch - 5, alice.Keys.SendEpoch);
        }
    }

    [Theory]
    [InlineData(false, 5)]
    [InlineData(true, 2)]
    public void OldKeysOpenForAWhile(bool remove, double seconds)
    {
        using Member alice = Merged(0, 1);
        using Member bob = Merged(1, 1);
        byte[][] frames = [bob.Seal([1]), bob.Seal([2]), bob.Seal([3])];
        alice.Merge(2, at: 10, removed: remove ? [3] : []);

        alice.Keys.HandleTimeout(At(10 + seconds - 0.001));
        Assert.Equal(OpenOutcome.Opened, alice.Open(frames[0]));
        Assert.Equal(At(10 + seconds), alice.Keys.PollTimeout());
        alice.Keys.HandleTimeout(At(10 + seconds));

        Assert.Equal(OpenOutcome.UnknownKey, alice.Open(frames[1]));
        Assert.Equal(1, alice.Keys.HeldEpochs);
    }

    [Fact]
    public void ALaterRemoveShortensTheTimeOfAllOlderKeys()
    {
        using Member alice = Merged(0, 1);
        alice.Merge(2, at: 10);
        alice.Merge(3, at: 12.5);
        alice.Merge(4, at: 12.6, removed: [3]);
        Assert.Equal(4, alice.Keys.HeldEpochs);

        alice.Keys.HandleTimeout(At(14.6));

        Assert.Equal(1, alice.Keys.HeldEpochs);
    }

    [Fact]
    public void ALaterMergeDoesNotLengthenIt()
    {
        using Member alice = Merged(0, 1);
        alice.Merge(2, at: 10, removed: [3]);
        alice.Merge(3, at: 11);

        alice.Keys.HandleTimeout(At(12));

        Assert.Equal(2, alice.Keys.HeldEpochs);
        Assert.Equal(At(16), alice.Keys.PollTimeout());
    }

    [Fact]
    public void NoSettingKeepsThemLongerThanTenSeconds()
    {
        _ = new Member(0, new KeyringSettings { OldKeys = TimeSpan.FromSeconds(10), OldKeysAfterRemove = TimeSpan.FromSeconds(10) });

        Assert.Throws<ArgumentException>(() => new Member(0, new KeyringSettings { OldKeys = TimeSpan.FromSeconds(10.001) }));
        Assert.Throws<ArgumentException>(() => new Member(0, new KeyringSettings { OldKeysAfterRemove = TimeSpan.FromSeconds(11) }));
        Assert.Throws<ArgumentException>(() => new Member(0, new KeyringSettings { OldKeys = TimeSpan.FromSeconds(-1) }));
        Assert.Throws<ArgumentException>(() => new Member(0, new KeyringSettings { SendSwitch = TimeSpan.FromSeconds(3) }));
        Assert.Throws<ArgumentException>(() => new Member(0, new KeyringSettings { KeyLife = TimeSpan.FromMilliseconds(500) }));
        Assert.Throws<ArgumentException>(() => new Member(0, new KeyringSettings { KeyFrames = 0 }));
        Assert.Throws<ArgumentException>(() => new Member(0, new KeyringSettings { KeyFrames = (1L << 32) + 1 }));
        Assert.Throws<ArgumentException>(() => new Member(0, new KeyringSettings { MostOpeningKeys = 0 }));
    }

    [Fact]
    public void A100EpochsInThatTimeAreAllKept()
    {
        using Member alice = Merged(0, 0);
        using Member bob = Merged(1, 0);
        var frames = new List<byte[]>();
        for (ulong epoch = 1; epoch <= 100; epoch++)
        {
            frames.Add(bob.Seal([1]));
            bob.Merge(epoch, at: 10 + (epoch * 0.049));
            bob.Keys.HandleAllReady(epoch);
            alice.Merge(epoch, at: 10 + (epoch * 0.049));
        }

        Assert.Equal(101, alice.Keys.HeldEpochs);
        Assert.All(frames, frame => Assert.Equal(OpenOutcome.Opened, alice.Open(frame)));
    }

    [Fact]
    public void AnOlderEpochWithTheSameLowBitsIsDropped()
    {
        using Member alice = Merged(0, 3);
        using Member bob = Merged(1, 3);
        byte[] old = bob.Seal([1]);
        bob.Merge(3 + 256);
        bob.Keys.HandleAllReady(3 + 256);

        alice.Merge(3 + 256);

        Assert.Equal(1, alice.Keys.HeldEpochs);
        Assert.Equal(3UL + 256, alice.Keys.SendEpoch);
        Assert.Equal(OpenOutcome.Undecryptable, alice.Open(old));
        Assert.Equal(OpenOutcome.Opened, alice.Open(bob.Seal([1])));
    }

    [Fact]
    public void EpochsWrapAroundTheLowBitsWithoutHarm()
    {
        using Member alice = Merged(0, 0);
        using Member bob = Merged(1, 0);

        for (ulong epoch = 1; epoch < 1_000; epoch++)
        {
            // Bob seals with the epoch before until Alice has merged; then with the new one before she is ready.
            byte[] early = bob.Seal([1]);
            alice.Merge(epoch, at: epoch * 0.1);
            bob.Merge(epoch, at: epoch * 0.1);
            Assert.Equal(OpenOutcome.Opened, alice.Open(early));
            bob.Keys.HandleAllReady(epoch);
            Assert.Equal(OpenOutcome.Opened, alice.Open(bob.Seal([2])));
        }

        Assert.Equal(1_998, alice.Opener.Count(OpenOutcome.Opened));
        Assert.InRange(alice.Keys.HeldEpochs, 40, 60);
    }

    [Fact]
    public void ANewGenerationDropsEverything()
    {
        using Member alice = Merged(0, 5);
        using Member bob = Merged(1, 5);
        byte[] frame = bob.Seal([1]);
        SealingKey old = alice.Keys.FindSealing(FrameContext.Audio)!;

        alice.Merge(0, generation: 1);

        Assert.Equal(1, alice.Keys.HeldEpochs);
        Assert.Equal(0UL, alice.Keys.SendEpoch);
        Assert.Equal(SealOutcome.KeyGone, old.Seal([], [1], new byte[100], out _));
        Assert.NotEqual(OpenOutcome.Opened, alice.Open(frame));
        bob.Merge(0, generation: 1);
        Assert.Equal(OpenOutcome.Opened, alice.Open(bob.Seal([1])));
    }

    [Fact]
    public void WhatIsImpossibleIsRefusedAndLeavesTheKeyWithTheCaller()
    {
        using Member alice = Merged(0, 5);
        using Secret baseKey = alice.BaseKey(6);
        var epoch = new FrameEpoch { Number = 6, OwnLeaf = 0, LeafCount = 4 };

        foreach (FrameEpoch impossible in (FrameEpoch[])
        [
            epoch with { LeafCount = 0 },
            epoch with { LeafCount = 1_025 },
            epoch with { OwnLeaf = -1 },
            epoch with { OwnLeaf = 4 },
            epoch with { RemovedLeaves = [-1] },
            epoch with { RemovedLeaves = [1_024] },
            epoch with { IsResync = true },
            epoch with { IsResync = true, RemovedLeaves = [1, 2] },
            epoch with { Number = 5 },
        ])
        {
            Assert.Throws<ArgumentException>(() => alice.Keys.AddEpoch(impossible, baseKey, At(0)));
        }

        foreach (int length in (int[])[0, 16, 31, 33])
            Assert.Throws<ArgumentException>(() => alice.Keys.AddEpoch(epoch, new Secret(length), At(0)));

        Assert.Equal(5UL, alice.Keys.NewestEpoch);
        alice.Keys.AddEpoch(epoch, baseKey, At(0));
        Assert.Throws<ObjectDisposedException>(() => baseKey.Bytes.ToArray());
    }

    [Fact]
    public void WhatGoesIsZeroed()
    {
        var secret = new FrameSecret(OpenSslCrypto.Instance, SFrameCipherSuite.Aes256GcmSha512, new byte[32]);
        var epoch = new HeldEpoch(new FrameEpoch { Number = 1, OwnLeaf = 0, LeafCount = 2 }, secret, new KeyringSettings(), At(0));
        SealingKey sealing = epoch.Sealing(FrameContext.Audio)!;
        OpeningKey opening = epoch.DeriveOpening(KeyId.Of(FrameContext.Audio, 1, 1));
        byte[] frame = new byte[40];
        sealing.Seal([], [1], frame, out int length);
        SFrameHeader.TryRead(frame, out SFrameHeader header);

        epoch.Dispose();

        Assert.Throws<ObjectDisposedException>(() => secret.Value.Bytes.ToArray());
        Assert.Throws<ObjectDisposedException>(() => opening.Open(header, frame.AsSpan(0, length), [], new byte[40], out _));
        Assert.Equal(SealOutcome.KeyGone, sealing.Seal([], [1], frame, out _));
        Assert.Equal(0, epoch.OpeningKeys);
    }

    [Fact]
    public void NothingWaitsWithoutAnEpoch()
    {
        using var alice = new Member(0);
        alice.Keys.HandleTimeout(At(1));

        Assert.Equal(Instant.Never, alice.Keys.PollTimeout());
        Assert.Null(alice.Keys.NewestEpoch);
        Assert.False(alice.Keys.IsNewKeyDue);
    }

    private static Member Merged(int leaf, ulong epoch)
    {
        var member = new Member(leaf);
        member.Merge(epoch);
        return member;
    }
}
