using RoomAgent.Crypto;

namespace RoomAgent.Testing;

/// <summary>The random port with a seed: every run gives the same bytes. Predictable, therefore for tests alone.</summary>
public sealed class SeededRandom(int seed) : IRandom
{
    private readonly Random _random = new(seed);

    public void Fill(Span<byte> bytes) => _random.NextBytes(bytes);
}
