using System.Globalization;
using RoomAgent.Hub.Meetings;

namespace RoomAgent.Hub.Store.Tests;

/// <summary>The contests of ./measure --soak in short form, and writers that are killed.</summary>
public sealed class SqliteContestTests : IDisposable
{
    private const int Writers = 8, Meetings = 50, Epochs = 40;

    private readonly SqliteFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task EachOfTwoThousandEpochsHasOneWinner()
    {
        await using Database database = _file.Open();
        await database.MigrateAsync(DateTimeOffset.UnixEpoch);
        await using MeetingStore store = MeetingStore.Start(database);

        ContestResult result = await Contest.RunAsync(store, 0, Writers, Meetings, Epochs);

        Assert.Equal(new ContestResult(Meetings * Epochs, Meetings * Epochs), result);
        Assert.Equal(Meetings * Epochs, await Contest.CountAsync(store, Meetings));
    }

    [Fact]
    [Trait("Category", "Peer")]
    public async Task TwoProcessesOnOneFileHaveOneWinnerEach()
    {
        (ContestResult claims, int stored) = await SeveralHubs.ContestAsync(_file.FilePath, hubs: 2, Writers, meetings: 10, epochs: 10, TestContext.Current.CancellationToken);

        Assert.Equal((new ContestResult(100, 100), 100), (claims, stored));
    }

    [Fact]
    [Trait("Category", "Peer")]
    public Task KillingTheWriterLosesNothingThatItWasTold() => KilledWriter.LosesNothingAsync(_file.FilePath, _file);
}

/// <summary>The same, two hubs on a server.</summary>
[Trait("Category", "Peer")]
[Collection<ServerCollection>]
public sealed class PostgreSqlContestTests(PostgreSqlServer server) : IDisposable
{
    private const int Writers = 8, Meetings = 50, Epochs = 40;

    private readonly ServerDatabase _origin = new(server);

    public void Dispose() => _origin.Dispose();

    [Fact]
    public async Task EachOfTwoThousandEpochsHasOneWinner()
    {
        (ContestResult claims, int stored) = await SeveralHubs.ContestAsync(_origin.ConnectionString, hubs: 2, Writers, Meetings, Epochs, TestContext.Current.CancellationToken);

        Assert.Equal((new ContestResult(Meetings * Epochs, Meetings * Epochs), Meetings * Epochs), (claims, stored));
    }

    [Fact]
    public Task KillingTheWriterLosesNothingThatItWasTold() => KilledWriter.LosesNothingAsync(_origin.ConnectionString, _origin);
}

/// <summary>A hub that is killed amid its writes, whatever it is doing.</summary>
internal static class KilledWriter
{
    private const int Meetings = 4, Kills = 3, AcceptedBeforeEach = 60;

    public static async Task LosesNothingAsync(string database, TestDatabase origin)
    {
        await using Database door = origin.Open();
        await door.MigrateAsync(DateTimeOffset.UnixEpoch);
        await using MeetingStore store = MeetingStore.Start(door);

        int known = 0;
        for (int kills = 0; kills < Kills; kills++)
        {
            int[] accepted = new int[Meetings];
            using HubProcess hub = HubProcess.Start("hub-write", database, $"{Meetings}");
            for (int lines = 0; lines < AcceptedBeforeEach; lines++)
                Note(await hub.ReadAsync(TestContext.Current.CancellationToken), accepted);
            hub.Kill();

            // What it still said is in the pipe.
            while (await hub.ReadAsync(TestContext.Current.CancellationToken) is { } line)
                Note(line, accepted);
            for (int meeting = 0; meeting < Meetings; meeting++)
            {
                IReadOnlyList<LogEntry> log = await store.ReadAsync(Contest.Meeting(meeting), 0, int.MaxValue, default);
                Assert.InRange(log.Count, accepted[meeting], int.MaxValue);
            }

            int stored = await Contest.CountAsync(store, Meetings);
            Assert.True(stored >= known);
            known = stored;
        }
    }

    private static void Note(string? line, int[] accepted)
    {
        // A line that was cut off in its middle says a smaller number, which is as true.
        string[] words = Assert.IsType<string>(line).Split(' ');
        if (words.Length == 2 && int.TryParse(words[1], CultureInfo.InvariantCulture, out int seq))
            accepted[int.Parse(words[0], CultureInfo.InvariantCulture)] = seq;
    }
}
