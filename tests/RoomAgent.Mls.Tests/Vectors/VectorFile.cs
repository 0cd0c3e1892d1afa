using System.Text.Json;
using RoomAgent.Crypto;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Testing;
using RoomAgent.Wire;

namespace RoomAgent.Mls.Tests.Vectors;

/// <summary>
/// The published vectors (github.com/mlswg/mls-implementations, test-vectors.md). Every JSON file below the vector folder is looked at;
/// its kind shows in the fields of its first case, so that a file of any name is found and run.
/// </summary>
internal static class VectorFile
{
    /// <summary>Runs <paramref name="check"/> on each case of each file whose cases have the fields <paramref name="shape"/>: ours, then the published ones.</summary>
    public static void ForEachCase(string[] shape, Action<JsonElement> check)
    {
        Assert.True(CheckFolder(GeneratedVectors.Folder, shape, check) > 0, "We make no vectors of this kind.");
        Assert.SkipWhen(Repository.Vectors is null, "PUBLISHED VECTORS ARE MISSING: set ROOMAGENT_VECTORS to the folder with mls/ and sframe/.");
        Assert.True(CheckFolder(Repository.Vectors, shape, check) > 0, $"No published file has the fields {string.Join(", ", shape)}.");
    }

    private static int CheckFolder(string folder, string[] shape, Action<JsonElement> check)
    {
        int cases = 0;
        foreach (string file in Directory.EnumerateFiles(folder, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(file));
            if (!HasShape(document.RootElement, shape))
                continue;

            int number = 0;
            foreach (JsonElement vector in document.RootElement.EnumerateArray())
            {
                try
                {
                    check(vector);
                }
                catch (Exception e)
                {
                    throw new InvalidOperationException($"{file}, case {number}: {e.Message}", e);
                }

                number++;
            }

            cases += number;
        }

        return cases;
    }

    /// <summary>The suite of a case.</summary>
    public static CipherSuite Suite(this JsonElement vector) =>
        CipherSuite.Find(OpenSslCrypto.Instance, (CipherSuiteId)vector.GetProperty("cipher_suite").GetUInt16())!;

    public static byte[] Bytes(this JsonElement vector, string name) => Convert.FromHexString(vector.GetProperty(name).GetString()!);

    public static byte[]? OptionalBytes(this JsonElement vector, string name) =>
        vector.TryGetProperty(name, out JsonElement value) && value.GetString() is { } hex ? Convert.FromHexString(hex) : null;

    public static ByteString ByteString(this JsonElement vector, string name) => Wire.ByteString.Owning(vector.Bytes(name));

    public static string Text(this JsonElement vector, string name) => vector.GetProperty(name).GetString()!;

    public static byte[] Label(this JsonElement vector, string name) => System.Text.Encoding.UTF8.GetBytes(vector.Text(name));

    public static Secret Secret(this JsonElement vector, string name) => Crypto.Secret.CopyOf(vector.Bytes(name));

    /// <summary>A private signature key. The files leave out leading zeros of a scalar; the library wants the length that RFC 9420 gives it.</summary>
    public static SigningKey SigningKey(this JsonElement vector, CipherSuite suite, string name)
    {
        byte[] padded = new byte[suite.Signature.PrivateKey()];
        byte[] given = vector.Bytes(name);
        given.CopyTo(padded, padded.Length - given.Length);
        return suite.Crypto.ImportSigningKey(suite.Signature, padded)!;
    }

    /// <summary>A private encryption key, likewise.</summary>
    public static KemPrivateKey KemKey(this JsonElement vector, CipherSuite suite, string name)
    {
        byte[] padded = new byte[suite.Hpke.Kem.PrivateKey()];
        byte[] given = vector.Bytes(name);
        given.CopyTo(padded, padded.Length - given.Length);
        return suite.Crypto.ImportKemPrivateKey(suite.Hpke.Kem, padded)!;
    }

    public static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);

    private static bool HasShape(JsonElement root, string[] shape) =>
        root.ValueKind == JsonValueKind.Array
        && root.GetArrayLength() > 0
        && root[0].ValueKind == JsonValueKind.Object
        && shape.All(name => root[0].TryGetProperty(name, out _));
}
