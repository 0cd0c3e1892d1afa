namespace RoomAgent.Crypto.Tests;

/// <summary>The examples printed in RFC 9180, from Vectors/Rfc9180.txt.</summary>
internal static class Rfc9180
{
    public sealed record Encryption(byte[] Plaintext, byte[] AssociatedData, byte[] Ciphertext);

    public sealed class Vector(string name)
    {
        private readonly Dictionary<string, string> _values = [];

        public string Name { get; } = name;

        public SortedDictionary<int, Encryption> Encryptions { get; } = [];

        public List<(byte[] Context, byte[] Value)> Exports { get; } = [];

        public byte[] this[string name] => Convert.FromHexString(_values[name]);

        public int Number(string name) => int.Parse(_values[name]);

        public void Add(string name, string value)
        {
            _values[name] = value;
            if (name == "ct")
                Encryptions.Add(Number("seq"), new Encryption(this["pt"], this["aad"], this["ct"]));
            if (name == "exported_value")
                Exports.Add((this["exporter_context"], this["exported_value"]));
        }
    }

    public static IReadOnlyList<Vector> Load()
    {
        List<Vector> vectors = [];
        using var file = new StreamReader(typeof(Rfc9180).Assembly.GetManifestResourceStream("Rfc9180.txt")!);
        while (file.ReadLine() is { } line)
        {
            if (line.StartsWith('['))
                vectors.Add(new Vector(line.Trim('[', ']')));
            else if (line.Split(':') is [var name, var value] && !line.StartsWith('#'))
                vectors[^1].Add(name, value.Trim());
        }

        return vectors;
    }
}
