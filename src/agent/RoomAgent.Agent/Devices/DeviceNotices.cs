using RoomAgent.Hal;

namespace RoomAgent.Agent.Devices;

/// <summary>
/// Says on the room's screen which of its devices does not work, beside whatever else is to be seen, and takes that away when it works again.
/// Who makes the contents of the screen shows them here.
/// </summary>
/// <remarks>The screen has place for one notice. What others miss the most comes first: to be heard, to hear, to be seen.</remarks>
public sealed class DeviceNotices : IDisposable
{
    private readonly Action<ScreenContents> _show;
    private readonly CameraLoop? _camera;
    private readonly MicrophoneLoop? _microphones;
    private readonly SpeakerLoop? _speaker;
    private readonly Lock _turn = new();
    private ScreenContents? _contents;
    private Trouble? _cameraTrouble;
    private Trouble? _microphoneTrouble;
    private Trouble? _speakerTrouble;
    private bool _cameraRan;
    private bool _microphonesRan;
    private bool _isDisposed;

    /// <summary>Begins to watch the devices, which live longer.</summary>
    /// <param name="show">Takes what is to be seen and does not wait: <see cref="ScreenLoop.Show"/>.</param>
    /// <param name="camera">The camera; <see langword="null"/> for a room without.</param>
    /// <param name="microphones">The microphones; <see langword="null"/> for a room without.</param>
    /// <param name="speaker">The speaker; <see langword="null"/> for a room without.</param>
    public DeviceNotices(Action<ScreenContents> show, CameraLoop? camera, MicrophoneLoop? microphones, SpeakerLoop? speaker)
    {
        (_show, _camera, _microphones, _speaker) = (show, camera, microphones, speaker);
        Watch(camera, HandleCamera);
        Watch(microphones, HandleMicrophones);
        Watch(speaker, HandleSpeaker);
    }

    /// <summary>What is wrong; <see langword="null"/> when everything that is wanted works.</summary>
    public Trouble? Notice
    {
        get
        {
            lock (_turn)
                return Worst;
        }
    }

    private Trouble? Worst => _microphoneTrouble ?? _speakerTrouble ?? _cameraTrouble;

    /// <summary>Says what is to be seen. A notice that it has already stays. Any thread.</summary>
    public void Show(ScreenContents contents)
    {
        lock (_turn)
        {
            _contents = contents;
            Say();
        }
    }

    /// <summary>Watches no more.</summary>
    public void Dispose()
    {
        lock (_turn)
            _isDisposed = true;
        if (_camera is not null)
            _camera.Changed -= HandleCamera;
        if (_microphones is not null)
            _microphones.Changed -= HandleMicrophones;
        if (_speaker is not null)
            _speaker.Changed -= HandleSpeaker;
    }

    private static void Watch(DeviceLoop? device, Action<DeviceStatus> handle)
    {
        if (device is null)
            return;

        device.Changed += handle;
        handle(device.Status);
    }

    // The devices are asked again in our turn: then what is handled last is the newest, on whichever threads it is told.
    private void HandleCamera(DeviceStatus told)
    {
        lock (_turn)
        {
            DeviceStatus status = _camera!.Status;
            _cameraRan |= status.State == DeviceState.Running;
            Trouble lost = status.IsEncoder ? Trouble.EncoderFailed : _cameraRan ? Trouble.CameraLost : Trouble.NoCamera;
            Change(ref _cameraTrouble, status, lost);
        }
    }

    private void HandleMicrophones(DeviceStatus told)
    {
        lock (_turn)
        {
            DeviceStatus status = _microphones!.Status;
            _microphonesRan |= status.State == DeviceState.Running;
            Change(ref _microphoneTrouble, status, _microphonesRan ? Trouble.MicrophoneLost : Trouble.NoMicrophone);
        }
    }

    private void HandleSpeaker(DeviceStatus told)
    {
        lock (_turn)
            Change(ref _speakerTrouble, _speaker!.Status, Trouble.NoSpeaker);
    }

    // A device that is being opened is not wrong yet, and one that nobody wants is not wrong at all.
    private void Change(ref Trouble? trouble, DeviceStatus status, Trouble lost)
    {
        Trouble? before = Worst;
        trouble = status.State == DeviceState.Lost ? lost : null;
        if (Worst != before)
            Say();
    }

    private void Say()
    {
        if (_contents is { } contents && !_isDisposed)
            _show(contents with { Notice = contents.Notice ?? Worst });
    }
}
