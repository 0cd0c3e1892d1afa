using RoomAgent.Audio.Tests.Simulated;
using RoomAgent.Hal;
using RoomAgent.Hal.Media.Audio;

namespace RoomAgent.Audio.Tests;

public sealed class MicrophonePathTests(ITestOutputHelper output)
{
    private static readonly MicrophoneSettings s_nothing = new() { NoiseSuppression = false, AutomaticGain = false, EchoCancellation = false };

    [Fact]
    public void MusicModeLeavesEverySampleAsItIs() // N03
    {
        using var path = new MicrophonePath { Settings = new MicrophoneSettings { MusicMode = true, EchoCancellation = false } };
        short[] music = Signals.ToSamples(Signals.Sum(Signals.Noise(96_000, -30, 1), Signals.Sine(96_000, 19_000, 3_000), Signals.Sine(96_000, 30, 3_000)));

        short[] after = Run(path, music);

        // What was on when it began has faded by then.
        Assert.Equal(music[4_800..(music.Length - path.Delay)], after[(4_800 + path.Delay)..]);
    }

    [Fact]
    public void MusicModeWithEchoCancellationStillTakesTheEchoOut() // N03
    {
        double lowered = EchoLoweredBy(new MicrophoneSettings { MusicMode = true });

        output.WriteLine($"{lowered:F1} dB");
        Assert.True(lowered > 15);
    }

    [Fact]
    public void WithAllSettingsTheEchoIsHardlyThere()
    {
        double lowered = EchoLoweredBy(new MicrophoneSettings());

        output.WriteLine($"{lowered:F1} dB");
        Assert.True(lowered > 20);
    }

    [Fact]
    public void WithoutEchoCancellationTheEchoIsThere() => Assert.InRange(EchoLoweredBy(s_nothing), -0.5, 0.5);

    [Fact]
    public void ChangingAnySettingWhileItRunsMakesNoClick()
    {
        float[] tone = Signals.Sum(Signals.Sine(20 * 48_000, 330, 3_000), Signals.Noise(20 * 48_000, -80, 1));
        MicrophoneSettings all = new();
        MicrophoneSettings[] settings =
        [
            all, all with { MusicMode = true }, all with { NoiseSuppression = false }, s_nothing, all with { AutomaticGain = false }, all,
            s_nothing with { EchoCancellation = true }, all with { Pickup = VoicePickup.MyVoice }, all with { MusicMode = true, EchoCancellation = false }, all,
        ];
        using var path = new MicrophonePath();

        short[] after = Run(path, Signals.ToSamples(tone), block => path.Settings = settings[block / 37 % settings.Length]);

        // A sample of 3,000 that is missing or twice there would be as loud as 18,000.
        Assert.True(Clicks.Loudest(Signals.ToFloats(after)) < 300);
    }

    [Fact]
    public void EveryWayIsEquallyLate()
    {
        float[] voice = Signals.Voice(6 * 48_000, -24, 3);
        foreach (MicrophoneSettings settings in new[] { s_nothing, s_nothing with { NoiseSuppression = true }, s_nothing with { EchoCancellation = true } })
        {
            using var path = new MicrophonePath { Settings = settings };

            float[] after = Signals.ToFloats(Run(path, Signals.ToSamples(voice)));

            float[] wanted = settings == s_nothing ? voice : Signals.WithoutRumble(voice);
            (double gain, double fit) = Signals.Project(after.AsSpan(96_000 + path.Delay), wanted.AsSpan(96_000, voice.Length - 96_000 - path.Delay));
            Assert.InRange(gain, 0.8, 1.1);
            Assert.True(fit > 10);
        }
    }

    [Fact]
    public void AQuietVoiceIsRaisedAndALoudOneIsNeverTooLoud()
    {
        using var path = new MicrophonePath();

        short[] quiet = Run(path, Signals.ToSamples(Signals.Voice(15 * 48_000, -42, 3)));
        short[] loud = Run(path, Signals.ToSamples(Signals.Voice(48_000, -8, 3)));

        Assert.InRange(LevelMeter.LevelOf(quiet.AsSpan(12 * 48_000)), 20, 33);
        Assert.True(loud.Max(sample => Math.Abs((int)sample)) <= Limiter.Ceiling);
    }

