using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace RoomAgent.Hub.Store;

/// <summary>One connection to the file, with the statements that it has compiled.</summary>
internal sealed class SqliteLink(SqliteConnection connection) : Transaction, IDisposable
{
    // There are as many texts as the program has statements; the bound is for a mistake.
    private const int MostCommands = 500;

    private readonly Dictionary<string, SqliteCommand> _commands = [];
    private readonly List<Announcement> _announcements = [];
    private Durability? _durability;

    public override Dialect Dialect => Dialect.Sqlite;

    /// <summary>The connection, for what is not SQL.</summary>
    internal SqliteConnection Connection => connection;

    /// <summary>Set between transactions. FULL waits for the storage at every commit, NORMAL only when the log is taken into the file.</summary>
    internal Durability Durability
    {
        set
        {
            if (_durability == value)
                return;
            Run(value == Durability.PowerLoss ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
            _durability = value;
        }
    }

    /// <summary>Runs a text of ours that takes no values.</summary>
    internal void Run(string text) => Command(text).ExecuteNonQuery();

    /// <summary>Rolls back what is still open.</summary>
    /// <returns>Whether the connection is good for another transaction.</returns>
    internal bool TryEndTransaction()
    {
        try
        {
            if (connection.State != System.Data.ConnectionState.Open)
                return false;
            if (SQLitePCL.raw.sqlite3_get_autocommit(connection.Handle) == 0)
                Run("ROLLBACK");
            return true;
        }
        catch (SqliteException)
        {
            return false;
        }
    }

    public override async Task<List<T>[]> EachAsync<T>(IReadOnlyList<Sql> statements, Func<Row, T> read, CancellationToken cancel = default)
    {
        var results = new List<T>[statements.Count];
        for (int i = 0; i < results.Length; i++)
            results[i] = await AllAsync(statements[i], read, cancel).ConfigureAwait(false);
        return results;
    }

    public override Task AnnounceAsync(string topic, byte[] content, CancellationToken cancel = default)
    {
        _announcements.Add(new Announcement(topic, content));
        return Task.CompletedTask;
    }

    /// <summary>What the transaction wanted to tell, which is then forgotten.</summary>
    internal Announcement[] TakeAnnouncements()
    {
        Announcement[] announcements = [.. _announcements];
        _announcements.Clear();
        return announcements;
    }

    public void Dispose()
    {
        ForgetCommands();
        connection.Dispose();
    }

    internal override async Task RunScriptAsync(string script, CancellationToken cancel)
    {
        SqliteCommand command = connection.CreateCommand();
        await using (command.ConfigureAwait(false))
        {
            command.CommandText = script;
            await command.ExecuteNonQueryAsync(cancel).ConfigureAwait(false);
        }
    }

    private protected override DbCommand Prepare(Sql statement)
    {
        SqliteCommand command = Command(statement.Text);
        for (int i = 0; i < statement.Values.Count; i++)
        {
            if (i == command.Parameters.Count)
                command.Parameters.Add(new SqliteParameter($"${i + 1}", value: null));
            command.Parameters[i].Value = statement.Values[i].Value ?? DBNull.Value;
        }

        return command;
    }

    // The values go, the compiled statement stays.
    private protected override ValueTask DoneAsync(DbCommand command)
    {
        foreach (SqliteParameter parameter in command.Parameters)
            parameter.Value = DBNull.Value;
        return ValueTask.CompletedTask;
    }

    private SqliteCommand Command(string text)
    {
        if (_commands.TryGetValue(text, out SqliteCommand? command))
            return command;

        if (_commands.Count == MostCommands)
            ForgetCommands();
        command = connection.CreateCommand();
        command.CommandText = text;
        _commands.Add(text, command);
        return command;
    }

    private void ForgetCommands()
    {
        foreach (SqliteCommand command in _commands.Values)
            command.Dispose();
        _commands.Clear();
    }
}
