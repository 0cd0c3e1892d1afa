namespace RoomAgent.Store.Tests;

public sealed class StateDirectoryTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("roomagent-").FullName;

    [Fact]
    public void ItIsCreatedForItsUserOnly()
    {
        string path = Path.Combine(_root, "a", "b");

        using var state = StateDirectory.Open(path);

        Assert.Equal(path, state.Path);
        Assert.Equal(Path.Combine(path, "clock"), state.File("clock"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(path));
    }

    [Fact]
    public void TheSecondOneIsToldWhoHasIt()
    {
        using var first = StateDirectory.Open(_root);

        var refusal = Assert.Throws<IOException>(() => StateDirectory.Open(_root));

        Assert.Equal($"{_root}/lock: process {Environment.ProcessId} has this directory", refusal.Message);
    }

    [Fact]
    public void OnceLetGoItCanBeHadAgain()
    {
        StateDirectory.Open(_root).Dispose();

        StateDirectory.Open(_root).Dispose();
    }

    [Fact]
    public void AnOldLockFileWithAnyContentIsNoLock()
    {
        File.WriteAllText(Path.Combine(_root, "lock"), "no number, and longer than any number is");

        using var state = StateDirectory.Open(_root);

        var refusal = Assert.Throws<IOException>(() => StateDirectory.Open(_root));
        Assert.Contains($"process {Environment.ProcessId} ", refusal.Message);
    }

    [Theory]
    [InlineData(UnixFileMode.GroupWrite)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void APlaceWhereOthersMayWriteIsRefusedAndLeftAlone(UnixFileMode others)
    {
        string foreign = Path.Combine(_root, "foreign");
        string path = Directory.CreateDirectory(Path.Combine(_root, "open")).FullName;
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | others);
        File.WriteAllText(foreign, "precious");
        File.CreateSymbolicLink(Path.Combine(path, "lock"), foreign);

        var refusal = Assert.Throws<IOException>(() => StateDirectory.Open(path));

        Assert.StartsWith($"{path}: other users may write there", refusal.Message);
        Assert.Equal("precious", File.ReadAllText(foreign));
    }

    [Theory]
    [InlineData("/proc/roomagent")]
    [InlineData("/dev/null")]
    [InlineData("/dev/null/state")]
    public void APlaceThatCannotBeOneIsRefusedWithItsName(string path)
    {
        var refusal = Assert.ThrowsAny<IOException>(() => StateDirectory.Open(path));

        Assert.Contains(path, refusal.Message);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
