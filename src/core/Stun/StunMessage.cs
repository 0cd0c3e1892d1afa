using System.Buffers.Binary;
using RoomAgent.Crypto;

namespace RoomAgent.Stun;

/// <summary>A STUN message (RFC 8489 section 5) as a view of the datagram that it came in. Reading allocates nothing.</summary>
/// <remarks>
/// <code>
/// |0 0|  method and class  |  length of the attributes |
/// |              magic cookie 0x2112a442                |
/// |             transaction id (12 bytes)               |
/// |        type            |  length of the value       |  for each attribute,
/// |                 value, padded to 4                  |  which begins on a multiple of 4
/// </code>
/// What stands behind an integrity attribute is not protected and therefore not seen, but for MESSAGE-INTEGRITY-SHA256 behind MESSAGE-INTEGRITY
/// and FINGERPRINT (sections 14.5 to 14.7). Of an attribute that comes twice the first counts (section 14).
/// </remarks>
public readonly ref struct StunMessage
{
    /// <summary>Bytes of the header.</summary>
    public const int HeaderSize = 20;

    internal const int AttributeHeaderSize = 4;
    internal const uint MagicCookie = 0x2112_a442;
    internal const int Sha1Length = 20;
    internal const int Sha256Length = 32;
    private const int ShortestSha256 = 16;

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly int _sha1At;
    private readonly int _sha256At;
    private readonly int _fingerprintAt;
    private readonly int _attributesEnd;

    private StunMessage(ReadOnlySpan<byte> bytes, Layout layout)
    {
        _bytes = bytes;
        _sha1At = layout.Sha1At;
        _sha256At = layout.Sha256At;
        _fingerprintAt = layout.FingerprintAt;
        _attributesEnd = layout.AttributesEnd;
    }

    /// <summary>Reads a whole message.</summary>
    /// <param name="bytes">One datagram or frame; the message is a view of it.</param>
    /// <param name="message">The message.</param>
    /// <returns><see langword="false"/> when it is no STUN, is cut or longer than it says, an attribute does not fit, or something stands behind FINGERPRINT.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out StunMessage message)
    {
        message = default;
        if (bytes.Length < HeaderSize || bytes[0] > 3 || bytes.Length % 4 != 0)
            return false;
        if (BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]) != MagicCookie || BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]) != bytes.Length - HeaderSize)
            return false;
        if (!TryLayOut(bytes, out Layout layout))
            return false;

        message = new StunMessage(bytes, layout);
        return true;
    }

    /// <summary>The class.</summary>
    public StunClass Class => (StunClass)(((_bytes[0] & 1) << 1) | ((_bytes[1] >> 4) & 1));

    /// <summary>The method.</summary>
    public StunMethod Method
    {
        get
        {
            int type = BinaryPrimitives.ReadUInt16BigEndian(_bytes);
            return (StunMethod)((type & 0x000f) | ((type & 0x00e0) >> 1) | ((type & 0x3e00) >> 2));
        }
    }

    /// <summary>Which transaction it belongs to.</summary>
    public StunTransactionId TransactionId => StunTransactionId.Read(_bytes[8..]);

    /// <summary>Bytes of the whole message.</summary>
    public int Length => _bytes.Length;

    /// <summary>Which integrity attributes are there; <see cref="Verify"/> says whether they are right.</summary>
    public StunIntegrity Integrity => (_sha1At > 0 ? StunIntegrity.Sha1 : 0) | (_sha256At > 0 ? StunIntegrity.Sha256 : 0);

    /// <summary>Whether there is a FINGERPRINT.</summary>
    public bool HasFingerprint => _fingerprintAt > 0;

    /// <summary>Whether there is a FINGERPRINT and it is right (section 14.7).</summary>
    public bool FingerprintMatches =>
        HasFingerprint && BinaryPrimitives.ReadUInt32BigEndian(_bytes[(_fingerprintAt + AttributeHeaderSize)..]) == Fingerprint.Of(_bytes[.._fingerprintAt]);

    /// <summary>Whether the credential's key made the integrity attribute, compared in constant time (section 9.1.3).</summary>
    /// <returns><see langword="false"/> also when there is none. Of two, MESSAGE-INTEGRITY-SHA256 decides.</returns>
    public bool Verify(StunCredential credential)
    {
        if (_sha256At > 0)
            return credential.Verify(HashAlgorithm.Sha256, _bytes[.._sha256At], ValueAt(_bytes, _sha256At));

        return _sha1At > 0 && credential.Verify(HashAlgorithm.Sha1, _bytes[.._sha1At], ValueAt(_bytes, _sha1At));
    }

    /// <summary>Finds the first attribute of a type among those that are protected, if anything is.</summary>
    public bool TryFind(StunAttributeType type, out ReadOnlySpan<byte> value)
    {
        for (int at = HeaderSize; at < _attributesEnd; at = Next(_bytes, at))
        {
            if (TypeAt(_bytes, at) != type)
                continue;

            value = ValueAt(_bytes, at);
            return true;
        }

        value = default;
        return false;
    }

    /// <summary>Reads XOR-MAPPED-ADDRESS (section 14.2): under which address the server saw the request.</summary>
    public bool TryReadMappedAddress(out StunAddress address)
    {
        address = default;
        if (!TryFind(StunAttributeType.XorMappedAddress, out ReadOnlySpan<byte> value) || value.Length < 8)
            return false;

        int length = (value[1], value.Length) switch
        {
            (1, 8) => 4,
            (2, 20) => 16,
            _ => 0,
        };
        if (length == 0)
            return false;

        Span<byte> unmasked = stackalloc byte[16];
        unmasked = unmasked[..length];
        for (int i = 0; i < length; i++)
            unmasked[i] = (byte)(value[4 + i] ^ _bytes[4 + i]);

        address = new StunAddress(unmasked, (ushort)(BinaryPrimitives.ReadUInt16BigEndian(value[2..]) ^ (MagicCookie >> 16)));
        return true;
    }

    /// <summary>Reads ERROR-CODE (section 14.8).</summary>
    /// <param name="code">300 to 699.</param>
    public bool TryReadErrorCode(out int code)
    {
        code = 0;
        if (!TryFind(StunAttributeType.ErrorCode, out ReadOnlySpan<byte> value) || value.Length < 4)
            return false;

        int hundreds = value[2] & 7;
        int rest = value[3];
        if (hundreds is < 3 or > 6 || rest > 99)
            return false;

        code = (100 * hundreds) + rest;
        return true;
    }

    /// <summary>Lists the attributes that one must understand and that are not known here (section 6.3).</summary>
    /// <param name="types">Gets the first of them that fit.</param>
    /// <returns>How many there are, which can be more than fit.</returns>
    public int ListUnknownAttributes(Span<ushort> types)
    {
        int count = 0;
        for (int at = HeaderSize; at < _attributesEnd; at = Next(_bytes, at))
        {
            StunAttributeType type = TypeAt(_bytes, at);
            if ((ushort)type >= 0x8000 || Enum.IsDefined(type))
                continue;

            if (count < types.Length)
                types[count] = (ushort)type;
            count++;
        }

        return count;
    }

    private struct Layout
    {
        public int Sha1At;
        public int Sha256At;
        public int FingerprintAt;
        public int AttributesEnd;
    }

    // Goes over the attributes once: each must fit, FINGERPRINT must be last, and the integrity attributes end what counts.
    private static bool TryLayOut(ReadOnlySpan<byte> bytes, out Layout layout)
    {
        layout = default;
        int at = HeaderSize;
        while (at < bytes.Length)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 2)..]);
            if (layout.FingerprintAt > 0 || length > bytes.Length - at - AttributeHeaderSize)
                return false;

            switch (TypeAt(bytes, at))
            {
                case StunAttributeType.Fingerprint when length != 4:
                case StunAttributeType.MessageIntegrity when length != Sha1Length:
                case StunAttributeType.MessageIntegritySha256 when length is < ShortestSha256 or > Sha256Length || length % 4 != 0:
                    return false;
                case StunAttributeType.Fingerprint:
                    layout.FingerprintAt = at;
                    break;
                case StunAttributeType.MessageIntegrity when layout.Sha1At == 0 && layout.Sha256At == 0:
                    layout.Sha1At = at;
                    break;
                case StunAttributeType.MessageIntegritySha256 when layout.Sha256At == 0:
                    layout.Sha256At = at;
                    break;
            }

            if (layout.AttributesEnd == 0 && (layout.Sha1At | layout.Sha256At | layout.FingerprintAt) != 0)
                layout.AttributesEnd = at;
            at = Next(bytes, at);
        }

        if (layout.AttributesEnd == 0)
            layout.AttributesEnd = at;
        return true;
    }

    // The length of the message is a multiple of 4, and so is every step: an attribute's header and padding always fit.
    private static int Next(ReadOnlySpan<byte> bytes, int at) =>
        at + AttributeHeaderSize + ((BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 2)..]) + 3) & ~3);

    private static StunAttributeType TypeAt(ReadOnlySpan<byte> bytes, int at) => (StunAttributeType)BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]);

    private static ReadOnlySpan<byte> ValueAt(ReadOnlySpan<byte> bytes, int at) =>
        bytes.Slice(at + AttributeHeaderSize, BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 2)..]));
}
