using Microsoft.Extensions.Logging;
using RoomAgent.Agent.Devices;
using RoomAgent.Agent.Media;
using RoomAgent.Agent.Room;
using RoomAgent.Agent.Settings;
using RoomAgent.Hal;
using RoomAgent.Hal.Media;
using RoomAgent.Hal.Media.Audio;
using RoomAgent.Hal.Media.Drawing;
using RoomAgent.Hal.Simulated;

namespace RoomAgent.Host.Devices;

/// <summary>The devices of the room as the settings name them, each with its thread, and the screen. Closed until the room opens them.</summary>
internal sealed class RoomDevices : IDisposable
{
    private readonly MemoryDisplay _display;
    private readonly CameraLoop _camera;
    private readonly MicrophoneLoop _microphones;
    private readonly SpeakerLoop _speaker;

    public RoomDevices(RoomSettings settings, TimeProvider clock, ILoggerFactory logs)
    {
        var codecs = new FfmpegVideoCodecs();
        var voices = new OpusCodecs();
        var tools = new VoiceTools();
        var played = new PlayedSound();
        var patience = new DevicePatience();
        bool isSimulated = settings.Hardware == HardwareMode.Simulated;

        // 1. The screen is one of memory, which the local page shows, until a board's own display is driven.
        _display = new MemoryDisplay(new DisplayMode(settings.DisplaySize.Width, settings.DisplaySize.Height, settings.DisplaySize.FrameRate));
        Screen = new ScreenLoop(new RoomScreen(_display), clock, logs.CreateLogger<ScreenLoop>());

        // 2. Camera, microphones and speaker: a simulated camera draws its clock into what it is given.
        _camera = new CameraLoop(
            isSimulated && !settings.Camera.StartsWith("v4l2:", StringComparison.Ordinal)
                ? new SimulatedCamera(settings.Camera.Length > 0 ? settings.Camera : null)
                : new FfmpegCamera(settings.Camera.Length > 0 ? settings.Camera : "v4l2:/dev/video0"),
            codecs, new PictureSettings { Largest = settings.PictureFormat }, patience, picture => Screen.ShowPicture(RoomScenes.SelfView, picture), clock, logs.CreateLogger<CameraLoop>());
        _microphones = new MicrophoneLoop(
            isSimulated && !settings.Microphones.StartsWith("alsa:", StringComparison.Ordinal)
                ? new SimulatedMicrophones(settings.Microphones.Length > 0 ? settings.Microphones : SimulatedMicrophones.Tone)
                : new FfmpegMicrophones(settings.Microphones.Length > 0 ? settings.Microphones : "alsa:default"),
            tools, voices, played, patience, clock, logs.CreateLogger<MicrophoneLoop>());
        _speaker = new SpeakerLoop(
            isSimulated && settings.Speaker.Length == 0 ? new SimulatedSpeaker(clock, new SpeakerSimulation()) : new AlsaSpeaker(settings.Speaker.Length > 0 ? settings.Speaker : "alsa:default"),
            channels: 1, played, patience, clock, logs.CreateLogger<SpeakerLoop>());

        // 3. What does not work is said on the screen.
        Notices = new DeviceNotices(Screen.Show, _camera, _microphones, _speaker);
        Media = new MediaDevices { Camera = _camera, Microphones = _microphones, Speaker = _speaker, Pictures = codecs, Voices = voices, VoiceTools = tools };
    }

    public MediaDevices Media { get; }

    public ScreenLoop Screen { get; }

    public DeviceNotices Notices { get; }

    /// <summary>What is on the screen, as a PNG. On any thread.</summary>
    public byte[] TakeSnapshot() => PngFile.Encode(_display.Copy(), _display.Mode.Width, _display.Mode.Height);

    public void Dispose()
    {
        Notices.Dispose();
        _camera.Dispose();
        _microphones.Dispose();
        _speaker.Dispose();
        Screen.Dispose();
        _display.Dispose();
    }
}
