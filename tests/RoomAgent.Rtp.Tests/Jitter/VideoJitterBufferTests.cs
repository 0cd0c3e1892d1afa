using RoomAgent.Rtp.Jitter;
using RoomAgent.Testing;
using RoomAgent.Wire;

namespace RoomAgent.Rtp.Tests.Jitter;

public sealed class VideoJitterBufferTests
{
    private const int FrameMs = 33;
    private const int FrameTicks = FrameMs * 90;

    private readonly VideoJitterBuffer _buffer = new(DelayProfile.VideoOverUdp);

    [Fact]
    public void AFrameIsGivenWholeAndInOrderOnceItIsDue()
    {
        PutPacket(2, 0, ends: true, at: 3);
        PutPacket(0, 0, starts: true, key: true, at: 1);
        PutPacket(1, 0, at: 2);

        Assert.False(_buffer.TryPoll(At(30), out _));
        Assert.InRange((_buffer.PollTimeout - At(0)).TotalMilliseconds, 31, 35);
        Assert.True(_buffer.TryPoll(_buffer.PollTimeout, out VideoFrame frame));

        byte[] content = new byte[frame.Length];
        _buffer.CopyTo(frame, content);
        Assert.Equal([0, 0, 1, 1, 2, 2], content);
        Assert.Equal([1, 1], _buffer.PayloadOf(frame, 1).ToArray());
        Assert.Equal(3, frame.Packets);
        Assert.Equal(0, frame.First.Value);
        Assert.False(_buffer.TryPoll(At(1_000), out _));
    }

    [Fact]
    public void AFrameWithoutItsEndIsNotGiven()
    {
        PutPacket(0, 0, starts: true, key: true);
        PutPacket(1, 0);

        Assert.False(_buffer.TryPoll(At(10_000), out _));
        Assert.Equal(Instant.Never, _buffer.PollTimeout);
    }

    [Fact]
    public void NumbersAndTimestampsWrapWithoutNotice()
    {
        List<uint> given = [];
        for (int i = 0; i < 100; i++)
        {
            PutFrame(65_500 + (3 * i), i, packets: 3, key: i == 0 ? true : false, timestampBase: 0xffff_0000);
            given.AddRange(Poll(FrameMs * i));
        }

        given.AddRange(Poll(FrameMs * 110));
        Assert.Equal(Enumerable.Range(0, 100).Select(i => unchecked(0xffff_0000 + (uint)(FrameTicks * i))), given);
        Assert.Equal(0, _buffer.Counters.Lost + _buffer.Counters.Resets);
    }

    [Fact]
    public void ARepairThatComesInTimeLosesNothing()
    {
        PutFrame(0, 0, packets: 3, key: true);
        Poll(30);
        PutPacket(3, 1, starts: true, key: false, at: 33);
        PutPacket(5, 1, ends: true, at: 33);
        PutFrame(6, 2, packets: 3, key: false);
        Assert.Empty(Poll(170));

        PutPacket(4, 1, repaired: true, at: 180);

        Assert.Equal([1u * FrameTicks, 2u * FrameTicks], Poll(180));
        Assert.False(_buffer.TryPollKeyFrameRequest(At(180)));
    }

    [Fact]
    public void AfterALossThatIsNotRepairedOnlyAKeyFrameIsGiven()
    {
        PutFrame(0, 0, packets: 3, key: true);
        PutFrame(6, 2, packets: 3, key: false);
        PutFrame(9, 3, packets: 3, key: false);

        Assert.Equal([0u], Poll(500));
        Assert.True(_buffer.TryPollKeyFrameRequest(At(500)));
        Assert.False(_buffer.TryPollKeyFrameRequest(At(600)));
        Assert.True(_buffer.TryPollKeyFrameRequest(At(750)));

        PutFrame(12, 20, packets: 3, key: true);
        PutFrame(15, 21, packets: 3, key: false);
        Assert.Equal([20u * FrameTicks, 21u * FrameTicks], Poll(1_000));
        Assert.False(_buffer.TryPollKeyFrameRequest(At(5_000)));
        Assert.Equal(3, _buffer.Counters.Lost);
        Assert.Equal(2, _buffer.Counters.Dropped);
        Assert.Equal(2, _buffer.Counters.KeyFrameRequests);
    }

