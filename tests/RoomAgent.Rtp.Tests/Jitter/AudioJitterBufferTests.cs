using RoomAgent.Rtp.Jitter;
using RoomAgent.Rtp.Tests.Bandwidth;
using RoomAgent.Testing;
using RoomAgent.Wire;

namespace RoomAgent.Rtp.Tests.Jitter;

public sealed class AudioJitterBufferTests
{
    private const int FrameMs = 20;
    private static readonly byte[] s_payload = new byte[80];

    private readonly AudioJitterBuffer _buffer = new(DelayProfile.AudioOverUdp);

    [Fact]
    public void PacketsComeOutInOrderAfterTheDelay()
    {
        Put(0, 0);
        Assert.Equal(["-", "-"], Pulls(0, 2));

        Put(2, 38);
        Put(1, 39);
        Assert.Equal(["0", "1", "2", "c"], Pulls(40, 4));
        Assert.Equal(3, _buffer.Counters.Played);
    }

    [Fact]
    public void ALostPacketIsConcealedInItsPlace()
    {
        foreach (int i in new[] { 0, 1, 3, 4 })
            Put(i, FrameMs * i);

        Assert.Equal(["0", "1", "c", "3", "4"], Pulls(40, 5));
        Assert.Equal(1, _buffer.Counters.Lost);
        Assert.Equal(1, _buffer.Counters.Concealed);
    }

    [Fact]
    public void AFrameThatIsMissingComesWithThePacketBehindIt()
    {
        foreach (int i in new[] { 0, 3, 4 })
            _buffer.Handle(new SequenceNumber((ushort)i), new RtpTimestamp((uint)(960 * i)), [(byte)i, 7], At(FrameMs * i));
        _buffer.Pull(At(80));

        AudioFrame first = _buffer.Pull(At(100));
        AudioFrame second = _buffer.Pull(At(120));
        byte[] behind = second.Payload.ToArray();

        Assert.Equal((AudioPlayout.Conceal, 0), (first.Playout, first.Payload.Length));
        Assert.Equal(AudioPlayout.Conceal, second.Playout);
        Assert.Equal([3, 7], behind);
        Assert.Equal([3, 7], _buffer.Pull(At(140)).Payload.ToArray());
    }

    [Fact]
    public void ALatePacketAndADuplicateAreCountedApart()
    {
        foreach (int i in new[] { 0, 1, 3 })
            Put(i, FrameMs * i);
        Pulls(40, 4);

        Put(2, 110);
        Put(3, 110);

        Assert.Equal(1, _buffer.Counters.Late);
        Assert.Equal(1, _buffer.Counters.Duplicates);
        Assert.Equal(0, _buffer.Held);
    }

    [Fact]
    public void TheDelayGrowsAtOnceWithALatePacketAndShrinksSlowly()
    {
        for (int i = 0; i < 200; i++)
            Put(i, FrameMs * i);
        TimeSpan calm = _buffer.TargetDelay;

        Put(200, (FrameMs * 200) + 150);
        TimeSpan alarmed = _buffer.TargetDelay;
        for (int i = 201; i < 251; i++)
            Put(i, FrameMs * i);
        TimeSpan soon = _buffer.TargetDelay;
        for (int i = 251; i < 2_000; i++)
            Put(i, FrameMs * i);

        Assert.Equal(20, calm.TotalMilliseconds);
        Assert.InRange(alarmed.TotalMilliseconds, 150, 160);
        Assert.InRange(soon.TotalMilliseconds, 110, 145);
        Assert.InRange(_buffer.TargetDelay.TotalMilliseconds, 20, 25);
        Assert.InRange(_buffer.Counters.Adaptations, 2, 100);
    }

    [Fact]
    public void SilenceIsNoLossAndSetsTheDelayRight()
    {
        // Discontinuous transmission: numbers go on, the media time leaps.
        Put(0, 0);
        Put(1, FrameMs);
        Assert.Equal(["0", "1", "c", "c", "c", "c", "c", "-", "-"], Pulls(40, 9));

        _buffer.Handle(new SequenceNumber(2), new RtpTimestamp(50 * 960), s_payload, At(1_000));

        Assert.Equal(["-", "2"], Pulls(1_000, 2));
        Assert.Equal(0, _buffer.Counters.Lost);
    }

    [Fact]
    public void AfterAnHourOfMuteItGoesOn()
    {
        Put(0, 0);
        Pulls(0, 100);

        _buffer.Handle(new SequenceNumber(1), new RtpTimestamp(960), s_payload, At(3_600_000));

        Assert.Contains("1", Pulls(3_600_000, 10));
    }

