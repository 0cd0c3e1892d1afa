using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Store;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Devices;

/// <summary>A device that shows a code and waits for somebody to enter it.</summary>
internal sealed record DeviceGrant(ByteString Thumbprint, byte[] Nonce, string Serial, string Model, DateTimeOffset ExpiresAt);

/// <summary>The answer to a device that asks whether its code was entered (RFC 8628 section 3.5).</summary>
internal enum Poll
{
    /// <summary>Nobody has decided yet.</summary>
    Pending,

    /// <summary>It asks too often; from now on it waits 5 s longer each time.</summary>
    TooSoon,

    /// <summary>It may register.</summary>
    Approved,

    /// <summary>It may not.</summary>
    Denied,

    /// <summary>The code has expired.</summary>
    Expired,

    /// <summary>There is no such code, or not with this key.</summary>
    Unknown,
}

/// <summary>Codes on displays (RFC 8628) in the database.</summary>
internal sealed class GrantStore(Database database)
{
    /// <summary>Codes that are open at the same time, on a whole hub: what guessing is reckoned with.</summary>
    public const int MostOpen = 1_000;

    /// <summary>How long a code is shown.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(10);

    /// <summary>How long the right lives that an entered code gives.</summary>
    public static readonly TimeSpan RightLife = TimeSpan.FromMinutes(10);

    /// <summary>Seconds between two questions, at first.</summary>
    public const int FirstPause = 5;

    private const int MorePause = 5;
    private const int LongestPause = 60;

    // The network hurries some questions and delays others.
    private static readonly TimeSpan s_jitter = TimeSpan.FromMilliseconds(500);

    /// <summary>Adds one.</summary>
    /// <returns>Whether there was room for it.</returns>
    public Task<bool> TryAddAsync(byte[] deviceCode, byte[] userCode, DeviceGrant grant, DateTimeOffset now, CancellationToken cancel = default) => database.WriteAsync(
        async transaction =>
        {
            long open = await transaction.FirstAsync($"SELECT COUNT(*) FROM device_grant WHERE decision = 0 AND expires_at > {now}", row => row.Long(0), cancel);
            if (open >= MostOpen)
                return false;

            int added = await transaction.ExecuteAsync(
                $"INSERT INTO device_grant (device_code, user_code, thumbprint, nonce, serial, model, expires_at, pause, decision) VALUES ({deviceCode}, {userCode}, {grant.Thumbprint}, {grant.Nonce}, {grant.Serial}, {grant.Model}, {grant.ExpiresAt}, {FirstPause}, {0}) ON CONFLICT DO NOTHING",
                cancel);
            return added == 1;
        },
        cancel: cancel);

    /// <summary>A device asks.</summary>
    /// <returns>How things stand, and which organisation has approved.</returns>
    public Task<(Poll Answer, string? OrganisationName)> PollAsync(byte[] deviceCode, ByteString thumbprint, DateTimeOffset now, CancellationToken cancel = default) => database.WriteAsync(
        async transaction =>
        {
            var grant = await transaction.FirstAsync(
                $"SELECT thumbprint, expires_at, pause, polled_at, decision, organisation_name FROM device_grant WHERE device_code = {deviceCode}",
                row => new { Thumbprint = row.ByteString(0), ExpiresAt = row.Time(1), Pause = row.Int(2), PolledAt = row.TimeOrNull(3), Decision = row.Int(4), Organisation = row.TextOrNull(5) },
                cancel);
            if (grant is null || grant.Thumbprint != thumbprint)
                return (Poll.Unknown, (string?)null);
            if (now >= grant.ExpiresAt)
                return (Poll.Expired, null);
            if (grant.Decision != 0)
                return grant.Decision == 1 ? (Poll.Approved, grant.Organisation) : (Poll.Denied, null);

            bool tooSoon = grant.PolledAt is { } last && now - last < TimeSpan.FromSeconds(grant.Pause) - s_jitter;
            int pause = tooSoon ? Math.Min(grant.Pause + MorePause, LongestPause) : grant.Pause;
            await transaction.ExecuteAsync($"UPDATE device_grant SET polled_at = {now}, pause = {pause} WHERE device_code = {deviceCode}", cancel);
            return (tooSoon ? Poll.TooSoon : Poll.Pending, null);
        },
        cancel: cancel);

    /// <summary>The device whose code somebody entered, while it waits.</summary>
    public Task<DeviceGrant?> FindAsync(byte[] userCode, DateTimeOffset now, CancellationToken cancel = default) => database.ReadAsync(
        transaction => FindAsync(transaction, userCode, now, cancel), cancel);

    /// <summary>An administrator decides. What was decided stays.</summary>
    /// <returns>Whether there is such a code to decide about.</returns>
    public Task<bool> DecideAsync(byte[] userCode, bool approve, OrganisationId organisation, string organisationName, string deviceName, string actor, DateTimeOffset now, CancellationToken cancel = default) => database.WriteAsync(
        async transaction =>
        {
            if (await FindAsync(transaction, userCode, now, cancel) is not { } grant)
                return false;

            int decision = approve ? 1 : 2;
            await transaction.ExecuteAsync($"UPDATE device_grant SET decision = {decision}, organisation_name = {organisationName} WHERE user_code = {userCode}", cancel);
            if (!approve)
                return true;

            byte[]? deviceCode = await transaction.FirstAsync($"SELECT device_code FROM device_grant WHERE user_code = {userCode}", row => row.Bytes(0), cancel);
            await PairingStore.AddAsync(transaction, deviceCode!, Guid.NewGuid(), organisation, organisationName, deviceName, actor, now, grant.ExpiresAt + RightLife, grant.Thumbprint, cancel);
            await AccountStore.NoteAsync(transaction, AccessEvents.Approved, organisation, null, actor, now, cancel);
            return true;
        },
        cancel: cancel);

    private static Task<DeviceGrant?> FindAsync(Transaction transaction, byte[] userCode, DateTimeOffset now, CancellationToken cancel) => transaction.FirstAsync(
        $"SELECT thumbprint, nonce, serial, model, expires_at FROM device_grant WHERE user_code = {userCode} AND decision = 0 AND expires_at > {now}",
        row => new DeviceGrant(row.ByteString(0), row.Bytes(1), row.Text(2), row.Text(3), row.Time(4)),
        cancel);
}
