using System.Text;
using RoomAgent.Crypto;
using RoomAgent.Native.OpenSsl.Interop;
using static RoomAgent.Native.OpenSsl.OpenSslLibrary;

namespace RoomAgent.Native.OpenSsl;

/// <summary>Digests and HMAC in contexts that each thread keeps.</summary>
internal static unsafe class OpenSslDigest
{
    private static readonly Lazy<nint>[] s_digests = [new(() => FetchDigest("SHA1")), new(() => FetchDigest("SHA256")), new(() => FetchDigest("SHA384")), new(() => FetchDigest("SHA512"))];
    private static readonly Lazy<nint> s_hmac = new(() => Check(Libcrypto.EVP_MAC_fetch(0, "HMAC", 0), "Fetching HMAC"));

    [ThreadStatic]
    private static EvpMdCtxHandle? s_hash;

    [ThreadStatic]
    private static EvpMacCtxHandle?[]? s_hmacs;

    public static void Hash(HashAlgorithm algorithm, ReadOnlySpan<byte> data, Span<byte> digest)
    {
        RequireDigestSize(algorithm, digest, nameof(digest));

        nint context = (s_hash ??= Check(Libcrypto.EVP_MD_CTX_new(), nameof(Libcrypto.EVP_MD_CTX_new))).DangerousGetHandle();
        fixed (byte* input = data, output = digest)
        {
            bool done = Libcrypto.EVP_DigestInit_ex2(context, s_digests[Index(algorithm)].Value, null) == 1
                && Libcrypto.EVP_DigestUpdate(context, input, (nuint)data.Length) == 1
                && Libcrypto.EVP_DigestFinal_ex(context, output, null) == 1;
            Check(done ? 1 : 0, "EVP digest");
        }
    }

    public static void Hmac(HashAlgorithm algorithm, ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> mac)
    {
        RequireDigestSize(algorithm, mac, nameof(mac));

        EvpMacCtxHandle?[] contexts = s_hmacs ??= new EvpMacCtxHandle?[s_digests.Length];
        nint context = (contexts[Index(algorithm)] ??= CreateHmac(algorithm)).DangerousGetHandle();
        byte noKey = 0;
        fixed (byte* keyBytes = key, input = data, output = mac)
        {
            // A null pointer would mean the key before this one; no key at all is a pointer with no bytes.
            bool done = Libcrypto.EVP_MAC_init(context, keyBytes == null ? &noKey : keyBytes, (nuint)key.Length, null) == 1
                && Libcrypto.EVP_MAC_update(context, input, (nuint)data.Length) == 1
                && Libcrypto.EVP_MAC_final(context, output, null, (nuint)mac.Length) == 1
                && Libcrypto.EVP_MAC_init(context, &noKey, 0, null) == 1; // the context outlives the key: let it keep none
            Check(done ? 1 : 0, "EVP HMAC");
        }
    }

    public static void Pbkdf2(HashAlgorithm algorithm, ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int iterations, Span<byte> output)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(iterations, 1);
        if (output.IsEmpty)
            throw new ArgumentException("There is nothing to fill.", nameof(output));

        // A null pointer with no length is an empty password or salt.
        fixed (byte* passwordBytes = password, saltBytes = salt, outputBytes = output)
        {
            int done = Libcrypto.PKCS5_PBKDF2_HMAC(
                passwordBytes, password.Length, saltBytes, salt.Length, iterations, s_digests[Index(algorithm)].Value, output.Length, outputBytes);
            Check(done, nameof(Libcrypto.PKCS5_PBKDF2_HMAC));
        }
    }

    /// <summary>A context of HMAC that has no key yet.</summary>
    public static EvpMacCtxHandle CreateHmac(HashAlgorithm algorithm)
    {
        EvpMacCtxHandle context = Check(Libcrypto.EVP_MAC_CTX_new(s_hmac.Value), nameof(Libcrypto.EVP_MAC_CTX_new));
        byte[] name = Encoding.UTF8.GetBytes(algorithm.ToString().ToUpperInvariant());
        byte noKey = 0;
        fixed (byte* parameter = "digest\0"u8, value = name)
        {
            Libcrypto.OSSL_PARAM* parameters = stackalloc Libcrypto.OSSL_PARAM[2];
            parameters[0] = new() { key = parameter, data_type = Libcrypto.OSSL_PARAM_UTF8_STRING, data = value, data_size = (nuint)name.Length };
            parameters[1] = default;
            Check(Libcrypto.EVP_MAC_init(context.DangerousGetHandle(), &noKey, 0, parameters), nameof(Libcrypto.EVP_MAC_init));
        }

        return context;
    }

    private static nint FetchDigest(string name) => Check(Libcrypto.EVP_MD_fetch(0, name, 0), $"Fetching {name}");

    private static int Index(HashAlgorithm algorithm) => (int)algorithm;

    private static void RequireDigestSize(HashAlgorithm algorithm, Span<byte> output, string name)
    {
        if (output.Length != algorithm.Digest())
            throw new ArgumentException($"{algorithm} gives {algorithm.Digest()} bytes.", name);
    }
}
