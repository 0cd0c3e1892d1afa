using System.Security.Cryptography;
using RoomAgent.Agent.Ports;

namespace RoomAgent.Join;

/// <summary>Keeps what a room keeps, for as long as the program runs: a visitor has no reason to be the same one tomorrow. Zeroed when it is replaced, and at the end.</summary>
internal sealed class MemoryVault : IVault, IDisposable
{
    private readonly Lock _turn = new();
    private readonly Dictionary<string, byte[]> _kept = new(StringComparer.Ordinal);

    public byte[]? Read(string name)
    {
        lock (_turn)
            return _kept.TryGetValue(name, out byte[]? content) ? content.AsSpan().ToArray() : null;
    }

    public void Write(string name, ReadOnlySpan<byte> content)
    {
        lock (_turn)
        {
            Forget(name);

            // Pinned, so that the collector leaves no copies behind.
            byte[] kept = GC.AllocateUninitializedArray<byte>(content.Length, pinned: true);
            content.CopyTo(kept);
            _kept[name] = kept;
        }
    }

    public void Remove(string name)
    {
        lock (_turn)
            Forget(name);
    }

    public void Dispose()
    {
        lock (_turn)
        {
            foreach (string name in _kept.Keys.ToArray())
                Forget(name);
        }
    }

    private void Forget(string name)
    {
        if (_kept.Remove(name, out byte[]? before))
            CryptographicOperations.ZeroMemory(before);
    }
}
