using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using RoomAgent.Native.OpenSsl.Interop;

namespace RoomAgent.Native.OpenSsl;

/// <summary>The distribution's libcrypto: whether it is there, which one it is, and what it says when it fails.</summary>
public static class OpenSslLibrary
{
    private static readonly Lazy<string> s_version = new(Load);

    /// <summary>The version that is loaded, such as <c>OpenSSL 3.0.19 27 Jan 2026</c>. Looked up once; a program asks for it when it starts.</summary>
    /// <exception cref="DllNotFoundException">The library is missing or is not OpenSSL 3; the message says what to install.</exception>
    public static string Version => s_version.Value;

    /// <summary>Loads the library unless that is done.</summary>
    internal static void Require() => _ = s_version.Value;

    private static unsafe string Load()
    {
        const string Remedy = "Install the package libssl3 (Debian 12) or libssl3t64 (Debian 13).";

        if (!NativeLibrary.TryLoad(Libcrypto.Library, out _))
            throw new DllNotFoundException($"{Libcrypto.Library} of OpenSSL 3 was not found. {Remedy}");

        string version = Marshal.PtrToStringUTF8((nint)Libcrypto.OpenSSL_version(Libcrypto.OPENSSL_VERSION)) ?? "an unnamed library";
        nuint major = Libcrypto.OpenSSL_version_num() >> 28;
        if (major != 3)
            throw new DllNotFoundException($"{Libcrypto.Library} is {version}, but RoomAgent needs OpenSSL 3. {Remedy}");

        // Before any other call: the library would otherwise free its state in an exit handler, under the threads that still work with it.
        Check(Libcrypto.OPENSSL_init_crypto(Libcrypto.OPENSSL_INIT_NO_ATEXIT, 0), nameof(Libcrypto.OPENSSL_init_crypto));
        return version;
    }

    /// <summary>Throws when a call that only our own mistake or a broken library can fail did fail.</summary>
    internal static void Check(int result, string function)
    {
        if (result <= 0)
            Throw(function);
    }

    internal static T Check<T>(T handle, string function)
        where T : OpenSslHandle
    {
        if (handle.IsInvalid)
            Throw(function);

        return handle;
    }

    internal static nint Check(nint pointer, string function)
    {
        if (pointer == 0)
            Throw(function);

        return pointer;
    }

    /// <summary>Forgets what the library noted about a refusal, so that the notes of a thread neither grow nor are blamed on the next call.</summary>
    /// <returns><see langword="false"/>, for the caller to return.</returns>
    internal static bool Refused()
    {
        Libcrypto.ERR_clear_error();
        return false;
    }

    [DoesNotReturn]
    private static unsafe void Throw(string function)
    {
        byte* text = stackalloc byte[256];
        Libcrypto.ERR_error_string_n(Libcrypto.ERR_peek_last_error(), text, 256);
        Libcrypto.ERR_clear_error();
        throw new CryptographicException($"{function} failed: {Marshal.PtrToStringUTF8((nint)text)}");
    }
}