    [Fact]
    public void MyVoiceDoesNotRaiseThoseWhoAreFarAway() // N02
    {
        float[] far = Signals.Voice(15 * 48_000, -45, 3);
        using var mine = new MicrophonePath { Settings = new MicrophoneSettings { Pickup = VoicePickup.MyVoice } };
        using var all = new MicrophonePath();

        Run(mine, Signals.ToSamples(far));
        Run(all, Signals.ToSamples(far));

        Assert.InRange(mine.Gain, 5, 9);
        Assert.True(all.Gain > mine.Gain + 5);
    }

    [Fact]
    public void AnArrayHearsFromWhereAndSendsOneChannel()
    {
        var array = MicrophoneArray.Circular(4, 0.032);
        using var path = new MicrophonePath(array);

        short[] after = Run(path, PlaneWaves.Hear(array.Positions, [(Signals.Voice(96_000, -28, 5), 200)], noise: -55, seed: 1));

        Assert.Equal(4, path.Channels);
        Assert.Equal(96_000, after.Length);
        Assert.InRange(path.Direction!.Value, 190, 210);
    }

    [Fact]
    public void TheBeamDoesNotTurnToTheTelevision()
    {
        var array = MicrophoneArray.Circular(4, 0.032);
        var television = new Television(Signals.Voice(8 * 48_000, -24, 6), 0);
        using var path = new MicrophonePath(array);
        short[] destination = new short[480];
        double? turned = null;
        float[] echo = [.. Enumerable.Range(0, television.Blocks).SelectMany(television.Hear)];
        short[] heard = PlaneWaves.Hear(array.Positions, [(echo, 270)], noise: -70, seed: 1);
        for (int block = 0; block < television.Blocks; block++)
        {
            television.Play(block, path.HandlePlayed);
            path.Process(heard.AsSpan(block * 4 * 480, 4 * 480), destination);
            if (block == 300)
                turned = path.Direction;
        }

        Assert.Equal(turned, path.Direction);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void WhateverIsHeardWhatIsSentIsInRange(int kind)
    {
        using var path = new MicrophonePath();
        var random = new Random(7);
        short[] sound = [.. Enumerable.Range(0, 96_000).Select(i => kind switch
        {
            0 => (short)0,
            1 => i / 37 % 2 == 0 ? short.MaxValue : short.MinValue,
            _ => (short)random.Next(short.MinValue, short.MaxValue + 1),
        })];
        var levels = new List<SoundLevel>();

        short[] after = Run(path, sound, _ => path.HandlePlayed(sound.AsSpan(0, 480)), levels);

        Assert.All(levels, level => Assert.InRange(level.Level, 0, 127));
        Assert.True(after.Max(sample => Math.Abs((int)sample)) <= Limiter.Ceiling);
        if (kind == 0)
            Assert.All(levels, level => Assert.Equal(new SoundLevel(127, false), level));
    }

    [Fact]
    public void MisuseIsRefused()
    {
        var path = new MicrophonePath(MicrophoneArray.Linear(4, 0.03));
        short[] destination = new short[480];

        Assert.Throws<ArgumentException>(() => path.Process([], destination));
        Assert.Throws<ArgumentException>(() => path.Process(new short[480], destination));
        Assert.Throws<ArgumentException>(() => path.Process(new short[4 * 480], []));
        Assert.Throws<ArgumentNullException>(() => path.Settings = null!);
        path.Dispose();
        path.Dispose();
        Assert.Throws<ObjectDisposedException>(() => path.Process(new short[4 * 480], destination));
    }

    private static double EchoLoweredBy(MicrophoneSettings settings)
    {
        var television = new Television(Signals.Voice(14 * 48_000, -24, 6), 50);
        using var path = new MicrophonePath { Settings = settings };
        short[] destination = new short[480];
        double before = 0, after = 0;
        for (int block = 0; block < television.Blocks; block++)
        {
            television.Play(block, path.HandlePlayed);
            float[] heard = television.Hear(block);
            path.Process(Signals.ToSamples(heard), destination);
            before += block > 1_000 ? Signals.Power(heard) : 0;
            after += block > 1_000 ? Signals.Power(Signals.ToFloats(destination)) : 0;
        }

        return Signals.Decibels(before / after);
    }

    private static short[] Run(MicrophonePath path, short[] interleaved, Action<int>? before = null, List<SoundLevel>? levels = null)
    {
        int length = 480 * path.Channels;
        short[] after = new short[interleaved.Length / path.Channels];
        for (int i = 0; i < interleaved.Length / length; i++)
        {
            before?.Invoke(i);
            SoundLevel level = path.Process(interleaved.AsSpan(i * length, length), after.AsSpan(i * 480, 480));
            levels?.Add(level);
        }

        return after;
    }
}
