using RoomAgent.Wire;

namespace RoomAgent.Mls.Tests.Negative;

/// <summary>Knows everyone but Mallory, and lets nobody become somebody else.</summary>
internal sealed class Guests : IIdentityProvider
{
    public static Guests Instance { get; } = new();

    public bool IsValid(Credential credential, ByteString signatureKey, IdentityRole role, DateTimeOffset date) =>
        !TrustEveryone.Instance.IdentityOf(credential)!.Value.Span.SequenceEqual("mallory"u8);

    public ByteString? IdentityOf(Credential credential) => TrustEveryone.Instance.IdentityOf(credential);

    public bool IsSuccessor(Credential before, Credential after) => IdentityOf(before) == IdentityOf(after);
}
