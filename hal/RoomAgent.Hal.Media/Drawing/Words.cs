using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RoomAgent.Hal.Media.Drawing;

/// <summary>One language: what a screen says, from its file in <c>Languages</c>.</summary>
internal sealed class Words
{
    private const string Folder = "RoomAgent.Hal.Media.Drawing.Languages.";

    // Isolates of the bidirectional algorithm (Unicode annex 9): what is put into a sentence keeps its direction to itself.
    private const char FirstStrongIsolate = '\u2068';
    private const char PopDirectionalIsolate = '\u2069';

    private static readonly Dictionary<string, Words> s_languages = ReadAll();

    private readonly Dictionary<string, string> _texts;

    private Words(Dictionary<string, string> texts) => _texts = texts;

    /// <summary>The codes of all languages, ISO 639-1.</summary>
    public static IReadOnlyCollection<string> Languages { get; } = [.. s_languages.Keys.Order(StringComparer.Ordinal)];

    /// <summary>All texts of the language, by key.</summary>
    public IReadOnlyDictionary<string, string> Texts => _texts;

    /// <summary>The language, or English when there is none of that code.</summary>
    public static Words Of(string language) => s_languages.TryGetValue(language, out Words? words) ? words : s_languages["en"];

    public string this[Word word] => _texts[word.ToString()];

    /// <summary>A text with something put in its places <c>{0}</c> and <c>{1}</c>.</summary>
    public string Format(Word word, string first, string second = "", string third = "")
    {
        string text = this[word];
        var full = new StringBuilder(text.Length + first.Length + second.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '{')
            {
                full.Append(text[i]);
                continue;
            }
            string inserted = text[i + 1] switch { '0' => first, '1' => second, _ => third };
            full.Append(FirstStrongIsolate).Append(inserted).Append(PopDirectionalIsolate);
            i += 2;
        }
        return full.ToString();
    }

    /// <summary>What happened.</summary>
    public string What(Trouble trouble) => _texts[trouble + ".What"];

    /// <summary>What someone in the room can do.</summary>
    public string Do(Trouble trouble) => _texts[trouble + ".Do"];

    /// <summary>A time of day.</summary>
    public static string Time(DateTimeOffset time, bool hasTwelveHours) => time.ToString(hasTwelveHours ? "h:mm tt" : "HH:mm");

    /// <summary>A day, such as Tuesday, 14 May.</summary>
    public string Day(DateTimeOffset day) =>
        Format(Word.Date, this[Word.Sunday + (int)day.DayOfWeek], $"{day.Day}", this[Word.January + day.Month - 1]);

    private static Dictionary<string, Words> ReadAll()
    {
        var languages = new Dictionary<string, Words>(StringComparer.OrdinalIgnoreCase);
        foreach (string name in typeof(Words).Assembly.GetManifestResourceNames().Where(name => name.StartsWith(Folder, StringComparison.Ordinal)))
        {
            using Stream file = typeof(Words).Assembly.GetManifestResourceStream(name)!;
            Dictionary<string, string> texts = JsonSerializer.Deserialize(file, LanguageFile.Default.DictionaryStringString)!;
            languages.Add(name[Folder.Length..^".json".Length], new Words(texts));
        }
        return languages;
    }
}

/// <summary>Reads a language's file.</summary>
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class LanguageFile : JsonSerializerContext;
