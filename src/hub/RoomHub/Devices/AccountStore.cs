using System.Buffers.Binary;
using System.Security.Cryptography;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Store;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Devices;

/// <summary>What became of a refresh token.</summary>
internal enum RefreshOutcome
{
    /// <summary>It is good, and has a successor.</summary>
    Extended,

    /// <summary>The account, or this family of tokens, is over.</summary>
    Ended,

    /// <summary>It was replaced before, and its successor is in use: the account is over from now on.</summary>
    Cloned,
}

/// <summary>Machine accounts, their tokens' families, policies and the audit log in the database.</summary>
internal sealed class AccountStore(Database database)
{
    /// <summary>What a list has at the most.</summary>
    public const int MostListed = 500;

    private static uint s_events;

    /// <summary>An account, ended or not.</summary>
    public Task<MachineAccount?> FindAsync(DeviceId device, CancellationToken cancel = default) =>
        database.ReadAsync(transaction => FindAsync(transaction, device, cancel), cancel);

    /// <summary>The accounts of an organisation, oldest first: the first <see cref="MostListed"/>, or those after one of them.</summary>
    public Task<List<MachineAccount>> ListAsync(OrganisationId organisation, DeviceId? after = null, CancellationToken cancel = default) => database.ReadAsync(
        transaction => transaction.AllAsync(
            $"SELECT device, organisation, organisation_name, name, serial, model, software, dns_name, device_key, created_at, ended_at, ended_by, family FROM machine_account WHERE organisation = {organisation.ToBytes()} AND (created_at, device) > (COALESCE((SELECT created_at FROM machine_account WHERE device = {after?.ToBytes()}), {-1L}), {after?.ToBytes() ?? []}) ORDER BY created_at, device LIMIT {MostListed}",
            Read,
            cancel),
        cancel);

    /// <summary>
    /// Uses a refresh token. Good are the one that was used last, until one of its successors is used, and its successors. Any other one is a copy that somebody else has.
    /// </summary>
    /// <remarks>
    /// <para>A device whose power was cut, or whose answer was lost, comes with the one that it used last and gets another successor. Both successors are good until one of them is used,
    /// since the device may hold either: a request that it had given up may be answered after the one that it made instead.</para>
    /// <para>Two devices with the same secrets do not stay unnoticed: when one of them has used a successor, what the other one has is neither.</para>
    /// <para>A number beyond the newest is one that a database had given before it was restored from a backup. The token is signed, so it is believed.</para>
    /// </remarks>
    public Task<(RefreshOutcome Outcome, MachineAccount? Account, long Number, DateTimeOffset ExpiresAt)> RefreshAsync(
        DeviceId device, Guid family, long number, TokenPolicy policy, DateTimeOffset now, CancellationToken cancel = default) => database.WriteAsync(
        async transaction =>
        {
            MachineAccount? account = await FindAsync(transaction, device, cancel);
            if (account is not { IsActive: true } || account.Family != family)
                return (RefreshOutcome.Ended, account, 0L, now);

            (long used, long oldest, long newest, DateTimeOffset expiresAt) = await transaction.FirstAsync(
                $"SELECT used, oldest, newest, expires_at FROM machine_account WHERE device = {device.ToBytes()}",
                row => (row.Long(0), row.Long(1), row.Long(2), row.Time(3)),
                cancel);
            if (number != used && number < oldest)
            {
                await EndAsync(transaction, account, AccessEvents.ClonedDevice, account.Id.ToString(), now, cancel);
                return (RefreshOutcome.Cloned, account, 0L, now);
            }

            long next = Math.Max(newest, number) + 1;
            long first = number == used ? oldest : next;
            DateTimeOffset end = policy.AutoExtend || number == 0 ? now + policy.RefreshLife : expiresAt;
            await transaction.ExecuteAsync(
                $"UPDATE machine_account SET used = {number}, oldest = {first}, newest = {next}, expires_at = {end} WHERE device = {device.ToBytes()}",
                cancel);
            return (RefreshOutcome.Extended, account, next, end);
        },
        cancel: cancel);

