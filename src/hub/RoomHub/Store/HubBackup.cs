using RoomAgent.Crypto;

namespace RoomAgent.Hub.Store;

/// <summary>A small file that goes into a backup beside the database, such as a key.</summary>
/// <param name="Name">By which it is found again.</param>
/// <param name="Content">Its bytes, up to 1 MiB. Whoever gets a secret here zeroes it.</param>
public sealed record BackupFile(string Name, byte[] Content);

/// <summary>What became of a restore.</summary>
public enum RestoreOutcome
{
    /// <summary>All is there.</summary>
    Restored = 1,

    /// <summary>The file is no backup of ours, or of a version that this program does not know.</summary>
    NotABackup,

    /// <summary>The key is wrong, or the file was altered or cut off. Nothing was written.</summary>
    NotAuthentic,

    /// <summary>It was made by a newer program, whose tables this one does not know. Nothing was written.</summary>
    Newer,

    /// <summary>The database has tables already; a backup goes only into an empty one. Nothing was written.</summary>
    NotEmpty,
}

/// <summary>A restore that happened or did not.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Files">The files that were in it; none unless it was restored.</param>
public sealed record RestoreResult(RestoreOutcome Outcome, IReadOnlyList<BackupFile> Files);

/// <summary>Everything in the database in one encrypted file, as of one moment, while hubs go on working.</summary>
/// <remarks>
/// <para>The file holds rows, not pages: a backup of an SQLite file can be restored into PostgreSQL and the other way round, which is how one machine becomes many,
/// and a newer program restores what an older one saved. Presence is left out; it is made anew.</para>
/// <para>A restored log may lack what was accepted after the backup. Therefore every meeting that is not over gets a higher floor: its members found a new
/// generation instead of going on from a state that others have left behind (MEETING section 3, rule 5).</para>
/// </remarks>
public static class HubBackup
{
    private const int MostFileBytes = 1 << 20;
    private const int RowsAtOnce = 100;
    private const byte StepMark = (byte)'S', FileMark = (byte)'F', TableMark = (byte)'T', RowMark = (byte)'R', EndMark = (byte)'E';

    // What tells the step of the tables is made by the steps themselves.
    private static readonly string[] s_leftOut = ["schema_step", "hub", "hub_connection", "meeting_home"];

    private sealed record Column(string Table, string Name, SqlType Type);

    /// <summary>Writes a backup.</summary>
    /// <param name="database">The database. Others may read and write it meanwhile.</param>
    /// <param name="files">What goes in beside it.</param>
    /// <param name="output">Where to, from the present position on; it can seek, because a lost connection starts anew. Bringing it to the storage is the caller's business.</param>
    /// <param name="key">32 random bytes.</param>
    /// <param name="crypto">The cryptography.</param>
    /// <param name="random">Of which every file gets a salt.</param>
    /// <param name="cancel">Gives up; the file is then worth nothing, and a restore says so.</param>
    /// <exception cref="StoreException">The database does not answer.</exception>
    /// <exception cref="ArgumentException">A file is too long or the key has another length.</exception>
    /// <exception cref="IOException">The output does not take it.</exception>
    public static Task WriteAsync(Database database, IReadOnlyList<BackupFile> files, Stream output, Secret key, ICryptoProvider crypto, IRandom random, CancellationToken cancel = default)
    {
        if (files.Any(file => file.Content.Length > MostFileBytes))
            throw new ArgumentException("A file in a backup has at most 1 MiB.", nameof(files));

        long start = output.Position;
        return database.ReadAsync(
            async transaction =>
            {
                output.Position = start;
                output.SetLength(start);
                using var writer = new SealedWriter(output, key, crypto, random);
                foreach (int step in await transaction.AllAsync($"SELECT number FROM schema_step ORDER BY number", row => row.Int(0), cancel).ConfigureAwait(false))
                {
                    writer.WriteByte(StepMark);
                    writer.WriteLong(step);
                }

                foreach (BackupFile file in files)
                {
                    writer.WriteByte(FileMark);
                    writer.WriteText(file.Name);
                    writer.WriteBytes(file.Content);
                }

                foreach (IGrouping<string, Column> table in await ColumnsAsync(database, transaction, cancel).ConfigureAwait(false))
                    await WriteTableAsync(transaction, table, writer, cancel).ConfigureAwait(false);

                writer.WriteByte(EndMark);
                writer.Finish();
                return true;
            },
            cancel);
    }

