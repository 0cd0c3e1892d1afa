using System.Text;
using RoomAgent.Agent.Settings;

namespace RoomAgent.Agent.Tests.Settings;

public sealed class IniTextTests
{
    [Fact]
    public void SectionsKeysAndValuesComeOutWithTheirLines()
    {
        (List<Assignment> assignments, List<SettingProblem> problems) = Read(
            """
            # a comment
            ; another

            [log]
              level = debug
            [paths]
            state="  /var/lib/room agent "
            """);

        Assert.Empty(problems);
        Assert.Equal(
            [
                new Assignment("file:5", "log", "level", "debug"),
                new Assignment("file:7", "paths", "state", "  /var/lib/room agent "),
            ],
            assignments);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\n")]
    [InlineData("# only a comment")]
    [InlineData("[log]")]
    public void AFileThatSetsNothingIsGood(string text)
    {
        (List<Assignment> assignments, List<SettingProblem> problems) = Read(text);

        Assert.Empty(assignments);
        Assert.Empty(problems);
    }

    [Fact]
    public void LineEndsOfWindowsAndAByteOrderMarkDoNotMatter()
    {
        (List<Assignment> assignments, List<SettingProblem> problems) = Read("\uFEFF[log]\r\nlevel = info\r\n");

        Assert.Empty(problems);
        Assert.Equal(new Assignment("file:2", "log", "level", "info"), Assert.Single(assignments));
    }

    [Fact]
    public void EveryBadLineIsNamedAtOnce()
    {
        (List<Assignment> assignments, List<SettingProblem> problems) = Read(
            """
            early = 1
            [log
            level = nobody can say
            [log]
            nonsense
            = value
            two words = value
            level = info
            LEVEL = debug
            """);

        Assert.Equal(new Assignment("file:8", "log", "level", "info"), Assert.Single(assignments));
        Assert.Equal(
            [
                "file:1: early: belongs to no section; write one above it, such as [log]",
                "file:2: a section is written [name]",
                "file:5: neither a comment nor [section] nor key = value",
                "file:6: neither a comment nor [section] nor key = value",
                "file:7: neither a comment nor [section] nor key = value",
                "file:9: [log] LEVEL: already set in line 8",
            ],
            problems.Select(problem => problem.ToString()));
    }

    [Fact]
    public void ALineThatIsNotUnderstoodIsNotRepeated()
    {
        (_, List<SettingProblem> problems) = Read("[log]\nhunter2\n");

        Assert.DoesNotContain("hunter2", Assert.Single(problems).ToString());
    }

    [Theory]
    [InlineData(new byte[] { (byte)'[', 0, (byte)']' })]
    [InlineData(new byte[] { (byte)'#', 0xC3, 0x28 })]
    [InlineData(new byte[] { 0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1, 0 })]
    public void WhatIsNotATextIsSaidInOneLine(byte[] bytes)
    {
        var problems = new List<SettingProblem>();

        IniText.Read("file", bytes, [], problems);

        Assert.Equal("file: not a text in UTF-8", Assert.Single(problems).ToString());
    }

    [Fact]
    public void AFileThatIsTooLargeIsNotRead()
    {
        (List<Assignment> assignments, List<SettingProblem> problems) = Read("[log]\nlevel=info\n" + new string('#', IniText.MaximumBytes));

        Assert.Empty(assignments);
        Assert.Equal("file: larger than 256 kB, so not a configuration of ours", Assert.Single(problems).ToString());
    }

    internal static (List<Assignment> Assignments, List<SettingProblem> Problems) Read(string text)
    {
        var assignments = new List<Assignment>();
        var problems = new List<SettingProblem>();
        IniText.Read("file", Encoding.UTF8.GetBytes(text), assignments, problems);
        return (assignments, problems);
    }
}
