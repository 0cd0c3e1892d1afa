using RoomAgent.Hal;
using RoomAgent.Hal.Simulated;

namespace RoomAgent.Screen.Tests;

public sealed class MemoryDisplayTests : IDisposable
{
    private static readonly DisplayMode s_mode = new(64, 48, 60), s_other = new(80, 40, 30);
    private readonly MemoryDisplay _display = new(s_mode, s_other);
    private readonly string _folder = Directory.CreateTempSubdirectory("roomagent-screen-").FullName;

    [Fact]
    public void OnlyWhatWasDamagedBecomesVisible()
    {
        IDisplayLayer layer = _display.Layers[0];
        layer.Pixels.Fill(200);
        layer.Damage(new Area(10, 5, 3, 2));

        Assert.Equal(DeviceOutcome.Done, _display.Present());

        byte[] visible = _display.Copy();
        for (int i = 0; i < visible.Length; i++)
            Assert.Equal(new Area(10, 5, 3, 2) is var area && i / 4 % 64 >= area.X && i / 4 % 64 < 13 && i / 256 >= area.Y && i / 256 < 7 ? 200 : 0, visible[i]);
        Assert.Equal(6, _display.DamagedPixels);
    }

    [Theory]
    [InlineData(-1, 0, 1, 1)]
    [InlineData(0, 0, 65, 1)]
    [InlineData(0, 47, 1, 2)]
    public void DamageOutsideOfTheDisplayIsAMistake(int x, int y, int width, int height) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => _display.Layers[0].Damage(new Area(x, y, width, height)));

    [Fact]
    public void AModeIsSetAndWhatWasDrawnIsGone()
    {
        IDisplayLayer before = _display.Layers[0];
        before.Pixels.Fill(1);
        before.Damage(new Area(0, 0, 64, 48));

        Assert.Equal(DeviceOutcome.Done, _display.SetMode(s_other));

        Assert.Equal(s_other, _display.Mode);
        Assert.NotSame(before, _display.Layers[0]);
        Assert.Equal(80 * 40 * 4, _display.Copy().Length);
        Assert.All(_display.Copy(), pixel => Assert.Equal(0, pixel));
        Assert.Equal(DeviceOutcome.Unsupported, _display.SetMode(new DisplayMode(1, 2, 3)));
    }

    [Fact]
    public void PluggingIsToldOnceAndWhatIsUnpluggedIsGone()
    {
        int told = 0;
        _display.Changed += () => told++;

        _display.Unplug();
        _display.Unplug();

        Assert.Equal(1, told);
        Assert.Empty(_display.Modes);
        Assert.Equal(DeviceOutcome.Gone, _display.Present());
        Assert.Equal(DeviceOutcome.Gone, _display.SetMode(s_mode));
        _display.Plug(s_other);
        Assert.Equal(2, told);
        Assert.Equal(s_other, _display.Mode);
    }

    [Fact]
    public void ADisplayWithoutAModeIsAMistake()
    {
        Assert.Throws<ArgumentException>(() => new MemoryDisplay());
        Assert.Throws<ArgumentException>(() => new MemoryDisplay(new DisplayMode(100_000, 100_000, 60)));
    }

    [Fact]
    public void ASnapshotIsWhatIsVisible()
    {
        new Random(3).NextBytes(_display.Layers[0].Pixels);
        _display.Layers[0].Damage(new Area(0, 0, 64, 48));
        _display.Present();
        string path = Path.Combine(_folder, "a.png");

        Assert.Equal(DeviceOutcome.Done, _display.WriteSnapshot(path));

        PngPicture picture = PngPicture.Read(path);
        byte[] visible = _display.Copy();
        Assert.Equal((64, 48), (picture.Width, picture.Height));
        for (int i = 0; i < visible.Length; i++)
            Assert.True(i % 4 == 3 || visible[i] == picture.Pixels[i]);
        Assert.Equal(["a.png"], Directory.GetFileSystemEntries(_folder).Select(Path.GetFileName));
    }

    [Fact]
    public void AFullDiskIsAResultAndLeavesTheSnapshotBefore()
    {
        string path = Path.Combine(_folder, "a.png");
        Assert.Equal(DeviceOutcome.Done, _display.WriteSnapshot(path));
        byte[] before = File.ReadAllBytes(path);
        // What is written under the name in between lands on the disk that is always full.
        File.CreateSymbolicLink(path + ".part", "/dev/full");

        Assert.Equal(DeviceOutcome.Failed, _display.WriteSnapshot(path));

        Assert.NotEmpty(_display.Problem);
        Assert.Equal(before, File.ReadAllBytes(path));
        Assert.Equal(["a.png"], Directory.GetFileSystemEntries(_folder).Select(Path.GetFileName));
        Assert.Equal(DeviceOutcome.Done, _display.WriteSnapshot(path));
        Assert.Empty(_display.Problem);
    }

    [Theory]
    [InlineData("nowhere/a.png")]
    [InlineData(".")]
    [InlineData("")]
    public void AFolderThatIsNotThereIsAResult(string name)
    {
        Assert.Equal(DeviceOutcome.Failed, _display.WriteSnapshot(Path.Combine(_folder, name)));

        Assert.NotEmpty(_display.Problem);
    }

    [Fact]
    public void TheChecksumsAreThoseOfTheStandard()
    {
        // IEND is the same in every file: length 0, its name, and the CRC that ISO/IEC 15948 gives.
        byte[] file = PngFile.Encode(new byte[4], 1, 1);

        Assert.Equal(new byte[] { 0, 0, 0, 0, (byte)'I', (byte)'E', (byte)'N', (byte)'D', 0xAE, 0x42, 0x60, 0x82 }, file[^12..]);
    }

    public void Dispose()
    {
        _display.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
