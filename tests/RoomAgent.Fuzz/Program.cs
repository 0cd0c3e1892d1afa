using System.CommandLine;
using System.Diagnostics;
using System.Security.Cryptography;
using RoomAgent.Fuzz;

var targetOption = new Option<string?>("--target") { Description = "Only this target." };
var secondsOption = new Option<int>("--seconds") { Description = "How long each target runs at the most.", DefaultValueFactory = _ => 10 };
var inputsOption = new Option<long>("--inputs") { Description = "How many inputs each target gets at the most.", DefaultValueFactory = _ => long.MaxValue };
var seedOption = new Option<int>("--seed") { Description = "Repeats a run; a new one is drawn and printed otherwise.", DefaultValueFactory = _ => RandomNumberGenerator.GetInt32(int.MaxValue) };
var root = new RootCommand("Gives every parser mutations of good inputs. An input that makes one throw or waste memory is kept in its corpus.")
{
    targetOption, secondsOption, inputsOption, seedOption,
};

root.SetAction(arguments =>
{
    string? name = arguments.GetValue(targetOption);
    FuzzTarget[] targets = [.. FuzzTarget.All.Where(t => name is null || t.Name == name)];
    if (targets.Length == 0)
    {
        Console.Error.WriteLine($"There is no target '{name}'. There are: {string.Join(", ", FuzzTarget.All.Select(t => t.Name))}.");
        return 2;
    }

    int seed = arguments.GetValue(seedOption);
    Console.WriteLine($"seed {seed}");
    int findings = targets.Count(target => !RunsClean(target, seed, arguments.GetValue(secondsOption), arguments.GetValue(inputsOption)));
    return findings == 0 ? 0 : 1;
});

return root.Parse(args).Invoke();

static bool RunsClean(FuzzTarget target, int seed, int seconds, long inputs)
{
    var fuzzer = new Fuzzer(target, seed);
    var clock = Stopwatch.StartNew();
    Fuzzer.Finding? finding = fuzzer.Replay();
    long count = 0;
    while (finding is null && count < inputs && clock.Elapsed.TotalSeconds < seconds)
    {
        finding = fuzzer.Next();
        count++;
    }

    string verdict = "clean";
    if (finding is not null)
    {
        string file = Path.Combine(target.CorpusFolder, Convert.ToHexStringLower(SHA256.HashData(finding.Input))[..16]);
        Directory.CreateDirectory(target.CorpusFolder);
        File.WriteAllBytes(file, finding.Input);
        verdict = $"FOUND, kept as {file}\n{finding.What}";
    }

    Console.WriteLine($"{target.Name,-20} {count,12:N0} inputs {clock.Elapsed.TotalSeconds,8:N1} s   {verdict}");
    return finding is null;
}
