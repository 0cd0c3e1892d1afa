using RoomAgent.Testing;
using RoomAgent.Wire;

namespace RoomAgent.SFrame.Tests;

public sealed class AllocationTests
{
    private const int Frames = 500;

    public static TheoryData<SFrameCipherSuite> Suites => [.. Enum.GetValues<SFrameCipherSuite>()];

    [Theory]
    [MemberData(nameof(Suites))]
    public void SealingAndOpeningAllocateNothing(SFrameCipherSuite suite)
    {
        using var alice = new Member(0, new KeyringSettings { Suite = suite });
        using var bob = new Member(1, new KeyringSettings { Suite = suite });
        alice.Merge(1);
        bob.Merge(1);
        byte[] text = new byte[1_200];
        byte[] frame = new byte[1_200 + SFrameSizes.LargestOverhead];
        byte[] plaintext = new byte[frame.Length];
        Pass(alice, bob, text, frame, plaintext);

        long allocated = LeastAllocated(_ => Pass(alice, bob, text, frame, plaintext));

        Assert.Equal(0, allocated);
        Assert.Equal((Allocations.Rounds * Frames) + 1, bob.Opener.Count(OpenOutcome.Opened));
        Assert.Equal((Allocations.Rounds * Frames) + 1, bob.Opener.Count(OpenOutcome.Replayed));
    }

    [Fact]
    public void RefusingAndWaitingAllocateNothing()
    {
        using var alice = new Member(0);
        using var bob = new Member(1);
        alice.Merge(1);
        bob.Merge(2);
        var waiting = new WaitingFrames<long>(new WaitingSettings());
        byte[] ahead = bob.Seal(new byte[1_000]);
        byte[] nonsense = [0xff, 0xff];
        byte[] plaintext = new byte[ahead.Length];
        long allocated = LeastAllocated(Wait);

        Assert.Equal(0, allocated);
        Assert.Equal(Allocations.Rounds * Frames, alice.Opener.Count(OpenOutcome.KeyAhead));
        Assert.Equal(Allocations.Rounds * Frames, alice.Opener.Count(OpenOutcome.Malformed));
        Assert.True(waiting.Lost > Frames);

        void Wait(int round)
        {
            Instant now = Member.At(round * 0.02);
            alice.Keys.HandleTimeout(now);
            alice.Opener.Open(nonsense, [], plaintext, out _, out _);
            alice.Opener.Open(ahead, [], plaintext, out SFrameHeader header, out _);
            waiting.TryKeep(1, header.KeyId, ahead, [], round, now);
            waiting.TryTake(alice.Keys, out _);
        }
    }

    private static long LeastAllocated(Action<int> step) => Allocations.FewestOf(round =>
    {
        for (int i = 0; i < Frames; i++)
            step((round * Frames) + i);
    });

    private static void Pass(Member alice, Member bob, byte[] text, byte[] frame, byte[] plaintext)
    {
        alice.Keys.FindSealing(FrameContext.Audio)!.Seal([1, 2, 3], text, frame, out int length);
        bob.Opener.Open(frame.AsSpan(0, length), [1, 2, 3], plaintext, out _, out _);
        bob.Opener.Open(frame.AsSpan(0, length), [1, 2, 3], plaintext, out _, out _);
    }
}
