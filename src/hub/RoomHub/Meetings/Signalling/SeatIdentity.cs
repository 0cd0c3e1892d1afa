using System.Text;
using RoomAgent.Meetings;
using RoomAgent.Mls;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Meetings;

/// <summary>Identities as certificates give them (<see cref="CertifiedName.Identity"/>), made from what the hub itself knows of somebody.</summary>
internal static class SeatIdentity
{
    /// <summary>A device, by its DNS name.</summary>
    public static ByteString OfDevice(string dnsName) => Of("dns:", dnsName);

    /// <summary>A person, by a mailbox that the hub has verified. Its form is that of a certificate: ASCII, compared without regard to case.</summary>
    /// <returns>Empty for one that no certificate can have.</returns>
    public static ByteString OfPerson(string mailbox) =>
        mailbox.Length is > 0 and <= Limits.Name && !mailbox.AsSpan().ContainsAnyExceptInRange('!', '~') ? Of("mail:", mailbox) : ByteString.Empty;

    /// <summary>A guest, by the URI in its certificate.</summary>
    public static ByteString OfGuest(string uri) => Of("uri:", uri);

    /// <summary>A name in a policy.</summary>
    public static ByteString Of(ParticipantName name)
    {
        ReadOnlySpan<byte> prefix = name.Kind switch
        {
            NameKind.Dns => "dns:"u8,
            NameKind.Mailbox => "mail:"u8,
            _ => "uri:"u8,
        };
        return ByteString.Owning([.. prefix, .. name.Value.Span]);
    }

    private static ByteString Of(string prefix, string name) => ByteString.Owning(Encoding.ASCII.GetBytes(prefix + name.ToLowerInvariant()));
}
