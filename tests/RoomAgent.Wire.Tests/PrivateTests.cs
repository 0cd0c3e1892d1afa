using System.Diagnostics;
using System.Text.Json;

namespace RoomAgent.Wire.Tests;

public sealed class PrivateTests
{
    private static readonly Private<string> Name = Private.Of("Ada Lovelace");

    [Fact]
    public void OnlyRevealGivesTheValue()
    {
        Assert.Equal("Ada Lovelace", Name.Reveal());
    }

    [Fact]
    public void TextIsRedactedHoweverItIsMade()
    {
        Assert.Equal("(private)", Name.ToString());
        Assert.Equal("hello (private)", $"hello {Name}");
        Assert.Equal("hello   (private)", $"hello {Name,11}");
        Assert.Equal("(private)", $"{Private.Of(1234):X8}");
        Assert.Equal("(private)", string.Format("{0}", Name));
        Assert.Equal("x(private)", string.Concat("x", Name));
    }

    [Fact]
    public void ARecordThatHoldsOnePrintsItRedacted()
    {
        Assert.Equal("Guest { Name = (private), Badge = 7 }", new Guest(Name, 7).ToString());
    }

    [Fact]
    public void JsonIsRedacted()
    {
        Assert.Equal("""{"Name":"(private)","Badge":7}""", JsonSerializer.Serialize(new Guest(Name, 7)));
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
        Assert.True(Name == Private.Of("Ada Lovelace"));
        Assert.True(Name != Private.Of("Charles Babbage"));
        Assert.Equal(Name.GetHashCode(), Private.Of("Ada Lovelace").GetHashCode());
        Assert.True(Private.Of<string?>(null) == default(Private<string?>));
        Assert.False(Name.Equals("Ada Lovelace"));
    }

    private sealed record Guest(Private<string> Name, int Badge);
}
