using System.Text.Json;

namespace RoomAgent.MediaLab;

/// <summary>What a process of the lab tells: lines of JSON on its standard output.</summary>
internal static class Report
{
    private static readonly Lock s_output = new();

    public static void Write(string what, params (string Name, object? Value)[] facts)
    {
        var line = new Dictionary<string, object?> { ["event"] = what };
        foreach ((string name, object? value) in facts)
            line[name] = value;
        lock (s_output)
            Console.Out.WriteLine(JsonSerializer.Serialize(line));
    }
}
