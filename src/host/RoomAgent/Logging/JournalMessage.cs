using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace RoomAgent.Host.Logging;

/// <summary>Writes a log entry as the journal wants to read it.</summary>
/// <remarks>
/// A datagram is a row of fields. A field whose value is one line, and any other field:
/// <code>
/// NAME=value\n
/// NAME\n  length: 64 bits, little-endian  value\n
/// </code>
/// </remarks>
internal static class JournalMessage
{
    /// <summary>The longest value; a datagram ends at some 200 kB, and a message has few long values.</summary>
    private const int LongestValue = 32 * 1024;

    /// <summary>The longest name that journald accepts.</summary>
    private const int LongestName = 64;

    private const string Truncated = " [cut off]";

    public static byte[] Format(in LogEntry entry)
    {
        var datagram = new ArrayBufferWriter<byte>(512);
        Field(datagram, "MESSAGE", entry.Text);
        Field(datagram, "PRIORITY", entry.Priority.ToString(CultureInfo.InvariantCulture));
        Field(datagram, "SYSLOG_IDENTIFIER", "roomagent");
        Field(datagram, "LOGGER", entry.Category);
        Field(datagram, "EVENT_ID", entry.Event.Id.ToString(CultureInfo.InvariantCulture));
        if (entry.Event.Name is { } name)
            Field(datagram, "EVENT_NAME", name);
        if (entry.Exception is { } exception)
            Field(datagram, "EXCEPTION", exception.ToString());

        foreach ((string key, object? value) in entry.Values)
        {
            // The message before its values were put in is among them; it says nothing that EVENT_ID does not.
            if (key != "{OriginalFormat}")
                Field(datagram, FieldName(key), Convert.ToString(value, CultureInfo.InvariantCulture) ?? "");
        }

        return datagram.WrittenSpan.ToArray();
    }

    /// <summary><c>OtherPid</c> becomes <c>ROOMAGENT_OTHER_PID</c>: capital letters, digits and underscores are all there may be.</summary>
    internal static string FieldName(string key)
    {
        var name = new StringBuilder("ROOMAGENT_");
        for (int i = 0; i < key.Length && name.Length < LongestName - 1; i++)
        {
            if (i > 0 && char.IsAsciiLetterUpper(key[i]) && !char.IsAsciiLetterUpper(key[i - 1]))
                name.Append('_');
            name.Append(char.IsAsciiLetterOrDigit(key[i]) ? char.ToUpperInvariant(key[i]) : '_');
        }

        return name.ToString();
    }

    private static void Field(ArrayBufferWriter<byte> datagram, string name, string value)
    {
        if (value.Length > LongestValue)
            value = string.Concat(value.AsSpan(0, LongestValue), Truncated);

        Encoding.ASCII.GetBytes(name, datagram);
        if (!value.Contains('\n'))
        {
            datagram.Write("="u8);
            Encoding.UTF8.GetBytes(value, datagram);
        }
        else
        {
            datagram.Write("\n"u8);
            BinaryPrimitives.WriteUInt64LittleEndian(datagram.GetSpan(sizeof(ulong)), (ulong)Encoding.UTF8.GetByteCount(value));
            datagram.Advance(sizeof(ulong));
            Encoding.UTF8.GetBytes(value, datagram);
        }

        datagram.Write("\n"u8);
    }
}
