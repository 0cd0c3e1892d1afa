using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using RoomAgent.Crypto;
using HashAlgorithm = RoomAgent.Crypto.HashAlgorithm;

namespace RoomAgent.Hub.Store;

// A file that nobody reads, changes, shortens or puts together anew without its key.
//
//   "ROOMHUB" | version (1 byte) | salt (32 bytes) | chunk | chunk | ... | last chunk
//
//   file key = HKDF-SHA256(salt, key, "RoomHub backup"), so that no two files share a key
//   chunk    = AES-256-GCM of 65,536 bytes, the last one of 0 to 65,536; nonce = 0 (3 bytes) | number from 0 on (8 bytes) | is last (1 byte);
//              associated data = everything before the first chunk

/// <summary>What both directions share.</summary>
internal static class SealedFile
{
    public const int ChunkLength = 64 << 10;
    public const int HeaderLength = 7 + 1 + SaltLength;
    public const int SaltLength = 32;
    public const int KeyLength = 32;
    public const byte Version = 1;

    public static ReadOnlySpan<byte> Magic => "ROOMHUB"u8;

    public static Aead CreateAead(ICryptoProvider crypto, Secret key, ReadOnlySpan<byte> salt)
    {
        if (key.Length != KeyLength)
            throw new ArgumentException("A backup's key has 32 bytes.", nameof(key));

        Span<byte> extracted = stackalloc byte[32];
        Span<byte> fileKey = stackalloc byte[KeyLength];
        try
        {
            crypto.HkdfExtract(HashAlgorithm.Sha256, salt, key.Bytes, extracted);
            crypto.HkdfExpand(HashAlgorithm.Sha256, extracted, "RoomHub backup"u8, fileKey);
            return crypto.CreateAead(AeadAlgorithm.Aes256Gcm, fileKey) ?? throw new CryptographicException("There is no AES-256-GCM here.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(extracted);
            CryptographicOperations.ZeroMemory(fileKey);
        }
    }

    public static void WriteNonce(Span<byte> nonce, ulong chunk, bool isLast)
    {
        nonce.Clear();
        BinaryPrimitives.WriteUInt64BigEndian(nonce[3..], chunk);
        nonce[11] = isLast ? (byte)1 : (byte)0;
    }
}

/// <summary>Writes a sealed file. It is whole once <see cref="Finish"/> has returned.</summary>
internal sealed class SealedWriter : IDisposable
{
    private readonly Stream _output;
    private readonly Aead _aead;
    private readonly byte[] _header = new byte[SealedFile.HeaderLength];
    private readonly byte[] _chunk = new byte[SealedFile.ChunkLength + Sizes.AeadTag];
    private int _length;
    private ulong _number;

    public SealedWriter(Stream output, Secret key, ICryptoProvider crypto, IRandom random)
    {
        _output = output;
        SealedFile.Magic.CopyTo(_header);
        _header[7] = SealedFile.Version;
        random.Fill(_header.AsSpan(8));
        _aead = SealedFile.CreateAead(crypto, key, _header.AsSpan(8));
        output.Write(_header);
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            // Only when more comes is it known that this one is not the last.
            if (_length == SealedFile.ChunkLength)
                Seal(isLast: false);
            int part = Math.Min(bytes.Length, SealedFile.ChunkLength - _length);
            bytes[..part].CopyTo(_chunk.AsSpan(_length));
            _length += part;
            bytes = bytes[part..];
        }
    }

    public void WriteByte(byte value) => Write([value]);

    public void WriteLong(long value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        Write(bytes);
    }

    public void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        WriteLong(bytes.Length);
        Write(bytes);
    }

    public void WriteText(string text) => WriteBytes(Encoding.UTF8.GetBytes(text));

    public void Finish()
    {
        Seal(isLast: true);
        _output.Flush();
    }

    public void Dispose()
    {
        _aead.Dispose();
        CryptographicOperations.ZeroMemory(_chunk);
    }

    private void Seal(bool isLast)
    {
        Span<byte> nonce = stackalloc byte[Sizes.AeadNonce];
        SealedFile.WriteNonce(nonce, _number++, isLast);
        Span<byte> sealedChunk = _chunk.AsSpan(0, _length + Sizes.AeadTag);
        _aead.Seal(nonce, _header, _chunk.AsSpan(0, _length), sealedChunk);
        _output.Write(sealedChunk);
        _length = 0;
    }
}

