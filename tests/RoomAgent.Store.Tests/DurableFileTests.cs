namespace RoomAgent.Store.Tests;

public sealed class DurableFileTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("roomagent-").FullName;

    private string Path => System.IO.Path.Combine(_root, "file");

    [Fact]
    public void WhatIsWrittenIsReadAndIsItsUsersOnly()
    {
        DurableFile.Write(Path, "first and longer"u8);
        DurableFile.Write(Path, "second"u8);

        Assert.Equal("second"u8, DurableFile.Read(Path, new byte[100]));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path));
        Assert.Equal([Path], Directory.GetFiles(_root));
    }

    [Fact]
    public void WhatAPowerCutLeftHalfWrittenIsNotRead()
    {
        DurableFile.Write(Path, "whole"u8);
        File.WriteAllText(Path + ".new", "hal");

        Assert.Equal("whole"u8, DurableFile.Read(Path, new byte[100]));

        DurableFile.Write(Path, "next"u8);
        Assert.Equal("next"u8, DurableFile.Read(Path, new byte[100]));
    }

    [Fact]
    public void WhatLayInTheWayLendsItsRightsToNobody()
    {
        const UnixFileMode Everybody = (UnixFileMode)0b110_110_110;
        File.WriteAllText(Path + ".new", "left over");
        File.SetUnixFileMode(Path + ".new", Everybody);

        DurableFile.Write(Path, "ours"u8);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path));
    }

    [Fact]
    public void WhatIsMissingTooLongOrNoFileIsNothing()
    {
        File.WriteAllText(Path, "longer than there is room");

        Assert.Equal(0, DurableFile.Read(Path, new byte[10]).Length);
        Assert.Equal(0, DurableFile.Read(Path + ".missing", new byte[10]).Length);
        Assert.Equal(0, DurableFile.Read(_root, new byte[10]).Length);
    }

    [Fact]
    public void ADirectoryThatIsGoneIsAnIOException()
    {
        Assert.ThrowsAny<IOException>(() => DurableFile.Write(System.IO.Path.Combine(_root, "gone", "file"), "x"u8));
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
