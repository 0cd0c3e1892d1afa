using System.Globalization;
using RoomAgent.Hub.Store;

namespace RoomAgent.Hub.StoreLab;

/// <summary>Contests between hubs that are processes of their own.</summary>
public static class SeveralHubs
{
    /// <summary>Migrates the database, shares the writers out to hubs, starts all at once, and waits for the end.</summary>
    /// <param name="database">The path of a file, or a connection string.</param>
    /// <param name="hubs">How many processes.</param>
    /// <param name="writers">How many writers in all.</param>
    /// <param name="meetings">How many meetings, all at once.</param>
    /// <param name="epochs">How many epochs each meeting has.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>The claims of all hubs together, and how many epochs are in the logs.</returns>
    public static async Task<(ContestResult Claims, int Stored)> ContestAsync(string database, int hubs, int writers, int meetings, int epochs, CancellationToken cancel)
    {
        await using Database door = database.StartsWith('/') ? Database.Sqlite(database) : Database.PostgreSql(database);
        await door.MigrateAsync(DateTimeOffset.UnixEpoch, cancel);

        int each = writers / hubs;
        HubProcess[] processes = [.. Enumerable.Range(0, hubs).Select(hub => HubProcess.Start("hub-contest", database, $"{hub * each}", $"{each}", $"{meetings}", $"{epochs}"))];
        try
        {
            foreach (HubProcess process in processes)
                await process.ReadAsync(cancel);
            foreach (HubProcess process in processes)
                await process.TellAsync("go");

            int claimed = 0, stored = 0;
            foreach (HubProcess process in processes)
            {
                string line = await process.ReadAsync(cancel) ?? throw new InvalidDataException("A hub ended without a result.");
                string[] words = line.Split(' ');
                claimed += int.Parse(words[0], CultureInfo.InvariantCulture);
                stored += int.Parse(words[1], CultureInfo.InvariantCulture);
            }

            await using MeetingStore store = MeetingStore.Start(door);
            return (new ContestResult(claimed, stored), await Contest.CountAsync(store, meetings));
        }
        finally
        {
            foreach (HubProcess process in processes)
                process.Dispose();
        }
    }
}
