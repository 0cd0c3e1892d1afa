namespace RoomAgent.Fuzz;

/// <summary>Gives a target its corpus and mutations of it, the same ones for the same seed.</summary>
public sealed class Fuzzer(FuzzTarget target, int seed)
{
    // Decoding may build what the bytes describe, but not much more than they are.
    private const int AllocationPerByte = 64;
    private const int AllocationBase = 256 * 1024;

    private readonly IReadOnlyList<byte[]> _corpus = target.LoadCorpus();
    private readonly Random _random = new(seed);

    /// <summary>What went wrong, and the bytes that did it.</summary>
    public sealed record Finding(byte[] Input, string What);

    /// <summary>Runs every input of the corpus as it is.</summary>
    public Finding? Replay()
    {
        foreach (byte[] input in _corpus)
        {
            if (Try(input) is { } finding)
                return finding;
        }

        return null;
    }

    /// <summary>Runs one new mutation.</summary>
    public Finding? Next() => Try(Mutate());

    private Finding? Try(byte[] input)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            target.Run(input);
        }
#pragma warning disable CA1031 // whatever the parser throws is the finding
        catch (Exception e)
#pragma warning restore CA1031
        {
            return new Finding(input, e.ToString());
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        return allocated > AllocationBase + target.Allowance + ((long)AllocationPerByte * input.Length)
            ? new Finding(input, $"{input.Length} bytes made it allocate {allocated}.")
            : null;
    }

    private byte[] Mutate()
    {
        List<byte> bytes = [.. Pick()];
        for (int steps = 1 + _random.Next(8); steps > 0; steps--)
        {
            int at = _random.Next(bytes.Count + 1);
            int length = Math.Min(1 + _random.Next(16), bytes.Count - at);
            switch (_random.Next(8))
            {
                case 0 when at < bytes.Count:
                    bytes[at] ^= (byte)(1 << _random.Next(8));
                    break;
                case 1 when at < bytes.Count:
                    ReadOnlySpan<byte> borders = [0x00, 0x01, 0x3f, 0x40, 0x7f, 0x80, 0xbf, 0xc0, 0xfe, 0xff];
                    bytes[at] = borders[_random.Next(borders.Length)];
                    break;
                case 2:
                    bytes.RemoveRange(at, length);
                    break;
                case 3:
                    bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
                case 4:
                    byte[] noise = new byte[1 + _random.Next(16)];
                    _random.NextBytes(noise);
                    bytes.InsertRange(at, noise);
                    break;
                case 5:
                    byte[] other = Pick();
                    int from = _random.Next(other.Length + 1);
                    bytes.RemoveRange(at, bytes.Count - at);
                    bytes.AddRange(other[from..]);
                    break;
                case 6:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 7 when at < bytes.Count:
                    bytes[at] = (byte)_random.Next(256);
                    break;
            }

            if (bytes.Count > 64 * 1024)
                bytes.RemoveRange(64 * 1024, bytes.Count - (64 * 1024));
        }

        return [.. bytes];
    }

    private byte[] Pick() => _corpus.Count == 0 ? [] : _corpus[_random.Next(_corpus.Count)];
}
