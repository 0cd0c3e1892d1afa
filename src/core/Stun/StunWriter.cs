using System.Buffers.Binary;
using RoomAgent.Crypto;
using RoomAgent.Wire;

namespace RoomAgent.Stun;

/// <summary>Writes a STUN message (RFC 8489 section 5) into a buffer of the caller's, attribute by attribute.</summary>
/// <remarks>
/// The order is the wire's: integrity behind what it protects, FINGERPRINT last. The length in the header is right after each attribute.
/// What does not fit marks the writer <see cref="Failed"/>, and then <see cref="Written"/> is empty.
/// </remarks>
#pragma warning disable CA1001 // its WireWriter writes into the caller's buffer and owns nothing
public ref struct StunWriter
#pragma warning restore CA1001
{
    private readonly Span<byte> _buffer;
    private WireWriter _writer;

    /// <summary>Starts a message.</summary>
    /// <param name="buffer">Where it is written.</param>
    /// <param name="messageClass">Its class.</param>
    /// <param name="method">Its method, up to 0xff.</param>
    /// <param name="transactionId">The transaction it opens or answers.</param>
    public StunWriter(Span<byte> buffer, StunClass messageClass, StunMethod method, StunTransactionId transactionId)
    {
        _buffer = buffer;
        _writer = new WireWriter(buffer);

        int m = (int)method;
        int c = (int)messageClass;
        _writer.WriteUInt16((ushort)((m & 0x000f) | ((m & 0x0070) << 1) | ((m & 0x0f80) << 2) | ((c & 1) << 4) | ((c & 2) << 7)));
        _writer.WriteUInt16(0);
        _writer.WriteUInt32(StunMessage.MagicCookie);
        Span<byte> id = _writer.Reserve(StunTransactionId.Size);
        if (!_writer.Failed)
            transactionId.Write(id);
    }

    /// <summary>Whether something did not fit.</summary>
    public readonly bool Failed => _writer.Failed;

    /// <summary>The message; nothing when the writer failed.</summary>
    public readonly ReadOnlySpan<byte> Written => Failed ? default : _writer.Written;

    /// <summary>Bytes of the message; 0 when the writer failed.</summary>
    public readonly int Length => Written.Length;

    /// <summary>Writes an attribute as it is, padded with zeros.</summary>
    public void Write(StunAttributeType type, scoped ReadOnlySpan<byte> value)
    {
        Span<byte> room = Begin(type, value.Length);
        if (Failed)
            return;

        value.CopyTo(room);
        End();
    }

    /// <summary>Writes XOR-MAPPED-ADDRESS (section 14.2).</summary>
    public void WriteMappedAddress(StunAddress address)
    {
        Span<byte> value = Begin(StunAttributeType.XorMappedAddress, 4 + address.Length);
        if (Failed)
            return;

        value[0] = 0;
        value[1] = (byte)(address.IsIPv6 ? 2 : 1);
        BinaryPrimitives.WriteUInt16BigEndian(value[2..], (ushort)(address.Port ^ (StunMessage.MagicCookie >> 16)));
        int length = address.CopyTo(value[4..]);
        for (int i = 0; i < length; i++)
            value[4 + i] ^= _buffer[4 + i];
        End();
    }

    /// <summary>Writes ERROR-CODE (section 14.8) without a reason phrase, which would only make the answer longer.</summary>
    /// <param name="code">300 to 699.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="code"/> is outside that range.</exception>
    public void WriteErrorCode(int code)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(code, 300);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(code, 699);
        Write(StunAttributeType.ErrorCode, [0, 0, (byte)(code / 100), (byte)(code % 100)]);
    }

    /// <summary>Writes UNKNOWN-ATTRIBUTES (section 14.9).</summary>
    public void WriteUnknownAttributes(scoped ReadOnlySpan<ushort> types)
    {
        Span<byte> value = Begin(StunAttributeType.UnknownAttributes, 2 * types.Length);
        if (Failed)
            return;

        for (int i = 0; i < types.Length; i++)
            BinaryPrimitives.WriteUInt16BigEndian(value[(2 * i)..], types[i]);
        End();
    }

    /// <summary>Protects all that was written (sections 14.5 and 14.6). Of both, MESSAGE-INTEGRITY comes first.</summary>
    public void WriteIntegrity(StunCredential credential, StunIntegrity integrity)
    {
        if ((integrity & StunIntegrity.Sha1) != 0)
            WriteIntegrity(credential, StunAttributeType.MessageIntegrity, HashAlgorithm.Sha1, StunMessage.Sha1Length);
        if ((integrity & StunIntegrity.Sha256) != 0)
            WriteIntegrity(credential, StunAttributeType.MessageIntegritySha256, HashAlgorithm.Sha256, StunMessage.Sha256Length);
    }

    /// <summary>Writes FINGERPRINT (section 14.7), the last attribute.</summary>
    public void WriteFingerprint()
    {
        int covered = _writer.Length;
        Span<byte> value = Begin(StunAttributeType.Fingerprint, 4);
        if (Failed)
            return;

        End();
        BinaryPrimitives.WriteUInt32BigEndian(value, Fingerprint.Of(_buffer[..covered]));
    }

    private void WriteIntegrity(StunCredential credential, StunAttributeType type, HashAlgorithm algorithm, int length)
    {
        int covered = _writer.Length;
        Span<byte> value = Begin(type, length);
        if (Failed)
            return;

        credential.Compute(algorithm, _buffer[..covered], length, value);
        End();
    }

    private Span<byte> Begin(StunAttributeType type, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, ushort.MaxValue);
        _writer.WriteUInt16((ushort)type);
        _writer.WriteUInt16((ushort)length);
        Span<byte> padded = _writer.Reserve((length + 3) & ~3);
        if (Failed)
            return default;

        padded[length..].Clear();
        return padded[..length];
    }

    private readonly void End() => BinaryPrimitives.WriteUInt16BigEndian(_buffer[2..], (ushort)(_writer.Length - StunMessage.HeaderSize));
}
