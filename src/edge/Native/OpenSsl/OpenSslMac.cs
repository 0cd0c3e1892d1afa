using RoomAgent.Crypto;
using RoomAgent.Native.OpenSsl.Interop;
using static RoomAgent.Native.OpenSsl.OpenSslLibrary;

namespace RoomAgent.Native.OpenSsl;

/// <summary>A keyed EVP_MAC_CTX of HMAC. Between messages it is set back to its key, not keyed anew.</summary>
internal sealed unsafe class OpenSslMac : Mac
{
    private readonly KeptContext<EvpMacCtxHandle> _context;
    private readonly int _digest;

    public OpenSslMac(HashAlgorithm algorithm, ReadOnlySpan<byte> key)
    {
        _digest = algorithm.Digest();
        EvpMacCtxHandle context = OpenSslDigest.CreateHmac(algorithm);
        byte noKey = 0;
        fixed (byte* keyBytes = key)
        {
            // A null pointer would mean the key before this one; no key at all is a pointer with no bytes.
            Check(Libcrypto.EVP_MAC_init(context.DangerousGetHandle(), keyBytes == null ? &noKey : keyBytes, (nuint)key.Length, null), nameof(Libcrypto.EVP_MAC_init));
        }

        _context = new(context);
    }

    public override void Append(ReadOnlySpan<byte> data)
    {
        EvpMacCtxHandle handle = _context.Take();
        int done;
        fixed (byte* input = data)
            done = Libcrypto.EVP_MAC_update(handle.DangerousGetHandle(), input, (nuint)data.Length);

        _context.PutBack(handle);
        Check(done, nameof(Libcrypto.EVP_MAC_update));
    }

    public override void Finish(Span<byte> mac)
    {
        if (mac.IsEmpty || mac.Length > _digest)
            throw new ArgumentException($"This HMAC has 1 to {_digest} bytes.", nameof(mac));

        EvpMacCtxHandle handle = _context.Take();
        nint context = handle.DangerousGetHandle();
        byte* whole = stackalloc byte[Sizes.LargestDigest];
        bool done = Libcrypto.EVP_MAC_final(context, whole, null, Sizes.LargestDigest) == 1
            && Libcrypto.EVP_MAC_init(context, null, 0, null) == 1;

        _context.PutBack(handle);
        Check(done ? 1 : 0, nameof(Libcrypto.EVP_MAC_final));
        new ReadOnlySpan<byte>(whole, mac.Length).CopyTo(mac);
    }

    protected override void Dispose(bool disposing) => _context.Dispose();
}
