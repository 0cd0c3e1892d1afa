using RoomAgent.Crypto;
using RoomAgent.Native.OpenSsl.Interop;

namespace RoomAgent.Native.OpenSsl;

/// <summary>Unpredictable bytes from OpenSSL's generator for private values, which the kernel seeds.</summary>
public sealed class OpenSslRandom : IRandom
{
    private static readonly OpenSslRandom s_instance = new();

    private OpenSslRandom()
    {
    }

    /// <summary>The generator. Any number of threads may use it.</summary>
    /// <exception cref="DllNotFoundException">The library is missing; the message says what to install.</exception>
    public static OpenSslRandom Instance
    {
        get
        {
            OpenSslLibrary.Require();
            return s_instance;
        }
    }

    /// <inheritdoc/>
    public unsafe void Fill(Span<byte> bytes)
    {
        fixed (byte* start = bytes)
            OpenSslLibrary.Check(Libcrypto.RAND_priv_bytes_ex(0, start, (nuint)bytes.Length, strength: 0), nameof(Libcrypto.RAND_priv_bytes_ex));
    }
}
