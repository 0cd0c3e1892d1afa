using RoomAgent.Agent.Ports;
using RoomAgent.Enrolment;

namespace RoomAgent.Cloud.Account;

// What people and the host want.
public sealed partial class Membership
{
    /// <summary>Takes a setup code: this is the hub, this is its key, this makes us a member.</summary>
    /// <returns>Whether it was taken: not while the device is a member.</returns>
    /// <exception cref="IOException">The storage is full or broken; nothing has changed.</exception>
    public Task<bool> UseSetupCodeAsync(SetupCode setup, CancellationToken cancel = default) => ChangeAsync(
        record => record.Account is not null ? null : Anew(record, setup.Address, setup.KeyHash.ToArray()) with { ActivationCode = setup.Code.Reveal() },
        cancel);

    /// <summary>Takes the address of a hub that nobody has vouched for yet.</summary>
    /// <returns>Whether it was taken: not while the device is a member.</returns>
    /// <exception cref="IOException">The storage is full or broken; nothing has changed.</exception>
    public Task<bool> UseHubAsync(HubAddress address, CancellationToken cancel = default) => ChangeAsync(
        record => record.Account is not null ? null : record.Hub == address.Url ? record : Anew(record, address, keyHash: null),
        cancel);

    /// <summary>Somebody has compared the words of <see cref="CloudState.HubUnknown"/> with those on the hub's page.</summary>
    /// <param name="words">The words that they have seen, so that they vouch for no other hub.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>Whether these are the words of the hub that waits for it.</returns>
    /// <exception cref="IOException">The storage is full or broken; nothing has changed.</exception>
    public Task<bool> TrustHubAsync(string words, CancellationToken cancel = default) => ChangeAsync(
        record => record.HubKeyHash is null && _seen is { } seen && HubFingerprint.Text(seen) == words ? record with { HubKeyHash = seen } : null,
        cancel);

    /// <summary>Takes an activation code for the hub that is known.</summary>
    /// <returns>Whether it was taken: not without a hub, not while the device is a member.</returns>
    /// <exception cref="IOException">The storage is full or broken; nothing has changed.</exception>
    public Task<bool> UseActivationCodeAsync(ActivationCode code, CancellationToken cancel = default) => ChangeAsync(
        record => record.Hub is null || record.Account is not null ? null : record with { ActivationCode = code.Reveal(), Shown = null, Right = null, Unpaired = null, Key = NextKeyOf(record) },
        cancel);

    /// <summary>After <see cref="CloudState.Unpaired"/>: shows a code again. With a new key, since the one before may have been copied.</summary>
    /// <returns>Whether the device was unpaired.</returns>
    /// <exception cref="IOException">The storage is full or broken; nothing has changed.</exception>
    public Task<bool> PairAnewAsync(CancellationToken cancel = default) => ChangeAsync(
        record => record.Unpaired is null ? null : record.WithoutAccount() with { Key = NextKeyOf(record) },
        cancel);

    /// <summary>Gives the device another key at the hub. It is done when the hub has it; until then the one before is kept.</summary>
    /// <returns>Whether it has begun: only a member can.</returns>
    /// <exception cref="IOException">The storage is full or broken; nothing has changed.</exception>
    public Task<bool> ReplaceKeyAsync(CancellationToken cancel = default) => ChangeAsync(
        record =>
        {
            if (record is not { Account: not null, Tokens: not null, NextKey: null, IsLeaving: false })
                return null;

            _keys.Create(record.Key + 1).Dispose();
            return record with { NextKey = record.Key + 1 };
        },
        cancel);

    /// <summary>Leaves the organisation: the hub is told as soon as it can be reached. Calls end at once.</summary>
    /// <returns>Whether the device was a member.</returns>
    /// <exception cref="IOException">The storage is full or broken; nothing has changed.</exception>
    public Task<bool> LeaveAsync(CancellationToken cancel = default) => ChangeAsync(record => record.Account is null ? null : record with { IsLeaving = true }, cancel);

    /// <inheritdoc/>
    public void DoubtAccess()
    {
        _isDoubted = true;
        Wake();
    }

    // Interrupts the step that is under way, changes the record (null: no), wakes the loop.
    private async Task<bool> ChangeAsync(Func<CloudRecord, CloudRecord?> change, CancellationToken cancel)
    {
        Task turn = _turn.WaitAsync(cancel);
        if (!turn.IsCompleted)
        {
            lock (_interruption)
                _step?.Cancel();
        }

        await turn;
        try
        {
            CloudRecord before = _record;
            if (change(before) is not { } after)
                return false;

            if (!ReferenceEquals(after, before))
                Write(after);
            if (after.Key != before.Key)
            {
                // Not disposed of: a call that began with it may be signing.
                _key = null;
                Forget(before.Key);
            }

            if (after.Hub != before.Hub || !ReferenceEquals(after.HubKeyHash, before.HubKeyHash))
                ForgetHub();
            if (after.IsLeaving)
                _usable = null;
            _askedAt = null;
            _failures = 0;
        }
        finally
        {
            _turn.Release();
        }

        Wake();
        return true;
    }

    private static CloudRecord Anew(CloudRecord record, HubAddress address, byte[]? keyHash) => new() { Hub = address.Url, HubKeyHash = keyHash, Key = NextKeyOf(record) };

    // The key of an account that is over may have been copied. The next one is made when it is needed.
    private static int NextKeyOf(CloudRecord record) => record.Unpaired is null ? record.Key : record.Key + 1;
}
