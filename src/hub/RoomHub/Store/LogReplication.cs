using System.Security.Cryptography;
using Npgsql;
using Npgsql.Replication;
using Npgsql.Replication.PgOutput;
using Npgsql.Replication.PgOutput.Messages;
using RoomAgent.Hub.Meetings;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Store;

/// <summary>
/// Listens to what all hubs append, by PostgreSQL's logical replication: one stream a hub, in the order of the commits, of what is on the storage.
/// </summary>
/// <remarks>
/// The slot is temporary: it is gone with the connection, so that a hub that died keeps no old write-ahead log alive. What was appended while there was no slot
/// is read from the tables (<see cref="LogFeed.ReadAgain"/>) once there is one again; the two overlap, and nothing is between them.
/// </remarks>
internal sealed class LogReplication : IAsyncDisposable
{
    /// <summary>Before the topic of an announcement, to tell ours from those of other programs on the database.</summary>
    public const string AnnouncementPrefix = "roomhub:";

    private const string Publication = "roomhub_log";

    // The columns of meeting_entry as migration 0001 orders them.
    private const int MeetingIdColumn = 0, InstanceColumn = 1, SeqColumn = 2, GenerationColumn = 3, EpochColumn = 4, BodyColumn = 5;

    private const int MostTriesToStop = 50;

    private static readonly TimeSpan s_pauseOfStopping = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_longPause = TimeSpan.FromSeconds(5);

    private readonly PostgreSqlDatabase _database;
    private readonly LogFeed _feed;
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;
    private volatile int _backend;
    private volatile bool _isListening;

    private LogReplication(PostgreSqlDatabase database, LogFeed feed)
    {
        _database = database;
        _feed = feed;
    }

    /// <summary>Whether the stream flows. While it does not, followers learn what other hubs append by reading, some seconds late.</summary>
    public bool IsListening => _isListening;

    /// <summary>Starts to listen, and goes on through all that happens to the server.</summary>
    public static LogReplication Start(PostgreSqlDatabase database, LogFeed feed)
    {
        var replication = new LogReplication(database, feed);
        replication._running = Task.Run(replication.RunAsync);
        return replication;
    }

    /// <summary>Stops.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        for (int tries = 0; tries < MostTriesToStop && !_running.IsCompleted; tries++)
        {
            if (!await TryEndStreamAsync().ConfigureAwait(false))
                break;
            await Task.WhenAny(_running, Task.Delay(s_pauseOfStopping)).ConfigureAwait(false);
        }
    }

    // Npgsql ends a stream by asking the server once, and a server that is just about to begin the stream overlooks that: nobody would
    // ever ask again. So the stream is not cancelled but its process at the server ended, as often as it takes.
    private async Task<bool> TryEndStreamAsync()
    {
        try
        {
            if (_backend is var backend and not 0)
                await _database.ReadAsync(transaction => transaction.AllAsync($"SELECT 1 WHERE pg_terminate_backend({backend}::int)", row => row.Int(0))).ConfigureAwait(false);
            return true;
        }
        catch (StoreException)
        {
            // The server is gone, and the stream with it.
            return false;
        }
    }

    private async Task RunAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            TimeSpan pause = s_pause;
            try
            {
                await ListenAsync(_stopping.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // The stream is a help. Whatever happens to it, followers go on by reading, and it is tried again.
            catch (Exception problem)
#pragma warning restore CA1031
            {
                // That the server is gone, starts or stops passes soon. Settings and rights are changed by people.
                bool isPassing = problem is PostgresException { SqlState: ['5', '7', ..] or ['0', '8', ..] } or NpgsqlException { InnerException: not null } or IOException;
                pause = isPassing ? s_pause : s_longPause;
            }

            _isListening = false;
            _backend = 0;
            _feed.ReadAgain();
            await Task.Delay(pause, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ListenAsync(CancellationToken cancel)
    {
        var connection = new LogicalReplicationConnection(_database.ConnectionString);
        await using (connection.ConfigureAwait(false))
        {
            await connection.Open(cancel).ConfigureAwait(false);
            string name = $"roomhub_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";
            PgOutputReplicationSlot slot = await connection.CreatePgOutputReplicationSlot(
                name, temporarySlot: true, slotSnapshotInitMode: LogicalSlotSnapshotInitMode.NoExport, cancellationToken: cancel).ConfigureAwait(false);
            var options = new PgOutputReplicationOptions(Publication, PgOutputProtocolVersion.V1, binary: true, messages: true);

            // From here on the slot sees everything, so now is the time to read what was before.
            _feed.ReadAgain();
            _database.TellMissed();
            _isListening = true;
            _backend = connection.ProcessID;
            cancel.ThrowIfCancellationRequested();
            await foreach (PgOutputReplicationMessage message in connection.StartReplication(slot, options, CancellationToken.None).ConfigureAwait(false))
            {
                if (message is InsertMessage insert)
                    await HandleAsync(insert).ConfigureAwait(false);
                else if (message is LogicalDecodingMessage announcement)
                    await HandleAsync(announcement).ConfigureAwait(false);
                connection.SetReplicationStatus(message.WalEnd);
            }
        }
    }

    private async Task HandleAsync(LogicalDecodingMessage message)
    {
        using var content = new MemoryStream();
        await message.Data.CopyToAsync(content).ConfigureAwait(false);
        if (message.Prefix.StartsWith(AnnouncementPrefix, StringComparison.Ordinal))
            _database.Tell(new Announcement(message.Prefix[AnnouncementPrefix.Length..], content.ToArray()));
    }

    private async Task HandleAsync(InsertMessage insert)
    {
        MeetingInstance instance = default;
        ByteString meeting = default;
        long seq = 0, generation = 0, epoch = 0;
        int column = 0;
        await foreach (ReplicationValue value in insert.NewRow.ConfigureAwait(false))
        {
            switch (column++)
            {
                case MeetingIdColumn:
                    meeting = ByteString.Owning(await value.Get<byte[]>().ConfigureAwait(false));
                    break;
                case InstanceColumn:
                    instance = new MeetingInstance(meeting, ByteString.Owning(await value.Get<byte[]>().ConfigureAwait(false)));
                    break;
                case SeqColumn:
                    seq = await value.Get<long>().ConfigureAwait(false);
                    break;
                case GenerationColumn:
                    generation = await value.Get<long>().ConfigureAwait(false);
                    break;
                case EpochColumn:
                    epoch = await value.Get<long>().ConfigureAwait(false);
                    break;
                // A body that nobody here waits for is not copied.
                case BodyColumn when _feed.IsFollowed(instance):
                    var body = ByteString.Owning(await value.Get<byte[]>().ConfigureAwait(false));
                    _feed.Deliver(instance, new LogEntry((ulong)seq, (uint)generation, unchecked((ulong)epoch), body));
                    break;
            }
        }
    }
}
