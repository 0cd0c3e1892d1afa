using Microsoft.Extensions.Logging;
using RoomAgent.Agent.Diagnostics;
using RoomAgent.Agent.Settings;
using RoomAgent.Host.Systemd;

namespace RoomAgent.Host.Configuration;

/// <summary>
/// Reads the configuration anew when asked to. A bad one changes nothing but the status, which says so: a room goes on
/// working while somebody mends a file.
/// </summary>
internal sealed class ReloadLoop(
    ConfigurationSources sources,
    SettingsLoop room,
    NotifySocket systemd,
    IStatusBoard status,
    ILogger<ReloadLoop> log) : ILoop
{
    private readonly Mailbox<ReloadAsked> _mailbox = new();

    public string Name => "reload";

    /// <summary>Asks for a reload; it happens soon.</summary>
    public void Ask() => _mailbox.Post(new ReloadAsked());

    public Task PingAsync() => _mailbox.PingAsync();

    public async Task RunAsync(CancellationToken stopping)
    {
        await foreach (ReloadAsked _ in _mailbox.ReadAllAsync(stopping))
        {
            systemd.Reloading();
            status.Post(StatusTopic.Configuration, await ReloadAsync(stopping));
            systemd.Ready();
        }
    }

    /// <summary>Reloads, and gives what is to be said about it.</summary>
    private async Task<string?> ReloadAsync(CancellationToken stopping)
    {
        CheckedSettings loaded = sources.Load();
        if (!loaded.AreGood)
        {
            log.Problems(loaded.Problems);
            log.ReloadRefused();
            return "the new configuration is refused, the old one holds";
        }

        SettingsChange change = await room.OfferAsync(loaded.Settings).WaitAsync(stopping);
        log.Reloaded(change.Applied.Count);
        return change.Waiting.Count == 0
            ? null
            : $"restart to apply {string.Join(", ", change.Waiting.Select(setting => setting.Name))}";
    }

    private sealed record ReloadAsked;
}
