using System.Security.Cryptography;
using System.Text;
using RoomAgent.Crypto;

namespace RoomAgent.Hub.Identity;

/// <summary>
/// 32 random bytes that are not in the database: the keys that are there are wrapped with them, and codes are hashed with them,
/// so that a copy of the database alone opens nothing and lets nobody guess codes at home.
/// </summary>
/// <remarks>
/// Of each purpose there is a key of its own, by HKDF-SHA256 (RFC 5869). Wrapped is
/// <c>1 || nonce[12] || tag[16] || AES-256-GCM(text)</c> with the name as additional data, so that one wrapped key cannot be put in another's place.
/// </remarks>
public sealed class HubSecret : IDisposable
{
    /// <summary>Bytes.</summary>
    public const int Size = 32;

    private const byte Version = 1;
    private const int NonceSize = 12;
    private const int TagSize = 16;
    private const int HeaderSize = 1 + NonceSize + TagSize;

    private readonly Secret _secret;

    private HubSecret(Secret secret) => _secret = secret;

    /// <summary>A secret with a copy of <paramref name="bytes"/>.</summary>
    /// <exception cref="ArgumentException">They are not <see cref="Size"/>.</exception>
    public static HubSecret CopyOf(ReadOnlySpan<byte> bytes) => bytes.Length == Size
        ? new HubSecret(Secret.CopyOf(bytes))
        : throw new ArgumentException($"A hub's secret has {Size} bytes.", nameof(bytes));

    /// <summary>Reads a secret from a file, which is made, for its owner alone, when it is missing.</summary>
    /// <exception cref="PlatformNotSupportedException">This is Windows.</exception>
    /// <exception cref="IOException">The file cannot be read or made, others may read it, or it is not a secret.</exception>
    public static HubSecret LoadOrCreate(string path)
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException("The hub runs on Linux: who may read the file is said in its way.");

        const UnixFileMode ownerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using Secret secret = new(Size);
        if (!File.Exists(path))
        {
            RandomNumberGenerator.Fill(secret.Buffer);
            // On the storage before anything is wrapped with it.
            using var made = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = ownerOnly, BufferSize = 0 });
            made.Write(secret.Bytes);
            made.Flush(flushToDisk: true);
            return CopyOf(secret.Bytes);
        }

        if ((File.GetUnixFileMode(path) & ~ownerOnly & ~UnixFileMode.UserExecute) != 0)
            throw new IOException($"{path}: others may read it; it has to be its owner's alone (chmod go-rwx)");
        using var file = new FileStream(path, new FileStreamOptions { BufferSize = 0 });
        if (file.Length != Size)
            throw new IOException($"{path}: it is not a secret of {Size} bytes; restore it from a backup");
        file.ReadExactly(secret.Buffer);
        return CopyOf(secret.Bytes);
    }

    /// <summary>A key for one purpose.</summary>
    /// <param name="purpose">Words of ours that no other purpose has.</param>
    /// <param name="length">Bytes, 1 to 8,160.</param>
    /// <returns>The key, which the caller zeroes when it is done with it.</returns>
    public byte[] Derive(string purpose, int length)
    {
        byte[] key = new byte[length];
        HKDF.Expand(HashAlgorithmName.SHA256, _secret.Bytes, key, Encoding.UTF8.GetBytes($"RoomHub 1 {purpose}"));
        return key;
    }

    /// <summary>Wraps a text.</summary>
    /// <param name="name">What it is; <see cref="Open"/> is told the same.</param>
    /// <param name="text">The text.</param>
    public byte[] Seal(string name, ReadOnlySpan<byte> text)
    {
        byte[] wrapped = new byte[HeaderSize + text.Length];
        wrapped[0] = Version;
        Span<byte> nonce = wrapped.AsSpan(1, NonceSize);
        RandomNumberGenerator.Fill(nonce);
        using AesGcm cipher = Cipher();
        cipher.Encrypt(nonce, text, wrapped.AsSpan(HeaderSize), wrapped.AsSpan(1 + NonceSize, TagSize), Encoding.UTF8.GetBytes(name));
        return wrapped;
    }

    /// <summary>Unwraps what <see cref="Seal"/> made with the same secret and name.</summary>
    /// <returns><see langword="null"/> for anything else.</returns>
    public Secret? Open(string name, ReadOnlySpan<byte> wrapped)
    {
        if (wrapped.Length < HeaderSize || wrapped[0] != Version)
            return null;

        var text = new Secret(wrapped.Length - HeaderSize);
        try
        {
            using AesGcm cipher = Cipher();
            cipher.Decrypt(wrapped.Slice(1, NonceSize), wrapped[HeaderSize..], wrapped.Slice(1 + NonceSize, TagSize), text.Buffer, Encoding.UTF8.GetBytes(name));
            return text;
        }
        catch (AuthenticationTagMismatchException)
        {
            text.Dispose();
            return null;
        }
    }

    /// <summary>Zeroes it.</summary>
    public void Dispose() => _secret.Dispose();

    private AesGcm Cipher()
    {
        byte[] key = Derive("wrapping", Size);
        try
        {
            return new AesGcm(key, TagSize);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }
}
