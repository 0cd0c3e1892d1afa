using FsCheck;
using FsCheck.Fluent;
using RoomAgent.Wire;
using static RoomAgent.SFrame.Tests.Member;

namespace RoomAgent.SFrame.Tests;

public sealed class WaitingFramesTests
{
    private const uint Stream = 0xabcd;

    [Fact]
    public void FramesComeOutInTheOrderOfTheirComingWhenTheirEpochIsThere()
    {
        using Member alice = Merged(0);
        using Member bob = Merged(1, epoch: 2);
        var waiting = new WaitingFrames<int>(new WaitingSettings());
        for (int i = 0; i < 20; i++)
            Assert.True(Keep(waiting, alice, bob.Seal([(byte)i], metadata: "m"u8), 10, info: i));
        Assert.False(waiting.TryTake(alice.Keys, out _));

        alice.Merge(2, at: 10.2);

        for (int i = 0; i < 20; i++)
        {
            Assert.True(waiting.TryTake(alice.Keys, out WaitingFrame<int> frame));
            Assert.Equal(Stream, frame.Stream);
            Assert.Equal(i, frame.Info);
            Assert.Equal(OpenOutcome.Opened, alice.Open(frame.Frame.ToArray(), frame.Metadata, out byte[] plaintext));
            Assert.Equal([(byte)i], plaintext);
        }

        Assert.False(waiting.TryTake(alice.Keys, out _));
        Assert.Equal((0, 20, 0, 0), (waiting.Waiting, waiting.Taken, waiting.Lost, waiting.Refused));
        Assert.Equal(Instant.Never, waiting.PollTimeout());
    }

    [Fact]
    public void FramesOfALaterEpochWaitOn()
    {
        using Member alice = Merged(0);
        using Member bob = Merged(1, epoch: 2);
        using Member carol = Merged(2, epoch: 3);
        var waiting = new WaitingFrames<int>(new WaitingSettings());
        for (int i = 0; i < 10; i++)
        {
            Keep(waiting, alice, bob.Seal([(byte)i]), 10, info: i);
            Keep(waiting, alice, carol.Seal([(byte)i]), 10, info: 100 + i, stream: 7);
        }

        alice.Merge(2, at: 10.1);
        Assert.Equal(Enumerable.Range(0, 10), TakeAll(waiting, alice));
        alice.Merge(3, at: 10.2);
        Assert.Equal(Enumerable.Range(100, 10), TakeAll(waiting, alice));
    }

    [Fact]
    public void AfterItsTimeAFrameIsLostAndCounted()
    {
        using Member alice = Merged(0);
        using Member bob = Merged(1, epoch: 2);
        var waiting = new WaitingFrames<int>(new WaitingSettings());
        Keep(waiting, alice, bob.Seal([1]), 10);
        Keep(waiting, alice, bob.Seal([1]), 10.1);

        Assert.Equal(At(10.3), waiting.PollTimeout());
        waiting.HandleTimeout(At(10.2999));
        Assert.Equal(2, waiting.Waiting);
        waiting.HandleTimeout(At(10.3));
        Assert.Equal((1, 1), (waiting.Waiting, waiting.Lost));
        Assert.Equal(At(10.4), waiting.PollTimeout());
        waiting.Clear();

        Assert.Equal((0, 2), (waiting.Waiting, waiting.Lost));
        alice.Merge(2, at: 11);
        Assert.False(waiting.TryTake(alice.Keys, out _));
    }

    [Fact]
    public void AStreamKeepsItsFirst64Frames()
    {
        using Member alice = Merged(0);
        using Member bob = Merged(1, epoch: 2);
        var waiting = new WaitingFrames<int>(new WaitingSettings());

        for (int i = 0; i < 70; i++)
            Assert.Equal(i < 64, Keep(waiting, alice, bob.Seal([1]), 10, info: i));
        Assert.True(Keep(waiting, alice, bob.Seal([1]), 10, info: 99, stream: 1));

        Assert.Equal(6, waiting.Refused);
        alice.Merge(2, at: 10);
        Assert.Equal([.. Enumerable.Range(0, 64), 99], TakeAll(waiting, alice));
    }

