using RoomAgent.Join;

namespace RoomAgent.Whole.Tests;

/// <summary>What people type and paste.</summary>
public sealed class JoinWordsTests
{
    private const string Words = "lusab-babad-gutih-tugad-lusab-babad";
    private const string Link = $"https://hub.example.org:8443/join/AbC-_123456789012345AB#{Words}";

    [Fact]
    public void ALinkSaysWhereTheHubIsWhatOpensTheMeetingAndWhoTheHubIs()
    {
        var link = JoinLink.Read($"  {Link}\n")!;

        Assert.Equal(("https://hub.example.org:8443", "AbC-_123456789012345AB", Words), (link.Address.Url, link.Secret, link.Words));
        Assert.Null(JoinLink.Read(Link[..Link.IndexOf('#', StringComparison.Ordinal)])!.Words);
        Assert.DoesNotContain("AbC", link.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("http://hub.example.org/join/abc")]
    [InlineData("https://hub.example.org/join/")]
    [InlineData("https://hub.example.org/join/a b")]
    [InlineData("https://hub.example.org/join/abc?x=1")]
    [InlineData("https://hub.example.org/join/../api")]
    [InlineData("https://hub.example.org/join/abc#lusab")]
    [InlineData("https://hub.example.org/join/abc#lusab-babad-gutih-tugad-lusab-babad-lusab")]
    [InlineData("https://user@hub.example.org/join/abc")]
    [InlineData("https://hub.example.org/other/join/abc")]
    [InlineData("https://hub.example.org/join/abcdefghijabcdefghijabcdefghijk")]
    public void WhatIsNoLinkIsNone(string text) => Assert.Null(JoinLink.Read(text));

    [Fact]
    public void NoPartOfALinkIsMoreThanAPart()
    {
        for (int length = 0; length < Link.Length; length++)
        {
            if (JoinLink.Read(Link[..length]) is { } link)
                Assert.True(link.Words is null && Link.Contains(link.Secret, StringComparison.Ordinal), Link[..length]);
        }
    }

    [Theory]
    [InlineData("none", null)]
    [InlineData("test", "")]
    [InlineData("v4l2:/dev/video7", "v4l2:/dev/video7")]
    [InlineData("/dev/null", "v4l2:/dev/null")]
    [InlineData("/etc/hostname", "file:/etc/hostname")]
    public void ACameraIsADeviceAFileOrNone(string text, string? expected) => Assert.Equal(expected, Sources.CameraOf(text));

    [Theory]
    [InlineData("none", null)]
    [InlineData("tone", "")]
    [InlineData("hw:1", "alsa:hw:1")]
    [InlineData("default", "alsa:default")]
    [InlineData("/etc/hostname", "file:/etc/hostname")]
    public void AMicrophoneIsADeviceAFileOrNone(string text, string? expected) => Assert.Equal(expected, Sources.MicrophoneOf(text));

    [Fact]
    public void WhatIsNotThereIsSaidToBeMissing()
    {
        Assert.Equal(ExitStatus.Usage, Assert.Throws<JoinProblem>(() => Sources.CameraOf("/dev/video99")).Code);
        Assert.Equal(ExitStatus.Usage, Assert.Throws<JoinProblem>(() => Sources.MicrophoneOf("nothing")).Code);
    }

    [Fact]
    public void WhatIsKeptInMemoryIsForgotten()
    {
        using var vault = new MemoryVault();
        vault.Write("a", [1, 2, 3]);
        byte[] read = vault.Read("a")!;
        read[0] = 9;
        Assert.Equal([1, 2, 3], vault.Read("a")!);

        vault.Remove("a");
        Assert.Null(vault.Read("a"));
    }
}
