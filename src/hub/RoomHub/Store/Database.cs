using System.Diagnostics;

namespace RoomAgent.Hub.Store;

/// <summary>How far a write's effects must reach before the caller is told that it happened.</summary>
public enum Durability
{
    /// <summary>To the storage: it survives that the machine loses power.</summary>
    PowerLoss,

    /// <summary>To the database: it survives that this process dies, and may be lost with the machine. For what is made anew after a start anyway, such as who is connected.</summary>
    ProcessLoss,
}

/// <summary>How transactions that run at the same time see each other.</summary>
public enum Isolation
{
    /// <summary>As if they ran one after another. One that cannot be so is run again.</summary>
    Serializable,

    /// <summary>Each statement sees what was committed before it began; a row being changed by another is waited for. For statements whose own condition is the fence. SQLite has one writer, so it is always serialisable.</summary>
    ReadCommitted,
}

/// <summary>What a transaction of any hub wanted all hubs to know.</summary>
/// <param name="Topic">What it is about.</param>
/// <param name="Content">What to look up.</param>
public sealed record Announcement(string Topic, byte[] Content);

/// <summary>The one database of the hubs: an SQLite file or a PostgreSQL server, in plain SQL.</summary>
/// <remarks>
/// <para>Work is a function that gets a <see cref="Transaction"/>. It may be run several times (after a serialisation failure or a lost connection),
/// so it does nothing but talk to the transaction and give a result; on SQLite it also holds up all other writers, so it waits for nothing else.
/// What it throws rolls the transaction back and comes out unchanged.</para>
/// <para>Everything else that goes wrong is a <see cref="StoreException"/>. A lost connection is made anew by the next call; for some 3 s a call waits for that itself.</para>
/// <para>Safe for any number of callers at once.</para>
/// </remarks>
public abstract class Database : IAsyncDisposable
{
    private const int MostAttemptsWhenBusy = 25;
    private const int MostAttemptsWhenUnavailable = 7;

    private protected Database()
    {
    }

    /// <summary>
    /// A transaction that announced something has happened, here or in another hub; in the order in which they happened. On PostgreSQL it is heard while a
    /// <see cref="MeetingStore"/> listens. Handlers are quick and do not throw.
    /// </summary>
    public event Action<Announcement>? Announced;

    /// <summary>Announcements may have been missed, because the server was away: whoever keeps what it was told looks everything up anew.</summary>
    public event Action? AnnouncementsMissed;

    /// <summary>Which of the two it is.</summary>
    public abstract Dialect Dialect { get; }

    /// <summary>An SQLite file, which is made at first use, for its owner alone. Nothing is opened yet.</summary>
    /// <param name="path">The file; beside it are <c>-wal</c> and <c>-shm</c>, which belong to it.</param>
    public static Database Sqlite(string path) => new SqliteDatabase(path);

    /// <summary>A PostgreSQL server. Nothing is connected yet.</summary>
    /// <param name="connectionString">In Npgsql's words: <c>Host=...;Database=...;Username=...</c>.</param>
    /// <exception cref="ArgumentException">It is not a connection string.</exception>
    public static Database PostgreSql(string connectionString) => new PostgreSqlDatabase(connectionString);

    /// <summary>Runs <paramref name="work"/> on one unchanging view of the database. It cannot write.</summary>
    /// <exception cref="StoreException">The database does not answer or is damaged.</exception>
    public Task<T> ReadAsync<T>(Func<Transaction, Task<T>> work, CancellationToken cancel = default) =>
        AgainAsync("read", () => ReadOnceAsync(work, cancel), cancel);

    /// <summary>Runs <paramref name="work"/> and makes all of it happen, or nothing.</summary>
    /// <exception cref="StoreException">Nothing happened, and why; or it is unknown whether it did.</exception>
    public Task<T> WriteAsync<T>(
        Func<Transaction, Task<T>> work,
        Isolation isolation = Isolation.Serializable,
        Durability durability = Durability.PowerLoss,
        CancellationToken cancel = default) =>
        AgainAsync("write", () => WriteOnceAsync(work, isolation, durability, cancel), cancel);