    [Fact]
    public void ThereAreOnlySoManyStreamsAndBytes()
    {
        using Member alice = Merged(0);
        var waiting = new WaitingFrames<int>(new WaitingSettings { Streams = 3, Bytes = 100 });
        KeyId ahead = KeyId.Of(FrameContext.Audio, 1, 2);

        Assert.False(waiting.TryKeep(0, ahead, new byte[101], [], 0, At(0)));
        Assert.False(waiting.TryKeep(0, ahead, new byte[60], new byte[41], 0, At(0)));
        Assert.False(waiting.TryKeep(0, ahead, [], [], 0, At(0)));
        for (uint stream = 0; stream < 3; stream++)
            Assert.True(waiting.TryKeep(stream, ahead, new byte[20], [], 0, At(0)));
        Assert.False(waiting.TryKeep(3, ahead, new byte[20], [], 0, At(0)));
        Assert.True(waiting.TryKeep(2, ahead, new byte[40], [], 0, At(0)));
        Assert.False(waiting.TryKeep(2, ahead, new byte[1], [], 0, At(0)));
        Assert.Equal(5, waiting.Refused);

        // What is over makes room, for another stream too.
        Assert.True(waiting.TryKeep(3, ahead, new byte[100], [], 0, At(0.3)));
        Assert.Equal((1, 4), (waiting.Waiting, waiting.Lost));
    }

    [Fact]
    public void WhateverComesAndGoesEachFrameComesOutUnchangedOrIsCounted()
    {
        // Frames of two epochs and many lengths go in; now and then time passes or an epoch arrives. A plain list is the oracle.
        Prop.ForAll(Gen.Choose(0, 400).ListOf(300).ToArbitrary(), steps =>
        {
            using Member alice = Merged(0);
            var waiting = new WaitingFrames<int>(new WaitingSettings { Streams = 4, FramesOfAStream = 8, Bytes = 2_000 });
            var expected = new List<(int Info, ulong Epoch, Instant Until)>();
            ulong merged = 1;
            Instant now = At(0);
            int next = 0;
            long lost = 0;
            foreach (int step in steps)
            {
                now += TimeSpan.FromMilliseconds(20);
                if (step < 10)
                {
                    alice.Merge(++merged, at: now.Ticks / (double)TimeSpan.TicksPerSecond);
                    expected.RemoveAll(frame => frame.Until <= now && ++lost > 0);
                    waiting.HandleTimeout(now);
                    int[] due = [.. expected.Where(frame => frame.Epoch <= merged).Select(frame => frame.Info)];
                    expected.RemoveAll(frame => frame.Epoch <= merged);
                    if (!due.SequenceEqual(TakeAll(waiting, alice)))
                        return false;
                    continue;
                }

                expected.RemoveAll(frame => frame.Until <= now && ++lost > 0);
                ulong epoch = merged + 1 + (ulong)(step % 2);
                byte[] bytes = [.. Enumerable.Repeat((byte)next, step)];
                if (waiting.TryKeep((uint)(step % 4), KeyId.Of(FrameContext.Camera, 1, epoch), bytes, [], next, now))
                    expected.Add((next, epoch, now + TimeSpan.FromMilliseconds(300)));
                next++;
            }

            return waiting.Waiting == expected.Count && waiting.Lost == lost;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void SettingsOutsideTheirRangeAreOurMistake()
    {
        foreach (WaitingSettings settings in (WaitingSettings[])
        [
            new() { Wait = TimeSpan.FromTicks(-1) },
            new() { FramesOfAStream = 0 },
            new() { Streams = 0 },
            new() { Bytes = 0 },
        ])
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => new WaitingFrames<int>(settings));
        }
    }

    private static List<int> TakeAll(WaitingFrames<int> waiting, Member member)
    {
        List<int> infos = [];
        while (waiting.TryTake(member.Keys, out WaitingFrame<int> frame))
        {
            infos.Add(frame.Info);

            // In the property each frame consists of the low byte of its number.
            if (frame.Frame.Length > 1 && frame.Frame.IndexOfAnyExcept(frame.Frame[0]) < 0)
                Assert.Equal((byte)frame.Info, frame.Frame[0]);
        }

        return infos;
    }

    private static bool Keep(WaitingFrames<int> waiting, Member member, byte[] frame, double at, int info = 0, uint stream = Stream)
    {
        OpenOutcome outcome = member.Opener.Open(frame, "m"u8, new byte[frame.Length], out SFrameHeader header, out _);
        Assert.Equal(OpenOutcome.KeyAhead, outcome);
        return waiting.TryKeep(stream, header.KeyId, frame, "m"u8, info, At(at));
    }

    private static Member Merged(int leaf, ulong epoch = 1)
    {
        var member = new Member(leaf);
        member.Merge(epoch);
        return member;
    }
}
