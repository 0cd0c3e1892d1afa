using System.Security.Cryptography;
using System.Text.Json;
using RoomAgent.Enrolment;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Store;
using RoomAgent.Hub.StoreLab;
using RoomAgent.Hub.Testing;

namespace RoomAgent.Hub.Tests;

/// <summary>What holds on both databases, and when hubs work side by side.</summary>
public abstract class StoreTests : IAsyncLifetime
{
    private readonly VirtualClock _clock = new();
    private readonly OrganisationId _school = OrganisationId.New();
    private Database _database = null!;

    private DateTimeOffset Now => _clock.GetUtcNow();

    public async ValueTask InitializeAsync()
    {
        _database = OpenNew();
        await _database.MigrateAsync(Now);
    }

    public virtual async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected abstract Database OpenNew();

    [Fact]
    public async Task OneCodeMakesOneAccountWhoeverComesFirst()
    {
        var pairing = new PairingStore(_database);
        byte[] code = [1];
        Assert.True(await pairing.TryAddCodeAsync(code, Guid.NewGuid(), _school, "School", "Room", "alice", Now, Now.AddHours(1)));

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => pairing.RegisterAsync(code, NewKey(), new DeviceDescription("S", "M", "V"), "devices.example.org", Now)));

        Assert.Single(outcomes, outcome => outcome.Outcome == Registration.New);
        Assert.Equal(5, outcomes.Count(outcome => outcome.Outcome == Registration.Refused));
        Assert.Single(await new AccountStore(_database).ListAsync(_school));
    }

    [Fact]
    public async Task ARefreshTokenThatComesManyTimesAtOnceIsOneDevicesTrouble()
    {
        (AccountStore store, MachineAccount account) = await PairAsync();
        TokenPolicy policy = TokenPolicy.DefaultOf(TokenPolicy.Device);

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => store.RefreshAsync(account.Id, account.Family, 0, policy, Now)));
        Assert.All(answers, answer => Assert.Equal(RefreshOutcome.Extended, answer.Outcome));
        Assert.Equal([1, 2, 3, 4, 5, 6], answers.Select(answer => answer.Number).Order());

        Assert.Equal(RefreshOutcome.Extended, (await store.RefreshAsync(account.Id, account.Family, 3, policy, Now)).Outcome);
        Assert.Equal(RefreshOutcome.Cloned, (await store.RefreshAsync(account.Id, account.Family, 4, policy, Now)).Outcome);
        Assert.Equal(RefreshOutcome.Ended, (await store.RefreshAsync(account.Id, account.Family, 7, policy, Now)).Outcome);
        Assert.Equal(AccessEvents.ClonedDevice, (await store.EventsAsync(_school))[0].Kind);
    }

    [Fact]
    public async Task ManyDevicesAreListedPageByPage()
    {
        (AccountStore store, MachineAccount first) = await PairAsync();
        for (int i = 2; i < 6; i++)
            await PairAsync((byte)i);
        List<MachineAccount> all = await store.ListAsync(_school);

        Assert.Equal(5, all.Count);
        Assert.Contains(first.Id, all.Select(account => account.Id));
        for (int i = 0; i < all.Count; i++)
            Assert.Equal(all.Skip(i + 1).Select(account => account.Id), (await store.ListAsync(_school, all[i].Id)).Select(account => account.Id));
        Assert.Empty(await store.ListAsync(OrganisationId.New(), first.Id));
    }

    [Fact]
    public async Task TokensOfAnotherFamilyAreOver()
    {
        (AccountStore store, MachineAccount account) = await PairAsync();

        Assert.Equal(RefreshOutcome.Ended, (await store.RefreshAsync(account.Id, Guid.NewGuid(), 0, TokenPolicy.DefaultOf(TokenPolicy.Device), Now)).Outcome);
        Assert.Equal(RefreshOutcome.Ended, (await store.RefreshAsync(DeviceId.New(), account.Family, 0, TokenPolicy.DefaultOf(TokenPolicy.Device), Now)).Outcome);
        Assert.True((await store.FindAsync(account.Id))!.IsActive);
    }

    [Fact]
    public async Task TwoHubsThatStartAtTheSameTimeHaveTheSameKeys()
    {
        byte[] secret = RandomNumberGenerator.GetBytes(HubSecret.Size);
        byte[] root = RandomNumberGenerator.GetBytes(HubSecret.Size);
        HubAddress address = HubAddress.Read("https://hub.example.org")!;

        Accounts[] hubs = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Accounts.OpenAsync(_database, address, HubSecret.CopyOf(secret), () => HubSecret.CopyOf(root), _clock)));

        Assert.Single(hubs.Select(hub => hub.Identity.Fingerprint).Distinct());
        Assert.Single(hubs.Select(hub => hub.TokenKeys.Current.Id).Distinct());
        Assert.All(hubs, hub => Assert.Equal(hubs[0].Authority.Published, hub.Authority.Published));
        foreach (Accounts hub in hubs)
            hub.Dispose();
    }

    [Fact]
    public async Task WhatHasExpiredIsForgottenAndWhatMattersStays()
    {
        (AccountStore store, MachineAccount account) = await PairAsync();
        var pairing = new PairingStore(_database);
        var grants = new GrantStore(_database);
        await pairing.TryAddCodeAsync([9], Guid.NewGuid(), _school, "School", "Room", "alice", Now, Now.AddHours(1));
        await grants.TryAddAsync([1], [2], new DeviceGrant(NewKey().Thumbprint, [3], "S", "M", Now + GrantStore.Life), Now);

        _clock.Advance(TimeSpan.FromDays(31));
        await pairing.ForgetAsync(Now);

        Assert.Empty(await pairing.ListCodesAsync(_school));
        Assert.Equal(Poll.Unknown, (await grants.PollAsync([1], NewKey().Thumbprint, Now)).Answer);
        Assert.True((await store.FindAsync(account.Id))!.IsActive);
    }

    [Fact]
    public async Task ThereIsAnEndToCodesOnDisplays()
    {
        var grants = new GrantStore(_database);
        DeviceKey key = NewKey();
        for (int i = 0; i < GrantStore.MostOpen; i++)
            Assert.True(await grants.TryAddAsync(BitConverter.GetBytes(i), BitConverter.GetBytes(i), new DeviceGrant(key.Thumbprint, [3], "S", "M", Now + GrantStore.Life), Now));

        Assert.False(await grants.TryAddAsync([1, 2], [1, 2], new DeviceGrant(key.Thumbprint, [3], "S", "M", Now + GrantStore.Life), Now));
        _clock.Advance(GrantStore.Life);
        Assert.True(await grants.TryAddAsync([1, 2], [1, 2], new DeviceGrant(key.Thumbprint, [3], "S", "M", Now + GrantStore.Life), Now));
        Assert.False(await grants.TryAddAsync([1, 3], [1, 2], new DeviceGrant(key.Thumbprint, [3], "S", "M", Now + GrantStore.Life), Now));
    }

    private async Task<(AccountStore Store, MachineAccount Account)> PairAsync(byte code = 1)
    {
        var pairing = new PairingStore(_database);
        await pairing.TryAddCodeAsync([code], Guid.NewGuid(), _school, "School", "Room", "alice", Now, Now.AddHours(1));
        var registered = await pairing.RegisterAsync([code], NewKey(), new DeviceDescription("S", "M", "V"), "devices.example.org", Now);
        return (new AccountStore(_database), registered.Account!);
    }

    private static DeviceKey NewKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return DeviceKey.Read(JsonSerializer.SerializeToElement(TestDevice.JwkOf(key)))!;
    }
}

/// <summary>On an SQLite file.</summary>
public sealed class SqliteStoreTests : StoreTests
{
    private readonly string _folder = Directory.CreateTempSubdirectory("roomhub-accounts-").FullName;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private protected override Database OpenNew() => Database.Sqlite(Path.Combine(_folder, "hub.db"));
}

/// <summary>On a PostgreSQL server.</summary>
[Trait("Category", "Peer")]
public sealed class PostgreSqlStoreTests(PostgreSqlServer server) : StoreTests, IClassFixture<PostgreSqlServer>
{
    private protected override Database OpenNew() => Database.PostgreSql(server.NewDatabase());
}
