using System.Text.Json;
using RoomAgent.Testing;

namespace RoomAgent.SFrame.Tests;

/// <summary>
/// The published vectors (github.com/sframe-wg/sframe, test-vectors). Every JSON file below the vector folder is looked at: a list at its root or one level below is run
/// when its cases have the fields of a kind, whatever the file and the list are called.
/// </summary>
internal static class VectorFile
{
    public static readonly string[] Header = ["kid", "ctr", "encoded"];
    public static readonly string[] CtrHmac = ["cipher_suite", "key", "enc_key", "auth_key", "nonce", "aad", "pt", "ct"];
    public static readonly string[] SFrame = ["cipher_suite", "kid", "ctr", "base_key", "pt", "ct"];

    /// <summary>Runs <paramref name="check"/> on every published case with the fields <paramref name="shape"/>, and gives how many there were.</summary>
    public static int ForEachCase(string[] shape, Action<JsonElement> check)
    {
        Assert.SkipWhen(Repository.Vectors is null, "PUBLISHED VECTORS ARE MISSING: set ROOMAGENT_VECTORS to the folder with mls/ and sframe/.");

        int cases = 0;
        foreach (string file in Directory.EnumerateFiles(Repository.Vectors, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(file));
            foreach (JsonElement list in Lists(document.RootElement))
            {
                foreach (JsonElement vector in list.EnumerateArray())
                {
                    if (!HasShape(vector, shape))
                        continue;

                    try
                    {
                        check(vector);
                    }
                    catch (Exception e)
                    {
                        throw new InvalidOperationException($"{file}, {vector.GetRawText()}: {e.Message}", e);
                    }

                    cases++;
                }
            }
        }

        Assert.True(cases > 0, $"No published file has the fields {string.Join(", ", shape)}.");
        return cases;
    }

    public static SFrameCipherSuite Suite(this JsonElement vector) => (SFrameCipherSuite)vector.GetProperty("cipher_suite").GetUInt16();

    public static KeyId KeyId(this JsonElement vector) => new(vector.GetProperty("kid").GetUInt64());

    public static ulong Counter(this JsonElement vector) => vector.GetProperty("ctr").GetUInt64();

    public static byte[] Bytes(this JsonElement vector, string name) => Convert.FromHexString(vector.GetProperty(name).GetString()!);

    /// <summary>Compares an intermediate value if the case has it: not every file shows all steps.</summary>
    public static void AssertIfGiven(this JsonElement vector, string name, ReadOnlySpan<byte> actual)
    {
        if (vector.TryGetProperty(name, out _))
            Assert.Equal(vector.Bytes(name), actual.ToArray());
    }

    private static IEnumerable<JsonElement> Lists(JsonElement root) => root.ValueKind switch
    {
        JsonValueKind.Array => [root],
        JsonValueKind.Object => root.EnumerateObject().Select(property => property.Value).Where(value => value.ValueKind == JsonValueKind.Array),
        _ => [],
    };

    private static bool HasShape(JsonElement vector, string[] shape) =>
        vector.ValueKind == JsonValueKind.Object && shape.All(name => vector.TryGetProperty(name, out _));
}
