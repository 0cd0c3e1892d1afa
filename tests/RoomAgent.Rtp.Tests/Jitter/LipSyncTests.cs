using RoomAgent.Rtp.Jitter;
using RoomAgent.Wire;

namespace RoomAgent.Rtp.Tests.Jitter;

public sealed class LipSyncTests
{
    private readonly StreamClock _clock = new(90_000);

    [Fact]
    public void ATimestampIsAMomentOfTheSendersClock()
    {
        Assert.False(_clock.TryGetCapture(default, out _));

        _clock.Handle(Ntp(1_000), new RtpTimestamp(0xffff_ff00));

        Assert.Equal(1_000.010, Capture(0x284), 4);
        Assert.Equal(999.990, Capture(0xffff_ff00 - 900), 4);
    }

    [Fact]
    public void PairsAreSmoothed()
    {
        var random = new Random(1);
        for (int i = 0; i <= 100; i++)
            _clock.Handle(Ntp(1_000 + i + (random.NextDouble() * 0.04) - 0.02), new RtpTimestamp((uint)(i * 90_000)));

        Assert.InRange(Capture(100 * 90_000), 1_099.99, 1_100.01);
    }

    [Fact]
    public void ADriftOf200PartsPerMillionIsFollowedWithinTenMilliseconds()
    {
        for (int i = 0; i <= 5_000; i += 5)
            _clock.Handle(Ntp(1_000 + (i * 1.0002)), new RtpTimestamp((uint)(i * 90_000L)));

        Assert.InRange(Capture((uint)(5_000 * 90_000L)), 1_000 + 5_001 - 0.01, 1_000 + 5_001 + 0.01);
    }

    [Fact]
    public void OneOddPairIsNotBelievedAndTwoThatAgreeAreAJump()
    {
        _clock.Handle(Ntp(1_000), new RtpTimestamp(0));
        _clock.Handle(Ntp(2_000), new RtpTimestamp(90_000));
        Assert.Equal(1_001, Capture(90_000), 4);
        Assert.Equal(0, _clock.Jumps);

        _clock.Handle(Ntp(2_001), new RtpTimestamp(180_000));
        Assert.Equal(2_001, Capture(180_000), 4);
        Assert.Equal(1, _clock.Jumps);
    }

    [Theory]
    [InlineData(150)]
    [InlineData(-150)]
    [InlineData(40)]
    public void TheOneThatIsAheadIsDelayedStepByStep(int pictureLateMs)
    {
        var sync = new LipSync();
        int millisecond = 0;
        TimeSpan largestStep = TimeSpan.Zero;

        for (; millisecond < 15_000; millisecond += 20)
        {
            TimeSpan before = sync.AudioDelay + sync.VideoDelay;
            Play(sync, millisecond, 50 + sync.AudioDelay.TotalMilliseconds, 50 + pictureLateMs + sync.VideoDelay.TotalMilliseconds);
            TimeSpan step = (sync.AudioDelay + sync.VideoDelay - before).Duration();
            largestStep = step > largestStep ? step : largestStep;
        }

        Assert.InRange(sync.Skew.TotalMilliseconds, -20, 20);
        Assert.InRange((sync.AudioDelay - sync.VideoDelay).TotalMilliseconds, pictureLateMs - 20, pictureLateMs + 20);
        Assert.Equal(TimeSpan.Zero, pictureLateMs > 0 ? sync.VideoDelay : sync.AudioDelay);
        Assert.InRange(largestStep.TotalMilliseconds, 1, 0.25 * 80 + 2);
    }

    [Fact]
    public void TheDelayIsTakenBackWhenThePictureCatchesUp()
    {
        var sync = new LipSync();
        for (int i = 0; i < 20_000; i += 20)
            Play(sync, i, 50 + sync.AudioDelay.TotalMilliseconds, (i < 10_000 ? 200 : 50) + sync.VideoDelay.TotalMilliseconds);

        Assert.InRange((sync.AudioDelay + sync.VideoDelay).TotalMilliseconds, 0, 20);
    }

    [Fact]
    public void NothingIsDelayedWithoutAPictureOrForAnAbsurdSkew()
    {
        var sync = new LipSync();
        sync.HandleAudio(TimeSpan.FromSeconds(1), At(0));
        Assert.False(sync.Update(At(0)));

        sync.HandleVideo(TimeSpan.FromSeconds(100), At(300));
        Assert.False(sync.Update(At(300)));
        Assert.Equal(TimeSpan.Zero, sync.AudioDelay + sync.VideoDelay);
    }

    [Fact]
    public void TheSoundOfAJitterBufferComesToItsPicture()
    {
        // The picture needs 120 ms longer; the player stretches by a tenth at most.
        var sync = new LipSync();
        var buffer = new AudioJitterBuffer(DelayProfile.AudioOverUdp);
        byte[] payload = new byte[80];
        double nextPull = 0;
        List<double> skews = [];
        for (int i = 0; i < 3_000; i++)
        {
            int now = 20 * i;
            buffer.Handle(new SequenceNumber((ushort)i), new RtpTimestamp((uint)(960 * i)), payload, At(now));
            for (; nextPull < now + 20; nextPull += 20)
            {
                Instant at = At(0) + TimeSpan.FromMilliseconds(nextPull);
                AudioFrame frame = buffer.Pull(at);
                if (frame.Playout == AudioPlayout.Play)
                    sync.HandleAudio(TimeSpan.FromMilliseconds(frame.Timestamp.Value / 48.0), at);
                nextPull += frame.Stretch switch { AudioStretch.Faster => -2, AudioStretch.Slower => 2, _ => 0 };
            }

            sync.HandleVideo(TimeSpan.FromMilliseconds(now), At(now + 150));
            sync.Update(At(now));
            buffer.SynchronisationDelay = sync.AudioDelay;
            if (now > 15_000)
                skews.Add(sync.Skew.TotalMilliseconds);
        }

        Assert.InRange(skews.Min(), -20, 20);
        Assert.InRange(skews.Max(), -20, 20);
        Assert.InRange(sync.AudioDelay.TotalMilliseconds, 90, 150);
        Assert.InRange(buffer.Counters.Dropped, 0, 0);
    }

    private static void Play(LipSync sync, int milliseconds, double audioWay, double videoWay)
    {
        TimeSpan capture = TimeSpan.FromMilliseconds(milliseconds + 500_000_000);
        sync.HandleAudio(capture, At(milliseconds) + TimeSpan.FromMilliseconds(audioWay));
        sync.HandleVideo(capture, At(milliseconds) + TimeSpan.FromMilliseconds(videoWay));
        sync.Update(At(milliseconds));
    }

    private double Capture(uint timestamp)
    {
        Assert.True(_clock.TryGetCapture(new RtpTimestamp(timestamp), out TimeSpan capture));
        return capture.TotalSeconds;
    }

    private static ulong Ntp(double seconds) => (ulong)(seconds * 4_294_967_296);

    private static Instant At(int milliseconds) => new((1_000_000L + milliseconds) * TimeSpan.TicksPerMillisecond);
}
