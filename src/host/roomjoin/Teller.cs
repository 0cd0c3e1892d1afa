using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RoomAgent.Join;

/// <summary>Tells what happens: a sentence for people, or a line of JSON for programs. Names come from strangers, and are cleaned of what a terminal would obey.</summary>
/// <param name="writer">Where to.</param>
/// <param name="isJson">Whether for programs.</param>
internal sealed class Teller(TextWriter writer, bool isJson)
{
    // Everything beyond ASCII is escaped, so that a line is a line.
    private static readonly JsonSerializerOptions s_json = new() { Encoder = JavaScriptEncoder.Default };

    private readonly Lock _turn = new();

    /// <summary>Whether programs listen.</summary>
    public bool IsJson => isJson;

    /// <summary>Tells something.</summary>
    /// <param name="what">What kind of thing, in a word.</param>
    /// <param name="sentence">The sentence; empty for what is of interest to programs alone.</param>
    /// <param name="more">What belongs to it.</param>
    public void Tell(string what, string sentence, JsonObject? more = null)
    {
        if (!isJson && sentence.Length == 0)
            return;

        string line = sentence;
        if (isJson)
        {
            var all = new JsonObject { ["event"] = what };
            if (sentence.Length > 0)
                all["text"] = sentence;
            foreach ((string name, JsonNode? value) in more ?? [])
                all[name] = value?.DeepClone();
            line = all.ToJsonString(s_json);
        }

        lock (_turn)
        {
            try
            {
                writer.WriteLine(line);
                writer.Flush();
            }
            catch (IOException)
            {
                // Nobody reads any more. Whoever is in a meeting stays there.
            }
        }
    }
}
