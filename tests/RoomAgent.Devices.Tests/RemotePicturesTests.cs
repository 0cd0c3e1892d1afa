using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using RoomAgent.Agent.Devices;
using RoomAgent.Hal;
using RoomAgent.Hal.Media;
using RoomAgent.Hal.Simulated;

namespace RoomAgent.Devices.Tests;

/// <summary>Pictures of the others, through real decoders.</summary>
public sealed class RemotePicturesTests : IDisposable
{
    private readonly FfmpegVideoCodecs _codecs = new();
    private readonly PicturePool _pool = new(8);
    private readonly IVideoEncoder _encoder;
    private readonly ConcurrentQueue<(uint Stream, int Number)> _shown = new();
    private readonly RemotePictures _pictures;
    private int _number;

    public RemotePicturesTests()
    {
        _encoder = _codecs.OpenEncoder(new VideoEncoding(new VideoFormat(320, 180, 30), 500_000), out string problem) ?? throw new InvalidOperationException(problem);
        _pictures = new RemotePictures(_codecs, threads: 2, Show, TimeProvider.System, NullLogger.Instance);
    }

    public void Dispose()
    {
        _pictures.Dispose();
        _encoder.Dispose();
        _pool.Dispose();
    }

    [Fact]
    public void EachStreamIsDecodedInItsOrder()
    {
        for (int i = 0; i < 20; i++)
        {
            byte[] frame = Encode(i == 0);
            for (uint stream = 1; stream <= RemotePictures.MostStreams; stream++)
                Give(stream, frame, (stream * 1_000) + i);
            Settle((i + 1) * RemotePictures.MostStreams);
        }

        for (uint stream = 1; stream <= RemotePictures.MostStreams; stream++)
            Assert.Equal(Enumerable.Range(0, 20), _shown.Where(shown => shown.Stream == stream).Select(shown => shown.Number));
    }

    [Fact]
    public void AStreamTooManyIsRefusedUntilOneGoes()
    {
        byte[] frame = Encode(isKeyFrame: true);
        for (uint stream = 1; stream <= RemotePictures.MostStreams; stream++)
            Give(stream, frame, 0);

        Assert.False(_pictures.TryDecode(100, frame, TimeSpan.Zero, 0));
        _pictures.Remove(3);
        Assert.True(_pictures.TryDecode(100, frame, TimeSpan.Zero, 100_000));
        Waiting.Until(() => _shown.Any(shown => shown.Stream == 100), "the new stream's picture");
    }

    [Fact]
    public void WhatCannotBeDecodedIsReportedWithItsTag()
    {
        byte[] garbage = new byte[2_000];
        new Random(1).NextBytes(garbage);

        Give(1, garbage, 77);

        DecodeReport report = default;
        Waiting.Until(() => _pictures.TryPollReport(out report), "the report");
        Assert.Equal(new DecodeReport(1, 77, false), report);
        Give(1, Encode(isKeyFrame: true), 78);
        Waiting.Until(() => _pictures.TryPollReport(out report), "the report after it");
        Assert.Equal(new DecodeReport(1, 78, true), report);
    }

    [Fact]
    public void ADecoderThatFallsBehindRefusesAndLosesNothingItTook()
    {
        using var gate = new ManualResetEventSlim();
        int shown = 0;
        using var pictures = new RemotePictures(_codecs, 1, (_, picture) =>
        {
            picture.Dispose();
            gate.Wait();
            Interlocked.Increment(ref shown);
        }, TimeProvider.System, NullLogger.Instance);
        byte[][] frames = [.. Enumerable.Range(0, 50).Select(i => Encode(i == 0))];

        int taken = frames.TakeWhile((frame, i) => pictures.TryDecode(1, frame, TimeSpan.Zero, i)).Count();

        Assert.InRange(taken, 1, 20);
        gate.Set();
        Waiting.Until(() => Volatile.Read(ref shown) == taken, "all that was taken");
    }

    [Fact]
    public void ItEndsWhileItDecodes()
    {
        byte[][] frames = [.. Enumerable.Range(0, 8).Select(i => Encode(i == 0))];
        for (int round = 0; round < 20; round++)
        {
            using var pictures = new RemotePictures(_codecs, 2, (_, picture) => picture.Dispose(), TimeProvider.System, NullLogger.Instance);
            for (uint stream = 0; stream < 4; stream++)
            {
                foreach (byte[] frame in frames)
                    pictures.TryDecode(stream, frame, TimeSpan.Zero, 0);
                if (round % 2 == 0)
                    pictures.Remove(stream);
            }
        }
    }

