namespace RoomAgent.Fuzz.Tests;

/// <summary>The corpus as ordinary tests, and a short run of what <c>./measure --soak</c> does at length.</summary>
public sealed class FuzzTests
{
    private const int ShortRun = 20_000;

    public static TheoryData<string> Targets => [.. FuzzTarget.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public void EveryInputOfTheCorpusIsTakenWithoutHarm(string name)
    {
        Fuzzer.Finding? finding = new Fuzzer(Target(name), seed: 0).Replay();

        Assert.True(finding is null, finding?.What);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void AShortRunOfMutationsFindsNothing(string name)
    {
        var fuzzer = new Fuzzer(Target(name), seed: 1);
        for (int i = 0; i < ShortRun; i++)
        {
            if (fuzzer.Next() is { } finding)
                Assert.Fail($"Input {i}, {Convert.ToHexStringLower(finding.Input)}: {finding.What}");
        }
    }

    [Fact]
    public void AParserThatThrowsOrWastesMemoryIsFound()
    {
        var thrower = new FuzzTarget("thrower", input => _ = input[3], () => [[1, 2, 3, 4]]);
        var waster = new FuzzTarget("waster", input => _ = new byte[input.Length * 1_000_000], () => [[1, 2, 3, 4]]);

        Assert.Contains("IndexOutOfRange", FirstFinding(thrower)?.What, StringComparison.Ordinal);
        Assert.Contains("allocate", FirstFinding(waster)?.What, StringComparison.Ordinal);
    }

    private static FuzzTarget Target(string name) => FuzzTarget.All.Single(target => target.Name == name);

    private static Fuzzer.Finding? FirstFinding(FuzzTarget target)
    {
        var fuzzer = new Fuzzer(target, seed: 1);
        return Enumerable.Range(0, 1_000).Select(_ => fuzzer.Next()).FirstOrDefault(finding => finding is not null);
    }
}
