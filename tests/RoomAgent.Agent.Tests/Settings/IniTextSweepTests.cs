using System.Text;
using RoomAgent.Agent.Settings;

namespace RoomAgent.Agent.Tests.Settings;

/// <summary>Whatever bytes a configuration file has, reading and checking it ends in settings or in problems. Random ones are in RoomAgent.Fuzz.</summary>
public sealed class IniTextSweepTests
{
    private static readonly byte[] s_example = Encoding.UTF8.GetBytes(
        SettingTable.ExampleFile().Replace("\n#", "\n") + "[x]\r\n\"quoted\" = \" ä \"\n=\n[]\n[[log]]\nlevel == info\n");

    [Fact]
    public void EveryTruncationIsRead()
    {
        for (int length = 0; length <= s_example.Length; length++)
            Check(s_example.AsSpan(0, length));
    }

    [Fact]
    public void EveryByteCanBeAnyOfTheTroublesome()
    {
        byte[] mutated = [.. s_example];
        for (int i = 0; i < mutated.Length; i++)
        {
            foreach (byte troublesome in "\0\n\r\"[]=#;. \u0085"u8)
            {
                mutated[i] = troublesome;
                Check(mutated);
            }

            mutated[i] = s_example[i];
        }
    }

    private static void Check(ReadOnlySpan<byte> bytes)
    {
        var assignments = new List<Assignment>();
        var problems = new List<SettingProblem>();
        IniText.Read("file", bytes, assignments, problems);

        CheckedSettings loaded = CheckedSettings.From(assignments, problems);

        Assert.All(loaded.Problems, problem => Assert.DoesNotContain(problem.ToString(), char.IsControl));
        Assert.All(SettingTable.All, setting => Assert.NotNull(setting.Read(setting.Show(loaded.Settings), loaded.Settings)));
    }
}
