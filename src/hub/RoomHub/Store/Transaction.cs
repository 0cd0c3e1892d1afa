using System.Data.Common;

namespace RoomAgent.Hub.Store;

/// <summary>What can be done inside a transaction. One statement at a time.</summary>
public abstract class Transaction
{
    private protected Transaction()
    {
    }

    /// <summary>Which database this is, for the few statements that differ.</summary>
    public abstract Dialect Dialect { get; }

    /// <summary>Runs a statement that gives no rows.</summary>
    /// <returns>How many rows it inserted, changed or deleted.</returns>
    public async Task<int> ExecuteAsync(Sql statement, CancellationToken cancel = default)
    {
        DbCommand command = Prepare(statement);
        try
        {
            return await command.ExecuteNonQueryAsync(cancel).ConfigureAwait(false);
        }
        finally
        {
            await DoneAsync(command).ConfigureAwait(false);
        }
    }

    /// <summary>The first row, read by <paramref name="read"/>; <see langword="default"/> when there is none (so ask for a nullable type).</summary>
    public async Task<T?> FirstAsync<T>(Sql statement, Func<Row, T> read, CancellationToken cancel = default)
    {
        List<T> rows = await AllAsync(statement, read, cancel).ConfigureAwait(false);
        return rows.Count > 0 ? rows[0] : default;
    }

    /// <summary>All rows, read by <paramref name="read"/>. The statement says how many there may be (LIMIT) where strangers decide about it.</summary>
    public async Task<List<T>> AllAsync<T>(Sql statement, Func<Row, T> read, CancellationToken cancel = default)
    {
        DbCommand command = Prepare(statement);
        try
        {
            DbDataReader reader = await command.ExecuteReaderAsync(cancel).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
                return await DrainAsync(reader, read, cancel).ConfigureAwait(false);
        }
        finally
        {
            await DoneAsync(command).ConfigureAwait(false);
        }
    }

    /// <summary>Runs statements in order, in one round trip where there is one to save, and gives the rows of each.</summary>
    public abstract Task<List<T>[]> EachAsync<T>(IReadOnlyList<Sql> statements, Func<Row, T> read, CancellationToken cancel = default);

    /// <summary>Tells all hubs, this one too, once the transaction has happened (<see cref="Database.Announced"/>): that a device was revoked, that a calendar changed.</summary>
    /// <param name="topic">What it is about: 1 to 50 ASCII letters, digits, hyphens.</param>
    /// <param name="content">What whoever listens needs to look it up; not the thing itself.</param>
    /// <param name="cancel">Gives up.</param>
    public abstract Task AnnounceAsync(string topic, byte[] content, CancellationToken cancel = default);

    /// <summary>Shows each row as it arrives, so that there may be more of them than memory.</summary>
    internal async Task ForEachAsync(Sql statement, Action<Row> see, CancellationToken cancel)
    {
        DbCommand command = Prepare(statement);
        try
        {
            DbDataReader reader = await command.ExecuteReaderAsync(cancel).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                while (await reader.ReadAsync(cancel).ConfigureAwait(false))
                    see(new Row(reader));
            }
        }
        finally
        {
            await DoneAsync(command).ConfigureAwait(false);
        }
    }

    /// <summary>Runs a file of statements that take no values.</summary>
    internal abstract Task RunScriptAsync(string script, CancellationToken cancel);

    /// <summary>A command with the statement's text and values.</summary>
    private protected abstract DbCommand Prepare(Sql statement);

    /// <summary>Takes a command back.</summary>
    private protected abstract ValueTask DoneAsync(DbCommand command);

    private protected static async Task<List<T>> DrainAsync<T>(DbDataReader reader, Func<Row, T> read, CancellationToken cancel)
    {
        var rows = new List<T>();
        while (await reader.ReadAsync(cancel).ConfigureAwait(false))
            rows.Add(read(new Row(reader)));
        return rows;
    }
}
