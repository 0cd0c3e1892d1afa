using System.Buffers;
using System.Text.Json;

namespace RoomAgent.XApi;

/// <summary>A call (JSON-RPC 2.0): <c>{"jsonrpc":"2.0","id":1,"method":"xCommand/...","params":{...}}</c>.</summary>
/// <param name="Id">What names the call in its reply, as it was written: a number, a text with its quotes, or <c>null</c>; <see langword="null"/> when nobody waits for a reply.</param>
/// <param name="Method">What is wanted.</param>
/// <param name="Arguments">The arguments, numbers and truth values as text.</param>
public sealed record RpcRequest(string? Id, string Method, IReadOnlyDictionary<string, string> Arguments)
{
    private const int LongestId = 64;
    private const int LongestMethod = 128;
    private const int MostArguments = 32;
    private static readonly JsonDocumentOptions s_reading = new() { MaxDepth = 8 };

    /// <summary>Nothing of the arguments, which may be secret.</summary>
    public override string ToString() => Method;

    /// <summary>Reads a call.</summary>
    /// <param name="text">Bytes from anybody; how many there may be is for the caller to bound.</param>
    /// <param name="request">The call.</param>
    /// <returns><see cref="RpcFault.None"/> when there is one.</returns>
    public static RpcFault Read(ReadOnlyMemory<byte> text, out RpcRequest? request)
    {
        request = null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(text, s_reading);
            request = Read(document.RootElement);
            return request is null ? RpcFault.NotARequest : RpcFault.None;
        }
        // The one way in which the framework's reader says no; invalid UTF-16 in escapes is the second of the two.
        catch (Exception refusal) when (refusal is JsonException or InvalidOperationException)
        {
            return RpcFault.NotJson;
        }
    }

    /// <summary>Writes the call.</summary>
    public byte[] Write()
    {
        var text = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            json.WriteString("jsonrpc", "2.0");
            if (Id is not null)
            {
                json.WritePropertyName("id");
                json.WriteRawValue(Id);
            }

            json.WriteString("method", Method);
            json.WriteStartObject("params");
            foreach ((string name, string value) in Arguments)
                json.WriteString(name, value);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return text.WrittenSpan.ToArray();
    }

    private static RpcRequest? Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
            return null;
        if (!root.TryGetProperty("jsonrpc", out JsonElement version) || version.ValueKind != JsonValueKind.String || !version.ValueEquals("2.0"))
            return null;
        if (!root.TryGetProperty("method", out JsonElement method) || method.ValueKind != JsonValueKind.String || method.GetString() is not { Length: > 0 and <= LongestMethod } name)
            return null;

        string? id = null;
        if (root.TryGetProperty("id", out JsonElement given))
        {
            id = given.GetRawText();
            if (given.ValueKind is not (JsonValueKind.String or JsonValueKind.Number or JsonValueKind.Null) || id.Length > LongestId)
                return null;
        }

        var arguments = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (root.TryGetProperty("params", out JsonElement all))
        {
            if (all.ValueKind != JsonValueKind.Object)
                return null;

            foreach (JsonProperty one in all.EnumerateObject())
            {
                // True and False, as room devices write truth; a list or an object is no argument of any command.
                string? value = one.Value.ValueKind switch
                {
                    JsonValueKind.String => one.Value.GetString(),
                    JsonValueKind.Number => one.Value.GetRawText(),
                    JsonValueKind.True => bool.TrueString,
                    JsonValueKind.False => bool.FalseString,
                    _ => null,
                };
                if (value is null || arguments.Count == MostArguments || !arguments.TryAdd(one.Name, value))
                    return null;
            }
        }

        return new RpcRequest(id, name, arguments);
    }
}
