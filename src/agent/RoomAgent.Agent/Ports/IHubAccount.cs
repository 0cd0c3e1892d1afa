using RoomAgent.Enrolment;

namespace RoomAgent.Agent.Ports;

/// <summary>The device's membership in an organisation.</summary>
public interface IHubAccount
{
    /// <summary>How things stand.</summary>
    CloudState State { get; }

    /// <summary>Tells how things stand whenever that changes, in order, on whatever thread. Listeners are quick.</summary>
    event Action<CloudState>? Changed;

    /// <summary>The hub's time, once the hub has signed one: good for judging certificates. <see langword="null"/> before.</summary>
    DateTimeOffset? TrustedTime { get; }

    /// <summary>The name that the hub has given this device, by which certificates name it; <see langword="null"/> while it is no member.</summary>
    string? DnsName { get; }

    /// <summary>Takes a setup code: this is the hub, this is its key, this makes us a member.</summary>
    /// <returns>Whether it was taken: not while the device is a member.</returns>
    /// <exception cref="IOException">The storage is full or broken; nothing has changed.</exception>
    Task<bool> UseSetupCodeAsync(SetupCode setup, CancellationToken cancel = default);

    /// <summary>Takes the address of a hub that nobody has vouched for yet.</summary>
    /// <returns>Whether it was taken: not while the device is a member.</returns>
    /// <exception cref="IOException">The storage is full or broken; nothing has changed.</exception>
    Task<bool> UseHubAsync(HubAddress address, CancellationToken cancel = default);

    /// <summary>Somebody has compared the words of <see cref="CloudState.HubUnknown"/> with those on the hub's page.</summary>
    /// <param name="words">The words that they have seen, so that they vouch for no other hub.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>Whether these are the words of the hub that waits for it.</returns>
    /// <exception cref="IOException">The storage is full or broken; nothing has changed.</exception>
    Task<bool> TrustHubAsync(string words, CancellationToken cancel = default);

    /// <summary>After <see cref="CloudState.Unpaired"/>: shows a code again. With a new key, since the one before may have been copied.</summary>
    /// <returns>Whether the device was unpaired.</returns>
    /// <exception cref="IOException">The storage is full or broken; nothing has changed.</exception>
    Task<bool> PairAnewAsync(CancellationToken cancel = default);

    /// <summary>Leaves the organisation: the hub is told as soon as it can be reached. Calls end at once.</summary>
    /// <returns>Whether the device was a member.</returns>
    /// <exception cref="IOException">The storage is full or broken; nothing has changed.</exception>
    Task<bool> LeaveAsync(CancellationToken cancel = default);

    /// <summary>Somebody in the hub's name said that the access has ended: the hub is asked at once, by new tokens, whether that is so.</summary>
    void DoubtAccess();
}
