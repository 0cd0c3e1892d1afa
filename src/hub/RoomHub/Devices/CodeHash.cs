using System.Security.Cryptography;
using System.Text;
using RoomAgent.Hub.Identity;

namespace RoomAgent.Hub.Devices;

/// <summary>Hashes codes for the database with a key that is not in it (HMAC-SHA256).</summary>
internal sealed class CodeHash(HubSecret secret)
{
    private readonly byte[] _key = secret.Derive("codes", HMACSHA256.HashSizeInBytes);

    /// <summary>The hash of a code of some kind.</summary>
    public byte[] Of(string kind, string code) => HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{kind}:{code}"));
}
