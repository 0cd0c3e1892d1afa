namespace RoomAgent.Agent.Ports;

/// <summary>
/// Keeps small things with names so that they survive a power cut: after one there is either what was written last or what was there before, never a part of either.
/// For this device alone; nobody else can read it.
/// </summary>
public interface IVault
{
    /// <summary>What is kept under a name; <see langword="null"/> when nothing is. The caller zeroes it.</summary>
    /// <exception cref="IOException">The storage is broken.</exception>
    byte[]? Read(string name);

    /// <summary>Keeps something in place of what was there. It is on the storage when this returns.</summary>
    /// <exception cref="IOException">The storage is full or broken; what was there is still there.</exception>
    void Write(string name, ReadOnlySpan<byte> content);

    /// <summary>Forgets what is kept under a name, if anything is.</summary>
    /// <exception cref="IOException">The storage is broken.</exception>
    void Remove(string name);
}