    [Fact]
    public void AStreamThatBeginsAnewIsFollowed()
    {
        for (int i = 0; i < 10; i++)
            Put(i, FrameMs * i);
        Pulls(200, 10);

        for (int i = 0; i < 10; i++)
            _buffer.Handle(new SequenceNumber((ushort)(40_000 + i)), new RtpTimestamp((uint)(0x8000_0000 + (960 * i))), s_payload, At(400 + (FrameMs * i)));

        Assert.Contains("40009", Pulls(600, 20));
        Assert.InRange(_buffer.Counters.Resets, 1, 2);
    }

    [Fact]
    public void WithoutAPlayerTheBufferThrowsAwayAndBeginsAnew()
    {
        for (int i = 0; i < 1_000; i++)
            Put(i, FrameMs * i);

        Assert.InRange(_buffer.Held, 1, 256);
        Assert.Equal(3, _buffer.Counters.Resets);
    }

    [Fact]
    public void APlayerThatStoodStillIsBroughtBackToTheTarget()
    {
        for (int i = 0; i < 100; i++)
            Put(i, FrameMs * i);

        string[] pulled = Pulls(2_000, 1);

        Assert.InRange(int.Parse(pulled[0]), 96, 99);
        Assert.InRange(_buffer.CurrentDelay.TotalMilliseconds, 0, 60);
    }

    [Fact]
    public void LosingAShareWaitsForRepairsThatComeInTime()
    {
        _buffer.HandleRoundTrip(TimeSpan.FromMilliseconds(40));
        TimeSpan calm = _buffer.TargetDelay;
        for (int i = 0; i < 300; i++)
        {
            if (i % 20 != 7)
                Put(i, FrameMs * i);
        }

        Assert.InRange((_buffer.TargetDelay - calm).TotalMilliseconds, 40, 100);

        _buffer.HandleRoundTrip(TimeSpan.FromMilliseconds(200));
        Assert.InRange(_buffer.TargetDelay.TotalMilliseconds, 20, 40);

        _buffer.HandleRoundTrip(TimeSpan.FromMilliseconds(40));
        Assert.InRange(_buffer.TargetDelay.TotalMilliseconds, 60, 140);
        for (int i = 300; i < 900; i++)
            Put(i, FrameMs * i);
        Assert.Equal(20, _buffer.TargetDelay.TotalMilliseconds);
    }

    [Fact]
    public void AnotherTransportHasOtherLimits()
    {
        for (int i = 0; i < 100; i++)
            Put(i, FrameMs * i);

        _buffer.Profile = DelayProfile.AudioOverStream;
        Assert.InRange(_buffer.TargetDelay.TotalMilliseconds, 60, 120);

        _buffer.Profile = DelayProfile.AudioOverUdp;
        for (int i = 100; i < 1_000; i++)
            Put(i, FrameMs * i);
        Assert.Equal(20, _buffer.TargetDelay.TotalMilliseconds);
    }

    [Theory]
    [InlineData(200, 24)]
    [InlineData(-200, 6)]
    public void ADayWithADriftingClockKeepsTheDelay(int partsPerMillion, int hours)
    {
        // The sender's clock is off by so much; the player stretches by one percent when told to.
        var time = new VirtualTime();
        var random = new Random(1);
        Instant start = time.Now;
        Instant nextPacket = start;
        Instant nextPull = start;
        double packetMs = FrameMs * (1 + (partsPerMillion / 1e6));
        int sent = 0;
        double worst = 0;
        long played = 0;

        while (time.Now - start < TimeSpan.FromHours(hours))
        {
            time.JumpTo(Instant.Min(nextPacket, nextPull));
            if (time.Now == nextPacket)
            {
                _buffer.Handle(new SequenceNumber((ushort)(sent + 60_000)), new RtpTimestamp(0xffff_0000 + (uint)(sent * 960L)), s_payload, time.Now);
                sent++;
                nextPacket = start + TimeSpan.FromMilliseconds((packetMs * sent) + random.Next(6));
                continue;
            }

            AudioFrame frame = _buffer.Pull(time.Now);
            double pace = frame.Stretch switch { AudioStretch.Faster => 0.99, AudioStretch.Slower => 1.01, _ => 1 };
            nextPull = time.Now + (TimeSpan.FromMilliseconds(FrameMs) * pace);
            if (frame.Playout == AudioPlayout.Play && ++played > 1_000)
                worst = Math.Max(worst, Math.Abs((_buffer.CurrentDelay - _buffer.TargetDelay).TotalMilliseconds));
        }

        Assert.InRange(worst, 0, 25);
        Assert.Equal(0, _buffer.Counters.Dropped + _buffer.Counters.Lost + _buffer.Counters.Late + _buffer.Counters.Resets);
        Assert.InRange(_buffer.Counters.Concealed, 0, 10);
        Assert.InRange(sent - played, 0, 10);
    }

