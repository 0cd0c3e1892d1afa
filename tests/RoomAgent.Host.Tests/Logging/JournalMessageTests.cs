using System.Buffers.Binary;
using System.Text;
using Microsoft.Extensions.Logging;
using RoomAgent.Host.Logging;
using RoomAgent.Wire;

namespace RoomAgent.Host.Tests.Logging;

/// <summary>The datagrams against https://systemd.io/JOURNAL_NATIVE_PROTOCOL/, read back by a reader of its own.</summary>
public sealed class JournalMessageTests
{
    [Fact]
    public void AMessageCarriesItsTextItsValuesAndWhereItComesFrom()
    {
        Dictionary<string, string> fields = Parse(JournalMessage.Format(Entry(
            LogLevel.Warning,
            "the door is open",
            ("Door", "left"), ("OpenFor", 7), ("{OriginalFormat}", "the door is open"))));

        Assert.Equal(
            new Dictionary<string, string>
            {
                ["MESSAGE"] = "the door is open",
                ["PRIORITY"] = "4",
                ["SYSLOG_IDENTIFIER"] = "roomagent",
                ["LOGGER"] = "RoomAgent.Room",
                ["EVENT_ID"] = "17",
                ["EVENT_NAME"] = "DoorOpen",
                ["ROOMAGENT_DOOR"] = "left",
                ["ROOMAGENT_OPEN_FOR"] = "7",
            },
            fields);
    }

    [Theory]
    [InlineData(LogLevel.Critical, "2")]
    [InlineData(LogLevel.Error, "3")]
    [InlineData(LogLevel.Warning, "4")]
    [InlineData(LogLevel.Information, "6")]
    [InlineData(LogLevel.Debug, "7")]
    [InlineData(LogLevel.Trace, "7")]
    public void TheLevelIsAPriorityOfSyslog(LogLevel level, string priority)
    {
        Assert.Equal(priority, Parse(JournalMessage.Format(Entry(level, "x")))["PRIORITY"]);
    }

    [Theory]
    [InlineData("two\nlines")]
    [InlineData("\n")]
    [InlineData("PRIORITY=0\nPRIORITY=0")]
    [InlineData("")]
    [InlineData("Grüße = ☺")]
    [InlineData("half a letter \uD83D")]
    public void AnyTextComesBackAsItWasAndCannotBecomeAField(string text)
    {
        Dictionary<string, string> fields = Parse(JournalMessage.Format(Entry(LogLevel.Information, text, ("Value", text))));

        Assert.Equal(text.Replace('\uD83D', '\uFFFD'), fields["MESSAGE"]);
        Assert.Equal(text.Replace('\uD83D', '\uFFFD'), fields["ROOMAGENT_VALUE"]);
        Assert.Equal("6", fields["PRIORITY"]);
    }

    [Fact]
    public void AnExceptionIsAFieldWithAllItsLines()
    {
        LogEntry entry = Entry(LogLevel.Error, "it broke") with { Exception = new InvalidOperationException("first\nsecond") };

        Assert.Equal("System.InvalidOperationException: first\nsecond", Parse(JournalMessage.Format(entry))["EXCEPTION"]);
    }

    [Fact]
    public void WhatIsPrivateStaysPrivate()
    {
        byte[] datagram = JournalMessage.Format(Entry(LogLevel.Debug, "x", ("Guest", Private.Of("Ada Lovelace"))));

        Assert.Equal("(private)", Parse(datagram)["ROOMAGENT_GUEST"]);
    }

    [Fact]
    public void AValueTooLongForADatagramIsCutOff()
    {
        byte[] datagram = JournalMessage.Format(Entry(LogLevel.Debug, new string('☺', 1_000_000)));

        Assert.InRange(datagram.Length, 1, 150_000);
        Assert.EndsWith("☺ [cut off]", Parse(datagram)["MESSAGE"]);
    }

    [Theory]
    [InlineData("Reason", "ROOMAGENT_REASON")]
    [InlineData("OtherPid", "ROOMAGENT_OTHER_PID")]
    [InlineData("HTTPStatus", "ROOMAGENT_HTTPSTATUS")]
    [InlineData("0", "ROOMAGENT_0")]
    [InlineData("naïve name", "ROOMAGENT_NA_VE_NAME")]
    [InlineData("a=b\nc", "ROOMAGENT_A_B_C")]
    public void AFieldNameHasOnlyWhatTheJournalAccepts(string key, string name)
    {
        Assert.Equal(name, JournalMessage.FieldName(key));
    }

    [Fact]
    public void AFieldNameIsNotTooLong()
    {
        Assert.InRange(JournalMessage.FieldName(string.Concat(Enumerable.Repeat("aB", 200))).Length, 1, 64);
    }

    private static LogEntry Entry(LogLevel level, string text, params (string Name, object? Value)[] values) =>
        new(level, "RoomAgent.Room", new EventId(17, "DoorOpen"), text, [.. values.Select(value => KeyValuePair.Create(value.Name, value.Value))], Exception: null);

    /// <summary>Reads as journald does: NAME=value, or NAME, a length and so many bytes; a line feed after each.</summary>
    private static Dictionary<string, string> Parse(ReadOnlySpan<byte> datagram)
    {
        var fields = new Dictionary<string, string>();
        while (!datagram.IsEmpty)
        {
            int nameEnd = datagram.IndexOfAny((byte)'=', (byte)'\n');
            string name = Encoding.ASCII.GetString(datagram[..nameEnd]);
            bool isShort = datagram[nameEnd] == '=';
            datagram = datagram[(nameEnd + 1)..];

            int length;
            if (isShort)
            {
                length = datagram.IndexOf((byte)'\n');
            }
            else
            {
                length = (int)BinaryPrimitives.ReadUInt64LittleEndian(datagram);
                datagram = datagram[sizeof(ulong)..];
            }

            fields.Add(name, Encoding.UTF8.GetString(datagram[..length]));
            Assert.Equal((byte)'\n', datagram[length]);
            datagram = datagram[(length + 1)..];
        }

        return fields;
    }
}
