using Microsoft.Extensions.Logging;
using RoomAgent.Agent.Diagnostics;
using RoomAgent.Agent.Settings;

namespace RoomAgent.Agent.Room;

/// <summary>The room: owns its state, takes one message after the other, and therefore needs no lock.</summary>
public sealed class RoomLoop(
    RoomSettings settings,
    IEnumerable<ISettingsListener> listeners,
    IStatusBoard status,
    ILogger<RoomLoop> log) : ILoop
{
    private readonly Mailbox<RoomMessage> _mailbox = new();
    private RoomSettings _settings = settings;

    /// <inheritdoc/>
    public string Name => "room";

    /// <summary>Offers a newly read configuration and tells what became of it.</summary>
    public Task<SettingsChange> OfferAsync(RoomSettings offered)
    {
        var answer = new TaskCompletionSource<SettingsChange>(TaskCreationOptions.RunContinuationsAsynchronously);
        _mailbox.Post(new RoomMessage.NewSettings(offered, answer));
        return answer.Task;
    }

    /// <inheritdoc/>
    public Task PingAsync() => _mailbox.PingAsync();

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken stopping)
    {
        log.RoomOpen(SettingTable.Hardware.Show(_settings));
        status.Post(StatusTopic.Room, _settings.Hardware == HardwareMode.Simulated ? "running with simulated hardware" : "running");

        await foreach (RoomMessage message in _mailbox.ReadAllAsync(stopping))
        {
            switch (message)
            {
                case RoomMessage.NewSettings(RoomSettings offered, TaskCompletionSource<SettingsChange> answer):
                    answer.SetResult(Apply(offered));
                    break;
            }
        }

        log.RoomClosed();
    }

    private SettingsChange Apply(RoomSettings offered)
    {
        SettingsChange change = SettingsChange.Between(_settings, offered);
        _settings = change.InForce;

        foreach (ISettingsListener listener in listeners)
            listener.Apply(_settings);
        foreach (Setting setting in change.Applied)
            log.SettingApplied(setting.Name, setting.Show(_settings));
        foreach (Setting setting in change.Waiting)
            log.SettingWaits(setting.Name);

        return change;
    }
}
