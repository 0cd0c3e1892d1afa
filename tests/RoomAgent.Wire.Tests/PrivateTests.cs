using System.Diagnostics;
using System.Text.Json;

namespace RoomAgent.Wire.Tests;

public sealed class PrivateTests
{
    private static readonly Private<string> s_name = Private.Of("Ada Lovelace");

    [Fact]
    public void OnlyRevealGivesTheValue()
    {
        Assert.Equal("Ada Lovelace", s_name.Reveal());
    }

    [Fact]
    public void TextIsRedactedHoweverItIsMade()
    {
        Assert.Equal("(private)", s_name.ToString());
        Assert.Equal("hello (private)", $"hello {s_name}");
        Assert.Equal("hello   (private)", $"hello {s_name,11}");
        Assert.Equal("(private)", $"{Private.Of(1234):X8}");
        Assert.Equal("(private)", string.Format("{0}", s_name));
        Assert.Equal("x(private)", string.Concat("x", s_name));
    }

    [Fact]
    public void ARecordThatHoldsOnePrintsItRedacted()
    {
        Assert.Equal("Guest { Name = (private), Badge = 7 }", new Guest(s_name, 7).ToString());
    }

    [Fact]
    public void JsonIsRedacted()
    {
        Assert.Equal("""{"Name":"(private)","Badge":7}""", JsonSerializer.Serialize(new Guest(s_name, 7)));
        Assert.Equal("\"(private)\"", JsonSerializer.Serialize(Private.Of(42)));
    }

    [Fact]
    public void JsonIsNeverReadBack()
    {
        Assert.Throws<NotSupportedException>(() => JsonSerializer.Deserialize<Private<string>>("\"(private)\""));
    }

    [Fact]
    public void TheDebuggerShowsItRedacted()
    {
        object[] shown = typeof(Private<string>).GetCustomAttributes(typeof(DebuggerDisplayAttribute), inherit: false);

        Assert.Equal("(private)", ((DebuggerDisplayAttribute)Assert.Single(shown)).Value);
    }

    [Fact]
    public void EqualValuesAreEqual()
    {
        Assert.True(s_name == Private.Of("Ada Lovelace"));
        Assert.True(s_name != Private.Of("Charles Babbage"));
        Assert.Equal(s_name.GetHashCode(), Private.Of("Ada Lovelace").GetHashCode());
        Assert.True(Private.Of<string?>(null) == default(Private<string?>));
        Assert.False(s_name.Equals("Ada Lovelace"));
    }

    private sealed record Guest(Private<string> Name, int Badge);
}
