using System.Diagnostics;
using RoomAgent.Hal;
using RoomAgent.Hal.Media.Drawing;

namespace RoomAgent.Screen.Tests;

public sealed class QrTests
{
    private const string Address = "https://hub.example.com/pair?user_code=BCDF-GHJK";

    [Theory]
    [InlineData("")]
    [InlineData("https://hub.example.com/pair with space")]
    [InlineData("https://hüb.example.com")]
    [InlineData("a\0b")]
    public void WhatIsNoAddressHasNoCode(string text) => Assert.Null(QrCode.Of(text));

    [Fact]
    public void AnAddressThatWouldMakeTooSmallModulesHasNoCode()
    {
        Assert.NotNull(QrCode.Of(new string('a', 300)));
        Assert.Null(QrCode.Of(new string('a', 301)));
    }

    [Fact]
    public void EqualTextsAreEqualCodes()
    {
        Assert.Equal(QrCode.Of(Address), QrCode.Of(Address));
        Assert.NotEqual(QrCode.Of(Address), QrCode.Of(Address + "x"));
    }

    [Theory]
    [InlineData(48, 1280)]
    [InlineData(300, 1280)]
    [InlineData(300, 1920)]
    public void AModuleIsAtLeastFourPixelsAndTheWhiteAroundFourModules(int length, int width)
    {
        using var studio = new Studio(width, width * 9 / 16);
        studio.Show(Scenes.Of(new PairingScene("BCDFGHJK", "hub.example.com", new string('a', length), Scenes.Now.AddMinutes(5))));

        QrItem item = Assert.Single(studio.Screen.Items.OfType<QrItem>());

        Assert.True(item.Box.Width / (item.Code.Width + 2 * QrCode.Quiet) >= 4);
    }

    [Theory]
    [Trait("Category", "Peer")]
    [InlineData(1280, ScreenTheme.Standard)]
    [InlineData(1920, ScreenTheme.HighContrast)]
    public void ZbarReadsTheAddressFromTheScreen(int width, ScreenTheme theme)
    {
        string path = Path.Combine(Path.GetTempPath(), $"roomagent-qr-{Guid.NewGuid()}.png");
        try
        {
            using var studio = new Studio(width, width * 9 / 16);
            studio.Show(Scenes.Of(new PairingScene("BCDF-GHJK", "hub.example.com/pair", Address, Scenes.Now.AddMinutes(5))) with { Look = new ScreenLook { Theme = theme } });
            Assert.Equal(DeviceOutcome.Done, studio.Display.WriteSnapshot(path));

            using Process zbar = Process.Start(new ProcessStartInfo("zbarimg", ["--quiet", "--raw", path]) { RedirectStandardOutput = true })!;
            string read = zbar.StandardOutput.ReadToEnd();
            zbar.WaitForExit();

            Assert.Equal(Address, read.Trim());
        }
        finally
        {
            File.Delete(path);
        }
    }
}
