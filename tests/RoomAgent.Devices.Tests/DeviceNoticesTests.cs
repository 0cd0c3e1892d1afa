using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using RoomAgent.Agent.Devices;
using RoomAgent.Hal;
using RoomAgent.Hal.Media;
using RoomAgent.Hal.Media.Audio;
using RoomAgent.Hal.Simulated;

namespace RoomAgent.Devices.Tests;

/// <summary>What goes wrong with a device is to be seen in the room, until it is mended (REQUIREMENTS B22).</summary>
public sealed class DeviceNoticesTests : IDisposable
{
    private static readonly DevicePatience s_patience = new() { Retry = TimeSpan.FromMilliseconds(20) };
    private static readonly ScreenContents s_idle = new(new IdleScene([]));

    private readonly SimulatedCamera _camera = new();
    private readonly SimulatedMicrophones _microphones = new(SimulatedMicrophones.Silence);
    private readonly SimulatedSpeaker _speaker = new(TimeProvider.System, new SpeakerSimulation());
    private readonly BrokenCodecs _codecs = new(new FfmpegVideoCodecs());
    private readonly CameraLoop _filming;
    private readonly MicrophoneLoop _listening;
    private readonly SpeakerLoop _playing;
    private readonly ConcurrentQueue<ScreenContents> _shown = new();
    private readonly DeviceNotices _notices;

    public DeviceNoticesTests()
    {
        var played = new PlayedSound();
        var small = new PictureSettings { Largest = new VideoFormat(320, 180, 30) };
        _filming = new CameraLoop(_camera, _codecs, small, s_patience, picture => picture.Dispose(), TimeProvider.System, NullLogger<CameraLoop>.Instance);
        _listening = new MicrophoneLoop(_microphones, new VoiceTools(), new OpusCodecs(), played, s_patience, TimeProvider.System, NullLogger<MicrophoneLoop>.Instance);
        _playing = new SpeakerLoop(_speaker, 1, played, s_patience, TimeProvider.System, NullLogger<SpeakerLoop>.Instance);
        _notices = new DeviceNotices(_shown.Enqueue, _filming, _listening, _playing);
        _notices.Show(s_idle);
    }

    public void Dispose()
    {
        _notices.Dispose();
        _filming.Dispose();
        _listening.Dispose();
        _playing.Dispose();
    }

    [Fact]
    public void ACameraThatWasNeverThereAndOneThatIsGoneAreTwoThings()
    {
        _camera.Unplug();
        _filming.Open();
        Shows(Trouble.NoCamera);

        _camera.Plug();
        Shows(null);

        _camera.Unplug();
        Shows(Trouble.CameraLost);

        _camera.Plug();
        Shows(null);
        Assert.Equal([null, Trouble.NoCamera, null, Trouble.CameraLost, null], _shown.Select(contents => contents.Notice));
        Assert.All(_shown, contents => Assert.Equal(s_idle, contents with { Notice = null }));
    }

    [Fact]
    public void MicrophonesThatAreGoneAreSaidUntilTheyAreBack()
    {
        _microphones.Unplug();
        _listening.Open();
        Shows(Trouble.NoMicrophone);

        _microphones.Plug();
        Shows(null);

        _microphones.Unplug();
        Shows(Trouble.MicrophoneLost);

        _microphones.Plug();
        Shows(null);
    }

    [Fact]
    public void ASpeakerThatIsNotThereIsSaidUntilItIs()
    {
        _speaker.Unplug();
        _playing.Open();
        Shows(Trouble.NoSpeaker);

        _speaker.Plug();
        Shows(null);
    }

    [Fact]
    public void WithoutAnEncoderItIsNotTheCamera()
    {
        _codecs.HasEncoders = false;
        _filming.Open();
        Shows(Trouble.EncoderFailed);

        _codecs.HasEncoders = true;
        Shows(null);

        _camera.Unplug();
        Shows(Trouble.CameraLost);
    }

    [Fact]
    public void ToBeHeardComesFirstAndWhatIsLeftIsSaidNext()
    {
        _camera.Unplug();
        _microphones.Unplug();
        _speaker.Unplug();
        _filming.Open();
        Shows(Trouble.NoCamera);
        _playing.Open();
        Shows(Trouble.NoSpeaker);
        _listening.Open();
        Shows(Trouble.NoMicrophone);

        _microphones.Plug();
        Shows(Trouble.NoSpeaker);
        _speaker.Plug();
        Shows(Trouble.NoCamera);
    }

    [Fact]
    public void WhatNobodyWantsIsNotWrong()
    {
        _camera.Unplug();
        _filming.Open();
        Shows(Trouble.NoCamera);

        _filming.Close();

        Shows(null);
    }

    [Fact]
    public void ANoticeOfSomethingElseStays()
    {
        _camera.Unplug();
        _filming.Open();
        Shows(Trouble.NoCamera);

        _notices.Show(s_idle with { Notice = Trouble.TooHot });
        Assert.Equal(Trouble.TooHot, _shown.Last().Notice);

        _notices.Show(s_idle);
        Assert.Equal(Trouble.NoCamera, _shown.Last().Notice);
    }

    [Fact]
    public void WhatIsWrongAlreadyIsSaidToWhoComesLater()
    {
        _camera.Unplug();
        _filming.Open();
        Shows(Trouble.NoCamera);

        using var later = new DeviceNotices(_shown.Enqueue, _filming, null, null);

        Assert.Equal(Trouble.NoCamera, later.Notice);
    }

    [Fact]
    public void AfterItsEndNothingIsSaid()
    {
        _notices.Dispose();
        _shown.Clear();

        _camera.Unplug();
        _filming.Open();
        Waiting.Until(() => _filming.Status.State == DeviceState.Lost, "the loss");
        _notices.Show(s_idle);

        Assert.Empty(_shown);
    }

    private void Shows(Trouble? trouble) => Waiting.Until(() => _notices.Notice == trouble && _shown.Last().Notice == trouble, $"{trouble?.ToString() ?? "no trouble"}");
}