    [Fact]
    public void AKeyFrameBehindAGapIsNotKeptWaiting()
    {
        PutFrame(0, 0, packets: 3, key: true);
        Poll(60);
        PutFrame(6, 2, packets: 3, key: true);

        Assert.Equal([2u * FrameTicks], Poll((2 * FrameMs) + 31));
        Assert.False(_buffer.TryPollKeyFrameRequest(At(1_000)));
    }

    [Fact]
    public void SealedFramesAreGivenAfterALossToLearnWhatTheyAre()
    {
        PutFrame(0, 0, packets: 3, key: null);
        Assert.True(_buffer.TryPoll(At(60), out VideoFrame first));
        Assert.True(first.AfterLoss);
        _buffer.HandleOutcome(first, decodable: true);

        PutFrame(6, 2, packets: 3, key: null);
        PutFrame(9, 3, packets: 3, key: null);
        Assert.True(_buffer.TryPoll(At(500), out VideoFrame second));
        Assert.True(second.AfterLoss);
        _buffer.HandleOutcome(second, decodable: false);
        Assert.True(_buffer.TryPollKeyFrameRequest(At(500)));

        Assert.True(_buffer.TryPoll(At(500), out VideoFrame third));
        Assert.True(third.AfterLoss);
        _buffer.HandleOutcome(third, decodable: true);
        Assert.False(_buffer.TryPollKeyFrameRequest(At(5_000)));

        PutFrame(12, 4, packets: 3, key: null);
        Assert.True(_buffer.TryPoll(At(600), out VideoFrame fourth));
        Assert.False(fourth.AfterLoss);
    }

    [Fact]
    public void AFrameThatCannotBeOpenedBreaksThoseBehindItAndAnOldOneDoesNot()
    {
        PutFrame(0, 0, packets: 1, key: true);
        Assert.True(_buffer.TryPoll(At(60), out VideoFrame old));
        PutFrame(1, 1, packets: 1, key: true);
        Assert.True(_buffer.TryPoll(At(100), out VideoFrame key));

        _buffer.HandleOutcome(old, decodable: false);
        Assert.False(_buffer.TryPollKeyFrameRequest(At(100)));

        _buffer.HandleOutcome(key, decodable: false);
        Assert.True(_buffer.TryPollKeyFrameRequest(At(100)));
    }

    [Fact]
    public void FramesWithoutBeginningOrEndArePassedOver()
    {
        PutFrame(0, 0, packets: 2, key: true);
        PutPacket(2, 1, ends: true, at: 33);
        PutPacket(3, 2, starts: true, key: false, at: 66);
        PutPacket(4, 3, starts: true, key: false, at: 99);
        PutFrame(5, 4, packets: 1, key: true);

        Assert.Equal([0u, 4u * FrameTicks], Poll(1_000));
        Assert.Equal(0, _buffer.Held);
    }

    [Fact]
    public void AStreamThatBeginsAnewIsFollowed()
    {
        PutFrame(0, 0, packets: 2, key: true);
        Poll(100);

        PutPacket(40_000, 1_000, starts: true, ends: true, key: false, at: 200);
        for (int i = 0; i < 5; i++)
            _buffer.Handle(new SequenceNumber((ushort)(40_001 + i)), new RtpTimestamp((uint)(77_777_777 + (FrameTicks * i))), new VideoPacket(true, true, i == 0), [1], At(233 + (FrameMs * i)));

        Assert.Equal(5, Poll(1_000).Count);
    }

    [Fact]
    public void WithoutAPollTheBufferThrowsAwayAndAsksForAKeyFrame()
    {
        for (int i = 0; i < 1_000; i++)
            PutFrame(3 * i, i, packets: 3, key: i == 0);

        Assert.InRange(_buffer.Held, 1, 1_024);
        Assert.Equal(2, _buffer.Counters.Resets);
        Assert.True(_buffer.TryPollKeyFrameRequest(At(33_000)));
    }

