using FsCheck;
using FsCheck.Fluent;
using RoomAgent.Hal.Media;

namespace RoomAgent.Hal.Tests.Sources;

public sealed class MediaSourceTests
{
    [Theory]
    [InlineData("v4l2:/dev/video0", MediaSourceKind.V4l2, "/dev/video0", false, true, 0)]
    [InlineData("alsa:hw:1,0", MediaSourceKind.Alsa, "hw:1,0", false, true, 0)]
    [InlineData("alsa:hw:1,0?channels=4", MediaSourceKind.Alsa, "hw:1,0", false, true, 4)]
    [InlineData("lavfi:testsrc2=size=1280x720:rate=30", MediaSourceKind.Lavfi, "testsrc2=size=1280x720:rate=30", false, true, 0)]
    [InlineData("lavfi:color,drawtext=text=what?", MediaSourceKind.Lavfi, "color,drawtext=text=what?", false, true, 0)]
    [InlineData("file:/a/b.mp4", MediaSourceKind.File, "/a/b.mp4", false, true, 0)]
    [InlineData("file:/a?/b.mp4?loop", MediaSourceKind.File, "/a?/b.mp4", true, true, 0)]
    [InlineData("file:b?loop&fast", MediaSourceKind.File, "b", true, false, 0)]
    public void WhatAnAdministratorWritesIsRead(string text, MediaSourceKind kind, string address, bool isLooped, bool isPaced, int channels)
    {
        Assert.True(MediaSource.TryParse(text, out MediaSource? source, out string problem), problem);
        Assert.Equal(new MediaSource(kind, address) { IsLooped = isLooped, IsPaced = isPaced, Channels = channels }, source);
    }

    [Theory]
    [InlineData("")]
    [InlineData("v4l2")]
    [InlineData("v4l2:")]
    [InlineData("/dev/video0")]
    [InlineData("http://camera.example/")]
    [InlineData("rtsp:camera")]
    [InlineData("FILE:/a")]
    [InlineData("file:/a?fats")]
    [InlineData("file:/a?channels=2")]
    [InlineData("alsa:default?channels=9")]
    [InlineData("alsa:default?channels=-1")]
    [InlineData("file:/a\0b")]
    public void WhatIsNoneIsUnsupportedInASentence(string text)
    {
        using var camera = new FfmpegCamera(text);
        using var microphones = new FfmpegMicrophones(text);

        Assert.Equal(DeviceOutcome.Unsupported, camera.Start(VideoFormat.Default));
        Assert.Equal(DeviceOutcome.Unsupported, microphones.Start());
        Assert.EndsWith(".", camera.Problem, StringComparison.Ordinal);
        Assert.Equal(camera.Problem, microphones.Problem);
        Assert.False(camera.IsRunning || microphones.IsRunning);
        Assert.Empty(camera.FindFormats());
    }

    [Fact]
    public void AnyTextIsReadOrRefused() => Prop.ForAll<string>(text =>
        text is null || (MediaSource.TryParse("file:" + text, out MediaSource? source, out string problem) ? source!.ToString().Length > 5 : problem.Length > 0)).QuickCheckThrowOnFailure();
}
