using System.Reflection;
using System.Text.RegularExpressions;
using RoomAgent.Testing;

namespace RoomAgent.Mls.Tests.Negative;

/// <summary>The table RULES.md tells the truth.</summary>
public sealed partial class RuleTableTests
{
    private static readonly Refusal[] s_rules =
        [.. typeof(Rules).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => field.GetValue(null)).OfType<Refusal>()];

    private static readonly (string Rule, string[] Tests)[] s_rows =
    [
        .. Row().Matches(File.ReadAllText(Path.Combine(Repository.Root, "tests", "RoomAgent.Mls.Tests", "RULES.md")))
            .Select(row => (row.Groups["rule"].Value, TestName().Matches(row.Groups["tests"].Value).Select(test => test.Groups[1].Value).ToArray())),
    ];

    [Fact]
    public void EveryRuleHasOneRow() => Assert.Equal(s_rules.Select(rule => rule.Rule).Order(), s_rows.Select(row => row.Rule).Order());

    [Fact]
    public void EveryRowNamesTestsThatExist()
    {
        string[] tests =
        [
            .. typeof(RuleTableTests).Assembly.GetTypes()
                .SelectMany(type => type.GetMethods())
                .Where(method => method.GetCustomAttribute<FactAttribute>() is not null)
                .Select(method => $"{method.DeclaringType!.Name}.{method.Name}"),
        ];

        Assert.All(s_rows, row => Assert.NotEmpty(row.Tests));
        Assert.Empty(s_rows.SelectMany(row => row.Tests).Except(tests));
    }

    [GeneratedRegex("^\\| `(?<rule>[^`]+)` \\| [^|]+ \\| (?<tests>[^|]*) \\|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex TestName();
}
