using RoomAgent.Agent.Ports;

namespace RoomAgent.Cloud.Tests;

/// <summary>A vault that can lose its power at any operation. What was written before stays.</summary>
internal sealed class MemoryVault : IVault
{
    private readonly Dictionary<string, byte[]> _kept = [];

    /// <summary>The operation at which the power is cut; none.</summary>
    public int? CutAt { get; set; }

    /// <summary>Whether the operation at which it is cut still reaches the storage.</summary>
    public bool IsCutAfter { get; set; }

    public bool HasPower { get; private set; } = true;

    /// <summary>Writes and removals so far.</summary>
    public int Operations { get; private set; }

    public IReadOnlyDictionary<string, byte[]> Kept => _kept;

    public byte[]? Read(string name) => _kept.GetValueOrDefault(name)?.ToArray();

    public void Write(string name, ReadOnlySpan<byte> content)
    {
        byte[] written = content.ToArray();
        Do(() => _kept[name] = written);
    }

    public void Remove(string name) => Do(() => _kept.Remove(name));

    public void SwitchOn()
    {
        HasPower = true;
        CutAt = null;
    }

    public void SwitchOff() => HasPower = false;

    /// <summary>The same content, in another device.</summary>
    public MemoryVault Copy()
    {
        var copy = new MemoryVault();
        foreach ((string name, byte[] content) in _kept)
            copy._kept[name] = [.. content];
        return copy;
    }

    private void Do(Action deed)
    {
        bool isCut = HasPower && Operations++ == CutAt;
        if (!HasPower || (isCut && !IsCutAfter))
        {
            HasPower = false;
            throw new IOException("The test has cut the power.");
        }

        deed();
        if (isCut)
        {
            HasPower = false;
            throw new IOException("The test has cut the power.");
        }
    }
}
