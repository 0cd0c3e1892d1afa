using System.Collections.Concurrent;
using RoomAgent.Hal.Media;
using RoomAgent.Hal.Tests.Pictures;

namespace RoomAgent.Hal.Tests;

[Collection(Alone.Name)]
public sealed class MediaLibraryTests
{
    [Fact]
    public void ItSaysWhichLibrariesItFound()
    {
        Assert.Contains("libavcodec", MediaLibrary.Versions, StringComparison.Ordinal);
        Assert.Contains("libopus", MediaLibrary.Versions, StringComparison.Ordinal);
    }

    [Fact]
    public void WhoOpensItHearsWhatTheLibrariesSay()
    {
        var levels = new ConcurrentQueue<MediaLogLevel>();
        try
        {
            Assert.Equal(MediaLibrary.Versions, MediaLibrary.Open((level, _) => levels.Enqueue(level)));

            // Only so many lines come a second, and another test may just have had them all.
            for (int i = 0; i < 10 && levels.IsEmpty; i++)
                FeedBroken(2_000);
        }
        finally
        {
            MediaLibrary.LogTo(null);
        }

        Assert.NotEmpty(levels);
        Assert.All(levels, level => Assert.Equal(MediaLogLevel.Error, level));
    }

    [Fact]
    public void AShimOfAnotherTimeIsRefusedInASentence()
    {
        var refusal = Assert.Throws<DllNotFoundException>(() => MediaLibrary.CheckVersion(999));

        Assert.Contains("version 999", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("build both anew", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ALogThatThrowsHarmsNobody()
    {
        MediaLibrary.LogTo((_, _) => throw new InvalidOperationException());
        try
        {
            using H264Decoder decoder = Scenes.OpenDecoder();
            for (int i = 0; i < 10; i++)
                Assert.Equal(DeviceOutcome.Failed, decoder.Decode([0, 0, 1, 0x65, 0x88, 0x84, 0], default, out _));
        }
        finally
        {
            MediaLibrary.LogTo(null);
        }
    }

    [Fact]
    public void WhatTheLibrariesSayComesInBoundedLinesAndNotTooManyOfThem()
    {
        List<string> lines = [];
        MediaLibrary.LogTo((_, line) =>
        {
            lock (lines)
                lines.Add(line);
        });
        try
        {
            FeedBroken(2_000);
        }
        finally
        {
            MediaLibrary.LogTo(null);
        }

        lock (lines)
        {
            Assert.InRange(lines.Count, 1, 1_000);
            Assert.All(lines, line => Assert.InRange(line.Length, 1, 500));
            Assert.DoesNotContain(lines, line => line.Contains('\n', StringComparison.Ordinal) || line.Contains(" @ 0x", StringComparison.Ordinal));
        }
    }

    private static void FeedBroken(int count)
    {
        using H264Decoder decoder = Scenes.OpenDecoder();
        byte[] key = Scenes.Encode(1)[0];
        for (int i = 0; i < count; i++)
        {
            byte[] broken = [.. key];
            broken[(i % (key.Length - 60)) + 50] ^= 0xff;
            decoder.Decode(broken, default, out VideoFrame? picture);
            picture?.Dispose();
        }
    }
}
