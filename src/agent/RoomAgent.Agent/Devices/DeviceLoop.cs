using Microsoft.Extensions.Logging;
using RoomAgent.Hal;
using RoomAgent.Wire;

namespace RoomAgent.Agent.Devices;

/// <summary>
/// A thread that keeps a device open while it is wanted, and no longer: a device that fails or vanishes is closed, reported, and tried again until it is
/// back. There is a thread only between <see cref="Open"/> and <see cref="Close"/>.
/// </summary>
/// <remarks>Devices block, so each has a thread of its own. Everything protected runs on it.</remarks>
public abstract class DeviceLoop : IDisposable
{
    private readonly string _name;
    private readonly DevicePatience _patience;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly Lock _ownersTurn = new();
    private readonly ManualResetEventSlim _closing = new();
    private Thread? _thread;
    private volatile DeviceStatus _status = s_closed;

    /// <summary>Begins closed.</summary>
    /// <param name="name">What the journal calls the device.</param>
    /// <param name="patience">How long it may take.</param>
    /// <param name="clock">The machine's clock.</param>
    /// <param name="log">The journal.</param>
    protected DeviceLoop(string name, DevicePatience patience, TimeProvider clock, ILogger log)
    {
        _name = name;
        _patience = patience;
        _clock = clock;
        _log = log;
    }

    private static readonly DeviceStatus s_closed = new(DeviceState.Closed);

    /// <summary>How the device is.</summary>
    public DeviceStatus Status => _status;

    /// <summary>Raised when <see cref="Status"/> has changed, on the thread that changed it: who is told must not wait for this loop.</summary>
    public event Action<DeviceStatus>? Changed;

    /// <summary>Lets the device be opened and kept open. Does not wait for it.</summary>
    public void Open()
    {
        lock (_ownersTurn)
        {
            if (_thread is not null)
                return;

            _closing.Reset();
            Report(new DeviceStatus(DeviceState.Opening));
            _thread = new Thread(Run) { IsBackground = true, Name = _name };
            _thread.Start();
        }
    }

    /// <summary>Closes the device. When this returns nobody of ours has it open.</summary>
    public void Close()
    {
        lock (_ownersTurn)
        {
            if (_thread is null)
                return;

            _closing.Set();
            _thread.Join();
            _thread = null;
            Report(s_closed);
        }
    }

    /// <summary>Closes the device for good.</summary>
    public void Dispose()
    {
        Close();
        DisposeDevice();
        _closing.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The longest wait of a <see cref="Step"/>.</summary>
    protected TimeSpan Wait => _patience.Wait;

    /// <summary>The time.</summary>
    protected Instant Now => new(_clock.GetElapsedTime(0).Ticks);

    /// <summary>Whether what failed last is the encoder behind the device.</summary>
    protected virtual bool IsEncoderLost => false;

    /// <summary>Opens the device.</summary>
    /// <param name="problem">Why that failed, for the journal.</param>
    protected abstract DeviceOutcome Start(out string problem);

    /// <summary>Waits for what the device gives next, and passes it on.</summary>
    /// <param name="problem">Why there is nothing, for the journal.</param>
    protected abstract DeviceOutcome Step(out string problem);

    /// <summary>Closes the device, whatever state it is in.</summary>
    protected abstract void Stop();

    /// <summary>Ends the device object.</summary>
    protected abstract void DisposeDevice();

    private void Run()
    {
        do
        {
            DeviceOutcome outcome = Use(out string problem);
            StopWhatever();
            if (!_closing.IsSet)
                Report(new DeviceStatus(DeviceState.Lost, outcome, problem) { IsEncoder = IsEncoderLost });
        }
        while (!_closing.Wait(_patience.Retry));
    }

    // A mistake of ours in one device must not take the others, and the meeting, down with it.
    private DeviceOutcome Use(out string problem)
    {
        try
        {
            DeviceOutcome outcome = Start(out problem);
            if (outcome != DeviceOutcome.Done)
                return outcome;

            Report(new DeviceStatus(DeviceState.Running));
            return StepUntilLost(out problem);
        }
#pragma warning disable CA1031 // whatever it is, it is logged, and the device is tried again
        catch (Exception mistake)
#pragma warning restore CA1031
        {
            _log.DeviceMistaken(mistake, _name);
            problem = mistake.Message;
            return DeviceOutcome.Failed;
        }
    }

    private void StopWhatever()
    {
        try
        {
            Stop();
        }
#pragma warning disable CA1031 // as above
        catch (Exception mistake)
#pragma warning restore CA1031
        {
            _log.DeviceMistaken(mistake, _name);
        }
    }

    private DeviceOutcome StepUntilLost(out string problem)
    {
        Instant heard = Now;
        problem = "";
        while (!_closing.IsSet)
        {
            DeviceOutcome outcome = Step(out problem);
            if (outcome == DeviceOutcome.Done)
            {
                heard = Now;
            }
            else if (outcome != DeviceOutcome.Nothing)
            {
                return outcome;
            }
            else if (Now - heard > _patience.Silence)
            {
                problem = $"it has given nothing for {_patience.Silence.TotalSeconds:0.#} s";
                return DeviceOutcome.Failed;
            }
        }

        return DeviceOutcome.Done;
    }

    private void Report(DeviceStatus status)
    {
        DeviceStatus before = _status;
        if (status == before)
            return;

        _status = status;
        if (status.State == DeviceState.Lost)
            _log.DeviceLost(_name, status.Outcome, status.Problem);
        else if (status.State == DeviceState.Running)
            _log.DeviceRunning(_name);
        else if (status.State == DeviceState.Closed)
            _log.DeviceClosed(_name);
        try
        {
            Changed?.Invoke(status);
        }
#pragma warning disable CA1031 // what others do with the news is no reason to give the device up
        catch (Exception mistake)
#pragma warning restore CA1031
        {
            _log.ListenerMistaken(mistake, _name);
        }
    }
}
