namespace RoomAgent.Rtp;

/// <summary>The elements of a header extension (RFC 8285), in the one-byte or the two-byte form. A view of the packet.</summary>
/// <remarks>
/// <code>
/// one-byte form, profile 0xBEDE         two-byte form, profile 0x100x
/// |  ID   |  len  |  len + 1 bytes      |      ID       |      len      |  len bytes
/// </code>
/// An ID of 0 is a byte of padding. In the one-byte form the ID 15, and an ID of 0 with a length, end the elements (section 4.2).
/// Elements that do not fit end the list too: a receiver ignores what it cannot read.
/// </remarks>
public readonly ref struct HeaderExtensions
{
    /// <summary>What marks the one-byte form.</summary>
    public const ushort OneByteProfile = 0xbede;

    /// <summary>What marks the two-byte form; the last 4 bits are free.</summary>
    public const ushort TwoByteProfile = 0x1000;

    private readonly ushort _profile;
    private readonly ReadOnlySpan<byte> _elements;

    internal HeaderExtensions(ushort profile, ReadOnlySpan<byte> elements)
    {
        _profile = profile;
        _elements = elements;
    }

    /// <summary>Finds the element with <paramref name="id"/>.</summary>
    /// <param name="id">1 to 14, or to 255 in the two-byte form: the number that SDP gave the extension.</param>
    /// <param name="value">The bytes of the element, of whatever length it came with.</param>
    /// <returns><see langword="false"/> when there is none.</returns>
    public bool TryFind(int id, out ReadOnlySpan<byte> value)
    {
        foreach (HeaderExtension element in this)
        {
            if (element.Id != id)
                continue;

            value = element.Value;
            return true;
        }

        value = default;
        return false;
    }

    /// <summary>Goes through the elements in their order.</summary>
    public Enumerator GetEnumerator() => new(_profile, _elements);

    /// <summary>The walk through the elements.</summary>
    public ref struct Enumerator
    {
        private readonly bool _oneByte;
        private ReadOnlySpan<byte> _rest;

        internal Enumerator(ushort profile, ReadOnlySpan<byte> elements)
        {
            _oneByte = profile == OneByteProfile;
            _rest = _oneByte || (profile & 0xfff0) == TwoByteProfile ? elements : default;
            Current = default;
        }

        /// <summary>The element.</summary>
        public HeaderExtension Current { get; private set; }

        /// <summary>Goes to the next element; <see langword="false"/> behind the last one.</summary>
        public bool MoveNext()
        {
            while (!_rest.IsEmpty && _rest[0] == 0)
                _rest = _rest[1..];

            int head = _oneByte ? 1 : 2;
            if (_rest.Length < head)
                return false;

            int id = _oneByte ? _rest[0] >> 4 : _rest[0];
            int length = _oneByte ? (_rest[0] & 0x0f) + 1 : _rest[1];
            if (id == 0 || (_oneByte && id == 15) || length > _rest.Length - head)
            {
                _rest = default;
                return false;
            }

            Current = new HeaderExtension(id, _rest.Slice(head, length));
            _rest = _rest[(head + length)..];
            return true;
        }
    }
}

/// <summary>One element of a header extension.</summary>
public readonly ref struct HeaderExtension
{
    internal HeaderExtension(int id, ReadOnlySpan<byte> value)
    {
        Id = id;
        Value = value;
    }

    /// <summary>The number that SDP gave the extension.</summary>
    public int Id { get; }

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Value { get; }
}

/// <summary>Writes the elements of a header extension (RFC 8285), in the one-byte form or the two-byte form.</summary>
public ref struct HeaderExtensionWriter
{
    private readonly Span<byte> _buffer;
    private readonly bool _oneByte;
    private int _length;

    /// <summary>Writes into <paramref name="buffer"/>.</summary>
    /// <param name="buffer">Where the elements go, with room for 3 bytes of padding.</param>
    /// <param name="profile">
    /// <see cref="HeaderExtensions.OneByteProfile"/> or <see cref="HeaderExtensions.TwoByteProfile"/>; give <see cref="RtpHeader.Write"/> the same one.
    /// </param>
    public HeaderExtensionWriter(Span<byte> buffer, ushort profile = HeaderExtensions.OneByteProfile)
    {
        _buffer = buffer;
        _oneByte = profile == HeaderExtensions.OneByteProfile;
    }

    /// <summary>Adds an element.</summary>
    /// <param name="id">1 to 14; to 255 in the two-byte form.</param>
    /// <param name="value">1 to 16 bytes; 0 to 255 in the two-byte form.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number or the length has no place in the form.</exception>
    /// <exception cref="ArgumentException">The buffer is full.</exception>
    public void Add(int id, scoped ReadOnlySpan<byte> value)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(id, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(id, _oneByte ? 14 : 255);
        ArgumentOutOfRangeException.ThrowIfLessThan(value.Length, _oneByte ? 1 : 0, nameof(value));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value.Length, _oneByte ? 16 : 255, nameof(value));
        int head = _oneByte ? 1 : 2;
        if (value.Length > _buffer.Length - _length - head)
            throw new ArgumentException("The elements do not fit.", nameof(value));

        if (_oneByte)
        {
            _buffer[_length] = (byte)((id << 4) | (value.Length - 1));
        }
        else
        {
            _buffer[_length] = (byte)id;
            _buffer[_length + 1] = (byte)value.Length;
        }

        value.CopyTo(_buffer[(_length + head)..]);
        _length += head + value.Length;
    }

    /// <summary>Pads with zeros to a multiple of 4 bytes, as <see cref="RtpHeader.Write"/> wants it.</summary>
    /// <returns>The elements; empty when none was added.</returns>
    /// <exception cref="ArgumentException">The padding does not fit.</exception>
    public ReadOnlySpan<byte> Finish()
    {
        int padded = (_length + 3) & ~3;
        if (padded > _buffer.Length)
            throw new ArgumentException("The padding of the elements does not fit.");

        _buffer[_length..padded].Clear();
        _length = padded;
        return _buffer[..padded];
    }
}
