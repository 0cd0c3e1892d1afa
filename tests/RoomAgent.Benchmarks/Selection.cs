using System.IO.Enumeration;
using BenchmarkDotNet.Attributes;

namespace RoomAgent.Benchmarks;

/// <summary>What the arguments of BenchmarkDotNet choose: of its own benchmarks, and of tables that it does not know of.</summary>
internal sealed class Selection
{
    public Selection(string[] args, IReadOnlyList<string> tables)
    {
        string[] filters = [.. args.SkipWhile(argument => argument != "--filter").Skip(1).TakeWhile(argument => !argument.StartsWith("--", StringComparison.Ordinal))];
        bool isChosen(string name) => filters.Length == 0 || filters.Any(filter => FileSystemName.MatchesSimpleExpression(filter, name));

        OnlyList = args.Contains("--list");
        Tables = [.. tables.Where(isChosen)];
        HasBenchmarks = OnlyList || typeof(Selection).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(), (type, method) => (type, method))
            .Any(one => one.method.IsDefined(typeof(BenchmarkAttribute), inherit: false) && isChosen($"{one.type.FullName}.{one.method.Name}"));
    }

    public bool OnlyList { get; }

    public IReadOnlyList<string> Tables { get; }

    public bool HasBenchmarks { get; }
}
