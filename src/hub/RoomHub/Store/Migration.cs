using System.Text.RegularExpressions;

namespace RoomAgent.Hub.Store;

/// <summary>
/// One step of the tables: the file <c>Migrations/NNNN-what.sql</c>, or <c>NNNN-what.sqlite.sql</c> and <c>NNNN-what.postgresql.sql</c> where the two differ
/// by more than words (see <see cref="Dialect.Translate"/>). A step that was ever released is never changed.
/// </summary>
/// <remarks>
/// Numbers order the steps and may have gaps; each part of the hub counts in a range of its own, so that parts can be built side by side:
/// 0001 the store, 0100 accounts and tokens, 0200 calendar and lobby, 0300 people. Which steps a database has is kept in it, one row each.
/// </remarks>
internal sealed partial record Migration(int Number, string Name, string? ForBoth, string? ForSqlite, string? ForPostgreSql)
{
    /// <summary>All that this program knows, in order.</summary>
    public static IReadOnlyList<Migration> All { get; } = ReadAll();

    /// <summary>Applies in one transaction those of <paramref name="known"/> that the database lacks.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.Newer"/> when it has one that is not known.</exception>
    public static Task ApplyAsync(Database database, IReadOnlyList<Migration> known, DateTimeOffset now, CancellationToken cancel) =>
        // Read committed, so that whoever had to wait for another hub sees what that one has done.
        database.WriteAsync(
            async transaction =>
            {
                await database.LockSchemaAsync(transaction, cancel).ConfigureAwait(false);
                await ApplyAsync(transaction, known, now, cancel).ConfigureAwait(false);
            },
            Isolation.ReadCommitted,
            cancel: cancel);

    /// <summary>The same inside a transaction that has locked the schema.</summary>
    public static async Task ApplyAsync(Transaction transaction, IReadOnlyList<Migration> known, DateTimeOffset now, CancellationToken cancel)
    {
        await transaction.RunScriptAsync(
            transaction.Dialect.Translate("CREATE TABLE IF NOT EXISTS schema_step (number {int} PRIMARY KEY, name TEXT NOT NULL, applied_at {int} NOT NULL){strict}"),
            cancel).ConfigureAwait(false);
        List<int> applied = await transaction.AllAsync($"SELECT number FROM schema_step ORDER BY number", row => row.Int(0), cancel).ConfigureAwait(false);

        int unknown = applied.Except(known.Select(step => step.Number)).LastOrDefault();
        if (unknown != 0)
            throw new StoreException(StoreFault.Newer, $"A newer program has changed this database (step {unknown}), and this one would not know what it reads: install that version or a later one, or restore a backup of before.");

        foreach (Migration step in known.Where(step => !applied.Contains(step.Number)))
        {
            await transaction.RunScriptAsync(step.TextFor(transaction.Dialect), cancel).ConfigureAwait(false);
            await transaction.ExecuteAsync($"INSERT INTO schema_step (number, name, applied_at) VALUES ({step.Number}, {step.Name}, {now})", cancel).ConfigureAwait(false);
        }
    }

    private string TextFor(Dialect dialect)
    {
        string? own = dialect == Dialect.Sqlite ? ForSqlite : ForPostgreSql;
        return dialect.Translate(own ?? ForBoth ?? throw new InvalidOperationException($"Step {Number} has no text for {dialect.Name}."));
    }

    private static List<Migration> ReadAll()
    {
        var steps = new SortedDictionary<int, Migration>();
        foreach (string resource in typeof(Migration).Assembly.GetManifestResourceNames())
        {
            Match match = FileName().Match(resource);
            if (!match.Success)
                continue;

            int number = int.Parse(match.Groups["number"].ValueSpan);
            string name = match.Groups["name"].Value;
            Migration step = steps.GetValueOrDefault(number) ?? new Migration(number, name, null, null, null);
            if (step.Name != name)
                throw new InvalidOperationException($"Two steps have the number {number}: {step.Name} and {name}.");

            using var reader = new StreamReader(typeof(Migration).Assembly.GetManifestResourceStream(resource)!);
            string text = reader.ReadToEnd();
            steps[number] = match.Groups["dialect"].Value switch
            {
                "sqlite" => step with { ForSqlite = text },
                "postgresql" => step with { ForPostgreSql = text },
                _ => step with { ForBoth = text },
            };
        }

        return [.. steps.Values];
    }

    [GeneratedRegex(@"^migrations/(?<number>\d{4})-(?<name>[a-z-]+)(\.(?<dialect>sqlite|postgresql))?\.sql$")]
    private static partial Regex FileName();
}
