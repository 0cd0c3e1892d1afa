namespace RoomAgent.Agent.Ports;

/// <summary>What the hub does for a device that is a member. Nothing that the hub or the network does is an exception.</summary>
public interface IHubServices
{
    /// <summary>A new connection for meetings, which is not started yet.</summary>
    ISignalling OpenSignalling();

    /// <summary>A certificate of this device's name for a key, checked.</summary>
    /// <returns>The certificate; <see langword="null"/> when there is none, which the journal explains.</returns>
    Task<DeviceCertificate?> CertifyAsync(IIdentityKey key, CancellationToken cancel);

    /// <summary>The certificate authorities of the hub, whose certificates it vouches for: each in DER. Empty when they cannot be had now.</summary>
    Task<IReadOnlyList<ReadOnlyMemory<byte>>> ReadAuthoritiesAsync(CancellationToken cancel);

    /// <summary>The room's calendar.</summary>
    /// <param name="tag">What is known already.</param>
    /// <param name="cancel">Gives up.</param>
    Task<CalendarAnswer> ReadCalendarAsync(string? tag, CancellationToken cancel);

    /// <summary>The present occurrence of a personal room, as an entry of a calendar.</summary>
    /// <returns>JSON of one entry; <see langword="null"/> when there is no such room, or the hub is not reached.</returns>
    Task<ReadOnlyMemory<byte>?> EnterPersonalAsync(string address, CancellationToken cancel);
}

/// <summary>A certificate of the hub's authority, checked.</summary>
/// <param name="Chain">In DER: the leaf, then those above it, without the root.</param>
/// <param name="Name">The one name in the leaf: a DNS name of the device, the mailbox of a person, or a <c>urn:uuid</c> of a guest.</param>
/// <param name="NotAfter">Until when it is good.</param>
public sealed record DeviceCertificate(IReadOnlyList<ReadOnlyMemory<byte>> Chain, string Name, DateTimeOffset NotAfter);

/// <summary>An answer to the question for the calendar.</summary>
/// <param name="Outcome">Whether there is one.</param>
/// <param name="Content">JSON, when it is new.</param>
/// <param name="Tag">Names it, when it is new.</param>
public sealed record CalendarAnswer(CalendarOutcome Outcome, ReadOnlyMemory<byte> Content = default, string? Tag = null);

/// <summary>Whether there is a calendar.</summary>
public enum CalendarOutcome
{
    /// <summary>The hub is not reached, or says nothing of use.</summary>
    Unreachable = 0,

    /// <summary>It is as it was.</summary>
    Same = 1,

    /// <summary>Here is a newer one.</summary>
    New = 2,

    /// <summary>The device stands in no room yet: there is none.</summary>
    NoRoom = 3,
}
