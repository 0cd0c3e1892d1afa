using FsCheck;
using FsCheck.Fluent;

namespace RoomAgent.SFrame.Tests;

public sealed class ReplayTests
{
    [Fact]
    public void TheWindowSaysWhatASetOfAllCountersWouldSay()
    {
        // Steps small and large, on both sides of the window's size and of a word of 64 bits.
        Gen<int> step = Gen.OneOf(Gen.Choose(-3, 3), Gen.Choose(-70, 70), Gen.Choose(-1_030, 1_030), Gen.Choose(1_020, 5_000));

        Prop.ForAll(step.ListOf(200).ToArbitrary(), steps =>
        {
            var window = new ReplayWindow();
            var seen = new HashSet<ulong>();
            ulong newest = 0;
            long at = 0;
            foreach (int by in steps)
            {
                at = Math.Max(0, at + by);
                ulong counter = (ulong)at;
                bool fresh = !seen.Contains(counter) && (seen.Count == 0 || counter + ReplayWindow.Size > newest);
                if (window.IsFresh(counter) != fresh)
                    return false;
                if (!fresh)
                    continue;

                window.Accept(counter);
                seen.Add(counter);
                newest = Math.Max(newest, counter);
            }

            return true;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void TheWindowEndsWhereTheNumbersEnd()
    {
        var window = new ReplayWindow();
        window.Accept(3);
        window.Accept(ulong.MaxValue - 1);
        window.Accept(ulong.MaxValue);

        Assert.False(window.IsFresh(ulong.MaxValue));
        Assert.False(window.IsFresh(ulong.MaxValue - 1));
        Assert.True(window.IsFresh(ulong.MaxValue - 1_023));
        Assert.False(window.IsFresh(ulong.MaxValue - 1_024));
        Assert.False(window.IsFresh(3));
    }

    [Fact]
    public void AFrameOpensOnceAndTheSecondTimeIsCounted()
    {
        (Member alice, Member bob) = Pair();
        byte[] frame = alice.Seal([1, 2, 3]);

        Assert.Equal(OpenOutcome.Opened, bob.Open(frame));
        Assert.Equal(OpenOutcome.Replayed, bob.Open(frame));
        Assert.Equal(1, bob.Opener.Count(OpenOutcome.Replayed));
    }

    [Fact]
    public void FramesMayComeInAnyOrderWithinTheWindow()
    {
        (Member alice, Member bob) = Pair();
        byte[][] frames = [.. Enumerable.Range(0, 1_025).Select(i => alice.Seal([(byte)i]))];

        Assert.Equal(OpenOutcome.Opened, bob.Open(frames[1_024]));
        Assert.Equal(OpenOutcome.Replayed, bob.Open(frames[0]));
        for (int i = 1_023; i >= 1; i--)
            Assert.Equal(OpenOutcome.Opened, bob.Open(frames[i]));
    }

    [Fact]
    public void AForgedFrameDoesNotMoveTheWindow()
    {
        (Member alice, Member bob) = Pair();
        byte[] first = alice.Seal([1]);
        byte[] second = alice.Seal([2]);
        Assert.Equal(OpenOutcome.Opened, bob.Open(first));
        Assert.True(SFrameHeader.TryRead(second, out SFrameHeader header));

        var ahead = new SFrameHeader(header.KeyId, 1_000_000);
        byte[] forged = [.. new byte[ahead.Length], .. second[header.Length..]];
        ahead.Write(forged);
        Assert.Equal(OpenOutcome.Undecryptable, bob.Open(forged));
        Assert.Equal(OpenOutcome.Undecryptable, bob.Open([.. second[..^1], (byte)(second[^1] ^ 1)]));

        Assert.Equal(OpenOutcome.Opened, bob.Open(second));
    }

    [Fact]
    public void EachContextAndSenderHasItsOwnWindow()
    {
        (Member alice, Member bob) = Pair();
        using var carol = new Member(2);
        carol.Merge(1);

        foreach (FrameContext context in Enum.GetValues<FrameContext>())
        {
            Assert.Equal(OpenOutcome.Opened, bob.Open(alice.Seal([1], context)));
            Assert.Equal(OpenOutcome.Opened, bob.Open(carol.Seal([1], context)));
        }
    }

    private static (Member Alice, Member Bob) Pair()
    {
        var alice = new Member(0);
        var bob = new Member(1);
        alice.Merge(1);
        bob.Merge(1);
        return (alice, bob);
    }
}
