using System.Runtime.CompilerServices;
using FsCheck;
using FsCheck.Fluent;

namespace RoomAgent.SFrame.Tests;

public sealed class SealingTests
{
    /// <summary>B07: whatever happens in between, no pair of KID and counter comes twice under one base key.</summary>
    [Fact]
    public void ACounterNeverComesTwiceUnderOneKey()
    {
        // A step seals in one of the four contexts, merges an epoch (with or without a Remove), lets time pass, or hears that all are ready.
        Prop.ForAll(Gen.Choose(0, 9).ListOf().ToArbitrary(), steps =>
        {
            using var alice = new Member(0, new KeyringSettings { KeyFrames = 5 });
            var seen = new HashSet<(ulong Epoch, KeyId, ulong)>();
            ulong epoch = 0;
            double now = 0;
            alice.Merge(epoch);
            foreach (int step in steps)
            {
                switch (step)
                {
                    case 4:
                    case 5:
                        alice.Merge(++epoch, now, step == 5 ? [3] : []);
                        break;
                    case 6:
                        alice.Keys.HandleTimeout(Member.At(now += 0.3));
                        break;
                    case 7:
                        alice.Keys.HandleAllReady(epoch);
                        break;
                    default:
                        SealingKey key = alice.Keys.FindSealing((FrameContext)(step % 4))!;
                        byte[] frame = new byte[100];
                        if (key.Seal([], [1, 2, 3], frame, out int length) != SealOutcome.Sealed)
                            break;
                        SFrameHeader.TryRead(frame.AsSpan(0, length), out SFrameHeader header);
                        if (!seen.Add((key.Epoch, header.KeyId, header.Counter)))
                            return false;
                        break;
                }
            }

            return true;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void CountersStartAtZeroInEachEpochAndContextAndCountUp()
    {
        using var alice = new Member(0);

        for (ulong epoch = 1; epoch < 4; epoch++)
        {
            alice.Merge(epoch);
            alice.Keys.HandleAllReady(epoch);
            foreach (FrameContext context in Enum.GetValues<FrameContext>())
            {
                for (ulong counter = 0; counter < 20; counter++)
                {
                    Assert.True(SFrameHeader.TryRead(alice.Seal([1], context), out SFrameHeader header));
                    Assert.Equal(counter, header.Counter);
                    Assert.Equal(KeyId.Of(context, 0, epoch), header.KeyId);
                }
            }
        }
    }

    [Fact]
    public void AllLayersOfAContextShareOneKeyObject()
    {
        using var alice = new Member(0);
        alice.Merge(1);

        SealingKey first = alice.Keys.FindSealing(FrameContext.Camera)!;
        alice.Seal([1]);

        Assert.Same(first, alice.Keys.FindSealing(FrameContext.Camera));
        Assert.NotSame(first, alice.Keys.FindSealing(FrameContext.ContentVideo));
        Assert.Equal(1UL, first.FramesSealed);
    }

    [Fact]
    public void AnEpochThatWasAddedCannotBeAddedAgain()
    {
        using var alice = new Member(0);
        alice.Merge(5);
        alice.Merge(6, at: 1);
        alice.Keys.HandleTimeout(Member.At(100));
        Assert.Equal(1, alice.Keys.HeldEpochs);

        Assert.Throws<ArgumentException>(() => alice.Merge(6, at: 100));
        Assert.Throws<ArgumentException>(() => alice.Merge(5, at: 100));
        Assert.Throws<ArgumentException>(() => alice.Merge(4, at: 100));

        alice.Merge(0, at: 100, generation: 1);
        Assert.Throws<ArgumentException>(() => alice.Merge(7, at: 100, generation: 0));
        Assert.Equal(0UL, alice.Keys.NewestEpoch);
    }

    [Fact]
    public void AtTheLastCounterItRefusesAndSaysSo()
    {
        using var alice = new Member(0, new KeyringSettings { KeyFrames = 4 });
        alice.Merge(1);
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal(i > 2, alice.Keys.IsNewKeyDue);
            alice.Seal([1]);
        }

        SealOutcome outcome = alice.Keys.FindSealing(FrameContext.Camera)!.Seal([], [1], new byte[100], out int written);

        Assert.Equal(SealOutcome.KeyUsedUp, outcome);
        Assert.Equal(0, written);
        Assert.True(alice.Keys.IsNewKeyDue);
        alice.Seal([1], FrameContext.Audio);
        alice.Merge(2);
        alice.Keys.HandleAllReady(2);
        Assert.False(alice.Keys.IsNewKeyDue);
        alice.Seal([1]);
    }

    [Fact]
    public void ByDefaultThatIsAt32Bits()
    {
        using var alice = new Member(0);
        using var bob = new Member(1);
        alice.Merge(1);
        bob.Merge(1);
        SealingKey key = alice.Keys.FindSealing(FrameContext.Camera)!;
        CounterOf(key) = uint.MaxValue;

        byte[] last = alice.Seal([1, 2, 3]);

        Assert.Equal(OpenOutcome.Opened, bob.Open(last));
        Assert.Equal(SealOutcome.KeyUsedUp, key.Seal([], [1], new byte[100], out _));
        Assert.Equal(SealOutcome.KeyUsedUp, key.Seal([], [1], new byte[100], out _));
        Assert.Equal(1UL << 32, key.FramesSealed);
    }

    [Fact]
    public void AKeyThatWasReplacedSealsNoMore()
    {
        using var alice = new Member(0);
        alice.Merge(1);
        SealingKey old = alice.Keys.FindSealing(FrameContext.Camera)!;
        alice.Merge(2);
        alice.Keys.HandleAllReady(2);

        byte[] frame = new byte[100];
        Assert.Equal(SealOutcome.KeyGone, old.Seal([], [1], frame, out int written));
        Assert.Equal(0, written);
        Assert.All(frame, value => Assert.Equal(0, value));
    }

    [Fact]
    public void AnEpochThatIsTooOldSealsNoMore()
    {
        using var alice = new Member(0, new KeyringSettings { KeyLife = TimeSpan.FromHours(1) });
        alice.Merge(1);
        Assert.Equal(Member.At(1_800), alice.Keys.PollTimeout());

        alice.Keys.HandleTimeout(Member.At(1_800));
        Assert.True(alice.Keys.IsNewKeyDue);
        alice.Seal([1]);
        Assert.Equal(Member.At(3_600), alice.Keys.PollTimeout());
        alice.Keys.HandleTimeout(Member.At(3_600));

        Assert.Null(alice.Keys.FindSealing(FrameContext.Camera));
        Assert.Equal(Wire.Instant.Never, alice.Keys.PollTimeout());
        alice.Merge(2, at: 3_601);
        Assert.False(alice.Keys.IsNewKeyDue);
        Assert.Equal(2UL, alice.Keys.FindSealing(FrameContext.Camera)!.Epoch);
    }

    [Fact]
    public void MistakesOfOursAreExceptionsAndUseNoCounterUp()
    {
        using var alice = new Member(0);
        alice.Merge(1);
        SealingKey key = alice.Keys.FindSealing(FrameContext.Camera)!;
        byte[] memory = new byte[200];

        Assert.Throws<ArgumentException>(() => key.Seal([], new byte[20], new byte[key.SealedLength(20) - 1], out _));
        Assert.Throws<ArgumentException>(() => key.Seal([], memory.AsSpan(0, 20), memory, out _));
        Assert.Throws<ArgumentException>(() => key.Seal([], memory.AsSpan(10, 20), memory, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => alice.Keys.FindSealing((FrameContext)4));

        Assert.Equal(0UL, key.FramesSealed);
    }

    [Fact]
    public void WithoutAnEpochNothingIsSealed()
    {
        using var alice = new Member(0);
        Assert.Null(alice.Keys.FindSealing(FrameContext.Audio));

        alice.Merge(1);
        SealingKey key = alice.Keys.FindSealing(FrameContext.Audio)!;
        alice.Keys.Dispose();

        Assert.Null(alice.Keys.FindSealing(FrameContext.Audio));
        Assert.Equal(SealOutcome.KeyGone, key.Seal([], [1], new byte[100], out _));
        Assert.Throws<ObjectDisposedException>(() => alice.Merge(2));
        Assert.Equal(Wire.Instant.Never, alice.Keys.PollTimeout());
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_counter")]
    private static extern ref ulong CounterOf(SealingKey key);
}
