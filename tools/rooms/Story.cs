using System.Diagnostics;
using System.Globalization;

namespace RoomAgent.Rooms;

/// <summary>Tells what happens, as it happens, with the seconds since the start.</summary>
internal sealed class Story
{
    private readonly long _begun = Stopwatch.GetTimestamp();
    private readonly Lock _turn = new();
    private readonly bool _isBold = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is null or "";

    /// <summary>Since the start.</summary>
    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_begun);

    /// <summary>Somebody did something.</summary>
    public void Tell(string who, string what)
    {
        lock (_turn)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Elapsed.TotalSeconds,7:0.00} s  {who,-12} {what}"));
    }

    /// <summary>A line of its own.</summary>
    public void Say(string text = "", bool isHeading = false)
    {
        lock (_turn)
            Console.WriteLine(isHeading && _isBold ? $"\e[1m{text}\e[0m" : text);
    }
}

/// <summary>Why the demonstration cannot go on, in words for whoever runs it.</summary>
internal sealed class DemoProblem(string message) : Exception(message);