    [Fact]
    public void ADecoderThatThrowsIsGivenUpAndTheStreamGetsAnother()
    {
        byte[] poison = new byte[777];
        var clock = new SteppedTime();
        var journal = new Journal();
        var codecs = new BrokenCodecs(_codecs) { ThrowsAt = poison.Length };
        using var pictures = new RemotePictures(codecs, 1, Show, clock, journal);
        byte[] key = Encode(isKeyFrame: true);
        Assert.True(pictures.TryDecode(1, key, TimeSpan.Zero, 1_000));
        Assert.True(pictures.TryDecode(2, key, TimeSpan.Zero, 2_000));
        Settle(2);

        Assert.True(pictures.TryDecode(1, poison, TimeSpan.Zero, 1_001));
        Waiting.Until(() => journal.Lines.Count == 1, "the line in the journal");
        Assert.Equal((410, "a mistake of the test's"), (journal.Lines[0].Id, journal.Lines[0].Mistake?.Message));
        Waiting.Until(() => !pictures.TryDecode(1, key, TimeSpan.Zero, 1_002), "the refusal");

        // The other stream of the same thread goes on meanwhile, and after a second this one does too.
        Assert.True(pictures.TryDecode(2, key, TimeSpan.Zero, 2_001));
        Settle(3);
        clock.Advance(TimeSpan.FromSeconds(1.1));
        Assert.True(pictures.TryDecode(1, key, TimeSpan.Zero, 1_003));
        Settle(4);
        Assert.Equal([1u, 2u, 2u, 1u], _shown.Select(shown => shown.Stream));
        Assert.Equal(3, codecs.Opened);
        Assert.Equal([(1_000, true), (1_001, false), (1_003, true)], Reports(pictures).Where(report => report.Stream == 1 && report.Tag != 1_002).Select(report => (report.Tag, report.IsDecoded)));
    }

    [Fact]
    public void WhoShowsPicturesMayMakeAMistakeToo()
    {
        var journal = new Journal();
        using var pictures = new RemotePictures(_codecs, 1, (_, picture) =>
        {
            picture.Dispose();
            throw new InvalidOperationException("a mistake of the test's");
        }, TimeProvider.System, journal);

        Assert.True(pictures.TryDecode(1, Encode(isKeyFrame: true), TimeSpan.Zero, 5));

        DecodeReport report = default;
        Waiting.Until(() => pictures.TryPollReport(out report), "the report");
        Assert.Equal(new DecodeReport(1, 5, false), report);
        Waiting.Until(() => journal.Lines.Count == 1, "the line in the journal");
    }

    [Fact]
    public void WithoutADecoderThatIsSaidOnceAndTriedAgainAfterASecond()
    {
        var clock = new SteppedTime();
        var journal = new Journal();
        var codecs = new BrokenCodecs(_codecs) { HasDecoders = false };
        using var pictures = new RemotePictures(codecs, 1, Show, clock, journal);
        byte[] key = Encode(isKeyFrame: true);
        for (int i = 0; i < 100; i++)
        {
            Assert.False(pictures.TryDecode(1, key, TimeSpan.Zero, 0));
            clock.Advance(TimeSpan.FromMilliseconds(33));
        }

        Journal.Line line = Assert.Single(journal.Lines);
        Assert.Equal(409, line.Id);
        Assert.Contains("the test has no decoder", line.Text, StringComparison.Ordinal);

        codecs.HasDecoders = true;
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(pictures.TryDecode(1, key, TimeSpan.Zero, 1_000));
        Settle(1);
    }

    private static List<DecodeReport> Reports(RemotePictures pictures)
    {
        List<DecodeReport> reports = [];
        while (pictures.TryPollReport(out DecodeReport report))
            reports.Add(report);
        return reports;
    }

    private void Settle(int count) => Waiting.Until(() => _shown.Count >= count, $"{count} pictures");

    private void Give(uint stream, byte[] frame, long tag) => Assert.True(_pictures.TryDecode(stream, frame, TimeSpan.FromSeconds(1), tag));

    private byte[] Encode(bool isKeyFrame)
    {
        Assert.True(_pool.TryTake(320, 180, TimeSpan.Zero, out PooledPicture? picture));
        using (picture)
        {
            Assert.True(picture!.TryMakeWritable());
            var mark = new PictureMark(TimeSpan.FromSeconds(_number), _number++);
            PictureClock.Draw(picture.WritableLuma, picture.LumaStride, picture.WritableCb, picture.WritableCr, picture.ChromaStride, 320, 180, mark);
            Assert.Equal(DeviceOutcome.Done, _encoder.Encode(picture, isKeyFrame, out EncodedFrame? frame));
            using (frame)
                return frame!.Data.ToArray();
        }
    }

    private void Show(long tag, VideoFrame picture)
    {
        using (picture)
        {
            Assert.True(PictureClock.TryRead(picture.Luma, picture.LumaStride, 1, new Area(0, 0, picture.Width, picture.Height), out PictureMark mark));
            _shown.Enqueue(((uint)(tag / 1_000), mark.Number));
        }
    }

    // Stands still unless it is told otherwise.
    private sealed class SteppedTime : TimeProvider
    {
        private long _now = TimeSpan.TicksPerHour;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Volatile.Read(ref _now);

        public void Advance(TimeSpan by) => Interlocked.Add(ref _now, by.Ticks);
    }
}
