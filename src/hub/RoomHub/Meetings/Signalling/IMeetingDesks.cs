using RoomAgent.Hub.Identity;
using RoomAgent.Meetings;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Meetings;

/// <summary>The meetings that are open now, for the hub's pages: on whichever hub they are served.</summary>
public interface IMeetingDesks
{
    /// <summary>The open occurrences of an organisation, in no order.</summary>
    Task<IReadOnlyList<OpenOccurrence>> ListAsync(OrganisationId organisation, CancellationToken cancel);

    /// <summary>Lets somebody in from the lobby, shown to everyone as done by the service (MEETING section 4).</summary>
    /// <returns>Whether it was possible: not in a strict or locked meeting, one of another organisation, or one that is not open.</returns>
    Task<bool> AdmitAsync(OrganisationId organisation, MeetingInstance instance, ByteString identity, CancellationToken cancel);

    /// <summary>Removes a member, shown to everyone as done by the service.</summary>
    /// <returns>Whether it was possible: not in a strict meeting, one of another organisation, or one that is not open.</returns>
    Task<bool> RemoveAsync(OrganisationId organisation, MeetingInstance instance, ByteString identity, CancellationToken cancel);
}

/// <summary>A meeting that is open now.</summary>
/// <param name="Instance">Which occurrence.</param>
/// <param name="Organisation">Whose.</param>
/// <param name="Class">Its class.</param>
/// <param name="IsStrict">Whether nobody enters for whom no host has signed.</param>
/// <param name="IsLocked">Whether nobody new enters.</param>
/// <param name="Generation">The generation.</param>
/// <param name="Epoch">The epoch; <see langword="null"/> while there is no group.</param>
/// <param name="Members">Who is in the group: identities such as <c>dns:room1.example.org</c>. Personal data.</param>
/// <param name="Waiting">Who waits in the lobby. Personal data.</param>
public sealed record OpenOccurrence(
    MeetingInstance Instance,
    OrganisationId Organisation,
    MeetingClass Class,
    bool IsStrict,
    bool IsLocked,
    uint Generation,
    ulong? Epoch,
    IReadOnlyList<ByteString> Members,
    IReadOnlyList<ByteString> Waiting);
