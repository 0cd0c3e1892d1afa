using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace RoomAgent.Hub.Store;

/// <summary>An SQLite file with a write-ahead log: one writer, and readers that it does not disturb.</summary>
/// <remarks>SQLite works on the calling thread and waits for the storage there, so that work runs on a thread of the pool.</remarks>
internal sealed class SqliteDatabase : Database
{
    private const int MostReaders = 4;
    private const int SecondsToWaitForAnotherProcess = 5;

    private readonly string _path;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly SemaphoreSlim _reading = new(MostReaders);
    private readonly ConcurrentBag<SqliteLink> _readers = [];
    private SqliteLink? _writer;
    private volatile bool _isDisposed;

    static SqliteDatabase() => SQLitePCL.Batteries_V2.Init();

    internal SqliteDatabase(string path) => _path = Path.GetFullPath(path);

    public override Dialect Dialect => Dialect.Sqlite;

    public override async ValueTask DisposeAsync()
    {
        if (_isDisposed)
            return;

        await _writing.WaitAsync().ConfigureAwait(false);
        _isDisposed = true;
        _writing.Release();

        // The writer last: the one that closes last takes the write-ahead log into the file.
        while (_readers.TryTake(out SqliteLink? reader))
            reader.Dispose();
        _writer?.Dispose();
    }

    private protected override Task<T> ReadOnceAsync<T>(Func<Transaction, Task<T>> work, CancellationToken cancel) => Task.Run(
        async () =>
        {
            await _reading.WaitAsync(cancel).ConfigureAwait(false);
            SqliteLink? link = null;
            try
            {
                ObjectDisposedException.ThrowIf(_isDisposed, this);
                if (!_readers.TryTake(out link))
                    link = Open(isWriter: false);
                link.Run("BEGIN");
                T result = await work(link).ConfigureAwait(false);
                link.Run("COMMIT");
                return result;
            }
            catch (SqliteException problem)
            {
                throw Explain(problem);
            }
            finally
            {
                GiveBack(link);
                _reading.Release();
            }
        },
        cancel);

    private protected override Task<T> WriteOnceAsync<T>(Func<Transaction, Task<T>> work, Isolation isolation, Durability durability, CancellationToken cancel) => Task.Run(
        async () =>
        {
            await _writing.WaitAsync(cancel).ConfigureAwait(false);
            try
            {
                ObjectDisposedException.ThrowIf(_isDisposed, this);
                _writer ??= Open(isWriter: true);
                _writer.Durability = durability;
                _writer.Run("BEGIN IMMEDIATE");
                _writer.TakeAnnouncements();
                T result = await work(_writer).ConfigureAwait(false);
                _writer.Run("COMMIT");
                foreach (Announcement announcement in _writer.TakeAnnouncements())
                    Tell(announcement);
                return result;
            }
            catch (SqliteException problem)
            {
                throw Explain(problem);
            }
            finally
            {
                // After a commit there is nothing to roll back. A connection that cannot even do that is thrown away.
                if (_writer is { } writer && !writer.TryEndTransaction())
                {
                    writer.Dispose();
                    _writer = null;
                }

                _writing.Release();
            }
        },
        cancel);

    // Nothing in SQLite's file can weaken what the connection asks for.
    private protected override Task CheckPromisesAsync(CancellationToken cancel) => Task.CompletedTask;

    // There is one writer, also among processes.
    internal override Task LockSchemaAsync(Transaction transaction, CancellationToken cancel) => Task.CompletedTask;

    internal override Sql Catalog =>
        $"""
        SELECT t.name, c.name, c.type FROM sqlite_schema t JOIN pragma_table_info(t.name) c
        WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY t.name, c.cid
        """;

    internal override Task DeferReferencesAsync(Transaction transaction, CancellationToken cancel) =>
        transaction.RunScriptAsync("PRAGMA defer_foreign_keys = ON", cancel);

    internal override Task CheckReferencesAsync(Transaction transaction, CancellationToken cancel) => Task.CompletedTask;

    private void GiveBack(SqliteLink? link)
    {
        if (link is null)
            return;
        if (link.TryEndTransaction() && !_isDisposed)
            _readers.Add(link);
        else
            link.Dispose();
    }

    private SqliteLink Open(bool isWriter)
    {
        // SQLite gives the files beside it the rights of the first.
        if (!File.Exists(_path))
            CreateForOwnerAlone();

        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = _path,
            Mode = SqliteOpenMode.ReadWrite,
            Pooling = false,
            ForeignKeys = true,
            DefaultTimeout = SecondsToWaitForAnotherProcess,
        }.ToString());
        try
        {
            connection.Open();
            var link = new SqliteLink(connection);
            link.Run($"PRAGMA busy_timeout = {SecondsToWaitForAnotherProcess * 1000}");
            link.Run("PRAGMA trusted_schema = OFF");
            if (isWriter)
                link.Run("PRAGMA journal_mode = WAL");
            else
                link.Run("PRAGMA query_only = ON");
            return link;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private void CreateForOwnerAlone()
    {
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using var file = new FileStream(_path, options);
        }
        catch (IOException) when (File.Exists(_path))
        {
            // Another one was quicker.
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(StoreFault.Unsuitable, $"The database {_path} cannot be made: see that its folder is there and may be written by this user.", problem);
        }
    }

    private StoreException Explain(SqliteException problem)
    {
        const int Error = 1, Permission = 3, Busy = 5, Locked = 6, ReadOnly = 8, InputOutput = 10, Corrupt = 11, Full = 13, CannotOpen = 14, TooBig = 18, Constraint = 19, Mismatch = 20, Misuse = 21, Range = 25, NotADatabase = 26;
        (StoreFault fault, string message) = problem.SqliteErrorCode switch
        {
            Busy or Locked => (StoreFault.Busy, "another process keeps it locked."),
            ReadOnly or Permission => (StoreFault.ReadOnly, "it may not be written: see who owns the file and its folder, and whether the file system is mounted for writing."),
            Full => (StoreFault.Full, "the storage is full: make room."),
            CannotOpen => (StoreFault.Unsuitable, "it cannot be opened: see that it is a file that this user may read and write."),
            InputOutput => (StoreFault.Damaged, "the storage does not read or write as it should: see the system's log."),
            Corrupt or NotADatabase => (StoreFault.Damaged, "its content is damaged or is no database: restore a backup."),
            Constraint => (StoreFault.Constraint, "a row breaks a rule of its table."),
            Error or TooBig or Mismatch or Misuse or Range => (StoreFault.Unsuitable, "it does not understand a statement of this program."),
            _ => (StoreFault.Damaged, "it reports a fault that this program does not know."),
        };
        return new StoreException(fault, $"The database {_path}: {message} (SQLite {problem.SqliteExtendedErrorCode})", problem);
    }
}
