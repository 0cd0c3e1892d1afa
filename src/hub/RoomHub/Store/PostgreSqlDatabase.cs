using System.Data;
using System.Net.Sockets;
using Npgsql;

namespace RoomAgent.Hub.Store;

/// <summary>A PostgreSQL server that any number of hubs share.</summary>
internal sealed class PostgreSqlDatabase : Database
{
    // A number that only we use: "roomhub" in ASCII.
    private const long SchemaLock = 0x726f6f6d687562;

    private readonly NpgsqlDataSource _source;

    internal PostgreSqlDatabase(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString)
        {
            IncludeErrorDetail = false,
            MaxAutoPrepare = 100,
            AutoPrepareMinUsages = 2,
        };
        settings.ApplicationName ??= "roomhub";
        if (!settings.ContainsKey("Timeout"))
            settings.Timeout = 5;
        if (!settings.ContainsKey("Command Timeout"))
            settings.CommandTimeout = 15;
        if (!settings.ContainsKey("Keepalive"))
            settings.KeepAlive = 10;

        ConnectionString = settings.ToString();
        _source = NpgsqlDataSource.Create(settings);
    }

    public override Dialect Dialect => Dialect.PostgreSql;

    /// <summary>With the password: never to be shown.</summary>
    internal string ConnectionString { get; }

    public override ValueTask DisposeAsync() => _source.DisposeAsync();

    private protected override Task<T> ReadOnceAsync<T>(Func<Transaction, Task<T>> work, CancellationToken cancel) =>
        RunAsync(
            async transaction =>
            {
                await transaction.RunScriptAsync("SET TRANSACTION READ ONLY", cancel).ConfigureAwait(false);
                return await work(transaction).ConfigureAwait(false);
            },
            IsolationLevel.RepeatableRead,
            cancel);

    private protected override Task<T> WriteOnceAsync<T>(Func<Transaction, Task<T>> work, Isolation isolation, Durability durability, CancellationToken cancel) =>
        RunAsync(
            async transaction =>
            {
                if (durability == Durability.ProcessLoss)
                    await transaction.RunScriptAsync("SET LOCAL synchronous_commit = off", cancel).ConfigureAwait(false);
                return await work(transaction).ConfigureAwait(false);
            },
            isolation == Isolation.Serializable ? IsolationLevel.Serializable : IsolationLevel.ReadCommitted,
            cancel);

    private protected override async Task CheckPromisesAsync(CancellationToken cancel)
    {
        List<string> wrong = await ReadAsync(
            transaction => transaction.AllAsync(
                $"SELECT name FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND setting = 'off' ORDER BY name",
                row => row.Text(0),
                cancel),
            cancel).ConfigureAwait(false);
        if (wrong.Count > 0)
            throw new StoreException(StoreFault.Unsuitable, $"PostgreSQL would forget what it has confirmed when power is lost: turn {string.Join(", ", wrong)} on.");
    }

    internal override Task LockSchemaAsync(Transaction transaction, CancellationToken cancel) =>
        transaction.AllAsync($"SELECT 1 FROM pg_advisory_xact_lock({SchemaLock})", row => row.Int(0), cancel);

    internal override Sql Catalog =>
        $"""
        SELECT table_name::text, column_name::text, data_type::text FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
        WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' ORDER BY table_name, ordinal_position
        """;

    // References are declared as both databases have them by default, so here they are made deferrable for the length of the transaction.
    internal override async Task DeferReferencesAsync(Transaction transaction, CancellationToken cancel)
    {
        await AlterReferencesAsync(transaction, "DEFERRABLE", cancel).ConfigureAwait(false);
        await transaction.RunScriptAsync("SET CONSTRAINTS ALL DEFERRED", cancel).ConfigureAwait(false);
    }

    internal override async Task CheckReferencesAsync(Transaction transaction, CancellationToken cancel)
    {
        await transaction.RunScriptAsync("SET CONSTRAINTS ALL IMMEDIATE", cancel).ConfigureAwait(false);
        await AlterReferencesAsync(transaction, "NOT DEFERRABLE", cancel).ConfigureAwait(false);
    }

    private static async Task AlterReferencesAsync(Transaction transaction, string how, CancellationToken cancel)
    {
        List<string> alterations = await transaction.AllAsync(
            $"""
            SELECT format('ALTER TABLE %s ALTER CONSTRAINT %I ', conrelid::regclass, conname) FROM pg_constraint
            WHERE contype = 'f' AND connamespace = current_schema()::regnamespace
            """,
            row => row.Text(0),
            cancel).ConfigureAwait(false);
        foreach (string alteration in alterations)
            await transaction.RunScriptAsync(alteration + how, cancel).ConfigureAwait(false);
    }

    private async Task<T> RunAsync<T>(Func<PostgreSqlTransaction, Task<T>> work, IsolationLevel isolation, CancellationToken cancel)
    {
        bool isDeciding = false;
        try
        {
            NpgsqlConnection connection = await _source.OpenConnectionAsync(cancel).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                // Disposing it rolls back. BEGIN travels with the first statement.
                NpgsqlTransaction transaction = await connection.BeginTransactionAsync(isolation, cancel).ConfigureAwait(false);
                await using (transaction.ConfigureAwait(false))
                {
                    T result = await work(new PostgreSqlTransaction(connection)).ConfigureAwait(false);
                    isDeciding = true;
                    // Not to be given up half-way: then nobody would know.
                    await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
                    return result;
                }
            }
        }
        catch (PostgresException problem)
        {
            throw Explain(problem, isDeciding);
        }
        catch (Exception problem) when (problem is NpgsqlException or SocketException or IOException or TimeoutException)
        {
            throw isDeciding
                ? new StoreException(StoreFault.Unknown, "The connection to PostgreSQL broke while it decided: the change happened wholly or not at all.", problem)
                : new StoreException(StoreFault.Unavailable, "PostgreSQL does not answer: see that the server runs and can be reached.", problem);
        }
    }

    // The server's own words may quote rows, so they stay in the inner exception.
    private static StoreException Explain(PostgresException problem, bool isDeciding)
    {
        const string QueryCanceled = "57014", CrashShutdown = "57P02", AdminShutdown = "57P01";
        (StoreFault fault, string message) = problem.SqlState switch
        {
            PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.LockNotAvailable => (StoreFault.Busy, "others change the same rows."),
            PostgresErrorCodes.TooManyConnections or QueryCanceled => (StoreFault.Busy, "the server has more to do than it can."),
            PostgresErrorCodes.DiskFull => (StoreFault.Full, "the server's storage is full: make room there."),
            PostgresErrorCodes.ReadOnlySqlTransaction => (StoreFault.ReadOnly, "the server takes no writes: it is a standby, or set to read only."),
            // The server ended the session under us, and whether our decision was before or after that is not said.
            AdminShutdown or CrashShutdown when isDeciding => (StoreFault.Unknown, "the server ended while it decided: the change happened wholly or not at all."),
            PostgresErrorCodes.InvalidCatalogName => (StoreFault.Unsuitable, "there is no database of that name: make it."),
            PostgresErrorCodes.InsufficientPrivilege => (StoreFault.Unsuitable, "the user lacks rights: make it the owner of the database."),
            PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted => (StoreFault.Damaged, "the server says that its content is damaged: restore a backup."),
            ['2', '8', ..] => (StoreFault.Unsuitable, "the server does not let this user in: see user, password and pg_hba.conf."),
            ['2', '3', ..] => (StoreFault.Constraint, "a row breaks a rule of its table."),
            ['5', '8', ..] => (StoreFault.Damaged, "the server's storage does not read or write as it should: see its log."),
            ['0', '8', ..] or ['5', '7', ..] or ['5', '3', ..] => (StoreFault.Unavailable, "the server is starting, stopping or out of means."),
            _ => (StoreFault.Unsuitable, "the server does not understand a statement of this program."),
        };
        return new StoreException(fault, $"PostgreSQL: {message} ({problem.SqlState})", problem);
    }
}
