using RoomAgent.Audio.Tests.Simulated;
using RoomAgent.Hal;
using RoomAgent.Hal.Media.Audio;

namespace RoomAgent.Audio.Tests;

public sealed class VoiceMixerTests(ITestOutputHelper output)
{
    private static readonly TimeSpan s_target = TimeSpan.FromMilliseconds(40);

    // The limiter's delay and half of the reader's taps.
    private const int Delay = Limiter.Delay + FractionalReader.Ahead;

    [Fact]
    public void OneVoiceIsPlayedAsItIs()
    {
        float[] voice = Signals.Voice(48_000, -26, 1);
        var mixer = new VoiceMixer();
        mixer.Add(new Recorded(voice));

        float[] mixed = Run(mixer, 90);

        (double gain, double fit) = Signals.Project(mixed.AsSpan(4_800 + Delay, 38_000), voice.AsSpan(4_800, 38_000));
        Assert.Equal(1, gain, 0.001);
        Assert.True(fit > 60);
    }

    [Fact]
    public void VoicesAreAddedWithTheirGains()
    {
        float[] one = Signals.Voice(48_000, -30, 1), other = Signals.Voice(48_000, -30, 2, pitch: 180);
        var mixer = new VoiceMixer();
        mixer.Add(new Recorded(one));
        mixer.Add(new Recorded(other)).Gain = 0.5f;

        float[] mixed = Run(mixer, 90);

        float[] wanted = Signals.Sum(one, [.. other.Select(sample => sample / 2)]);
        (double gain, double fit) = Signals.Project(mixed.AsSpan(4_800 + Delay, 38_000), wanted.AsSpan(4_800, 38_000));
        Assert.Equal(1, gain, 0.001);
        Assert.True(fit > 60);
    }

    [Fact]
    public void ManyLoudVoicesAreLimitedSoftly()
    {
        var mixer = new VoiceMixer();
        for (int i = 0; i < VoiceMixer.MostVoices; i++)
            mixer.Add(new Recorded(Signals.Voice(48_000, -16, i)));

        float[] mixed = Run(mixer, 90);

        Assert.True(mixed.Max(Math.Abs) <= Limiter.Ceiling + 300);
        Assert.Equal(VoiceMixer.MostVoices, mixer.Voices.Count);
        Assert.Throws<InvalidOperationException>(() => mixer.Add(new Recorded([])));
    }

    [Fact]
    public void AVoiceThatLeavesMakesRoomAtOnce()
    {
        var mixer = new VoiceMixer();
        MixedVoice first = mixer.Add(new Recorded(Signals.Voice(48_000, -16, 0)));
        for (int i = 1; i < VoiceMixer.MostVoices; i++)
            mixer.Add(new Recorded(Signals.Voice(48_000, -16, i)));
        Run(mixer, 5);

        mixer.Remove(first);
        mixer.Add(new Recorded(Signals.Voice(48_000, -16, 99)));

        Assert.True(first.IsHeard);
        Run(mixer, 10);
        Assert.Equal(VoiceMixer.MostVoices, mixer.Voices.Count);
    }

    [Fact]
    public void AVoiceComesAndGoesWithoutAClick()
    {
        // A tone that begins and ends at its loudest, again and again.
        float[] tone = Signals.Sine(96_000, 400, 8_000, phase: Math.PI / 2);
        var voice = new Recorded(tone) { IsSilentAt = pull => pull % 7 >= 4 };
        var mixer = new VoiceMixer();
        mixer.Add(voice);

        float[] mixed = Run(mixer, 150);

        Assert.True(Clicks.Loudest(mixed) < 500, "A hard edge would be as loud as 8000 or more.");
        Assert.True(Signals.Power(mixed) > 1_000_000);
    }

    [Fact]
    public void AVoiceThatHasNothingIsSilentAndAskedAgainEveryTenMilliseconds()
    {
        var voice = new Recorded([]);
        var mixer = new VoiceMixer();
        MixedVoice mixedVoice = mixer.Add(voice);

        float[] mixed = Run(mixer, 50);

        Assert.All(mixed, sample => Assert.Equal(0, sample));
        Assert.Equal(50, voice.Pulls);
        Assert.False(mixedVoice.IsHeard);
    }

