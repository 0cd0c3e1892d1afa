using RoomAgent.Crypto;
using RoomAgent.Native.OpenSsl.Interop;

namespace RoomAgent.Native.OpenSsl;

/// <summary>Unpredictable bytes from OpenSSL's generator for private values, which the kernel seeds.</summary>
public sealed class OpenSslRandom : IRandom
{
    private OpenSslRandom() => _ = OpenSslLibrary.Version;

    /// <summary>The generator. Any number of threads may use it.</summary>
    public static OpenSslRandom Instance { get; } = new();

    /// <inheritdoc/>
    public unsafe void Fill(Span<byte> bytes)
    {
        fixed (byte* start = bytes)
            OpenSslLibrary.Check(Libcrypto.RAND_priv_bytes_ex(0, start, (nuint)bytes.Length, strength: 0), nameof(Libcrypto.RAND_priv_bytes_ex));
    }
}