    /// <summary>Restores a backup into an empty database, wholly or not at all, and brings its tables to what this program knows.</summary>
    /// <param name="database">An empty database that is not migrated.</param>
    /// <param name="input">A backup, from the present position on; it can seek, since it is read twice: first to see that all of it is authentic.</param>
    /// <param name="key">The key it was written with.</param>
    /// <param name="crypto">The cryptography.</param>
    /// <param name="now">The date noted beside each step of the tables.</param>
    /// <param name="cancel">Gives up; nothing has happened then.</param>
    /// <exception cref="StoreException">The database does not take it.</exception>
    /// <exception cref="IOException">The input cannot be read.</exception>
    public static async Task<RestoreResult> RestoreAsync(Database database, Stream input, Secret key, ICryptoProvider crypto, DateTimeOffset now, CancellationToken cancel = default)
    {
        long start = input.Position;
        using (SealedReader? reader = SealedReader.Start(input, key, crypto))
        {
            if (reader is null)
                return Refused(RestoreOutcome.NotABackup);
            if (!reader.IsAuthentic())
                return Refused(RestoreOutcome.NotAuthentic);
        }

        return await database.WriteAsync(
            async transaction =>
            {
                await database.LockSchemaAsync(transaction, cancel).ConfigureAwait(false);
                if ((await transaction.AllAsync(database.Catalog, row => row.Text(0), cancel).ConfigureAwait(false)).Count > 0)
                    return Refused(RestoreOutcome.NotEmpty);

                input.Position = start;
                using SealedReader reader = SealedReader.Start(input, key, crypto) ?? throw new InvalidDataException("The backup changed while it was read.");
                return await RestoreAsync(database, transaction, reader, now, cancel).ConfigureAwait(false);
            },
            Isolation.ReadCommitted,
            cancel: cancel).ConfigureAwait(false);
    }

    // 1. The tables as they were when the backup was made.
    // 2. Their rows, in whatever order, and then that they fit together.
    // 3. The tables as this program wants them.
    // 4. No meeting goes on from here as if nothing had been.
    private static async Task<RestoreResult> RestoreAsync(Database database, Transaction transaction, SealedReader reader, DateTimeOffset now, CancellationToken cancel)
    {
        var steps = new List<Migration>();
        byte mark;
        for (mark = reader.ReadByte(); mark == StepMark; mark = reader.ReadByte())
        {
            long number = reader.ReadLong();
            if (Migration.All.FirstOrDefault(step => step.Number == number) is not { } known)
                return Refused(RestoreOutcome.Newer);
            steps.Add(known);
        }

        await Migration.ApplyAsync(transaction, steps, now, cancel).ConfigureAwait(false);

        var files = new List<BackupFile>();
        for (; mark == FileMark; mark = reader.ReadByte())
            files.Add(new BackupFile(reader.ReadText(), reader.ReadBytes()));

        await database.DeferReferencesAsync(transaction, cancel).ConfigureAwait(false);
        ILookup<string, Column> columns = await ColumnsAsync(database, transaction, cancel).ConfigureAwait(false);
        foreach (IGrouping<string, Column> table in columns)
            await transaction.RunScriptAsync($"DELETE FROM \"{table.Key}\"", cancel).ConfigureAwait(false);
        while (mark == TableMark)
            mark = await RestoreTableAsync(transaction, columns, reader, cancel).ConfigureAwait(false);
        if (mark != EndMark)
            throw new InvalidDataException("The backup has a part that this program does not know.");
        await database.CheckReferencesAsync(transaction, cancel).ConfigureAwait(false);

        await Migration.ApplyAsync(transaction, Migration.All, now, cancel).ConfigureAwait(false);
        await transaction.ExecuteAsync(
            $"""
            UPDATE meeting SET floor = CASE WHEN last_generation > floor THEN last_generation ELSE floor END + 1
            WHERE over_at IS NULL AND floor < {uint.MaxValue} AND last_generation < {uint.MaxValue}
            """,
            cancel).ConfigureAwait(false);
        return new RestoreResult(RestoreOutcome.Restored, files);
    }

