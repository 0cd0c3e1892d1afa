using System.Runtime.InteropServices;

namespace RoomAgent.Native.OpenSsl.Interop;

/// <summary>Owns one native object. Freeing it also zeroes the key material it holds.</summary>
internal abstract class OpenSslHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected sealed override bool ReleaseHandle()
    {
        Free(handle);
        return true;
    }

    protected abstract void Free(nint owned);
}

internal sealed class BignumHandle : OpenSslHandle
{
    protected override void Free(nint owned) => Libcrypto.BN_clear_free(owned);
}

internal sealed class BnCtxHandle : OpenSslHandle
{
    protected override void Free(nint owned) => Libcrypto.BN_CTX_free(owned);
}

internal sealed class EcGroupHandle : OpenSslHandle
{
    protected override void Free(nint owned) => Libcrypto.EC_GROUP_free(owned);
}

internal sealed class EcPointHandle : OpenSslHandle
{
    protected override void Free(nint owned) => Libcrypto.EC_POINT_clear_free(owned);
}

internal sealed class EvpCipherCtxHandle : OpenSslHandle
{
    protected override void Free(nint owned) => Libcrypto.EVP_CIPHER_CTX_free(owned);
}

internal sealed class EvpMdCtxHandle : OpenSslHandle
{
    protected override void Free(nint owned) => Libcrypto.EVP_MD_CTX_free(owned);
}

internal sealed class EvpMacCtxHandle : OpenSslHandle
{
    protected override void Free(nint owned) => Libcrypto.EVP_MAC_CTX_free(owned);
}

internal sealed class EvpPkeyHandle : OpenSslHandle
{
    public EvpPkeyHandle()
    {
    }

    public EvpPkeyHandle(nint owned) => SetHandle(owned);

    protected override void Free(nint owned) => Libcrypto.EVP_PKEY_free(owned);
}

internal sealed class EvpPkeyCtxHandle : OpenSslHandle
{
    protected override void Free(nint owned) => Libcrypto.EVP_PKEY_CTX_free(owned);
}
