using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;
using RoomAgent.Benchmarks;
using RoomAgent.Benchmarks.Media;
using RoomAgent.Benchmarks.Mls;
using RoomAgent.Benchmarks.Store;

// Each class measures ours beside a peer (the baseline) in one run; the ratio is what counts, the machine does not.
// In process: the same build that the tests saw, and nothing is generated or restored.
IConfig config = ManualConfig.CreateEmpty()
    .AddJob(Job.Default
        .WithToolchain(InProcessEmitToolchain.Instance)
        .WithWarmupCount(3)
        .WithIterationCount(15)
        .WithIterationTime(TimeInterval.FromMilliseconds(100)))
    .AddColumnProvider(DefaultColumnProviders.Descriptor, DefaultColumnProviders.Params, DefaultColumnProviders.Metrics)
    .AddColumn(StatisticColumn.Median, StatisticColumn.OperationsPerSecond, BaselineRatioColumn.RatioMean)
    .AddDiagnoser(MemoryDiagnoser.Default)
    .AddLogicalGroupRules(BenchmarkLogicalGroupRule.ByCategory)
    .AddExporter(MarkdownExporter.GitHub)
    .AddLogger(args.Contains("--verbose") ? ConsoleLogger.Default : NullLogger.Instance)
    .WithSummaryStyle(SummaryStyle.Default.WithRatioStyle(RatioStyle.Trend))
    .WithOptions(ConfigOptions.DisableLogFile | ConfigOptions.DisableOptimizationsValidator)
    .WithArtifactsPath(Path.Combine(RoomAgent.Testing.Repository.Root, "artifacts", "bench"));

// Tables of their own have what depends on the size of a group and takes from microseconds to seconds, what needs a load and a network, or another program, and what is measured against real time.
var tables = new Dictionary<string, Action<TextWriter>>
{
    [MlsTable.Name] = MlsTable.Print, [NodeTable.Name] = NodeTable.Print, [EncodeTable.Name] = EncodeTable.Print, [AudioTable.Name] = AudioTable.Print,
    [StoreTable.Name] = StoreTable.Print,
};
var selection = new Selection(args, [.. tables.Keys]);
IEnumerable<Summary> summaries = selection.HasBenchmarks
    ? BenchmarkSwitcher.FromAssembly(typeof(Selection).Assembly).Run([.. args.Where(argument => argument != "--verbose")], config)
    : [];

bool failed = false;
foreach (Summary summary in summaries)
{
    Console.WriteLine();
    Console.WriteLine($"## {summary.Title.Split('-')[0]}");
    MarkdownExporter.Console.ExportToLog(summary, ConsoleLogger.Default);
    failed |= summary.HasCriticalValidationErrors || summary.Reports.Any(report => !report.Success);
}

foreach (string table in selection.Tables)
{
    if (selection.OnlyList)
        Console.WriteLine(table);
    else
        tables[table](Console.Out);
}

return failed ? 1 : 0;