    private static async Task WriteTableAsync(Transaction transaction, IGrouping<string, Column> table, SealedWriter writer, CancellationToken cancel)
    {
        Column[] columns = [.. table];
        writer.WriteByte(TableMark);
        writer.WriteText(table.Key);
        writer.WriteLong(columns.Length);
        foreach (Column column in columns)
            writer.WriteText(column.Name);

        await transaction.ForEachAsync(
            Sql.OfCatalog($"SELECT {Names(columns)} FROM \"{table.Key}\""),
            row =>
            {
                writer.WriteByte(RowMark);
                for (int i = 0; i < columns.Length; i++)
                    WriteValue(writer, row, i, columns[i].Type);
            },
            cancel).ConfigureAwait(false);
    }

    private static async Task<byte> RestoreTableAsync(Transaction transaction, ILookup<string, Column> known, SealedReader reader, CancellationToken cancel)
    {
        string table = reader.ReadText();
        Column[] columns = new Column[reader.ReadLong()];
        for (int i = 0; i < columns.Length; i++)
        {
            string name = reader.ReadText();
            columns[i] = known[table].FirstOrDefault(column => column.Name == name) ?? throw new InvalidDataException($"The backup has a column {table}.{name} that its own steps do not make.");
        }

        string insert = $"INSERT INTO \"{table}\" ({Names(columns)}) VALUES (";
        var rows = new List<Sql>(RowsAtOnce);
        byte mark;
        for (mark = reader.ReadByte(); mark == RowMark; mark = reader.ReadByte())
        {
            Sql row = Sql.OfCatalog(insert);
            for (int i = 0; i < columns.Length; i++)
            {
                row.AppendLiteral(i == 0 ? "" : ", ");
                row.Append(columns[i].Type, ReadValue(reader, columns[i].Type));
            }

            row.AppendLiteral(") RETURNING 1");
            rows.Add(row);
            if (rows.Count == RowsAtOnce)
                await InsertAsync(transaction, rows, cancel).ConfigureAwait(false);
        }

        await InsertAsync(transaction, rows, cancel).ConfigureAwait(false);
        return mark;
    }

    private static async Task InsertAsync(Transaction transaction, List<Sql> rows, CancellationToken cancel)
    {
        await transaction.EachAsync(rows, row => row.Int(0), cancel).ConfigureAwait(false);
        rows.Clear();
    }

    private static async Task<ILookup<string, Column>> ColumnsAsync(Database database, Transaction transaction, CancellationToken cancel)
    {
        List<Column> columns = await transaction.AllAsync(database.Catalog, row => new Column(row.Text(0), row.Text(1), TypeOf(row.Text(2))), cancel).ConfigureAwait(false);
        return columns.Where(column => !s_leftOut.Contains(column.Table)).ToLookup(column => column.Table);
    }

    private static SqlType TypeOf(string word) => word switch
    {
        "INTEGER" or "bigint" => SqlType.Integer,
        "TEXT" or "text" => SqlType.Text,
        "BLOB" or "bytea" => SqlType.Bytes,
        _ => throw new InvalidOperationException($"A migration uses the type {word}; there are only {{int}}, TEXT and {{bytes}}."),
    };

    private static string Names(IEnumerable<Column> columns) => string.Join(", ", columns.Select(column => $"\"{column.Name}\""));

    private static void WriteValue(SealedWriter writer, Row row, int column, SqlType type)
    {
        object? value = type switch
        {
            SqlType.Integer => row.LongOrNull(column),
            SqlType.Text => row.TextOrNull(column),
            _ => row.BytesOrNull(column),
        };
        writer.WriteByte(value is null ? (byte)0 : (byte)1);
        switch (value)
        {
            case long number:
                writer.WriteLong(number);
                break;
            case string text:
                writer.WriteText(text);
                break;
            case byte[] bytes:
                writer.WriteBytes(bytes);
                break;
        }
    }

    private static object? ReadValue(SealedReader reader, SqlType type)
    {
        if (reader.ReadByte() == 0)
            return null;
        return type switch
        {
            SqlType.Integer => reader.ReadLong(),
            SqlType.Text => reader.ReadText(),
            _ => reader.ReadBytes(),
        };
    }

    private static RestoreResult Refused(RestoreOutcome outcome) => new(outcome, []);
}
