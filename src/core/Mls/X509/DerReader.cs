namespace RoomAgent.Mls;

/// <summary>The tags of ASN.1 that certificates use (X.680), in the one byte that they have there.</summary>
internal static class DerTag
{
    public const byte Boolean = 0x01;
    public const byte Integer = 0x02;
    public const byte BitString = 0x03;
    public const byte OctetString = 0x04;
    public const byte ObjectIdentifier = 0x06;
    public const byte UtcTime = 0x17;
    public const byte GeneralizedTime = 0x18;
    public const byte Sequence = 0x30;
    public const byte ConstructedContext0 = 0xa0;
    public const byte ConstructedContext3 = 0xa3;
}

/// <summary>
/// Reads DER (X.690) that a stranger may have sent, in the manner of <see cref="Wire.WireReader"/>: it never throws, the first read that does not fit
/// marks it <see cref="Failed"/>, and from then on it is at its end and gives nothing.
/// </summary>
/// <remarks>BER that is not DER is refused: indefinite lengths, and lengths in more bytes than they need. So are tags of more than one byte.</remarks>
internal ref struct DerReader(ReadOnlySpan<byte> bytes)
{
    // Deeper than any certificate: names and extensions take 8.
    private const int MaxDepth = 16;

    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _position;

    public bool Failed { get; private set; }

    public readonly bool AtEnd => _position == _bytes.Length;

    /// <summary>Whether everything fitted and nothing is left over.</summary>
    public readonly bool Complete => !Failed && AtEnd;

    /// <summary>The bytes consumed since <paramref name="start"/>, an earlier <see cref="Position"/>.</summary>
    public readonly ReadOnlySpan<byte> Since(int start) => _bytes[start.._position];

    public readonly int Position => _position;

    /// <summary>Whether <paramref name="bytes"/> are one element of DER, and all that is in it too, down to a bounded depth.</summary>
    public static bool IsOneElement(ReadOnlySpan<byte> bytes)
    {
        var reader = new DerReader(bytes);
        ReadOnlySpan<byte> content = reader.ReadAny(out byte tag);
        return reader.Complete && IsDer(tag, content, MaxDepth);
    }

    public void Fail()
    {
        Failed = true;
        _position = _bytes.Length;
    }

    /// <summary>Whether the next element has the tag <paramref name="tag"/>.</summary>
    public readonly bool IsNext(byte tag) => !AtEnd && _bytes[_position] == tag;

    /// <summary>Reads an element that must have the tag <paramref name="tag"/>, and gives its content.</summary>
    public ReadOnlySpan<byte> Read(byte tag)
    {
        ReadOnlySpan<byte> content = ReadAny(out byte found);
        if (found == tag && !Failed)
            return content;

        Fail();
        return default;
    }

    /// <summary>Reads an element that must have the tag <paramref name="tag"/>, and gives its content as a reader of its own.</summary>
    public DerReader ReadNested(byte tag)
    {
        var nested = new DerReader(Read(tag));
        if (Failed)
            nested.Fail();

        return nested;
    }

    /// <summary>Reads an element that must have the tag <paramref name="tag"/>, and gives all of it.</summary>
    public ReadOnlySpan<byte> ReadWhole(byte tag)
    {
        int start = _position;
        Read(tag);
        return Failed ? default : Since(start);
    }

    /// <summary>Reads a BOOLEAN that is there only to say true, since it is false by default (X.690 section 11.5).</summary>
    public bool ReadTrueOrNothing()
    {
        if (!IsNext(DerTag.Boolean))
            return false;
        if (Read(DerTag.Boolean) is [0xff])
            return true;

        Fail();
        return false;
    }

    /// <summary>Reads an INTEGER that is not negative, and gives its bytes without a leading zero.</summary>
    public ReadOnlySpan<byte> ReadUnsigned()
    {
        ReadOnlySpan<byte> content = Read(DerTag.Integer);
        if (content.IsEmpty || content[0] >= 0x80 || (content.Length > 1 && content[0] == 0 && content[1] < 0x80))
        {
            Fail();
            return default;
        }

        return content[0] == 0 ? content[1..] : content;
    }

    /// <summary>Reads a BIT STRING of whole bytes.</summary>
    public ReadOnlySpan<byte> ReadByteString()
    {
        ReadOnlySpan<byte> content = Read(DerTag.BitString);
        if (content is [0, ..])
            return content[1..];

        Fail();
        return default;
    }

    /// <summary>Reads a Time of RFC 5280 section 4.1.2.5: UTCTime until 2049, GeneralizedTime from 2050, both to the second and in UTC.</summary>
    public DateTimeOffset ReadTime()
    {
        bool isUtcTime = IsNext(DerTag.UtcTime);
        ReadOnlySpan<byte> text = Read(isUtcTime ? DerTag.UtcTime : DerTag.GeneralizedTime);
        int yearDigits = isUtcTime ? 2 : 4;
        if (text.Length != yearDigits + 11 || text[^1] != 'Z' || text[..^1].ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            Fail();
            return default;
        }

        int year = Digits(text[..yearDigits]);
        if (isUtcTime)
            year += year < 50 ? 2000 : 1900;

        ReadOnlySpan<byte> rest = text[yearDigits..];
        int month = Digits(rest[..2]), day = Digits(rest[2..4]), hour = Digits(rest[4..6]), minute = Digits(rest[6..8]), second = Digits(rest[8..10]);
        bool exists = year >= 1 && month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month) && hour < 24 && minute < 60 && second < 60;
        if (exists && (isUtcTime || year >= 2050))
            return new DateTimeOffset(year, month, day, hour, minute, second, TimeSpan.Zero);

        Fail();
        return default;
    }

    /// <summary>Reads the next element, whatever it is.</summary>
    public ReadOnlySpan<byte> ReadAny(out byte tag)
    {
        tag = 0;
        ReadOnlySpan<byte> rest = _bytes[_position..];
        if (rest.Length < 2 || (rest[0] & 0x1f) == 0x1f)
        {
            Fail();
            return default;
        }

        // One byte up to 127; else the number of bytes that follow, which are as few as can be.
        int length = rest[1];
        int header = 2;
        if (length >= 0x80)
        {
            int size = length & 0x7f;
            if (size is < 1 or > 3 || rest.Length < 2 + size)
            {
                Fail();
                return default;
            }

            length = Number(rest.Slice(2, size));
            header += size;
            if (length < (size == 1 ? 0x80 : 1 << (8 * (size - 1))))
            {
                Fail();
                return default;
            }
        }

        if (length > rest.Length - header)
        {
            Fail();
            return default;
        }

        tag = rest[0];
        _position += header + length;
        return rest.Slice(header, length);
    }

    private static bool IsDer(byte tag, ReadOnlySpan<byte> content, int depth)
    {
        const byte constructed = 0x20;
        if ((tag & constructed) == 0)
            return true;
        if (depth == 0)
            return false;

        var reader = new DerReader(content);
        while (!reader.AtEnd)
        {
            ReadOnlySpan<byte> inner = reader.ReadAny(out byte innerTag);
            if (reader.Failed || !IsDer(innerTag, inner, depth - 1))
                return false;
        }

        return !reader.Failed;
    }

    private static int Number(ReadOnlySpan<byte> bytes)
    {
        int number = 0;
        foreach (byte next in bytes)
            number = (number << 8) | next;
        return number;
    }

    private static int Digits(ReadOnlySpan<byte> text)
    {
        int number = 0;
        foreach (byte digit in text)
            number = (number * 10) + (digit - '0');
        return number;
    }
}
