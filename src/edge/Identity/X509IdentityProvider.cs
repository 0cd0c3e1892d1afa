using RoomAgent.Crypto;
using RoomAgent.Mls;
using RoomAgent.Wire;

namespace RoomAgent.Identity;

/// <summary>Whether dates decide who may come in.</summary>
public enum AdmissionDates
{
    /// <summary>
    /// They do not: members whose clocks differ still agree. For meetings, where an expired certificate shows in the <see cref="Verdict"/>
    /// and the members that are asked for an Add refuse it.
    /// </summary>
    Ignored,

    /// <summary>Who joins must have a path that is valid at the time. Members in the group already stay, as RFC 9420 section 5.3.1 recommends.</summary>
    DecideOnJoin,
}

/// <summary>
/// Admits X.509 credentials (RFC 9420 section 5.3): one chain to an anchor of the group, the leaf's key equal to the certificate's, one name.
/// </summary>
/// <remarks>
/// Everyone with the same anchors comes to the same answers; there is neither network nor list in them, and a clock only when <see cref="AdmissionDates"/> says so.
/// What a member thinks of somebody who is admitted is the <see cref="Verdict"/> of an <see cref="IdentityJudge"/>.
/// </remarks>
/// <param name="paths">Validates paths; best one for all meetings.</param>
/// <param name="scheme">The signature scheme of the group's suite.</param>
/// <param name="anchors">The anchors of the group.</param>
/// <param name="dates">Whether dates decide who may come in.</param>
public sealed class X509IdentityProvider(CertificatePaths paths, SignatureScheme scheme, AnchorSet anchors, AdmissionDates dates) : IIdentityProvider
{
    /// <inheritdoc/>
    public bool IsValid(Credential credential, ByteString signatureKey, IdentityRole role, DateTimeOffset date) =>
        Admit(credential, signatureKey, role, date) is null;

    /// <summary>The same as <see cref="IsValid"/>, and says why not.</summary>
    public Refusal? Admit(Credential credential, ByteString signatureKey, IdentityRole role, DateTimeOffset date)
    {
        // What costs most comes last.
        if (CertificateChain.Read(credential, out CertificateChain? chain) is { } unreadable)
            return unreadable;
        if (chain!.CheckKey(scheme, signatureKey) is { } otherKey)
            return otherKey;
        if (paths.Find(chain, anchors, out CertificatePath? path) is { } noPath)
            return noPath;

        return dates == AdmissionDates.DecideOnJoin && role != IdentityRole.Member ? path!.CheckDates(date) : null;
    }

    /// <inheritdoc/>
    public ByteString? IdentityOf(Credential credential) => CertificateChain.NameOf(credential)?.Identity;

    /// <summary>Whether both give the same name. That the old key signed for the new one MLS has seen, that the new path is good <see cref="IsValid"/>.</summary>
    public bool IsSuccessor(Credential before, Credential after) =>
        CertificateChain.NameOf(before) is { } name && CertificateChain.NameOf(after) == name;
}
