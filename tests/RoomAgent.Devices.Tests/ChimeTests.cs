using Microsoft.Extensions.Logging.Abstractions;
using RoomAgent.Agent.Devices;
using RoomAgent.Hal.Simulated;
using RoomAgent.Wire;

namespace RoomAgent.Devices.Tests;

/// <summary>The room's own sounds, by themselves and above voices, on a simulated speaker.</summary>
public sealed class ChimeTests : IDisposable
{
    private const int Second = 48_000;
    private static readonly DevicePatience s_patience = new() { Wait = TimeSpan.FromMilliseconds(20), Retry = TimeSpan.FromMilliseconds(20) };

    private readonly SimulatedSpeaker _device = new(TimeProvider.System, new SpeakerSimulation());
    private readonly PlayedSound _played = new();
    private readonly SpeakerLoop _loop;

    public ChimeTests() => _loop = new SpeakerLoop(_device, 1, _played, s_patience, TimeProvider.System, NullLogger<SpeakerLoop>.Instance);

    public static TheoryData<Chime> All => [.. Enum.GetValues<Chime>()];

    public void Dispose() => _loop.Dispose();

    [Theory]
    [MemberData(nameof(All))]
    public void ASoundIsGentleDoesNotClickAndEnds(Chime chime)
    {
        short[] sound = Made(chime);

        int loudest = sound.Max(sample => Math.Abs((int)sample));
        Assert.InRange(loudest, 1_000, Chimes.Loudest);
        Assert.InRange(sound.Zip(sound.Skip(1), (one, next) => Math.Abs(next - one)).Max(), 1, Chimes.Loudest / 4);
        Assert.Equal(0, sound[0]);
        Assert.All(sound[^(Second / 10)..], sample => Assert.Equal(0, sample));
        Assert.InRange(sound.Length, Second / 10, 2 * Second);
    }

    [Fact]
    public void NoTwoSoundTheSame() => Assert.Equal(5, Enum.GetValues<Chime>().Select(chime => string.Join(',', Made(chime))).Distinct().Count());

    [Fact]
    public void SoundAndTheLoudestOfVoicesTogetherAreNotOverloaded()
    {
        const int LoudestVoice = 29_204; // what the mixer's limiter lets through
        short[] block = new short[480];
        var chimes = new Chimes();
        chimes.Want(Chime.Alarm);

        while (chimes.AreSounding)
        {
            Array.Fill(block, (short)LoudestVoice);
            chimes.AddTo(block);
            Assert.All(block, sample => Assert.InRange(sample, LoudestVoice - Chimes.Loudest, short.MaxValue - 1));
        }
    }

    [Fact]
    public void TheMoreUrgentComesFirstAndWhatIsWantedTwiceComesOnce()
    {
        var chimes = new Chimes();
        foreach (Chime chime in (Chime[])[Chime.Tick, Chime.Join, Chime.Join, Chime.Alarm])
            chimes.Want(chime);

        Assert.Equal([.. Made(Chime.Alarm), .. Made(Chime.Join), .. Made(Chime.Tick)], Rest(chimes));
    }

