using System.Buffers.Text;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using RoomAgent.Wire;

namespace RoomAgent.Whole.Tests;

/// <summary>
/// Looks for secrets wherever whoever runs a hub could look: its process's memory, its files, what it was sent. As they are, and as text in hexadecimal digits or base64, of
/// one byte or two for a letter.
/// </summary>
internal sealed class Findings
{
    private const int Piece = 1 << 20;
    private const int Shortest = sizeof(ulong);
    private const int Bits = 22;

    // By the first eight bytes of what is looked for; a bit for each hash of those keeps all else out.
    private readonly Dictionary<ulong, List<(byte[] Pattern, string What)>> _patterns = [];
    private readonly bool[] _mayBegin = new bool[1 << Bits];
    private int _longest = Shortest;

    /// <summary>What was found.</summary>
    public HashSet<string> Found { get; } = [];

    /// <summary>How many bytes were looked at.</summary>
    public long Seen { get; private set; }

    /// <summary>Also looks for something.</summary>
    /// <param name="bytes">What: 16 bytes or more that are nowhere by chance.</param>
    /// <param name="what">What it is.</param>
    public void LookFor(ByteString bytes, string what)
    {
        Add(bytes.ToArray(), what);
        AddText(Convert.ToHexStringLower(bytes), $"{what}, in hexadecimal digits");
        AddText(Convert.ToHexString(bytes), $"{what}, in hexadecimal digits");

        // Whole groups of three bytes, so that the text is the same whatever follows.
        ReadOnlySpan<byte> groups = bytes.Span[..(bytes.Length / 3 * 3)];
        AddText(Convert.ToBase64String(groups), $"{what}, in base64");
        AddText(Base64Url.EncodeToString(groups), $"{what}, in base64url");
    }

    /// <summary>Looks through bytes.</summary>
    public void Search(ReadOnlySpan<byte> bytes)
    {
        Seen += bytes.Length;
        for (int at = 0; at + Shortest <= bytes.Length; at++)
        {
            ulong start = MemoryMarshal.Read<ulong>(bytes[at..]);
            if (!_mayBegin[Hash(start)] || !_patterns.TryGetValue(start, out List<(byte[] Pattern, string What)>? patterns))
                continue;

            foreach ((byte[] pattern, string what) in patterns)
            {
                if (bytes[at..].StartsWith(pattern))
                    Found.Add(what);
            }
        }
    }

    /// <summary>Looks through all files below a folder.</summary>
    public void SearchFiles(string folder)
    {
        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            byte[] content = new byte[stream.Length];
            Search(content.AsSpan(0, stream.ReadAtLeast(content, content.Length, throwOnEndOfStream: false)));
        }
    }

    /// <summary>Looks through all that a process has in memory and that can be read.</summary>
    /// <param name="process">The process, which we may look into.</param>
    public void SearchMemory(int process)
    {
        using var memory = new FileStream($"/proc/{process}/mem", FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        byte[] piece = new byte[Piece + 128];
        foreach (string line in File.ReadAllLines($"/proc/{process}/maps"))
        {
            // 7f0c1a000000-7f0c1a021000 rw-p 00000000 00:00 0   [heap]
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            string[] range = words[0].Split('-');
            bool isKernels = words is [.., "[vvar]" or "[vsyscall]" or "[vvar_vclock]"];
            if (words[1][0] != 'r' || isKernels)
                continue;

            long from = long.Parse(range[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture), to = long.Parse(range[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            for (long at = from; at < to; at += Piece)
            {
                // A pattern over the end of a piece is in the next piece with the bytes before it.
                int wanted = (int)Math.Min(Piece + _longest, to - at);
                int read = Read(memory, at, piece.AsSpan(0, wanted));
                Search(piece.AsSpan(0, read));
            }
        }
    }

    // What the kernel does not give, such as a file that is shorter than its mapping, is nothing that could be read.
    private static int Read(FileStream memory, long at, Span<byte> piece)
    {
        try
        {
            return RandomAccess.Read(memory.SafeFileHandle, piece, at);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static int Hash(ulong start) => (int)((start * 0x9E3779B97F4A7C15) >> (64 - Bits));

    private void AddText(string text, string what)
    {
        Add(Encoding.ASCII.GetBytes(text), what);
        Add(Encoding.Unicode.GetBytes(text), what);
    }

    private void Add(byte[] pattern, string what)
    {
        ulong start = MemoryMarshal.Read<ulong>(pattern);
        _mayBegin[Hash(start)] = true;
        _longest = Math.Max(_longest, pattern.Length);
        if (!_patterns.TryGetValue(start, out List<(byte[] Pattern, string What)>? same))
            _patterns.Add(start, same = []);
        same.Add((pattern, what));
    }
}