/// <summary>Reads a sealed file. What it gives is authentic; a file that is not ends it early, and every later read fails.</summary>
internal sealed class SealedReader : IDisposable
{
    private readonly Stream _input;
    private readonly Aead _aead;
    private readonly byte[] _header;
    private byte[] _chunk = new byte[SealedFile.ChunkLength + Sizes.AeadTag];
    private byte[] _next = new byte[SealedFile.ChunkLength + Sizes.AeadTag];
    private int _nextLength;
    private int _at;
    private int _length;
    private ulong _number;
    private bool _wasLast;
    private bool _isBroken;

    private SealedReader(Stream input, byte[] header, Aead aead)
    {
        _input = input;
        _header = header;
        _aead = aead;
        _nextLength = input.ReadAtLeast(_next, _next.Length, throwOnEndOfStream: false);
    }

    /// <summary>Reads the header.</summary>
    /// <returns><see langword="null"/> when it is none of ours, or of another version.</returns>
    public static SealedReader? Start(Stream input, Secret key, ICryptoProvider crypto)
    {
        byte[] header = new byte[SealedFile.HeaderLength];
        bool isOurs = input.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) == header.Length
            && header.AsSpan().StartsWith(SealedFile.Magic)
            && header[7] == SealedFile.Version;
        return isOurs ? new SealedReader(input, header, SealedFile.CreateAead(crypto, key, header.AsSpan(8))) : null;
    }

    /// <summary>Reads to the end and shows nothing.</summary>
    /// <returns>Whether the whole file is authentic.</returns>
    public bool IsAuthentic()
    {
        while (TryOpenNext())
        {
        }

        return !_isBroken;
    }

    public byte ReadByte()
    {
        Span<byte> one = stackalloc byte[1];
        Read(one);
        return one[0];
    }

    public long ReadLong()
    {
        Span<byte> bytes = stackalloc byte[8];
        Read(bytes);
        return BinaryPrimitives.ReadInt64BigEndian(bytes);
    }

    public byte[] ReadBytes()
    {
        byte[] bytes = new byte[checked((int)ReadLong())];
        Read(bytes);
        return bytes;
    }

    public string ReadText() => Encoding.UTF8.GetString(ReadBytes());

    public void Dispose()
    {
        _aead.Dispose();
        CryptographicOperations.ZeroMemory(_chunk);
        CryptographicOperations.ZeroMemory(_next);
    }

    // Whoever reads has seen before that all is authentic, so this is a mistake of ours or a file that changed meanwhile.
    private void Read(Span<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_at == _length && !TryOpenNext())
                throw new InvalidDataException("The backup changed while it was read.");
            int part = Math.Min(bytes.Length, _length - _at);
            _chunk.AsSpan(_at, part).CopyTo(bytes);
            _at += part;
            bytes = bytes[part..];
        }
    }

    // One chunk ahead, since the last one is sealed as such.
    private bool TryOpenNext()
    {
        if (_wasLast || _isBroken)
            return false;

        (_chunk, _next) = (_next, _chunk);
        int length = _nextLength;
        _nextLength = length < _chunk.Length ? 0 : _input.ReadAtLeast(_next, _next.Length, throwOnEndOfStream: false);
        _wasLast = _nextLength == 0;

        Span<byte> nonce = stackalloc byte[Sizes.AeadNonce];
        SealedFile.WriteNonce(nonce, _number++, _wasLast);
        _at = 0;
        _length = Math.Max(0, length - Sizes.AeadTag);
        _isBroken = length < Sizes.AeadTag || !_aead.TryOpen(nonce, _header, _chunk.AsSpan(0, length), _chunk.AsSpan(0, _length));
        if (_isBroken)
            _length = 0;
        return !_isBroken;
    }
}
