using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Store;

/// <summary>
/// One statement with its values: <c>$"SELECT name FROM rooms WHERE id = {id}"</c>. What stands in braces never becomes
/// text of the statement; it travels beside it as a parameter, so that no value can change what a statement means.
/// </summary>
/// <remarks>
/// <para>The same text runs on both databases, which is why it keeps to what both know: <c>INSERT ... ON CONFLICT ... DO NOTHING | UPDATE</c>,
/// <c>RETURNING</c>, common table expressions that only read, window functions. Not: writes inside <c>WITH</c>, <c>FOR UPDATE</c> (a transaction
/// is serialisable anyway), arrays, JSON, date and time functions.</para>
/// <para>There are three types: 64-bit integers, texts and bytes. A moment is an integer, milliseconds since 1970 UTC; a truth is 0 or 1.</para>
/// </remarks>
[InterpolatedStringHandler]
public sealed class Sql
{
    private readonly StringBuilder _text;
    private readonly List<SqlValue> _values;

    /// <summary>Called by the compiler, with what it knows about the statement.</summary>
    public Sql(int literalLength, int formattedCount)
    {
        _text = new StringBuilder(literalLength + formattedCount * 3);
        _values = new List<SqlValue>(formattedCount);
    }

    /// <summary>A statement that is put together at run time, of names from the database's own catalog; its values are appended as ever.</summary>
    internal static Sql OfCatalog(string text)
    {
        var statement = new Sql(text.Length, 0);
        statement.AppendLiteral(text);
        return statement;
    }

    /// <summary>The statement, with <c>$1</c>, <c>$2</c> and so on where its values belong.</summary>
    internal string Text => field ??= _text.ToString();

    /// <summary>The values in the order of their numbers.</summary>
    internal IReadOnlyList<SqlValue> Values => _values;

    /// <summary>The text of the statement, as it stands in the program.</summary>
    public void AppendLiteral(string value) => _text.Append(value);

    /// <summary>A number.</summary>
    public void AppendFormatted(long value) => Append(SqlType.Integer, value);

    /// <summary>A number or NULL.</summary>
    public void AppendFormatted(long? value) => Append(SqlType.Integer, value);

    /// <summary>A truth, as 1 or 0.</summary>
    public void AppendFormatted(bool value) => Append(SqlType.Integer, value ? 1L : 0L);

    /// <summary>A moment, in whole milliseconds since 1970 UTC.</summary>
    public void AppendFormatted(DateTimeOffset value) => Append(SqlType.Integer, value.ToUnixTimeMilliseconds());

    /// <summary>A moment or NULL.</summary>
    public void AppendFormatted(DateTimeOffset? value) => Append(SqlType.Integer, value?.ToUnixTimeMilliseconds());

    /// <summary>A text or NULL. PostgreSQL takes no text with U+0000 in it, so whoever reads names from strangers refuses that first.</summary>
    public void AppendFormatted(string? value) => Append(SqlType.Text, value);

    /// <summary>Bytes or NULL.</summary>
    public void AppendFormatted(byte[]? value) => Append(SqlType.Bytes, value);

    /// <summary>Bytes.</summary>
    public void AppendFormatted(ByteString value) => Append(SqlType.Bytes, value.ToArray());

    /// <summary>Bytes. They must stay as they are until the transaction is over.</summary>
    public void AppendFormatted(ReadOnlyMemory<byte> value)
    {
        bool isWholeArray = MemoryMarshal.TryGetArray(value, out ArraySegment<byte> part) && part.Array is not null && part.Count == part.Array.Length;
        Append(SqlType.Bytes, isWholeArray ? part.Array : value.ToArray());
    }

    /// <summary>A value of a type that is only known at run time.</summary>
    internal void Append(SqlType type, object? value)
    {
        _values.Add(new SqlValue(type, value));
        _text.Append('$').Append(_values.Count);
    }
}

/// <summary>The types that both databases have.</summary>
internal enum SqlType
{
    Integer,
    Text,
    Bytes,
}

/// <summary>One value of a statement; <paramref name="Value"/> is a <see cref="long"/>, <see cref="string"/>, byte array or <see langword="null"/>.</summary>
internal readonly record struct SqlValue(SqlType Type, object? Value);