    /// <inheritdoc cref="WriteAsync{T}(Func{Transaction, Task{T}}, Isolation, Durability, CancellationToken)"/>
    public Task WriteAsync(
        Func<Transaction, Task> work,
        Isolation isolation = Isolation.Serializable,
        Durability durability = Durability.PowerLoss,
        CancellationToken cancel = default) =>
        WriteAsync(
            async transaction =>
            {
                await work(transaction).ConfigureAwait(false);
                return true;
            },
            isolation,
            durability,
            cancel);

    /// <summary>Brings the tables to what this program knows: all missing migrations in one transaction. Called once, before anything else.</summary>
    /// <param name="now">The date noted beside each migration.</param>
    /// <param name="cancel">Gives up; nothing has happened then.</param>
    /// <exception cref="StoreException"><see cref="StoreFault.Newer"/> when the database was changed by a newer program, <see cref="StoreFault.Unsuitable"/> when it cannot keep what we promise.</exception>
    public async Task MigrateAsync(DateTimeOffset now, CancellationToken cancel = default)
    {
        await CheckPromisesAsync(cancel).ConfigureAwait(false);
        await Migration.ApplyAsync(this, Migration.All, now, cancel).ConfigureAwait(false);
    }

    /// <summary>Closes all connections. Work that still runs fails.</summary>
    public abstract ValueTask DisposeAsync();

    /// <summary>Tells those who listen in this process.</summary>
    internal void Tell(Announcement announcement) => Announced?.Invoke(announcement);

    /// <summary>Tells them that they may have missed something.</summary>
    internal void TellMissed() => AnnouncementsMissed?.Invoke();

    /// <summary>One attempt to read.</summary>
    private protected abstract Task<T> ReadOnceAsync<T>(Func<Transaction, Task<T>> work, CancellationToken cancel);

    /// <summary>One attempt to write.</summary>
    private protected abstract Task<T> WriteOnceAsync<T>(Func<Transaction, Task<T>> work, Isolation isolation, Durability durability, CancellationToken cancel);

    /// <summary>Throws when the database is set up so that it would forget what it has confirmed.</summary>
    private protected abstract Task CheckPromisesAsync(CancellationToken cancel);

    /// <summary>Inside a transaction: only one hub at a time gets past this.</summary>
    internal abstract Task LockSchemaAsync(Transaction transaction, CancellationToken cancel);

    /// <summary>The tables and their columns, in order; a row each: table, column, type in the database's words.</summary>
    internal abstract Sql Catalog { get; }

    /// <summary>Inside a transaction: references between tables need not hold until <see cref="CheckReferencesAsync"/>.</summary>
    internal abstract Task DeferReferencesAsync(Transaction transaction, CancellationToken cancel);

    /// <summary>Inside a transaction: from now on they hold again. On SQLite what does not is noticed at the end of the transaction.</summary>
    internal abstract Task CheckReferencesAsync(Transaction transaction, CancellationToken cancel);

    // Only what certainly did not happen is done again.
    private static async Task<T> AgainAsync<T>(string operation, Func<Task<T>> attempt, CancellationToken cancel)
    {
        long since = Stopwatch.GetTimestamp();
        for (int attempts = 1; ; attempts++)
        {
            try
            {
                T result = await attempt().ConfigureAwait(false);
                StoreMeter.Done(operation, since, fault: null);
                return result;
            }
            catch (StoreException problem)
            {
                if (!MayTryAgain(problem.Fault, attempts))
                {
                    StoreMeter.Done(operation, since, problem.Fault);
                    throw;
                }

                await Task.Delay(Pause(problem.Fault, attempts), cancel).ConfigureAwait(false);
            }
        }
    }

    private static bool MayTryAgain(StoreFault fault, int attempts) => fault switch
    {
        StoreFault.Busy => attempts < MostAttemptsWhenBusy,
        StoreFault.Unavailable => attempts < MostAttemptsWhenUnavailable,
        _ => false,
    };

    // Random, so that those who collided do not meet again: up to 1, 2, 4 ... 64 ms. A server needs longer: 50, 100 ... 1,600 ms.
    private static TimeSpan Pause(StoreFault fault, int attempts) => fault == StoreFault.Busy
        ? TimeSpan.FromMilliseconds(Random.Shared.NextDouble() * (1 << Math.Min(attempts - 1, 6)))
        : TimeSpan.FromMilliseconds(50 << Math.Min(attempts - 1, 5));
}
