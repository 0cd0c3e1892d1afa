using System.Security.Cryptography;
using System.Text;
using RoomAgent.Agent.Ports;
using RoomAgent.Wire;

namespace RoomAgent.Cloud.Account;

/// <summary>Device keys in a vault, as PKCS #8.</summary>
/// <param name="vault">The vault.</param>
public sealed class VaultKeys(IVault vault) : IDeviceKeys
{
    private const string P256 = "1.2.840.10045.3.1.7";

    /// <inheritdoc/>
    public IDeviceKey? Open(int number)
    {
        if (vault.Read(NameOf(number)) is not { } kept)
            return null;

        var key = ECDsa.Create();
        try
        {
            key.ImportPkcs8PrivateKey(kept, out _);
            if (key.ExportParameters(includePrivateParameters: false).Curve is { IsNamed: true, Oid.Value: P256 })
                return new KeptKey(key);
        }
        catch (CryptographicException)
        {
            // Not a key: the same as none.
        }
        finally
        {
            CryptographicOperations.ZeroMemory(kept);
        }

        key.Dispose();
        return null;
    }

    /// <inheritdoc/>
    public IDeviceKey Create(int number)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] kept = key.ExportPkcs8PrivateKey();
        try
        {
            vault.Write(NameOf(number), kept);
            return new KeptKey(key);
        }
        catch
        {
            key.Dispose();
            throw;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(kept);
        }
    }

    /// <inheritdoc/>
    public void Remove(int number) => vault.Remove(NameOf(number));

    private static string NameOf(int number) => $"device-key-{number}";

    private sealed class KeptKey : IDeviceKey
    {
        private readonly ECDsa _key;
        private readonly Lock _lock = new();

        public KeptKey(ECDsa key)
        {
            _key = key;
            ECPoint point = key.ExportParameters(includePrivateParameters: false).Q;
            Jwk = $$"""{"crv":"P-256","kty":"EC","x":"{{Base64UrlText.Encode(point.X)}}","y":"{{Base64UrlText.Encode(point.Y)}}"}""";
            Thumbprint = SHA256.HashData(Encoding.ASCII.GetBytes(Jwk));
        }

        public string Jwk { get; }

        public ReadOnlyMemory<byte> Thumbprint { get; }

        public byte[] Sign(ReadOnlySpan<byte> text)
        {
            lock (_lock)
                return _key.SignData(text, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }

        public void Dispose() => _key.Dispose();
    }
}
