namespace RoomAgent.Store.Tests;

/// <summary>The vault that stands in until keys are sealed: durable, for its user only, and not to be talked out of its directory.</summary>
public sealed class PlainVaultTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("roomagent-").FullName;
    private readonly StateDirectory _state;
    private readonly PlainVault _vault;

    public PlainVaultTests()
    {
        _state = StateDirectory.Open(_root);
        _vault = new PlainVault(_state);
    }

    [Fact]
    public void WhatIsKeptIsThereAfterARestartAndIsItsUsersOnly()
    {
        _vault.Write("device-key", "secret"u8);
        _vault.Write("empty", []);

        var again = new PlainVault(_state);

        Assert.Equal("secret"u8, again.Read("device-key")!);
        Assert.Empty(again.Read("empty")!);
        Assert.Null(again.Read("nothing"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_state.File("vault-device-key")));
    }

    [Fact]
    public void WhatIsWrittenTakesThePlaceOfWhatWasThereAndWhatIsRemovedIsGone()
    {
        _vault.Write("a", "first and longer"u8);
        _vault.Write("a", "second"u8);
        Assert.Equal("second"u8, _vault.Read("a")!);

        _vault.Remove("a");
        _vault.Remove("a");

        Assert.Null(_vault.Read("a"));
        Assert.Empty(Directory.GetFiles(_root, "vault-*"));
    }

    [Fact]
    public void WhatAPowerCutLeftHalfWrittenIsNotRead()
    {
        _vault.Write("a", "whole"u8);
        File.WriteAllText(_state.File("vault-a.new"), "hal");

        Assert.Equal("whole"u8, _vault.Read("a")!);
        Assert.Null(_vault.Read("new"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("../clock")]
    [InlineData("/etc/passwd")]
    [InlineData("a.new")]
    [InlineData("A")]
    [InlineData("a\0b")]
    [InlineData("\u00e4")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void ANameThatIsNoneIsAMistake(string name)
    {
        Assert.Throws<ArgumentException>(() => _vault.Read(name));
        Assert.Throws<ArgumentException>(() => _vault.Write(name, "x"u8));
        Assert.Throws<ArgumentException>(() => _vault.Remove(name));
    }

    [Fact]
    public void WhatIsLargerThanAnythingKeptThereIsRefused()
    {
        Assert.Throws<ArgumentException>(() => _vault.Write("a", new byte[(8 * 1024 * 1024) + 1]));
        using (FileStream file = File.Create(_state.File("vault-a")))
            file.SetLength((8 * 1024 * 1024) + 1);

        Assert.Throws<IOException>(() => _vault.Read("a"));
    }

    [Fact]
    public void ABrokenStorageIsAnIOException()
    {
        Directory.CreateDirectory(_state.File("vault-a"));
        File.WriteAllText(_state.File("vault-a") + "/in-the-way", "");

        Assert.ThrowsAny<IOException>(() => _vault.Read("a"));
        Assert.ThrowsAny<IOException>(() => _vault.Write("a", "x"u8));
        Assert.ThrowsAny<IOException>(() => _vault.Remove("a"));
    }

    public void Dispose()
    {
        _state.Dispose();
        Directory.Delete(_root, recursive: true);
    }
}
