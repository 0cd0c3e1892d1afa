using RoomAgent.Audio.Tests.Simulated;
using RoomAgent.Hal.Media.Audio;

namespace RoomAgent.Audio.Tests;

public sealed class BeamFormerTests(ITestOutputHelper output)
{
    private const double Tolerance = 10;
    private static readonly MicrophoneArray s_circle = MicrophoneArray.Circular(4, 0.032);
    private static readonly MicrophoneArray s_line = MicrophoneArray.Linear(4, 0.035);

    [Theory]
    [InlineData(0)]
    [InlineData(33)]
    [InlineData(90)]
    [InlineData(141)]
    [InlineData(200)]
    [InlineData(268)]
    [InlineData(347)]
    public void ACircleOfFourHearsWithinTenDegreesFromWhereAVoiceComes(double degrees)
    {
        var beam = new BeamFormer(s_circle);

        Run(beam, PlaneWaves.Hear(s_circle.Positions, [(Signals.Voice(96_000, -30, 5), degrees)], noise: -45, seed: 9));

        output.WriteLine($"a voice from {degrees} degrees, 15 dB above noise: found at {beam.Direction:F1}, the beam looks to {beam.Steering:F1}, clarity {beam.Clarity:F2}");
        Assert.True(Between(beam.Direction, degrees) <= Tolerance);
        Assert.True(Between(beam.Steering, degrees) <= 12);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(60)]
    [InlineData(90)]
    [InlineData(125)]
    [InlineData(160)]
    public void ALineOfFourHearsTheSameFromBothItsSides(double degrees)
    {
        var front = new BeamFormer(s_line);
        var back = new BeamFormer(s_line);
        float[] voice = Signals.Voice(96_000, -30, 6);

        Run(front, PlaneWaves.Hear(s_line.Positions, [(voice, degrees)], noise: -45, seed: 9));
        Run(back, PlaneWaves.Hear(s_line.Positions, [(voice, 360 - degrees)], noise: -45, seed: 9));

        output.WriteLine($"a voice from {degrees} degrees: found at {front.Direction:F1}; from behind, at {360 - degrees}: {back.Direction:F1}");
        Assert.True(s_line.IsLinear);
        Assert.True(Between(front.Direction, degrees) <= Tolerance);
        Assert.True(Between(back.Direction, degrees) <= Tolerance);
    }

    [Fact]
    public void TheDirectionIsFoundInNoiseAsLoudAsHalfTheVoice()
    {
        var beam = new BeamFormer(s_circle);

        Run(beam, PlaneWaves.Hear(s_circle.Positions, [(Signals.Voice(144_000, -30, 7), 222)], noise: -36, seed: 3));

        output.WriteLine($"a voice from 222 degrees, 6 dB above noise: found at {beam.Direction:F1}");
        Assert.True(Between(beam.Direction, 222) <= Tolerance);
    }

    [Fact]
    public void TheBeamLowersTheMicrophonesOwnNoiseAndLeavesTheVoice()
    {
        float[] voice = Signals.Voice(144_000, -30, 8);
        float[] quiet = Run(new BeamFormer(s_circle), PlaneWaves.Hear(s_circle.Positions, [(voice, 100)], noise: -90, seed: 1));
        float[] noise = Run(new BeamFormer(s_circle), PlaneWaves.Hear(s_circle.Positions, [(new float[voice.Length], 100)], noise: -40, seed: 1));

        double noiseGain = Signals.Decibels(Signals.Power(noise.AsSpan(48_000)) / Math.Pow(Signals.AtLevel(-40), 2));
        int delay = new BeamFormer(s_circle).Delay;
        (double gain, double fit) = Signals.Project(quiet.AsSpan(48_000 + delay), voice.AsSpan(48_000, quiet.Length - 48_000 - delay));

        output.WriteLine($"noise {noiseGain:F1} dB, voice {20 * Math.Log10(gain):F1} dB, {fit:F1} dB above what is changed of it");
        Assert.InRange(noiseGain, -8, -5);
        Assert.InRange(20 * Math.Log10(gain), -0.5, 0.5);
        Assert.True(fit > 15);
    }