    [Fact]
    public void AVoiceThatIsTakenOutFadesAndIsNotPulledAgain()
    {
        var voice = new Recorded(Signals.Sine(96_000, 400, 8_000));
        var mixer = new VoiceMixer();
        MixedVoice added = mixer.Add(voice);
        Run(mixer, 20);

        mixer.Remove(added);
        int pulls = voice.Pulls;
        float[] mixed = Run(mixer, 20);

        Assert.Equal(pulls, voice.Pulls);
        Assert.Empty(mixer.Voices);
        Assert.True(Clicks.Loudest(mixed) < 500);
        Assert.All(mixed[6_000..], sample => Assert.Equal(0, sample));
        mixer.Remove(added);
    }

    [Fact]
    public void AChangeOfGainMakesNoClick()
    {
        var mixer = new VoiceMixer();
        MixedVoice voice = mixer.Add(new Recorded(Signals.Sine(96_000, 400, 8_000)));
        Run(mixer, 5);

        float[] mixed = Run(mixer, 80, block => voice.Gain = block % 2);

        Assert.True(Clicks.Loudest(mixed) < 500);
        Assert.Throws<ArgumentOutOfRangeException>(() => voice.Gain = float.NaN);
        Assert.Throws<ArgumentOutOfRangeException>(() => voice.Gain = -1);
    }

    [Theory]
    [InlineData(VoicePace.Faster, -1)]
    [InlineData(VoicePace.Slower, 1)]
    public void AVoiceIsStretchedByWholePeriodsOfItsPitch(VoicePace pace, int sign)
    {
        float[] sound = Signals.Voice(4 * 48_000, -26, 3, pitch: 130);
        var mixer = new VoiceMixer();
        MixedVoice voice = mixer.Add(new Recorded(sound) { Pace = pace });

        float[] mixed = Run(mixer, 300);

        double milliseconds = voice.Stretched / 48.0;
        output.WriteLine($"{pace}: {milliseconds:F0} ms in 3 s; the sharpest edge {Clicks.Loudest(mixed):F0}, of the voice itself {Clicks.Loudest(sound):F0}");
        Assert.InRange(milliseconds * sign, 60, 450);
        Assert.True(Clicks.Loudest(mixed) < 1.2 * Clicks.Loudest(sound));
    }

    [Theory]
    [InlineData(VoicePace.Faster)]
    [InlineData(VoicePace.Slower)]
    public void AStretchedToneKeepsItsPitch(VoicePace pace)
    {
        var mixer = new VoiceMixer();
        MixedVoice voice = mixer.Add(new Recorded(Signals.Sine(4 * 48_000, 250, 8_000)) { Pace = pace });

        float[] mixed = Run(mixer, 300)[48_000..];

        // 250 Hz cross zero upwards 250 times a second, whether some periods more or fewer are played.
        int crossings = 0;
        for (int i = 1; i < mixed.Length; i++)
            crossings += mixed[i - 1] < 0 && mixed[i] >= 0 ? 1 : 0;
        Assert.NotEqual(0, voice.Stretched);
        Assert.InRange(crossings / (mixed.Length / 48_000.0), 249, 251);
        Assert.True(Clicks.Loudest(mixed) < 100);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(-450)]
    public void TheSpeakersQueueStaysAtItsTargetWhateverItsClock(double drift)
    {
        var mixer = new VoiceMixer();
        mixer.Add(new Recorded(Signals.Sine(48_000, 1_000, 8_000)) { Repeats = true });
        short[] destination = new short[VoiceMixer.MostSamples];
        double queued = 0.04, most = 0, least = 1, corrected = 0;

        // Twenty minutes; the speaker takes whole blocks of 10 ms by a clock of its own. When it takes them changes against ours all the time,
        // and the correction with it: the average is what counts.
        double played = 0;
        long taken = 0;
        for (int block = 0; block < 120_000; block++)
        {
            int count = mixer.Mix(destination, TimeSpan.FromSeconds(Math.Max(0, queued)), block * Sound.Block);
            Assert.InRange(count, 478, 482);
            played += 480 * (1 + (drift * 1e-6));
            long now = (long)(played / 480) * 480;
            queued += (count - (now - taken)) / 48_000.0;
            taken = now;
            if (block >= 60_000)
                (most, least, corrected) = (Math.Max(most, queued), Math.Min(least, queued), corrected - (mixer.Drift / 60_000));
        }

        output.WriteLine($"{drift} ppm: corrected by {-corrected:F0} ppm, the queue from {least * 1e3:F1} to {most * 1e3:F1} ms");
        Assert.InRange(corrected, drift - 20, drift + 20);
        Assert.InRange(least, 0.025, 0.045);
        Assert.InRange(most, 0.035, 0.055);
    }

