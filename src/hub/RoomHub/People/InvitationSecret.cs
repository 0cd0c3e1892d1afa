using System.Security.Cryptography;
using RoomAgent.Enrolment;
using RoomAgent.Hub.Devices;
using RoomAgent.Wire;

namespace RoomAgent.Hub.People;

/// <summary>The secret in the link of an invitation, or of a new password: 256 random bits. At rest only as a keyed hash, good once, never logged.</summary>
internal sealed class InvitationSecret
{
    private const int Size = 32;

    private readonly string _text;

    private InvitationSecret(string text) => _text = text;

    /// <summary>A new one.</summary>
    public static InvitationSecret Generate() => new(Base64UrlText.Encode(RandomNumberGenerator.GetBytes(Size)));

    /// <summary>Reads one; <see langword="null"/> for anything that is none.</summary>
    public static InvitationSecret? Read(string? text) =>
        text is { Length: < 2 * Size } && Base64UrlText.Decode(text) is { Length: Size } ? new InvitationSecret(text) : null;

    /// <summary>The link, for the one whom it is for.</summary>
    public string LinkAt(HubAddress address) => address.Of($"/invitation/{_text}");

    /// <summary>What stands in the database.</summary>
    public byte[] HashWith(CodeHash hash) => hash.Of("invitation", _text);

    /// <summary>That it is one, nothing else.</summary>
    public override string ToString() => "(invitation)";
}
