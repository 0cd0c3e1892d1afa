using RoomAgent.Audio.Tests.Simulated;

namespace RoomAgent.Audio.Tests;

/// <summary>By how much the echo of espeak-ng's speech is lowered, in a room of 0.3 s reverberation with a television.</summary>
/// <remarks>"Linear" is what the adaptive filter takes away, "all" what filter and suppressor do together, as it is sent.</remarks>
[Trait("Category", "Peer")]
public sealed class EchoFigureTests(ITestOutputHelper output)
{
    private const double Required = 20;

    [Theory]
    [InlineData(30, 0)]
    [InlineData(30, 200)]
    [InlineData(30, -200)]
    [InlineData(150, 0)]
    [InlineData(150, 200)]
    [InlineData(150, -200)]
    [InlineData(400, 0)]
    [InlineData(400, 200)]
    [InlineData(400, -200)]
    public void AnEchoIsLoweredByTwentyDecibelsWhateverItsDelayAndClock(int milliseconds, double drift)
    {
        var television = new Television(Programs.Speech("en-us", 24, -24), drift) { Delay = _ => milliseconds / 1e3 };

        var run = new EchoRun(television);

        (double early, double earlyAll) = run.Reduction(5, 10);
        (double late, double lateAll) = run.Reduction(14, 22);
        output.WriteLine($"{milliseconds} ms, {drift} ppm: known after {run.LockedAfter.TotalSeconds:F1} s; from 5 to 10 s linear {early:F1}, all {earlyAll:F1} dB; from 14 to 22 s linear {late:F1}, all {lateAll:F1} dB; drift found {run.State.Drift:F0} ppm");
        Assert.True(run.LockedAfter < TimeSpan.FromSeconds(3));
        Assert.InRange(run.State.Drift, drift - 5, drift + 5);
        Assert.True(earlyAll >= Required);
        Assert.True(late >= Required);
        Assert.True(lateAll >= Required);
    }

    [Theory]
    [InlineData(30, 100, 0)]
    [InlineData(150, 100, 200)]
    [InlineData(400, 100, -200)]
    [InlineData(400, -100, 200)]
    public void AfterAJumpOfTheDelayTheEchoIsLowAgainWithinTwoSeconds(int milliseconds, int jump, double drift)
    {
        var television = new Television(Programs.Speech("en-us", 24, -24), drift) { Delay = t => (milliseconds + (t < 14 ? 0 : jump)) / 1e3 };

        var run = new EchoRun(television);

        (double before, double beforeAll) = run.Reduction(10, 14);
        (double soon, double soonAll) = run.Reduction(16, 18);
        (double after, double afterAll) = run.Reduction(18, 22);
        output.WriteLine($"{milliseconds} ms and a jump of {jump} ms, {drift} ppm: before linear {before:F1}, all {beforeAll:F1} dB; 2 to 4 s after it linear {soon:F1}, all {soonAll:F1} dB; 4 to 8 s after it linear {after:F1}, all {afterAll:F1} dB");
        Assert.Equal(1, run.State.Jumps);
        Assert.True(beforeAll >= Required);
        Assert.True(soonAll >= Required);
        Assert.True(afterAll >= Required);
    }

    [Theory]
    [InlineData(30, 0)]
    [InlineData(150, 200)]
    [InlineData(400, -200)]
    public void WhoSpeaksInTheRoomAtTheSameTimeIsHeard(int milliseconds, double drift)
    {
        const int Start = 12 * 48_000, End = 20 * 48_000;
        var television = new Television(Programs.Speech("en-us", 28, -24), drift) { Delay = _ => milliseconds / 1e3 };
        float[] near = new float[End];
        Programs.Speech("en-gb+f3", 8, -28).CopyTo(near, Start);

        var run = new EchoRun(television, near);

        float[] wanted = Signals.WithoutRumble(near)[Start..];
        (double gain, double fit) = Signals.Project(run.Out.Slice(Start, wanted.Length), wanted);
        double loss = -20 * Math.Log10(gain);
        double worst = 0;
        for (int i = 0; i + 48_000 <= wanted.Length; i += 48_000)
            worst = Math.Max(worst, -20 * Math.Log10(Math.Max(1e-3, Signals.Project(run.Out.Slice(Start + i, 48_000), wanted.AsSpan(i, 48_000)).Gain)));
        (_, double echo) = run.Reduction(22, 27);
        output.WriteLine($"{milliseconds} ms, {drift} ppm: the near voice loses {loss:F1} dB, {worst:F1} dB in its worst second, and stands {fit:F1} dB above all else; the echo afterwards {echo:F1} dB lower");
        Assert.InRange(loss, -1, 3);
        Assert.InRange(worst, -1, 6);
        Assert.True(echo >= Required);
        Assert.Equal(0, run.State.Jumps);
    }
}
