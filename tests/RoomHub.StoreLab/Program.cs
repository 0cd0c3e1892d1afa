using System.Diagnostics;
using System.Globalization;
using RoomAgent.Hub.Meetings;
using RoomAgent.Hub.Store;
using RoomAgent.Hub.StoreLab;
using RoomAgent.Wire;

// contest EPOCHS                                          both databases, 8 writers, as ./measure does it
// hub-contest DATABASE FIRST WRITERS MEETINGS EPOCHS      one of several hubs: says "ready", waits for a line, says "CLAIMED STORED"
// hub DATA ADDRESS LISTEN DATABASE MEETINGS               a whole hub, on a SQLite file ("-") or a server, with a calendar in a file; says "ready"
// hub-write DATABASE MEETINGS                             appends for ever and says "MEETING SEQ" once each is accepted
return args switch
{
    ["contest", var epochs] => await ContestAsync(Number(epochs)),
    ["hub", var data, var address, var listen, var database, var meetings] => await WholeHub.RunAsync(data, address, listen, database, meetings),
    ["hub-contest", var database, var first, var writers, var meetings, var epochs] => await HubContestAsync(database, Number(first), Number(writers), Number(meetings), Number(epochs)),
    ["hub-write", var database, var meetings] => await HubWriteAsync(database, Number(meetings)),
    _ => Misused(),
};

static int Misused()
{
    Console.Error.WriteLine("RoomHub.StoreLab contest EPOCHS");
    return 64;
}

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

static Database Open(string database) => database.StartsWith('/') ? Database.Sqlite(database) : Database.PostgreSql(database);

static async Task<int> ContestAsync(int epochs)
{
    const int Meetings = 100;
    int each = (epochs + Meetings - 1) / Meetings;
    Console.WriteLine("| database | hubs | writers | epochs | winners told | winners stored | seconds |");
    Console.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");

    bool isGood = true;
    string folder = Directory.CreateTempSubdirectory("roomhub-contest-").FullName;
    try
    {
        isGood &= await MeasureAsync("SQLite", Path.Combine(folder, "hub.db"), hubs: 1, Meetings, each);
    }
    finally
    {
        Directory.Delete(folder, recursive: true);
    }

    if (PostgreSqlServer.Missing is { } missing)
    {
        Console.Error.WriteLine(missing);
        return 1;
    }

    using var server = new PostgreSqlServer();
    isGood &= await MeasureAsync("PostgreSQL", server.NewDatabase(), hubs: 2, Meetings, each);
    return isGood ? 0 : 1;
}

static async Task<bool> MeasureAsync(string name, string database, int hubs, int meetings, int epochs)
{
    const int Writers = 8;
    var watch = Stopwatch.StartNew();
    (ContestResult result, int stored) = await SeveralHubs.ContestAsync(database, hubs, Writers, meetings, epochs, CancellationToken.None);
    int expected = meetings * epochs;
    Console.WriteLine($"| {name} | {hubs} | {Writers} | {expected} | {result.Claimed} | {result.Stored} | {watch.Elapsed.TotalSeconds:F0} |");
    return (result.Claimed, result.Stored, stored) == (expected, expected, expected);
}

static async Task<int> HubContestAsync(string database, int first, int writers, int meetings, int epochs)
{
    await using Database door = Open(database);
    await using MeetingStore store = MeetingStore.Start(door);
    Console.WriteLine("ready");
    Console.ReadLine();
    ContestResult result = await Contest.RunAsync(store, first, writers, meetings, epochs);
    Console.WriteLine($"{result.Claimed} {result.Stored}");
    return 0;
}

static async Task<int> HubWriteAsync(string database, int meetings)
{
    await using Database door = Open(database);
    await using MeetingStore store = MeetingStore.Start(door);
    await Task.WhenAll(Enumerable.Range(0, meetings).Select(async meeting =>
    {
        ulong seq = 0;
        while (true)
        {
            if (seq == 0)
                seq = (ulong)(await store.ReadAsync(Contest.Meeting(meeting), 0, int.MaxValue, CancellationToken.None)).Count + 1;
            AppendOutcome outcome = await store.AppendAsync(Contest.Meeting(meeting), new LogEntry(seq, 0, seq - 1, ByteString.CopyOf(new byte[200])), CancellationToken.None);
            if (outcome == AppendOutcome.Appended)
                Say($"{meeting} {seq++}");
            else
                seq = 0;
        }
    }));
    return 0;
}

static void Say(string line)
{
    lock (Console.Out)
        Console.WriteLine(line);
}
