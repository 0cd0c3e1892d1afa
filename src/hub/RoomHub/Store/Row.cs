using System.Data.Common;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Store;

/// <summary>The row that is being read, by the position of its columns. It is gone once the function that was given it returns.</summary>
/// <remarks>A column of another type, or a NULL where none is expected, is a mistake of the program and throws <see cref="InvalidCastException"/>.</remarks>
public readonly struct Row
{
    private readonly DbDataReader _reader;

    internal Row(DbDataReader reader) => _reader = reader;

    /// <summary>A number.</summary>
    public long Long(int column) => _reader.GetInt64(column);

    /// <summary>A number or NULL.</summary>
    public long? LongOrNull(int column) => _reader.IsDBNull(column) ? null : _reader.GetInt64(column);

    /// <summary>A number that fits into 32 bits.</summary>
    /// <exception cref="OverflowException">It does not.</exception>
    public int Int(int column) => checked((int)_reader.GetInt64(column));

    /// <summary>A truth.</summary>
    public bool Flag(int column) => _reader.GetInt64(column) != 0;

    /// <summary>A moment.</summary>
    public DateTimeOffset Time(int column) => DateTimeOffset.FromUnixTimeMilliseconds(_reader.GetInt64(column));

    /// <summary>A moment or NULL.</summary>
    public DateTimeOffset? TimeOrNull(int column) => _reader.IsDBNull(column) ? null : Time(column);

    /// <summary>A text.</summary>
    public string Text(int column) => _reader.GetString(column);

    /// <summary>A text or NULL.</summary>
    public string? TextOrNull(int column) => _reader.IsDBNull(column) ? null : _reader.GetString(column);

    /// <summary>Bytes: a copy that the caller owns.</summary>
    public byte[] Bytes(int column) => _reader.GetFieldValue<byte[]>(column);

    /// <summary>Bytes or NULL: a copy that the caller owns.</summary>
    public byte[]? BytesOrNull(int column) => _reader.IsDBNull(column) ? null : _reader.GetFieldValue<byte[]>(column);

    /// <summary>Bytes that are an identifier, a key or a hash.</summary>
    public ByteString ByteString(int column) => Wire.ByteString.Owning(Bytes(column));
}
