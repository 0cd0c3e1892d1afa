using RoomAgent.Hub.MediaNode;
using RoomAgent.Wire;

namespace RoomHub.Tests;

/// <summary>Active speaker from RFC 6464 levels alone (REQUIREMENTS B11, B12).</summary>
public sealed class SpeakerOrderTests
{
    private const int Loud = 20;
    private const int Louder = 10;
    private const int Quiet = 90;
    private const int Silent = 127;

    private readonly SpeakerOrder<string> _order = new();
    private Instant _now;

    public SpeakerOrderTests()
    {
        _order.Add("anna");
        _order.Add("bela");
        _order.Add("carl");
    }

    [Fact]
    public void WhoSpeaksFirstGetsTheFloorWithinAFifthOfASecond()
    {
        TimeSpan taken = Talk(200, ("bela", Loud));

        Assert.Equal("bela", _order.Speaker);
        Assert.InRange(taken.TotalMilliseconds, 20, 200);
        Assert.Equal(["bela", "anna", "carl"], _order.Recent);
    }

    [Fact]
    public void NobodyHasTheFloorWhileAllAreQuiet()
    {
        Talk(5_000, ("anna", Quiet), ("bela", Silent));

        Assert.Null(_order.Speaker);
        Assert.Equal(["anna", "bela", "carl"], _order.Recent);
    }

    [Fact]
    public void ACoughDoesNotTakeTheFloor()
    {
        Talk(3_000, ("anna", Loud), ("bela", Silent));

        Talk(60, ("anna", Silent), ("bela", Louder));
        Talk(500, ("anna", Loud), ("bela", Silent));

        Assert.Equal("anna", _order.Speaker);
    }

    [Fact]
    public void EquallyLoudVoicesDoNotTakeTurns()
    {
        Talk(3_000, ("anna", Loud));

        Talk(10_000, ("anna", Loud), ("bela", Loud - 3));

        Assert.Equal("anna", _order.Speaker);
    }

    [Fact]
    public void AVoiceThatIsSixDecibelsLouderTakesTheFloorAfterThreeTenths()
    {
        Talk(3_000, ("anna", Loud));

        TimeSpan taken = Talk(2_000, ("anna", Loud), ("bela", Louder));

        Assert.Equal("bela", _order.Speaker);
        Assert.InRange(taken.TotalMilliseconds, 300, 1_500);
    }

    [Fact]
    public void AChallengerWhoPausesBeginsAnew()
    {
        Talk(3_000, ("anna", Loud));
        Talk(850, ("anna", Loud), ("bela", Louder));
        Assert.Equal("anna", _order.Speaker);

        Talk(2_000, ("anna", Loud));
        Talk(850, ("anna", Loud), ("bela", Louder));
        Assert.Equal("anna", _order.Speaker);

        Talk(500, ("anna", Loud), ("bela", Louder));
        Assert.Equal("bela", _order.Speaker);
    }

    [Fact]
    public void WhenTheSpeakerFallsSilentTheNextNeedsNotToBeLouder()
    {
        Talk(3_000, ("anna", Louder));

        TimeSpan taken = Talk(2_000, ("anna", Silent), ("bela", Loud + 5));

        Assert.Equal("bela", _order.Speaker);
        Assert.InRange(taken.TotalMilliseconds, 20, 1_200);
    }

    [Fact]
    public void TheFloorChangesAtMostOnceASecond()
    {
        Talk(200, ("anna", Loud));
        Instant first = _now;
        int changes = 0;
        while (_now - first < TimeSpan.FromSeconds(10))
        {
            string loudest = ((_now - first).TotalMilliseconds % 800) < 400 ? "bela" : "carl";
            string before = _order.Speaker!;
            Talk(20, ("anna", Silent), (loudest, Louder));
            if (_order.Speaker != before)
                changes++;
        }

        Assert.InRange(changes, 1, 10);
    }

    [Fact]
    public void WhoLeavesIsForgotten()
    {
        Talk(1_000, ("bela", Loud));

        _order.Remove("bela");

        Assert.Null(_order.Speaker);
        Assert.Equal(["anna", "carl"], _order.Recent);
        Assert.False(_order.Hear("bela", Loud, _now));
    }

    [Fact]
    public void AVoiceWithoutPacketsFadesLikeASilentOne()
    {
        Talk(1_000, ("bela", Loud));

        _now += TimeSpan.FromSeconds(2);

        Assert.InRange(_order.LoudnessOf("bela", _now), 0, 1);
    }

    /// <summary>Packets of 20 ms; gives the time after which the floor changed, or the whole.</summary>
    private TimeSpan Talk(int milliseconds, params (string Voice, int Level)[] voices)
    {
        Instant start = _now;
        TimeSpan? taken = null;
        for (int t = 0; t < milliseconds; t += 20)
        {
            _now += TimeSpan.FromMilliseconds(20);
            foreach ((string voice, int level) in voices)
            {
                if (_order.Hear(voice, level, _now))
                    taken ??= _now - start;
            }
        }

        return taken ?? _now - start;
    }
}