    [Theory]
    [InlineData(true, 30)]
    [InlineData(false, 30)]
    [InlineData(false, 100)]
    public void FivePercentOfLossIsRepairedByAskingAgain(bool open, int roundTripMs)
    {
        var scene = new VideoScene(_buffer, loss: 0.05, roundTrip: TimeSpan.FromMilliseconds(roundTripMs), open);

        scene.Run(TimeSpan.FromMinutes(2));

        Assert.InRange(scene.Decoded, scene.Encoded * 0.97, scene.Encoded);
        Assert.InRange(_buffer.TargetDelay.TotalMilliseconds, 20, 250);
        Assert.InRange(scene.Nack.Repaired, scene.Encoded / 4, scene.Encoded);
    }

    [Fact]
    public void WithoutRepairsKeyFramesKeepThePictureGoing()
    {
        var scene = new VideoScene(_buffer, loss: 0.01, roundTrip: TimeSpan.FromMilliseconds(400), open: false) { AnswersNack = false };

        scene.Run(TimeSpan.FromMinutes(2));

        Assert.InRange(scene.Decoded, scene.Encoded * 0.4, scene.Encoded);
        Assert.InRange(_buffer.Counters.KeyFrameRequests, 10, 2 * 60 * 4);
        Assert.InRange(_buffer.TargetDelay.TotalMilliseconds, 10, 100);
    }

    [Fact]
    public void AFloodOfRandomPacketsStaysBounded()
    {
        var random = new Random(1);
        byte[] payload = new byte[10];
        for (int i = 0; i < 60_000; i++)
        {
            var sequence = new SequenceNumber((ushort)random.Next(i % 3 == 0 ? 65_536 : 2_000));
            var timestamp = new RtpTimestamp((uint)random.NextInt64(i % 2 == 0 ? 1L << 32 : 90_000));
            var packet = new VideoPacket(random.Next(3) == 0, random.Next(3) == 0, random.Next(3) switch { 0 => true, 1 => false, _ => null }, random.Next(2) == 0);
            _buffer.Handle(sequence, timestamp, packet, payload, At(i));
            for (int polls = 0; _buffer.TryPoll(At(i), out VideoFrame frame); polls++)
            {
                Assert.InRange(polls, 0, 1_024);
                _buffer.HandleOutcome(frame, random.Next(2) == 0);
            }

            Assert.InRange(_buffer.Held, 0, 1_024);
        }
    }

    [Fact]
    public void NothingIsAllocatedPerPacketOrFrame()
    {
        byte[] content = new byte[4_000];
        byte[] payload = new byte[1_200];
        int i = 0;
        Round();

        Assert.Equal(0, Allocations.FewestOf(Round));
        Assert.True(_buffer.Counters.Played > 1_900);

        void Round()
        {
            for (int end = i + 500; i < end; i++)
            {
                for (int p = 0; p < 3; p++)
                    _buffer.Handle(new SequenceNumber((ushort)((3 * i) + p)), new RtpTimestamp((uint)(FrameTicks * i)), new VideoPacket(p == 0, p == 2), payload, At(FrameMs * i));
                while (_buffer.TryPoll(At(FrameMs * i), out VideoFrame frame))
                {
                    _buffer.CopyTo(frame, content);
                    _buffer.HandleOutcome(frame, true);
                }
            }
        }
    }

    private void PutFrame(int sequence, int frame, int packets, bool? key, uint timestampBase = 0)
    {
        for (int i = 0; i < packets; i++)
            PutPacket(sequence + i, frame, i == 0, i == packets - 1, key, at: FrameMs * frame, timestampBase: timestampBase);
    }

    private void PutPacket(int sequence, int frame, bool starts = false, bool ends = false, bool? key = null, bool repaired = false, int at = 0, uint timestampBase = 0)
    {
        byte content = (byte)sequence;
        var timestamp = new RtpTimestamp(unchecked(timestampBase + (uint)(FrameTicks * frame)));
        _buffer.Handle(new SequenceNumber((ushort)sequence), timestamp, new VideoPacket(starts, ends, key, repaired), [content, content], At(at));
    }

    private List<uint> Poll(int milliseconds)
    {
        List<uint> given = [];
        while (_buffer.TryPoll(At(milliseconds), out VideoFrame frame))
            given.Add(frame.Timestamp.Value);
        return given;
    }

    private static Instant At(int milliseconds) => new((1_000_000L + milliseconds) * TimeSpan.TicksPerMillisecond);
}
