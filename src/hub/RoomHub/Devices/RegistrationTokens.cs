using System.Security.Cryptography;
using System.Text;
using RoomAgent.Hub.Identity;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Devices;

/// <summary>
/// Registration access tokens (RFC 7592 section 1.3). They are not kept: the token of an account is an HMAC over its id, so every answer can have it again, as the standard wants.
/// Presented with a proof by the account's key; alone it is worth nothing.
/// </summary>
internal sealed class RegistrationTokens(HubSecret secret)
{
    private readonly byte[] _key = secret.Derive("registration access tokens", HMACSHA256.HashSizeInBytes);

    /// <summary>The token of an account.</summary>
    public string Of(DeviceId device) => Base64UrlText.Encode(HMACSHA256.HashData(_key, device.ToBytes()));

    /// <summary>Whether a text is the token of an account.</summary>
    public bool IsOf(DeviceId device, string text) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Of(device)), Encoding.UTF8.GetBytes(text));
}