    [Fact]
    public void TheCorrectionOfTheClockIsNotHeard()
    {
        var mixer = new VoiceMixer();
        mixer.Add(new Recorded(Signals.Sine(48_000, 1_000, 8_000)) { Repeats = true });
        List<short> played = [];
        short[] destination = new short[VoiceMixer.MostSamples];

        // The queue is far too full: the largest correction.
        for (int block = 0; block < 1_000; block++)
            played.AddRange(destination.AsSpan(0, mixer.Mix(destination, TimeSpan.FromMilliseconds(95), block * Sound.Block)));

        Assert.Equal(500, mixer.Drift, 1);
        float[] sound = Signals.ToFloats(played.ToArray().AsSpan(96_000, 48_000));
        double best = 0;
        for (double phase = 0; phase < 6.3; phase += 0.05)
            best = Math.Max(best, Signals.Project(sound, Signals.Sine(48_000, 1_000.5, 8_000, phase)).Fit);
        output.WriteLine($"1 kHz becomes 1000.5 Hz, {best:F0} dB above all else");
        Assert.True(Clicks.Loudest(sound) < 20);
        Assert.True(best > 25);
    }

    [Fact]
    public void WhateverTheSpeakerSaysItGoesOn()
    {
        var mixer = new VoiceMixer();
        mixer.Add(new Recorded(Signals.Voice(48_000, -20, 1)) { Repeats = true });
        short[] destination = new short[VoiceMixer.MostSamples];
        TimeSpan[] levels = [TimeSpan.Zero, TimeSpan.MaxValue, TimeSpan.MinValue, TimeSpan.FromHours(1), s_target];

        for (int block = 0; block < 1_000; block++)
        {
            Assert.InRange(mixer.Mix(destination, levels[block % levels.Length], block * Sound.Block), 478, 482);
            Assert.InRange(mixer.Drift, -500, 500);
        }
    }

    [Fact]
    public void MisuseIsRefused()
    {
        var mixer = new VoiceMixer();

        Assert.Throws<ArgumentNullException>(() => mixer.Add(null!));
        Assert.Throws<ArgumentNullException>(() => mixer.Remove(null!));
        Assert.Throws<ArgumentException>(() => mixer.Mix(new short[480], s_target, default));
        Assert.Throws<ArgumentOutOfRangeException>(() => mixer.TargetQueue = TimeSpan.Zero);
        Assert.Throws<ArgumentOutOfRangeException>(() => mixer.TargetQueue = TimeSpan.FromSeconds(1));
    }

    private static float[] Run(VoiceMixer mixer, int blocks, Action<int>? before = null)
    {
        List<short> played = [];
        short[] destination = new short[VoiceMixer.MostSamples];
        for (int block = 0; block < blocks; block++)
        {
            before?.Invoke(block);
            played.AddRange(destination.AsSpan(0, mixer.Mix(destination, s_target, block * Sound.Block)));
        }

        return Signals.ToFloats(played.ToArray());
    }
}
