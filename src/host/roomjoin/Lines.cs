using System.Text;
using System.Threading.Channels;

namespace RoomAgent.Join;

/// <summary>What comes on standard input, a line at a time: a password or a link, then orders. A terminal does not show the password.</summary>
internal sealed class Lines
{
    private const int LongestSecret = 1_000;

    private readonly Channel<string> _lines = Channel.CreateBounded<string>(64);
    private readonly TextReader _reader;
    private readonly Lazy<Thread> _thread;

    public Lines(TextReader reader, bool isTerminal)
    {
        (_reader, IsTerminal) = (reader, isTerminal);
        _thread = new Lazy<Thread>(Begin);
    }

    /// <summary>Whether somebody sits there who can be asked.</summary>
    public bool IsTerminal { get; }

    /// <summary>The next line; <see langword="null"/> when there are no more.</summary>
    public async Task<string?> ReadAsync(CancellationToken cancel)
    {
        _ = _thread.Value;
        while (await _lines.Reader.WaitToReadAsync(cancel))
        {
            if (_lines.Reader.TryRead(out string? line))
                return line;
        }

        return null;
    }

    /// <summary>Asks a person for a word.</summary>
    public async Task<string> AskAsync(string question, CancellationToken cancel)
    {
        Console.Error.Write(question);
        return (await ReadAsync(cancel) ?? "").Trim();
    }

    /// <summary>A password: from the terminal without showing it, else the first line.</summary>
    public async Task<string> ReadPasswordAsync(string question, CancellationToken cancel)
    {
        if (!IsTerminal)
            return await ReadAsync(cancel) ?? "";

        // Reading a key cannot be broken off: whoever gives up leaves the thread behind, which does not keep the process alive.
        Console.Error.Write(question);
        try
        {
            return await Task.Run(ReadHidden, CancellationToken.None).WaitAsync(cancel);
        }
        finally
        {
            Console.Error.WriteLine();
        }
    }

    private static string ReadHidden()
    {
        var text = new StringBuilder();
        while (Console.ReadKey(intercept: true) is var key && key.Key != ConsoleKey.Enter)
        {
            if (key.Key == ConsoleKey.Backspace)
                text.Length = Math.Max(0, text.Length - 1);
            else if (!char.IsControl(key.KeyChar) && text.Length < LongestSecret)
                text.Append(key.KeyChar);
        }

        return text.ToString();
    }

    // A thread of its own, since reading a terminal cannot be broken off; it does not keep the process alive.
    private Thread Begin()
    {
        var thread = new Thread(() =>
        {
            try
            {
                while (_reader.ReadLine() is { } line)
                    _lines.Writer.WriteAsync(line).AsTask().GetAwaiter().GetResult();
            }
            catch (Exception gone) when (gone is IOException or ObjectDisposedException)
            {
                // Nobody is there any more.
            }

            _lines.Writer.TryComplete();
        })
        {
            IsBackground = true,
            Name = "lines",
        };
        thread.Start();
        return thread;
    }
}
