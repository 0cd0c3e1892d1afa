using Microsoft.Extensions.Logging;
using RoomAgent.Agent.Settings;

namespace RoomAgent.Host.Logging;

/// <summary>The least important message that is logged. A reload turns it while everyone is logging.</summary>
internal sealed class LogLevelSwitch : ISettingsListener
{
    private volatile LogLevel _least = LogLevel.Information;

    public bool Allows(LogLevel level) => level >= _least && level != LogLevel.None;

    public void Apply(RoomSettings settings) => _least = settings.LogLevel;
}
