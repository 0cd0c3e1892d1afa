using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using RoomAgent.Hub.Meetings;
using RoomAgent.Hub.Store;
using RoomAgent.Hub.StoreLab;
using RoomAgent.Wire;

namespace RoomAgent.Benchmarks.Store;

/// <summary>Commits that are fenced and on the storage before anyone is told, in a second; and how soon another hub has them.</summary>
/// <remarks>
/// Bodies are made before. "waiting" is how many commits are under way at a time; with one meeting they are for epochs that follow each other.
/// The wait of the storage decides, so it is measured beside: one write of 4 KiB and its flush after another.
/// </remarks>
internal static class StoreTable
{
    private const int BodyLength = 2_000;
    private const int Told = 500;

    private static readonly TimeSpan s_measured = TimeSpan.FromSeconds(8);

    /// <summary>By which ./bench finds it.</summary>
    public static string Name => "RoomAgent.Benchmarks.Store.StoreTable.Print";

    public static void Print(TextWriter output) => PrintAsync(output).GetAwaiter().GetResult();

    private static async Task PrintAsync(TextWriter output)
    {
        string folder = Directory.CreateTempSubdirectory("roomhub-bench-").FullName;
        try
        {
            output.WriteLine();
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"## Store: fenced and durable commits of {BodyLength} bytes; milliseconds; one flush of this storage takes {FlushTime(folder).TotalMilliseconds:F2} ms (p50)"));
            output.WriteLine();
            output.WriteLine("| database | meetings | waiting | commits/s | p50 | p95 |");
            output.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: |");

            await using (Database sqlite = Database.Sqlite(Path.Combine(folder, "hub.db")))
                await MeasureAsync(output, "SQLite", sqlite);
            if (PostgreSqlServer.Missing is { } missing)
            {
                output.WriteLine($"PostgreSQL: {missing}");
                return;
            }

            using var server = new PostgreSqlServer();
            string connection = server.NewDatabase();
            await using Database postgreSql = Database.PostgreSql(connection);
            await MeasureAsync(output, "PostgreSQL", postgreSql);

            output.WriteLine();
            output.WriteLine("## Store: from a commit's acceptance at one hub to another hub, PostgreSQL; milliseconds");
            output.WriteLine();
            output.WriteLine("| commits | p50 | p95 |");
            output.WriteLine("| ---: | ---: | ---: |");
            await using Database other = Database.PostgreSql(connection);
            await MeasureFeedAsync(output, postgreSql, other);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task MeasureAsync(TextWriter output, string name, Database database)
    {
        await database.MigrateAsync(DateTimeOffset.UnixEpoch);
        await using MeetingStore store = MeetingStore.Start(database);
        foreach ((int meetings, int waiting) in new[] { (1, 1), (1, 64), (100, 100), (100, 400) })
            output.WriteLine(await MeasureAsync(store, name, meetings, waiting));
    }

    private static async Task<string> MeasureAsync(MeetingStore store, string name, int meetings, int waiting)
    {
        ByteString body = ByteString.Owning(RandomNumberGenerator.GetBytes(BodyLength));
        var waits = new List<TimeSpan>();
        long start = Stopwatch.GetTimestamp();

        // Each line has its share of the meeting's epochs under way, and its own stay in order because they enter the queue in order.
        await Task.WhenAll(Enumerable.Range(0, meetings).Select(_ => Task.Run(async () =>
        {
            var underWay = new Queue<(long At, Task<AppendOutcome> Append)>();
            MeetingInstance meeting = NewMeeting();
            ulong seq = 0;
            while (Stopwatch.GetElapsedTime(start) < s_measured || underWay.Count > 0)
            {
                while (underWay.Count < waiting / meetings && Stopwatch.GetElapsedTime(start) < s_measured)
                    underWay.Enqueue((Stopwatch.GetTimestamp(), store.AppendAsync(meeting, new LogEntry(++seq, 0, seq - 1, body), CancellationToken.None)));
                if (!underWay.TryDequeue(out (long At, Task<AppendOutcome> Append) oldest))
                    break;
                if (await oldest.Append != AppendOutcome.Appended)
                    throw new InvalidOperationException("A commit without a rival lost.");
                lock (waits)
                    waits.Add(Stopwatch.GetElapsedTime(oldest.At));
            }
        })));

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return string.Create(CultureInfo.InvariantCulture, $"| {name} | {meetings} | {waiting} | {waits.Count / seconds:F0} | {Percentile(waits, 0.5):F2} | {Percentile(waits, 0.95):F2} |");
    }

    private static async Task MeasureFeedAsync(TextWriter output, Database here, Database there)
    {
        await using MeetingStore near = MeetingStore.Start(here), far = MeetingStore.Start(there);
        MeetingInstance meeting = NewMeeting();
        ByteString body = ByteString.Owning(RandomNumberGenerator.GetBytes(BodyLength));
        await using IAsyncEnumerator<LogEntry> arriving = far.Feed.FollowAsync(meeting, 0, CancellationToken.None).GetAsyncEnumerator();

        var waits = new List<TimeSpan>();
        for (int seq = 1; seq <= Told; seq++)
        {
            // It may arrive before we are told that it is accepted.
            Task<long> arrival = Task.Run(async () =>
            {
                await arriving.MoveNextAsync();
                return Stopwatch.GetTimestamp();
            });
            await near.AppendAsync(meeting, new LogEntry((ulong)seq, 0, (ulong)seq, body), CancellationToken.None);
            long accepted = Stopwatch.GetTimestamp();
            long arrived = await arrival;
            waits.Add(arrived > accepted ? Stopwatch.GetElapsedTime(accepted, arrived) : TimeSpan.Zero);
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {Told} | {Percentile(waits, 0.5):F2} | {Percentile(waits, 0.95):F2} |"));
    }

    private static TimeSpan FlushTime(string folder)
    {
        byte[] page = new byte[4096];
        var waits = new List<TimeSpan>();
        using var file = new FileStream(Path.Combine(folder, "flush"), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        for (int i = 0; i < 100; i++)
        {
            long start = Stopwatch.GetTimestamp();
            file.Write(page);
            file.Flush(flushToDisk: true);
            waits.Add(Stopwatch.GetElapsedTime(start));
        }

        return TimeSpan.FromMilliseconds(Percentile(waits, 0.5));
    }

    private static double Percentile(List<TimeSpan> spans, double share)
    {
        spans.Sort();
        return spans.Count == 0 ? double.NaN : spans[(int)(share * (spans.Count - 1))].TotalMilliseconds;
    }

    private static MeetingInstance NewMeeting() => new(ByteString.CopyOf("bench"u8), ByteString.Owning(RandomNumberGenerator.GetBytes(16)));
}
