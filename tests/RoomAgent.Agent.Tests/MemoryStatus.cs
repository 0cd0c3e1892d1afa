using RoomAgent.Agent.Diagnostics;

namespace RoomAgent.Agent.Tests;

/// <summary>Remembers what was posted.</summary>
internal sealed class MemoryStatus : IStatusBoard
{
    private readonly Dictionary<StatusTopic, string?> _texts = [];

    public string? this[StatusTopic topic] => _texts.GetValueOrDefault(topic);

    public void Post(StatusTopic topic, string? text) => _texts[topic] = text;
}
