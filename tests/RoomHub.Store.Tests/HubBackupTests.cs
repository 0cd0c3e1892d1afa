using System.Security.Cryptography;
using RoomAgent.Crypto;
using RoomAgent.Hub.Meetings;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Testing;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Store.Tests;

/// <summary>A backup goes into an empty database of either kind, or not at all.</summary>
public abstract class HubBackupTests : StoreTests
{
    private static readonly MeetingInstance s_meeting = new(ByteString.CopyOf("m"u8), ByteString.Owning(new byte[16]));

    private readonly Secret _key = Secret.CopyOf(RandomNumberGenerator.GetBytes(32));

    private protected HubBackupTests(TestDatabase origin)
        : base(origin)
    {
    }

    public override async ValueTask DisposeAsync()
    {
        _key.Dispose();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task OnAnEmptyMachineTheSameRowsAreThere()
    {
        await FillAsync();
        BackupFile file = new("identity", [1, 2, 3]);
        using MemoryStream backup = await BackUpAsync(file);
        using TestDatabase machine = Another();
        await using Database restored = machine.Open();

        RestoreResult result = await RestoreAsync(restored, backup);

        Assert.Equal(RestoreOutcome.Restored, result.Outcome);
        Assert.Equal((file.Name, Convert.ToHexString(file.Content)), (result.Files[0].Name, Convert.ToHexString(Assert.Single(result.Files).Content)));
        Assert.Equal(await EntriesAsync(Database), await EntriesAsync(restored));
        Assert.Equal(await SnapshotsAsync(Database), await SnapshotsAsync(restored));
        Assert.Empty(await restored.ReadAsync(t => t.AllAsync($"SELECT hub FROM hub", row => row.ByteString(0))));
    }

    [Fact]
    public async Task AfterARestoreEveryOpenMeetingNeedsANewGeneration()
    {
        await FillAsync();
        using MemoryStream backup = await BackUpAsync();
        using TestDatabase machine = Another();
        await using Database restored = machine.Open();
        await RestoreAsync(restored, backup);
        await using MeetingStore store = MeetingStore.Start(restored);

        StoredMeeting meeting = await store.OpenAsync(s_meeting, default);

        Assert.Equal((1u, 300ul), (meeting.Floor, meeting.Snapshot!.Seq));
        Assert.Equal(AppendOutcome.Conflict, await store.AppendAsync(s_meeting, new LogEntry(301, 0, 300, ByteString.Empty), default));
        Assert.Equal(AppendOutcome.Appended, await store.AppendAsync(s_meeting, new LogEntry(301, meeting.Floor, 0, ByteString.Empty), default));
    }

    [Fact]
    public async Task WhatWasRestoredCanBeBackedUpAndRestoredAgain()
    {
        await FillAsync();
        using MemoryStream backup = await BackUpAsync();
        using TestDatabase machine = Another(), next = Another();
        await using Database restored = machine.Open(), again = next.Open();
        await RestoreAsync(restored, backup);

        using var second = new MemoryStream();
        await HubBackup.WriteAsync(restored, [], second, _key, OpenSslCrypto.Instance, new SeededRandom(2));
        second.Position = 0;

        Assert.Equal(RestoreOutcome.Restored, (await RestoreAsync(again, second)).Outcome);
        Assert.Equal(await EntriesAsync(Database), await EntriesAsync(again));
    }

    [Fact]
    public async Task ADatabaseWithTablesIsLeftAsItIs()
    {
        await FillAsync();
        using MemoryStream backup = await BackUpAsync();
        await Database.WriteAsync(t => t.ExecuteAsync($"DELETE FROM meeting_entry"));

        Assert.Equal(RestoreOutcome.NotEmpty, (await RestoreAsync(Database, backup)).Outcome);
        Assert.Empty(await EntriesAsync(Database));
    }

    private protected abstract TestDatabase Another();

    private async Task FillAsync()
    {
        await using MeetingStore store = MeetingStore.Start(Database);
        await Task.WhenAll(Enumerable.Range(1, 300).Select(seq => store.AppendAsync(s_meeting, new LogEntry((ulong)seq, 0, (ulong)seq - 1, ByteString.Owning(RandomNumberGenerator.GetBytes(700))), default)));
        await store.SaveSnapshotAsync(s_meeting, new MeetingSnapshot(300, ByteString.CopyOf("tree"u8)), default);
        await new Presence(Database, ByteString.CopyOf("a hub"u8), "here").BeatAsync();
    }

    private async Task<MemoryStream> BackUpAsync(params BackupFile[] files)
    {
        var backup = new MemoryStream();
        await HubBackup.WriteAsync(Database, files, backup, _key, OpenSslCrypto.Instance, new SeededRandom(1));
        backup.Position = 0;
        return backup;
    }

    private Task<RestoreResult> RestoreAsync(Database database, Stream backup) => HubBackup.RestoreAsync(database, backup, _key, OpenSslCrypto.Instance, s_now);

    private static Task<List<string>> EntriesAsync(Database database) => database.ReadAsync(t => t.AllAsync(
        $"SELECT meeting_id, instance, seq, generation, epoch, body FROM meeting_entry ORDER BY seq",
        row => $"{row.ByteString(0)} {row.ByteString(1)} {row.Long(2)} {row.Long(3)} {row.Long(4)} {row.ByteString(5)}"));

    private static Task<List<string>> SnapshotsAsync(Database database) => database.ReadAsync(t => t.AllAsync(
        $"SELECT meeting_id, instance, seq, body FROM meeting_snapshot", row => $"{row.ByteString(0)} {row.ByteString(1)} {row.Long(2)} {row.ByteString(3)}"));
}

/// <summary>From one file into another.</summary>
public sealed class SqliteBackupTests() : HubBackupTests(new SqliteFile())
{
    private protected override TestDatabase Another() => new SqliteFile();
}

/// <summary>From one server into another.</summary>
[Trait("Category", "Peer")]
[Collection<ServerCollection>]
public sealed class PostgreSqlBackupTests(PostgreSqlServer server) : HubBackupTests(new ServerDatabase(server))
{
    private readonly PostgreSqlServer _server = server;

    private protected override TestDatabase Another() => new ServerDatabase(_server);
}

/// <summary>One machine becomes many.</summary>
[Trait("Category", "Peer")]
[Collection<ServerCollection>]
public sealed class MovingBackupTests(PostgreSqlServer server) : HubBackupTests(new SqliteFile())
{
    private readonly PostgreSqlServer _server = server;

    private protected override TestDatabase Another() => new ServerDatabase(_server);
}
