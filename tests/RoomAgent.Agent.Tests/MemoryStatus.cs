using RoomAgent.Agent.Diagnostics;

namespace RoomAgent.Agent.Tests;

/// <summary>Remembers what was posted.</summary>
internal sealed class MemoryStatus : IStatusBoard
{
    private readonly Dictionary<StatusTopic, string?> texts = [];

    public string? this[StatusTopic topic] => texts.GetValueOrDefault(topic);

    public void Post(StatusTopic topic, string? text) => texts[topic] = text;
}
