using System.Buffers.Binary;
using System.Security.Cryptography;

namespace RoomAgent.Hub.Devices;

/// <summary>
/// Six digits that the device and the page on which it is claimed both show: SHA-256(key thumbprint || nonce), its first 8 bytes as a number, modulo 10^6.
/// </summary>
/// <remarks>
/// The nonce is the hub's and comes after the device's key is fixed. Somebody between device and hub, with a key of his own, therefore meets the device's digits by chance only:
/// one in a million for each code that he has to bring an administrator to enter.
/// </remarks>
public static class Confirmation
{
    /// <summary>Bytes of the nonce.</summary>
    public const int NonceSize = 32;

    /// <summary>The digits.</summary>
    /// <param name="thumbprint">SHA-256 thumbprint of the device's key (RFC 7638), 32 bytes.</param>
    /// <param name="nonce">The hub's nonce, as it came.</param>
    public static string Digits(ReadOnlySpan<byte> thumbprint, ReadOnlySpan<byte> nonce)
    {
        byte[] hash = SHA256.HashData([.. thumbprint, .. nonce]);
        return (BinaryPrimitives.ReadUInt64BigEndian(hash) % 1_000_000).ToString("D6");
    }
}
