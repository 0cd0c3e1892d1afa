using Microsoft.Extensions.Logging;
using RoomAgent.Agent.Diagnostics;

namespace RoomAgent.Agent.Settings;

/// <summary>Owns the settings that are in force: takes what was read anew, puts in force what a reload may change, and tells whom it concerns.</summary>
public sealed class SettingsLoop(
    RoomSettings settings,
    IEnumerable<ISettingsListener> listeners,
    ILogger<SettingsLoop> log) : ILoop
{
    private readonly Mailbox<SettingsMessage> _mailbox = new();
    private RoomSettings _settings = settings;

    /// <inheritdoc/>
    public string Name => "settings";

    /// <summary>Offers a newly read configuration and tells what became of it.</summary>
    public Task<SettingsChange> OfferAsync(RoomSettings offered)
    {
        var answer = new TaskCompletionSource<SettingsChange>(TaskCreationOptions.RunContinuationsAsynchronously);
        _mailbox.Post(new SettingsMessage.NewSettings(offered, answer));
        return answer.Task;
    }

    /// <inheritdoc/>
    public Task PingAsync() => _mailbox.PingAsync();

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken stopping)
    {
        await foreach (SettingsMessage message in _mailbox.ReadAllAsync(stopping))
        {
            switch (message)
            {
                case SettingsMessage.NewSettings(RoomSettings offered, TaskCompletionSource<SettingsChange> answer):
                    answer.SetResult(Apply(offered));
                    break;
            }
        }
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
