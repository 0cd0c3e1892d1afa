using RoomAgent.Agent.Ports;

namespace RoomAgent.Agent.Tests;

/// <summary>Keeps things for as long as the test lives, and breaks when it is told to.</summary>
internal sealed class MemoryVault : IVault
{
    private readonly Dictionary<string, byte[]> _kept = new(StringComparer.Ordinal);

    public bool IsBroken { get; set; }

    public byte[]? this[string name]
    {
        get => _kept.GetValueOrDefault(name);
        set => _kept[name] = value!;
    }

    public int Count => _kept.Count;

    public byte[]? Read(string name) => IsBroken ? throw new IOException("broken") : _kept.TryGetValue(name, out byte[]? content) ? [.. content] : null;

    public void Write(string name, ReadOnlySpan<byte> content)
    {
        if (IsBroken)
            throw new IOException("full");
        _kept[name] = content.ToArray();
    }

    public void Remove(string name)
    {
        if (IsBroken)
            throw new IOException("broken");
        _kept.Remove(name);
    }
}
