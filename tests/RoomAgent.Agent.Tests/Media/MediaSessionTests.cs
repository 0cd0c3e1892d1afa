using RoomAgent.Agent.Media;
using RoomAgent.Rtp;
using RoomAgent.Rtp.Srtp;
using RoomAgent.SFrame;
using RoomAgent.Testing;

namespace RoomAgent.Agent.Tests.Media;

/// <summary>The media of a meeting between frames and datagrams (REQUIREMENTS B01, B05, B08, B21).</summary>
public sealed class MediaSessionTests
{
    private static readonly byte[] s_sound = [.. Enumerable.Repeat((byte)0x5a, 160)];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AFrameAllocatesNothingOnceTheStreamsAreHeard(bool sealsPackets)
    {
        using var pair = new Pair(sealsPackets);
        byte[] picture = new byte[6_000];
        Run(500);
        (int pictures, int sounds) = (pair.Pictures, pair.Sounds);

        long allocated = Allocations.FewestOf(() => Run(500));

        Assert.Equal(0, allocated);
        Assert.InRange(pair.Pictures - pictures, Allocations.Rounds * 245, Allocations.Rounds * 255);
        Assert.InRange(pair.Sounds - sounds, Allocations.Rounds * 490, Allocations.Rounds * 510);

        void Run(int rounds)
        {
            for (int i = 0; i < rounds; i++)
            {
                pair.SendSound(s_sound);
                if (i % 2 == 0)
                    pair.SendPicture(picture, isKeyFrame: i == 0);
                for (int step = 0; step < 4; step++)
                    pair.Step();
                pair.Play();
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void NoDatagramIsLargerThanTheLargest(bool sealsPackets)
    {
        using var pair = new Pair(sealsPackets);
        var random = new Random(3);
        int sent = 0;
        for (int length = 1; length < 60_000; length += 1 + (length < 5_000 ? 7 : 4_999))
        {
            byte[] picture = new byte[length];
            random.NextBytes(picture);
            sent += pair.SendPicture(picture, isKeyFrame: true) == SendOutcome.Sent ? 1 : 0;
            pair.SendSound(picture.AsSpan(0, Math.Min(length, 1_275)));
            for (int i = 0; i < 20; i++)
                pair.Step();
        }

        Assert.InRange(pair.LargestDatagram, pair.Settings.LargestDatagram - 60, pair.Settings.LargestDatagram);
        Assert.True(sent > 600);
        Assert.InRange(pair.Pictures, sent - 3, sent);
    }

    [Fact]
    public void WhatDoesNotFitIntoTheQueueIsRefusedWholeAndTheNextIsToBeAKeyFrame()
    {
        using var pair = new Pair(settings: new MediaSettings { PacketsWaiting = 10 });

        Assert.Equal(SendOutcome.Sent, pair.SendPicture(new byte[6_000], isKeyFrame: true));
        Assert.False(pair.Sender.IsKeyFrameWanted(FrameContext.Camera));
        Assert.Equal(SendOutcome.Congested, pair.SendPicture(new byte[6_000]));
        Assert.True(pair.Sender.IsKeyFrameWanted(FrameContext.Camera));
        Assert.Equal(1, pair.Sender.Counters.Congested);

        for (int i = 0; i < 100; i++)
            pair.Step();
        Assert.Equal(SendOutcome.Sent, pair.SendPicture(new byte[100]));
        Assert.True(pair.Sender.IsKeyFrameWanted(FrameContext.Camera));
        Assert.Equal(SendOutcome.Sent, pair.SendPicture(new byte[100], isKeyFrame: true));
        Assert.False(pair.Sender.IsKeyFrameWanted(FrameContext.Camera));
    }

    [Fact]
    public void OnANewPathTheRateBeginsAnewAndWhatWaitedIsForgotten()
    {
        using var pair = new Pair(settings: new MediaSettings { StartBitRate = 1_000_000 });
        pair.SendPicture(new byte[6_000], isKeyFrame: true);
        pair.Loses = true;
        for (int i = 0; i < 100; i++)
        {
            pair.SendPicture(new byte[6_000], isKeyFrame: true);
            pair.Step(30);
        }

        Assert.True(pair.Sender.TargetBitRate < 500_000, $"{pair.Sender.TargetBitRate}");
        int seen = pair.Pictures;
        pair.Loses = false;
        pair.Sender.HandleNewPath();

        Assert.Equal(1_000_000, pair.Sender.TargetBitRate);
        Assert.True(pair.Sender.IsKeyFrameWanted(FrameContext.Camera));
        pair.SendPicture(new byte[6_000], isKeyFrame: true);
        for (int i = 0; i < 40; i++)
            pair.Step();
        Assert.Equal(1, pair.Pictures - seen);
    }

    [Fact]
    public void WhoSendsNothingReportsOnANewPathAtOnceSoThatTheNodeReachesIt()
    {
        using var pair = new Pair();
        int sent = 0;
        pair.Tap = _ => sent++;
        pair.Step();
        Assert.Equal(1, sent);
        for (int i = 0; i < 20; i++)
            pair.Step();
        Assert.Equal(1, sent);

        pair.Sender.HandleNewPath();

        pair.Step(1);
        Assert.Equal(2, sent);
        for (int i = 0; i < 20; i++)
            pair.Step();
        Assert.Equal(2, sent);
    }

    [Fact]
    public void AfterAFrameThatIsTooLargeTheNextIsToBeAKeyFrame()
    {
        using var pair = new Pair(settings: new MediaSettings { LargestFrame = 5_000 });
        pair.SendPicture(new byte[100], isKeyFrame: true);

        Assert.Equal(SendOutcome.TooLarge, pair.SendPicture(new byte[5_000]));

        Assert.True(pair.Sender.IsKeyFrameWanted(FrameContext.Camera));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void WithoutAKeyNothingIsSentAtAll(bool sealsPackets)
    {
        using var pair = new Pair(sealsPackets, hasKeys: false);
        int media = 0;
        pair.Tap = datagram => media += datagram[1] is >= 192 and <= 223 ? 0 : 1;

        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(SendOutcome.NoKey, pair.SendPicture(new byte[3_000], isKeyFrame: true));
            Assert.Equal(SendOutcome.NoKey, pair.SendSound(s_sound));
            pair.Step();
        }

        Assert.Equal(0, media);
        Assert.Equal(200, pair.Sender.Counters.Unsealed);
        Assert.True(pair.Sender.IsKeyFrameWanted(FrameContext.Camera));
        Assert.Equal(SendOutcome.NoTrack, pair.Sender.SendPicture(FrameContext.ContentVideo, new byte[10], isKeyFrame: true, default, default));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void NothingThatIsSentContainsTheFrame(bool sealsPackets)
    {
        using var pair = new Pair(sealsPackets);
        int seen = 0;
        int datagrams = 0;
        pair.Tap = datagram =>
        {
            datagrams++;
            seen += datagram.AsSpan().IndexOf(s_sound.AsSpan(0, 8)) >= 0 ? 1 : 0;
        };
        byte[] picture = [.. Enumerable.Repeat((byte)0x5a, 5_000)];

        for (int i = 0; i < 100; i++)
        {
            pair.SendPicture(picture, isKeyFrame: true);
            pair.SendSound(s_sound);
            pair.Step(20);
        }

        Assert.Equal(0, seen);
        Assert.True(datagrams > 500);
    }

    [Fact]
    public void ANewEpochWantsAKeyFrame()
    {
        using var pair = new Pair();
        pair.SendPicture(new byte[100], isKeyFrame: true);
        Assert.False(pair.Sender.IsKeyFrameWanted(FrameContext.Camera));

        pair.Merge(2);
        for (int i = 0; i < 200; i++)
            pair.Step();
        pair.SendPicture(new byte[100]);
        Assert.True(pair.Sender.IsKeyFrameWanted(FrameContext.Camera));

        pair.SendPicture(new byte[100], isKeyFrame: true);
        Assert.False(pair.Sender.IsKeyFrameWanted(FrameContext.Camera));
    }

    [Fact]
    public void ANodeThatInventsSourcesFindsNoMorePlaceThanThereIs()
    {
        using var pair = new Pair();
        using SrtpSender node = pair.Node();
        byte[] packet = new byte[100];
        for (uint i = 0; i < 20_000; i++)
        {
            var header = new RtpHeader { PayloadType = i % 2 == 0 ? Pair.Types.Audio : Pair.Types.Video, Sequence = new SequenceNumber(1), Ssrc = new Ssrc(5_000_000 + i) };
            header = header with { Length = header.Write(packet) };
            Assert.True(node.TryProtect(packet, header, [0xc0, 1, 2, 3], out int length));
            pair.Receiver.HandleDatagram(packet.AsSpan(0, length), pair.Now);
        }

        Assert.Equal(pair.Settings.Voices, pair.Receiver.Streams.Count(stream => !stream.IsVideo));
        Assert.Equal(pair.Settings.VideoStreams, pair.Receiver.Streams.Count(stream => stream.IsVideo));
        Assert.Equal(20_000 - pair.Settings.Voices - pair.Settings.VideoStreams, pair.Receiver.Counters.NoPlace + pair.Receiver.Counters.NotOpened);
    }

    [Fact]
    public void AllThatALargeMeetingSendsOneAfterTheOtherIsHeard()
    {
        // 200 speakers, each with a stream and its retransmissions, in one session.
        using var pair = new Pair(settings: new MediaSettings { Voices = 1, StreamIdle = TimeSpan.FromMilliseconds(1) });
        using SrtpSender node = pair.Node();
        byte[] packet = new byte[100];
        for (uint i = 0; i < 400; i++)
        {
            var header = new RtpHeader { PayloadType = Pair.Types.Audio, Sequence = new SequenceNumber(1), Ssrc = new Ssrc(5_000_000 + i) };
            header = header with { Length = header.Write(packet) };
            node.TryProtect(packet, header, [0xc0, 1, 2, 3], out int length);
            pair.Now += TimeSpan.FromMilliseconds(2);
            pair.Receiver.HandleDatagram(packet.AsSpan(0, length), pair.Now);
        }

        Assert.Equal(0, pair.Receiver.Counters.NotOpened);
        Assert.Equal(0, pair.Receiver.Counters.NoPlace);
    }

    [Fact]
    public void WhatIsNotFromTheNodeIsCountedAndDropped()
    {
        using var pair = new Pair();
        var random = new Random(1);
        byte[] bytes = new byte[1_500];
        for (int length = 0; length < 1_500; length++)
        {
            random.NextBytes(bytes);
            pair.Receiver.HandleDatagram(bytes.AsSpan(0, length), pair.Now);
        }

        Assert.Empty(pair.Receiver.Streams);
        Assert.Equal(1_500, pair.Receiver.Counters.Malformed + pair.Receiver.Counters.NotOpened);
    }
}