    /// <summary>Ends the access of a device.</summary>
    /// <returns>The account as it was; <see langword="null"/> when there is none that has access.</returns>
    public Task<MachineAccount?> EndAsync(DeviceId device, string reason, string actor, DateTimeOffset now, OrganisationId? organisation = null, CancellationToken cancel = default) =>
        database.WriteAsync(
            async transaction =>
            {
                MachineAccount? account = await FindAsync(transaction, device, cancel);
                if (account is not { IsActive: true } || (organisation is { } owner && account.Organisation != owner))
                    return null;

                await EndAsync(transaction, account, reason, actor, now, cancel);
                return account;
            },
            cancel: cancel);

    /// <summary>Ends the access of all devices of an organisation.</summary>
    public Task<List<MachineAccount>> EndAllAsync(OrganisationId organisation, string reason, string actor, DateTimeOffset now, CancellationToken cancel = default) => database.WriteAsync(
        async transaction =>
        {
            List<MachineAccount> active = await transaction.AllAsync(
                $"SELECT device, organisation, organisation_name, name, serial, model, software, dns_name, device_key, created_at, ended_at, ended_by, family FROM machine_account WHERE organisation = {organisation.ToBytes()} AND ended_at IS NULL",
                Read,
                cancel);
            foreach (MachineAccount account in active)
                await EndAsync(transaction, account, reason, actor, now, cancel);
            return active;
        },
        cancel: cancel);

    /// <summary>Puts another key in place of <paramref name="before"/>, and what the device says of itself beside it.</summary>
    /// <returns>The account as it is now; <see langword="null"/> when it has ended or has another key.</returns>
    public Task<MachineAccount?> UpdateAsync(DeviceId device, DeviceKey before, DeviceKey after, DeviceDescription description, DateTimeOffset now, CancellationToken cancel = default) => database.WriteAsync(
        async transaction =>
        {
            MachineAccount? account = await FindAsync(transaction, device, cancel);
            if (account is not { IsActive: true } || !account.Key.Equals(before))
                return null;

            await transaction.ExecuteAsync(
                $"UPDATE machine_account SET device_key = {after.ToBytes()}, thumbprint = {after.Thumbprint}, serial = {description.Serial}, model = {description.Model}, software = {description.Software} WHERE device = {device.ToBytes()}",
                cancel);
            if (!before.Equals(after))
                await NoteAsync(transaction, AccessEvents.KeyReplaced, account.Organisation, device, device.ToString(), now, cancel);
            return await FindAsync(transaction, device, cancel);
        },
        cancel: cancel);

    /// <summary>The policy of an organisation for a class of clients.</summary>
    public async Task<TokenPolicy> PolicyAsync(OrganisationId organisation, string clientClass, CancellationToken cancel = default) =>
        await database.ReadAsync(
            transaction => transaction.FirstAsync(
                $"SELECT access_seconds, refresh_seconds, auto_extend FROM token_policy WHERE organisation = {organisation.ToBytes()} AND client_class = {clientClass}",
                row => new TokenPolicy(TimeSpan.FromSeconds(row.Long(0)), TimeSpan.FromSeconds(row.Long(1)), row.Flag(2)),
                cancel),
            cancel) ?? TokenPolicy.DefaultOf(clientClass);

    /// <summary>Decides it.</summary>
    public Task SetPolicyAsync(OrganisationId organisation, string clientClass, TokenPolicy policy, string actor, DateTimeOffset now, CancellationToken cancel = default) => database.WriteAsync(
        async transaction =>
        {
            (long access, long refresh) = ((long)policy.AccessLife.TotalSeconds, (long)policy.RefreshLife.TotalSeconds);
            await transaction.ExecuteAsync(
                $"INSERT INTO token_policy (organisation, client_class, access_seconds, refresh_seconds, auto_extend) VALUES ({organisation.ToBytes()}, {clientClass}, {access}, {refresh}, {policy.AutoExtend}) ON CONFLICT (organisation, client_class) DO UPDATE SET access_seconds = excluded.access_seconds, refresh_seconds = excluded.refresh_seconds, auto_extend = excluded.auto_extend",
                cancel);
            await NoteAsync(transaction, AccessEvents.PolicyChanged, organisation, null, actor, now, cancel);
        },
        cancel: cancel);

