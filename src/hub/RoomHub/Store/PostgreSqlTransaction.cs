using System.Data.Common;
using Npgsql;
using NpgsqlTypes;

namespace RoomAgent.Hub.Store;

/// <summary>The transaction that is open on a connection. Npgsql prepares what is used often by itself.</summary>
internal sealed class PostgreSqlTransaction(NpgsqlConnection connection) : Transaction
{
    public override Dialect Dialect => Dialect.PostgreSql;

    public override async Task<List<T>[]> EachAsync<T>(IReadOnlyList<Sql> statements, Func<Row, T> read, CancellationToken cancel = default)
    {
        var results = new List<T>[statements.Count];
        if (results.Length == 0)
            return results;

        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            foreach (Sql statement in statements)
            {
                var command = new NpgsqlBatchCommand(statement.Text);
                AddValues(command.Parameters, statement);
                batch.BatchCommands.Add(command);
            }

            // A statement without RETURNING has no result set of its own, so each of ours has it.
            NpgsqlDataReader reader = await batch.ExecuteReaderAsync(cancel).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                for (int i = 0; i < results.Length; i++)
                {
                    if (i > 0 && !await reader.NextResultAsync(cancel).ConfigureAwait(false))
                        throw new ArgumentException("Each statement must give rows: end it with RETURNING.", nameof(statements));
                    results[i] = await DrainAsync(reader, read, cancel).ConfigureAwait(false);
                }
            }
        }

        return results;
    }

    public override Task AnnounceAsync(string topic, byte[] content, CancellationToken cancel = default) =>
        AllAsync($"SELECT 1 FROM pg_logical_emit_message(true, {LogReplication.AnnouncementPrefix + topic}, {content})", row => row.Int(0), cancel);

    internal override async Task RunScriptAsync(string script, CancellationToken cancel)
    {
        var command = new NpgsqlCommand(script, connection);
        await using (command.ConfigureAwait(false))
            await command.ExecuteNonQueryAsync(cancel).ConfigureAwait(false);
    }

    private protected override DbCommand Prepare(Sql statement)
    {
        var command = new NpgsqlCommand(statement.Text, connection);
        AddValues(command.Parameters, statement);
        return command;
    }

    private protected override ValueTask DoneAsync(DbCommand command) => command.DisposeAsync();

    private static void AddValues(NpgsqlParameterCollection parameters, Sql statement)
    {
        foreach (SqlValue value in statement.Values)
        {
            NpgsqlDbType type = value.Type switch
            {
                SqlType.Integer => NpgsqlDbType.Bigint,
                SqlType.Text => NpgsqlDbType.Text,
                _ => NpgsqlDbType.Bytea,
            };
            parameters.Add(new NpgsqlParameter { NpgsqlDbType = type, Value = value.Value ?? DBNull.Value });
        }
    }
}
