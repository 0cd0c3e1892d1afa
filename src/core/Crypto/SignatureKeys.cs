using System.Security.Cryptography;

namespace RoomAgent.Crypto;

/// <summary>New signature keys from a random source, so that a seeded one gives the same key again.</summary>
public static class SignatureKeys
{
    /// <summary>Makes the private key of a new pair. <see cref="ICryptoProvider.ImportSigningKey"/> takes it as it is.</summary>
    /// <remarks>For the NIST curves by rejection (FIPS 186-5 A.2.2): a candidate outside 1 to n - 1 is thrown away and drawn anew.</remarks>
    public static Secret Generate(ICryptoProvider crypto, IRandom random, SignatureScheme scheme)
    {
        // A candidate is refused with a probability below 2^-32 (P-256) or, for P-521 after masking, 2^-260.
        for (int attempt = 0; attempt < 64; attempt++)
        {
            var candidate = Secret.Generate(random, scheme.PrivateKey());
            if (scheme == SignatureScheme.EcdsaSecp521r1Sha512)
                candidate.Buffer[0] &= 0x01;

            using SigningKey? key = crypto.ImportSigningKey(scheme, candidate.Bytes);
            if (key is not null)
                return candidate;

            candidate.Dispose();
        }

        throw new CryptographicException("The random source gives no valid scalar.");
    }
}
