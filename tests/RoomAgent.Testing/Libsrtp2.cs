using System.Runtime.InteropServices;

namespace RoomAgent.Testing;

/// <summary>A session of libsrtp2, the SRTP of most others, under one master key and in one direction.</summary>
/// <remarks>The structures are those of srtp.h of version 2.5.0, as a C compiler lays them out on a 64-bit machine.</remarks>
public sealed unsafe partial class Libsrtp2 : IDisposable
{
    /// <summary>What libsrtp2 says when all is well.</summary>
    public const int Ok = 0;

    private const string Library = "libsrtp2.so.1";
    private const uint AnyInbound = 2;
    private const uint AnyOutbound = 3;

    private static readonly Lazy<int> s_initialized = new(srtp_init);

    private readonly string _suite;
    private readonly bool _outbound;
    private nint _session;

    /// <summary>Makes a session for any number of sources.</summary>
    /// <param name="suite">The name of the crypto suite in SDES.</param>
    /// <param name="keyAndSalt">The master key with the salt behind it.</param>
    /// <param name="outbound">Whether it protects; otherwise it unprotects.</param>
    public Libsrtp2(string suite, ReadOnlySpan<byte> keyAndSalt, bool outbound)
    {
        if (Missing is not null)
            throw new InvalidOperationException(Missing);
        if (s_initialized.Value != Ok)
            throw new InvalidOperationException($"srtp_init says {s_initialized.Value}.");

        _suite = suite;
        _outbound = outbound;
        int status = WithPolicy(keyAndSalt, policy => srtp_create(out _session, policy));
        if (status != Ok)
            throw new InvalidOperationException($"srtp_create says {status}.");
    }

    private delegate int PolicyUse(Policy* policy);

    /// <summary>What must be installed: <see langword="null"/> when nothing is missing.</summary>
    public static string? Missing { get; } =
        NativeLibrary.TryLoad(Library, out _) ? null : "this machine lacks: libsrtp2 (apt install libsrtp2-1)";

    /// <summary>srtp_protect: 0, or its error.</summary>
    public int Protect(Span<byte> buffer, ref int length)
    {
        fixed (byte* packet = buffer)
            return srtp_protect(_session, packet, ref length);
    }

    /// <summary>srtp_unprotect: 0, or its error.</summary>
    public int Unprotect(Span<byte> buffer, ref int length)
    {
        fixed (byte* packet = buffer)
            return srtp_unprotect(_session, packet, ref length);
    }

    /// <summary>srtp_protect_rtcp: 0, or its error.</summary>
    public int ProtectRtcp(Span<byte> buffer, ref int length)
    {
        fixed (byte* packet = buffer)
            return srtp_protect_rtcp(_session, packet, ref length);
    }

    /// <summary>srtp_unprotect_rtcp: 0, or its error.</summary>
    public int UnprotectRtcp(Span<byte> buffer, ref int length)
    {
        fixed (byte* packet = buffer)
            return srtp_unprotect_rtcp(_session, packet, ref length);
    }

    public void Dispose()
    {
        if (_session != 0)
            _ = srtp_dealloc(_session);
        _session = 0;
    }

    private int WithPolicy(ReadOnlySpan<byte> keyAndSalt, PolicyUse use)
    {
        CryptoPolicy crypto = _suite switch
        {
            "AEAD_AES_256_GCM" => new CryptoPolicy { CipherType = 7, CipherKeyLength = 44, AuthTagLength = 16, Services = 3 },
            "AEAD_AES_128_GCM" => new CryptoPolicy { CipherType = 6, CipherKeyLength = 28, AuthTagLength = 16, Services = 3 },
            "AES_CM_128_HMAC_SHA1_80" => new CryptoPolicy { CipherType = 1, CipherKeyLength = 30, AuthType = 3, AuthKeyLength = 20, AuthTagLength = 10, Services = 3 },
            _ => throw new InvalidOperationException($"{_suite} is another suite than those."),
        };
        fixed (byte* key = keyAndSalt)
        {
            var policy = new Policy
            {
                SsrcType = _outbound ? AnyOutbound : AnyInbound,
                Rtp = crypto,
                Rtcp = crypto,
                Key = key,
                WindowSize = 1_024,
            };
            return use(&policy);
        }
    }

    [LibraryImport(Library)]
    private static partial int srtp_init();

    [LibraryImport(Library)]
    private static partial int srtp_create(out nint session, Policy* policy);

    [LibraryImport(Library)]
    private static partial int srtp_dealloc(nint session);

    [LibraryImport(Library)]
    private static partial int srtp_protect(nint session, byte* packet, ref int length);

    [LibraryImport(Library)]
    private static partial int srtp_unprotect(nint session, byte* packet, ref int length);

    [LibraryImport(Library)]
    private static partial int srtp_protect_rtcp(nint session, byte* packet, ref int length);

    [LibraryImport(Library)]
    private static partial int srtp_unprotect_rtcp(nint session, byte* packet, ref int length);

    [StructLayout(LayoutKind.Sequential)]
    private struct CryptoPolicy
    {
        public uint CipherType;
        public int CipherKeyLength;
        public uint AuthType;
        public int AuthKeyLength;
        public int AuthTagLength;
        public int Services;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Policy
    {
        public uint SsrcType;
        public uint Ssrc;
        public CryptoPolicy Rtp;
        public CryptoPolicy Rtcp;
        public byte* Key;
        public void* Keys;
        public nuint MasterKeys;
        public void* Ekt;
        public nuint WindowSize;
        public int AllowRepeat;
        public int* EncryptedExtensions;
        public int EncryptedExtensionCount;
        public Policy* Next;
    }
}
