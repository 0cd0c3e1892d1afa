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
}