    [Fact]
    public void JitterLossAndReorderingAreRiddenOut()
    {
        // 40 ms of jitter, 3 % lost, 2 % doubled, for ten minutes.
        var link = new SimulatedLink<int>(1) { Jitter = TimeSpan.FromMilliseconds(40), Loss = 0.03, Duplication = 0.02 };
        var time = new VirtualTime();
        const int Frames = 30_000;
        Instant nextFrame = time.Now;
        List<int> played = [];
        for (int sent = 0; sent < Frames;)
        {
            time.JumpTo(Instant.Min(link.NextArrival, nextFrame));
            while (link.TryReceive(time.Now, out int frame))
                _buffer.Handle(new SequenceNumber((ushort)frame), new RtpTimestamp((uint)(frame * 960)), s_payload, time.Now);
            if (time.Now < nextFrame)
                continue;

            link.Send(sent++, 80, time.Now);
            nextFrame += TimeSpan.FromMilliseconds(FrameMs);
            AudioFrame pulled = _buffer.Pull(time.Now);
            if (pulled.Playout == AudioPlayout.Play)
                played.Add((int)(pulled.Timestamp.Value / 960));
        }

        JitterCounters counters = _buffer.Counters;
        Assert.Equal(played.Order().Distinct(), played);
        Assert.InRange(played.Count, Frames * 0.955, Frames * 0.975);
        Assert.InRange(counters.Late + counters.Dropped, 0, Frames / 200);
        Assert.InRange(_buffer.TargetDelay.TotalMilliseconds, 40, 70);
        Assert.InRange(counters.Duplicates, 400, 800);
    }

    [Fact]
    public void AFloodOfRandomNumbersAndTimesStaysBounded()
    {
        var random = new Random(1);
        for (int i = 0; i < 100_000; i++)
        {
            var sequence = new SequenceNumber((ushort)random.Next(i % 3 == 0 ? 65_536 : 500));
            var timestamp = new RtpTimestamp((uint)random.NextInt64(i % 2 == 0 ? 1L << 32 : 480_000));
            _buffer.Handle(sequence, timestamp, s_payload, At(i), random.Next(2) == 0);
            if (i % 20 == 0)
                _buffer.Pull(At(i));

            Assert.InRange(_buffer.Held, 0, 256);
            Assert.InRange(_buffer.TargetDelay.TotalMilliseconds, 20, 400);
        }

        for (int i = 0; i < 200; i++)
            _buffer.Handle(new SequenceNumber((ushort)(30_000 + i)), new RtpTimestamp((uint)(i * 960)), s_payload, At(200_000 + (FrameMs * i)));
        Assert.Contains("199", Pulls(200_000 + (FrameMs * 200), 30));
    }

    [Fact]
    public void NothingIsAllocatedPerPacket()
    {
        int i = 0;
        Round();

        Assert.Equal(0, Allocations.FewestOf(Round));
        Assert.True(_buffer.Counters.Played > 7_000);

        void Round()
        {
            for (int end = i + 2_000; i < end; i++)
            {
                Put(i, (FrameMs * i) + (i % 7));
                _buffer.Pull(At(FrameMs * i));
            }
        }
    }

    [Fact]
    public void APayloadLargerThanASlotIsRefused()
    {
        Assert.False(_buffer.Handle(new SequenceNumber(1), default, new byte[1_501], At(0)));
        Assert.Equal(1, _buffer.Counters.Refused);
    }

    private void Put(int frame, int milliseconds) =>
        _buffer.Handle(new SequenceNumber((ushort)frame), new RtpTimestamp((uint)(frame * 960)), s_payload, At(milliseconds));

    // A frame's number, c for conceal, - for silence, every 20 ms. Numbers are told from their media time where those agree.
    private string[] Pulls(int milliseconds, int count)
    {
        string[] pulled = new string[count];
        for (int i = 0; i < count; i++)
        {
            AudioFrame frame = _buffer.Pull(At(milliseconds + (FrameMs * i)));
            pulled[i] = frame.Playout switch
            {
                AudioPlayout.Play => $"{NumberOf(frame.Timestamp)}",
                AudioPlayout.Conceal => "c",
                _ => "-",
            };
        }

        return pulled;
    }

    private static long NumberOf(RtpTimestamp timestamp) => timestamp.Value switch
    {
        50 * 960 => 2,
        >= 0x8000_0000 => 40_000 + ((timestamp.Value - 0x8000_0000) / 960),
        _ => timestamp.Value / 960,
    };

    private static Instant At(int milliseconds) => new((1_000_000L + milliseconds) * TimeSpan.TicksPerMillisecond);
}
