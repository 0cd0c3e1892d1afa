using RoomAgent.Mls;
using RoomAgent.Wire;

namespace RoomAgent.Meetings;

/// <summary>
/// Decides who may be in the group of one meeting, from the bytes and the anchors of its policy alone: no clock, no list, no network, so that everyone
/// comes to the same answers. A port: certificate paths are validated at the edge.
/// </summary>
public interface IMeetingIdentities : IIdentityProvider
{
    /// <summary>The anchors that chains may lead to: SHA-256 of each SubjectPublicKeyInfo, as in <see cref="RoomPolicy.Anchors"/>.</summary>
    IReadOnlyList<ByteString> Anchors { get; }

    /// <summary>The anchor that a chain leads to, when the credential is valid for the key: <see langword="null"/> when it is not.</summary>
    /// <param name="credential">What was presented; anything.</param>
    /// <param name="signatureKey">The public key that signs for it.</param>
    ByteString? AnchorOf(Credential credential, ByteString signatureKey);
}
