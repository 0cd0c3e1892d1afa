using System.Globalization;

namespace RoomAgent.Media.Tests.Namespaces;

/// <summary>All that a process has in its memory, as root can read it.</summary>
internal static class ProcessMemory
{
    private const int Chunk = 1 << 20;

    /// <summary>Which of the <paramref name="needles"/> are there.</summary>
    /// <param name="process">Its id.</param>
    /// <param name="needles">What to look for: 8 to 1,024 bytes each.</param>
    /// <param name="read">Bytes looked at.</param>
    public static IReadOnlySet<int> Find(int process, IReadOnlyList<byte[]> needles, out long read)
    {
        var found = new HashSet<int>();
        byte[] buffer = new byte[Chunk + 1_024];
        read = 0;
        using FileStream memory = new($"/proc/{process}/mem", FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        foreach ((long start, long end) in Regions(process))
        {
            // Chunks overlap by the longest needle, so that none hides on a border.
            for (long at = start; at < end; at += Chunk)
            {
                int wanted = (int)Math.Min(buffer.Length, end - at);
                int length;
                try
                {
                    memory.Position = at;
                    length = memory.Read(buffer, 0, wanted);
                }
                catch (IOException)
                {
                    // A page that went away meanwhile, or one that the kernel shows nobody.
                    continue;
                }

                read += Math.Min(length, Chunk);
                for (int i = 0; i < needles.Count; i++)
                {
                    if (buffer.AsSpan(0, length).IndexOf(needles[i]) >= 0)
                        found.Add(i);
                }
            }
        }

        return found;
    }

    private static List<(long Start, long End)> Regions(int process)
    {
        var regions = new List<(long, long)>();
        foreach (string line in File.ReadAllLines($"/proc/{process}/maps"))
        {
            string[] parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (parts[1][0] != 'r' || (parts.Length > 5 && parts[5].StartsWith("[v", StringComparison.Ordinal)))
                continue;

            string[] ends = parts[0].Split('-');
            regions.Add((long.Parse(ends[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture), long.Parse(ends[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture)));
        }

        return regions;
    }
}