    [Fact]
    public void TheBeamTurnsToWhoSpeaksNextAndDoesNotClick()
    {
        var beam = new BeamFormer(MicrophoneArray.Circular(8, 0.1));
        float[] voice = [.. Signals.Voice(48_000, -30, 4), .. new float[48_000]];
        float[] other = [.. new float[48_000], .. Signals.Voice(48_000, -30, 4)];
        var directions = new List<double>();

        float[] formed = Run(beam, PlaneWaves.Hear(MicrophoneArray.Circular(8, 0.1).Positions, [(voice, 40), (other, 220)], noise: -60, seed: 2), _ => directions.Add(beam.Steering));

        Assert.True(Between(directions[98], 40) <= 12);
        Assert.True(Between(directions[^1], 220) <= 12);
        Assert.InRange(directions.Distinct().Count(), 2, 8);
        Assert.True(Clicks.Loudest(formed) < 1.5 * Clicks.Loudest(Signals.Sum(voice, other)), "A turn is heard.");
    }

    [Fact]
    public void ABeamThatIsHeldStays()
    {
        var beam = new BeamFormer(s_circle) { IsHeld = true };

        Run(beam, PlaneWaves.Hear(s_circle.Positions, [(Signals.Voice(96_000, -30, 5), 200)], noise: -50, seed: 9));

        Assert.Equal(90, beam.Steering);
    }

    [Fact]
    public void NoiseFromEverywhereTurnsNothing()
    {
        var beam = new BeamFormer(s_circle);

        Run(beam, PlaneWaves.Hear(s_circle.Positions, [(new float[96_000], 0)], noise: -30, seed: 9));

        Assert.Equal(90, beam.Steering);
        Assert.Equal(90, beam.Direction);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(8)]
    public void AnArrayMayHaveTwoToEightMicrophones(int count)
    {
        var array = MicrophoneArray.Linear(count, 0.03);
        var beam = new BeamFormer(array);

        Run(beam, PlaneWaves.Hear(array.Positions, [(Signals.Voice(96_000, -30, 5), 60)], noise: -50, seed: 9));

        Assert.True(Between(beam.Direction, 60) <= Tolerance);
    }

    [Fact]
    public void AnImpossibleArrayIsRefused()
    {
        Assert.Throws<ArgumentException>(() => new MicrophoneArray(new MicrophonePosition(0, 0)));
        Assert.Throws<ArgumentException>(() => MicrophoneArray.Circular(9, 0.05));
        Assert.Throws<ArgumentException>(() => MicrophoneArray.Linear(2, 0));
        Assert.Throws<ArgumentException>(() => MicrophoneArray.Linear(2, 1.5));
        Assert.Throws<ArgumentException>(() => MicrophoneArray.Linear(3, double.NaN));
        Assert.Throws<ArgumentException>(() => MicrophoneArray.Linear(2, double.PositiveInfinity));
    }

    [Fact]
    public void AnotherNumberOfChannelsIsRefused()
    {
        var beam = new BeamFormer(s_circle);
        short[] destination = new short[480];

        Assert.Throws<ArgumentException>(() => beam.Process(new short[480], destination));
        Assert.Throws<ArgumentException>(() => beam.Process([], destination));
        Assert.Throws<ArgumentException>(() => beam.Process(new short[4 * 480], new short[479]));
    }

    private static float[] Run(BeamFormer beam, short[] interleaved, Action<int>? each = null)
    {
        int length = 480 * beam.Channels;
        float[] formed = new float[interleaved.Length / beam.Channels];
        short[] block = new short[480];
        for (int i = 0; i < interleaved.Length / length; i++)
        {
            beam.Process(interleaved.AsSpan(i * length, length), block);
            Signals.ToFloats(block).CopyTo(formed, i * 480);
            each?.Invoke(i);
        }

        return formed;
    }

    private static double Between(double a, double b) => Math.Abs(((a - b + 540) % 360) - 180);
}
