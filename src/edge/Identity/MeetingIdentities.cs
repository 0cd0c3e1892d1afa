using RoomAgent.Crypto;
using RoomAgent.Meetings;
using RoomAgent.Mls;
using RoomAgent.Wire;

namespace RoomAgent.Identity;

/// <summary>
/// Decides who may be in the group of one meeting: one chain to an anchor of its policy, of which everyone knows only the key's hash. Dates decide nothing:
/// an expired certificate shows in the <see cref="Verdict"/>, and who is asked to add its owner refuses.
/// </summary>
/// <param name="paths">Validates paths; best one for all meetings.</param>
/// <param name="scheme">The signature scheme of the group's suite.</param>
/// <param name="anchors">The anchors of the policy.</param>
public sealed class MeetingIdentities(CertificatePaths paths, SignatureScheme scheme, IReadOnlyList<ByteString> anchors) : IMeetingIdentities
{
    private readonly AnchorSet _anchors = AnchorSet.OfKeys(anchors);

    /// <inheritdoc/>
    public IReadOnlyList<ByteString> Anchors => anchors;

    /// <inheritdoc/>
    public bool IsValid(Credential credential, ByteString signatureKey, IdentityRole role, DateTimeOffset date) => AnchorOf(credential, signatureKey) is not null;

    /// <inheritdoc/>
    public ByteString? AnchorOf(Credential credential, ByteString signatureKey)
    {
        // What costs most comes last.
        if (CertificateChain.Read(credential, out CertificateChain? chain) is not null || chain!.CheckKey(scheme, signatureKey) is not null)
            return null;

        return paths.Find(chain, _anchors, out CertificatePath? path) is null ? path!.AnchorKey : null;
    }

    /// <inheritdoc/>
    public ByteString? IdentityOf(Credential credential) => CertificateChain.NameOf(credential)?.Identity;

    /// <summary>Whether both give the same name.</summary>
    public bool IsSuccessor(Credential before, Credential after) =>
        CertificateChain.NameOf(before) is { } name && CertificateChain.NameOf(after) == name;
}
