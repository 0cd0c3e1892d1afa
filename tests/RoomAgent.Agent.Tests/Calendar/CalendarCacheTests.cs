using RoomAgent.Agent.Calendar;

namespace RoomAgent.Agent.Tests.Calendar;

public sealed class CalendarCacheTests
{
    private readonly MemoryVault _vault = new();
    private readonly byte[] _json = CalendarWords.Calendar(CalendarWords.Entry);

    [Theory]
    [InlineData("\"AAAA\"")]
    [InlineData(null)]
    public void ACalendarIsThereAfterARestart(string? tag)
    {
        new CalendarCache(_vault).Write(_json, tag);

        (RoomCalendar calendar, string? kept) = new CalendarCache(_vault).Read()!.Value;

        Assert.Equal("Library", calendar.RoomName);
        Assert.Single(calendar.Entries);
        Assert.Equal(tag, kept);
    }

    // Without it the hub says it all again, which is no harm.
    [Fact]
    public void ATagThatIsTooLongIsForgotten()
    {
        new CalendarCache(_vault).Write(_json, new string('x', 1_000));

        Assert.Null(new CalendarCache(_vault).Read()!.Value.Tag);
    }

    [Fact]
    public void WhatIsForgottenIsGone()
    {
        var cache = new CalendarCache(_vault);
        Assert.Null(cache.Read());
        cache.Write(_json, null);

        cache.Forget();

        Assert.Null(cache.Read());
        Assert.Equal(0, _vault.Count);
    }

    [Fact]
    public void NoPartOfWhatIsKeptIsACalendar()
    {
        new CalendarCache(_vault).Write(_json, "\"AAAA\"");
        byte[] whole = _vault["calendar"]!;

        Assert.Empty(Testing.Truncation.AcceptedLengths(whole, part =>
        {
            _vault["calendar"] = part.ToArray();
            return new CalendarCache(_vault).Read() is not null;
        }));
    }

    [Fact]
    public void ABrokenStorageSaysSoAndKeepsWhatWasThere()
    {
        var cache = new CalendarCache(_vault);
        cache.Write(_json, "\"AAAA\"");
        _vault.IsBroken = true;

        Assert.Throws<IOException>(() => cache.Write(CalendarWords.Calendar(), null));
        Assert.Throws<IOException>(() => cache.Read());
        _vault.IsBroken = false;

        Assert.Single(cache.Read()!.Value.Calendar.Entries);
    }
}
