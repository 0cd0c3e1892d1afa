using RoomAgent.Wire;

namespace RoomAgent.Mls;

/// <summary>In which role somebody presents a credential.</summary>
public enum IdentityRole
{
    /// <summary>One who is to be added, or adds itself.</summary>
    Joiner,

    /// <summary>One who is in the group already, as a joiner finds it.</summary>
    Member,

    /// <summary>One who may propose from outside.</summary>
    ExternalSender,
}

/// <summary>
/// Decides who is who. It is a port because only the application knows what a credential is worth; there is no default that accepts everything.
/// </summary>
/// <remarks>Every member must come to the same answers, or the group falls apart (RFC 9420 section 5.3.1).</remarks>
public interface IIdentityProvider
{
    /// <summary>Whether <paramref name="credential"/> is genuine and belongs to the owner of <paramref name="signatureKey"/>.</summary>
    /// <param name="credential">What was presented; anything.</param>
    /// <param name="signatureKey">The public key that signs for it.</param>
    /// <param name="role">In which role.</param>
    /// <param name="date">The present.</param>
    bool IsValid(Credential credential, ByteString signatureKey, IdentityRole role, DateTimeOffset date);

    /// <summary>Who a valid credential names. Nobody is in a group twice.</summary>
    /// <param name="credential">A credential; one from which no identity can be read gives <see langword="null"/>.</param>
    ByteString? IdentityOf(Credential credential);

    /// <summary>Whether a member with the credential <paramref name="before"/> may continue with <paramref name="after"/>, which is valid.</summary>
    bool IsSuccessor(Credential before, Credential after);
}

/// <summary>Where pre-shared keys are found. A port, because only the application knows them.</summary>
public interface IPreSharedKeys
{
    /// <summary>The key of that name, for the caller to dispose of: <see langword="null"/> when there is none.</summary>
    Crypto.Secret? Find(PreSharedKeyId id);
}

/// <summary>What the time is, as it is told to a group.</summary>
/// <param name="Now">The moment, for how long things are kept.</param>
/// <param name="Date">The date, for what certificates and key packages say.</param>
public readonly record struct GroupTime(Instant Now, DateTimeOffset Date)
{
    /// <summary>
    /// Instead of a date: none shall decide. For applications in which all members must come to the same answer whatever their clocks say; those
    /// look at the lifetime of a key package when they add it.
    /// </summary>
    public static readonly DateTimeOffset NoDate = DateTimeOffset.MaxValue;
}
