using Microsoft.Extensions.Logging;
using RoomAgent.Agent.Settings;
using RoomAgent.Wire;

namespace RoomAgent.Agent.Tests.Settings;

public sealed class SettingTableTests
{
    [Fact]
    public void NoTwoSettingsShareANameOrAVariable()
    {
        Assert.Distinct(SettingTable.All.Select(setting => setting.Name), StringComparer.OrdinalIgnoreCase);
        Assert.Distinct(SettingTable.All.Select(setting => setting.EnvironmentVariable));
    }

    [Fact]
    public void EveryPropertyOfTheSettingsHasItsRow()
    {
        Assert.Equal(typeof(RoomSettings).GetProperties().Length, SettingTable.All.Count);
    }

    [Fact]
    public void EveryDefaultIsReadAsItIsShown()
    {
        var defaults = new RoomSettings();

        Assert.All(SettingTable.All, setting => Assert.Equal(defaults, setting.Read(setting.Show(defaults), defaults)));
    }

    [Fact]
    public void TheExampleFileChangesNothing()
    {
        (List<Assignment> assignments, List<SettingProblem> problems) = IniTextTests.Read(SettingTable.ExampleFile());

        Assert.Empty(assignments);
        Assert.Empty(problems);
    }

    [Fact]
    public void TheExampleFileWithoutItsHashesSetsEveryDefault()
    {
        string text = string.Join('\n', SettingTable.ExampleFile().Split('\n').Select(line => line.StartsWith("# ", StringComparison.Ordinal) ? line : line.TrimStart('#')));

        (List<Assignment> assignments, List<SettingProblem> problems) = IniTextTests.Read(text);
        CheckedSettings loaded = CheckedSettings.From(assignments, problems);

        Assert.Empty(loaded.Problems);
        Assert.Equal(new RoomSettings(), loaded.Settings);
        Assert.Equal(SettingTable.All.Count, loaded.Origins.Count);
    }

    [Theory]
    [InlineData("trace", LogLevel.Trace)]
    [InlineData("WARNING", LogLevel.Warning)]
    [InlineData("error", LogLevel.Error)]
    public void ALogLevelIsAWord(string text, LogLevel level)
    {
        Assert.Equal(level, SettingTable.LogLevel.Read(text, new RoomSettings())?.LogLevel);
    }

    [Theory]
    [InlineData("1s", 1)]
    [InlineData("90s", 90)]
    [InlineData("15m", 15 * 60)]
    [InlineData("2H", 2 * 60 * 60)]
    [InlineData("1d", 24 * 60 * 60)]
    public void ADurationIsANumberAndALetter(string text, int seconds)
    {
        Assert.Equal(TimeSpan.FromSeconds(seconds), SettingTable.SaveClockEvery.Read(text, new RoomSettings())?.SaveClockEvery);
    }

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("10")]
    [InlineData("0s")]
    [InlineData("-1s")]
    [InlineData("+1s")]
    [InlineData("1.5h")]
    [InlineData("1 h")]
    [InlineData("25h")]
    [InlineData("2147483647d")]
    [InlineData("99999999999s")]
    [InlineData("1w")]
    public void ADurationOutsideItsRangeOrFormIsRefused(string text)
    {
        Assert.Null(SettingTable.SaveClockEvery.Read(text, new RoomSettings()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("state")]
    [InlineData("~/state")]
    [InlineData("/var/\u0007")]
    public void ADirectoryThatDoesNotStartAtTheRootIsRefused(string text)
    {
        Assert.Null(SettingTable.StateDirectory.Read(text, new RoomSettings()));
    }

    [Fact]
    public void APrivateSettingIsShownRedacted()
    {
        var setting = new Setting<Private<string>>(
            "hub", "token", new Token(), settings => Private.Of(settings.StateDirectory), (settings, _) => settings, reloads: false, "");

        Assert.Equal("(private)", setting.Show(new RoomSettings()));
    }

    private sealed class Token : SettingType<Private<string>>
    {
        public override string Allowed => "a token";

        public override string Show(Private<string> value) => value.ToString();

        public override bool TryRead(string text, out Private<string> value)
        {
            value = Private.Of(text);
            return true;
        }
    }
}
