using RoomAgent.Mls;

namespace RoomAgent.Identity;

/// <summary>How somebody stands with us, from worst to best.</summary>
public enum Standing
{
    /// <summary>A certificate of the chain was revoked.</summary>
    Revoked = 1,

    /// <summary>A certificate of the chain has expired.</summary>
    Expired = 2,

    /// <summary>The name is a claim and no more: of a guest, under an authority that we do not rely on, or with something wrong.</summary>
    Unverified = 3,

    /// <summary>The service says so: the anchor came from it.</summary>
    Vouched = 4,

    /// <summary>The name is proven by an anchor that the service could not have chosen.</summary>
    Verified = 5,
}

/// <summary>What one member thinks of another's identity, to be shown in its roster. Each member comes to its own.</summary>
/// <param name="Standing">How it stands.</param>
/// <param name="Reason">Why it does not stand better; none when it is verified or vouched for and nothing is to be said.</param>
/// <param name="Name">The name in the certificate, proven when verified or vouched for: <see langword="null"/> when the certificate is not good enough to repeat what it says.</param>
/// <param name="Anchor">Who vouches for the name: <see langword="null"/> when nobody whom we rely on does.</param>
/// <param name="NotBefore">From when the path is valid, when there is one.</param>
/// <param name="NotAfter">Until when, the second included.</param>
public sealed record Verdict(
    Standing Standing,
    Refusal? Reason,
    CertifiedName? Name,
    TrustAnchor? Anchor,
    DateTimeOffset? NotBefore,
    DateTimeOffset? NotAfter)
{
    /// <summary>Whether a successor with this verdict would stand lower than its predecessor did.</summary>
    public bool IsLowerThan(Verdict before) => Standing < before.Standing;
}
