using System.Text;
using Microsoft.Extensions.Logging;

namespace RoomAgent.Host.Logging;

/// <summary>One line a message for the person at the terminal, or, where nobody is, for whoever collects standard error.</summary>
internal sealed class ConsoleSink(TextWriter writer, TimeProvider clock) : ILogSink
{
    private readonly Lock _turn = new();

    public void Write(in LogEntry entry)
    {
        string line = Format(clock.GetLocalNow(), entry);
        lock (_turn)
        {
            try
            {
                writer.Write(line);
                writer.Flush();
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                // The terminal or the file behind it was closed. The daemon has better things to do than to mind.
            }
        }
    }

    internal static string Format(DateTimeOffset now, in LogEntry entry)
    {
        string source = entry.Category[(entry.Category.LastIndexOf('.') + 1)..];
        var line = new StringBuilder($"{now:HH:mm:ss.fff} {Word(entry.Level),-7} {source}: ");
        line.Append(Printable(entry.Text)).Append('\n');

        if (entry.Exception is not null)
        {
            foreach (ReadOnlySpan<char> row in entry.Exception.ToString().AsSpan().EnumerateLines())
                line.Append("    ").Append(Printable(row)).Append('\n');
        }

        return line.ToString();
    }

    /// <summary>Text from outside must not be able to pretend to be a second line or to steer the terminal.</summary>
    internal static string Printable(ReadOnlySpan<char> text) => string.Create(text.Length, text, (printable, text) =>
    {
        for (int i = 0; i < text.Length; i++)
            printable[i] = char.IsControl(text[i]) && text[i] != '\t' ? '\uFFFD' : text[i];
    });

    private static string Word(LogLevel level) => level switch
    {
        LogLevel.Critical => "fatal",
        LogLevel.Error => "error",
        LogLevel.Warning => "warning",
        LogLevel.Information => "info",
        LogLevel.Debug => "debug",
        _ => "trace",
    };
}