    /// <summary>What happened in an organisation, the latest first.</summary>
    public Task<List<AccessEvent>> EventsAsync(OrganisationId organisation, CancellationToken cancel = default) => database.ReadAsync(
        transaction => transaction.AllAsync(
            $"SELECT at, kind, device, actor, about FROM access_event WHERE organisation = {organisation.ToBytes()} ORDER BY at DESC, id DESC LIMIT {MostListed}",
            row => new AccessEvent(row.Time(0), row.Text(1), row.BytesOrNull(2) is { } device ? DeviceId.Of(device) : null, row.Text(3), row.BytesOrNull(4) is { } about ? new Guid(about, bigEndian: true) : null),
            cancel),
        cancel);

    /// <summary>Notes something, in the transaction in which it happens.</summary>
    public static Task NoteAsync(Transaction transaction, string kind, OrganisationId organisation, DeviceId? device, string actor, DateTimeOffset now, CancellationToken cancel, byte[]? about = null) =>
        transaction.ExecuteAsync(
            $"INSERT INTO access_event (id, organisation, device, at, kind, actor, about) VALUES ({NewEventId(now)}, {organisation.ToBytes()}, {device?.ToBytes()}, {now}, {kind}, {actor}, {about})",
            cancel);

    /// <summary>Forgets what was noted so long ago that nobody may ask for it any more (K06): the audit log holds names, and is not kept for ever.</summary>
    public Task ForgetEventsAsync(DateTimeOffset before, CancellationToken cancel = default) =>
        database.WriteAsync(transaction => transaction.ExecuteAsync($"DELETE FROM access_event WHERE at < {before}", cancel), cancel: cancel);

    /// <summary>Ends the access of a device, in a transaction.</summary>
    public static async Task EndAsync(Transaction transaction, MachineAccount account, string reason, string actor, DateTimeOffset now, CancellationToken cancel)
    {
        await transaction.ExecuteAsync($"UPDATE machine_account SET ended_at = {now}, ended_by = {reason} WHERE device = {account.Id.ToBytes()}", cancel);
        await NoteAsync(transaction, reason, account.Organisation, account.Id, actor, now, cancel);
    }

    /// <summary>An account, in a transaction.</summary>
    public static Task<MachineAccount?> FindAsync(Transaction transaction, DeviceId device, CancellationToken cancel) => transaction.FirstAsync(
        $"SELECT device, organisation, organisation_name, name, serial, model, software, dns_name, device_key, created_at, ended_at, ended_by, family FROM machine_account WHERE device = {device.ToBytes()}",
        Read,
        cancel);

    /// <summary>The accounts with access whose key has that thumbprint, in a transaction.</summary>
    public static Task<List<MachineAccount>> WithKeyAsync(Transaction transaction, ByteString thumbprint, CancellationToken cancel) => transaction.AllAsync(
        $"SELECT device, organisation, organisation_name, name, serial, model, software, dns_name, device_key, created_at, ended_at, ended_by, family FROM machine_account WHERE thumbprint = {thumbprint} AND ended_at IS NULL",
        Read,
        cancel);

    // Milliseconds (6 bytes), a counter so that a hub's events keep their order within one (4), random (6).
    internal static byte[] NewEventId(DateTimeOffset now)
    {
        byte[] id = RandomNumberGenerator.GetBytes(16);
        BinaryPrimitives.WriteUInt64BigEndian(id, (ulong)now.ToUnixTimeMilliseconds() << 16);
        BinaryPrimitives.WriteUInt32BigEndian(id.AsSpan(6), Interlocked.Increment(ref s_events));
        return id;
    }

    private static MachineAccount Read(Row row) => new(
        DeviceId.Of(row.Bytes(0)),
        OrganisationId.Of(row.Bytes(1)),
        row.Text(2),
        row.Text(3),
        row.Text(4),
        row.Text(5),
        row.Text(6),
        row.Text(7),
        DeviceKey.Of(row.Bytes(8))!,
        row.Time(9),
        row.TimeOrNull(10),
        row.TextOrNull(11),
        new Guid(row.Bytes(12), bigEndian: true));
}