    [Fact]
    public void NothingIsAllocated()
    {
        var chimes = new Chimes();
        short[] block = new short[480];
        chimes.AddTo(block);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 300; i++)
        {
            chimes.Want((Chime)(i % 5));
            chimes.AddTo(block);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void ARoomThatIsInNoMeetingIsHeard()
    {
        TimeSpan begun = Opened();
        _loop.Ring(Chime.Tick);

        Waiting.Until(() => !_loop.IsChiming && Heard(begun).Any(sample => sample > 1_000), "the sound");

        Assert.Equal(Made(Chime.Tick).Max(), Heard(begun).Max());
    }

    [Fact]
    public void TheEchoCancellerIsToldOfTheSound()
    {
        Opened();
        _loop.Ring(Chime.Tick);
        short[] told = new short[480];
        int loudest = 0;

        Waiting.Until(
            () =>
            {
                _played.Read(told);
                loudest = Math.Max(loudest, told.Max());
                return loudest > 1_000;
            },
            "the echo");
    }

    [Fact]
    public void AboveVoicesBothAreHeardAndNothingOfTheVoicesIsLost()
    {
        const short Voice = 9_000;
        short[] block = [.. Enumerable.Repeat(Voice, 480)];
        TimeSpan begun = Opened();
        long given = 0;
        _loop.Ring(Chime.Countdown);

        while (_loop.IsChiming)
        {
            if (_loop.Queued < TimeSpan.FromMilliseconds(100))
            {
                _loop.Play(block);
                given += block.Length;
            }

            Thread.Sleep(2);
        }

        // What is listened to in whole pieces ends with silence.
        _loop.Play(new short[960]);
        Waiting.Until(() => Heard(begun).Count(sample => sample >= Voice - Chimes.Loudest) == given, "all of the voice");
        Assert.Contains(Heard(begun), sample => sample > Voice + 1_000);
        Assert.Equal(0, _loop.CrowdedOut);
    }

    [Fact]
    public void AVanishedSpeakerForgetsWhatItShouldHaveSaid()
    {
        _device.Unplug();
        _loop.Open();
        _loop.Ring(Chime.Alarm);

        Waiting.Until(() => _loop.Status.State == DeviceState.Lost && !_loop.IsChiming, "the loss");
    }

    [Fact]
    public void TheSpeakerIsOpenForASoundAndClosedAgain()
    {
        var room = new RoomSpeaker(_loop);
        room.Play(Chime.Tick, Now);
        Assert.NotEqual(DeviceState.Closed, _loop.Status.State);
        Waiting.Until(() => _loop.Status.State == DeviceState.Running, "the speaker");

        Waiting.Until(
            () =>
            {
                room.HandleTimeout(Now);
                return room.PollTimeout == Instant.Never;
            },
            "the end");

        Assert.Equal(DeviceState.Closed, _loop.Status.State);
    }

    [Fact]
    public void AMeetingKeepsTheSpeakerAndGivesItBackWhenItsEndWasHeard()
    {
        var room = new RoomSpeaker(_loop);
        Instant begun = Now;
        room.Play(Chime.Tick, begun);
        room.HandleMeetingBegun();
        room.HandleTimeout(begun + TimeSpan.FromHours(1));
        Assert.True(_loop.TakesVoices);
        Assert.NotEqual(DeviceState.Closed, _loop.Status.State);
        Waiting.Until(() => _loop.Status.State == DeviceState.Running && !_loop.IsChiming, "the speaker");

        Instant end = begun + TimeSpan.FromHours(2);
        room.HandleMeetingEnded(end);
        Assert.False(_loop.TakesVoices);
        room.Play(Chime.Leave, end);
        room.HandleTimeout(end + TimeSpan.FromSeconds(2));
        Assert.Equal(DeviceState.Running, _loop.Status.State);

        Waiting.Until(() => !_loop.IsChiming, "the sound");
        room.HandleTimeout(end + TimeSpan.FromSeconds(3));
        Assert.Equal(DeviceState.Closed, _loop.Status.State);
        Assert.Equal(Instant.Never, room.PollTimeout);
    }

    [Fact]
    public void ASpeakerThatNeverComesIsNotWaitedFor()
    {
        _device.Unplug();
        var room = new RoomSpeaker(_loop);
        Instant begun = Now;
        room.Play(Chime.Alarm, begun);

        room.HandleTimeout(begun + TimeSpan.FromSeconds(9));

        Assert.Equal(DeviceState.Closed, _loop.Status.State);
    }

    [Fact]
    public void ARoomWithoutASpeakerIsSilent()
    {
        var room = new RoomSpeaker(null);
        room.Play(Chime.Alarm, Now);
        room.HandleMeetingBegun();
        room.HandleMeetingEnded(Now);
        room.HandleTimeout(Now + TimeSpan.FromHours(1));

        Assert.Equal(DeviceState.Closed, _loop.Status.State);
    }

    // Since when all is remembered.
    private TimeSpan Opened()
    {
        _loop.Open();
        Waiting.Until(() => _loop.Status.State == DeviceState.Running, "the speaker");
        return TimeProvider.System.GetElapsedTime(0);
    }

    private List<short> Heard(TimeSpan since)
    {
        List<short> heard = [];
        short[] piece = new short[480];
        for (int i = 0; _device.TryListen(since + TimeSpan.FromMilliseconds(10 * i), piece); i++)
            heard.AddRange(piece);
        return heard;
    }

    private static Instant Now => new(TimeProvider.System.GetElapsedTime(0).Ticks);

    private static short[] Made(Chime chime)
    {
        var chimes = new Chimes();
        chimes.Want(chime);
        return Rest(chimes);
    }

    // Sample by sample, so that it ends where the sound does.
    private static short[] Rest(Chimes chimes)
    {
        List<short> sound = [];
        Span<short> next = stackalloc short[1];
        while (chimes.AreSounding)
        {
            next.Clear();
            chimes.AddTo(next);
            sound.Add(next[0]);
        }

        return [.. sound];
    }
}
