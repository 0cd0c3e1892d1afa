using Microsoft.Extensions.Logging;
using RoomAgent.Agent.Settings;

namespace RoomAgent.Agent.Tests.Settings;

public sealed class CheckedSettingsTests
{
    [Fact]
    public void NothingSetIsTheDefaults()
    {
        CheckedSettings loaded = CheckedSettings.From([], []);

        Assert.True(loaded.AreGood);
        Assert.Equal(new RoomSettings(), loaded.Settings);
        Assert.Empty(loaded.Origins);
    }

    [Fact]
    public void TheLaterOneWinsAndIsNamed()
    {
        CheckedSettings loaded = CheckedSettings.From(
            [new("first", "log", "level", "debug"), new("second", "LOG", "Level", "error")], []);

        Assert.Equal(LogLevel.Error, loaded.Settings.LogLevel);
        Assert.Equal("second", loaded.Origins[SettingTable.LogLevel]);
    }

    [Fact]
    public void AllThatIsWrongIsSaidWithPlaceSectionKeyAndWhatIsAllowed()
    {
        CheckedSettings loaded = CheckedSettings.From(
            [
                new("here", "log", "level", "loud"),
                new("there", "log", "lavel", "info"),
                new("elsewhere", "lag", "level", "info"),
            ],
            [new SettingProblem("before", "something")]);

        Assert.False(loaded.AreGood);
        Assert.Equal(
            [
                "before: something",
                "here: [log] level: allowed is one of trace, debug, info, warning, error",
                "there: [log] lavel: unknown key; [log] has level",
                "elsewhere: [lag] level: unknown section; there are [log], [hardware], [paths], [clock], [hub], [identity], [local], [room], [camera], [microphones], [speaker], [display]",
            ],
            loaded.Problems.Select(problem => problem.ToString()));
    }

    [Fact]
    public void ABadValueCountsEvenWhereALaterOneWins()
    {
        CheckedSettings loaded = CheckedSettings.From(
            [new("first", "log", "level", "loud"), new("second", "log", "level", "info")], []);

        Assert.Equal("first", Assert.Single(loaded.Problems).Origin);
    }

    [Fact]
    public void OfThousandsOfProblemsOnlyTheFirstAreNamed()
    {
        IEnumerable<int> lines = Enumerable.Range(1, 2_500);

        CheckedSettings loaded = CheckedSettings.From(
            lines.Select(line => new Assignment($"file:{line}", "log", $"key{line}", "x")),
            lines.Select(line => new SettingProblem($"other:{line}", "nonsense")));

        Assert.Equal(21, loaded.Problems.Count);
        Assert.Equal("other:1: nonsense", loaded.Problems[0].ToString());
        Assert.Equal("configuration: and 4980 more problems like these", loaded.Problems[^1].ToString());
    }

    [Fact]
    public void ARefusedValueIsNotRepeated()
    {
        CheckedSettings loaded = CheckedSettings.From([new("file:1", "log", "level", "hunter2")], []);

        Assert.DoesNotContain("hunter2", Assert.Single(loaded.Problems).ToString());
    }
}
