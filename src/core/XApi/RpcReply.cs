using System.Buffers;
using System.Text.Json;

namespace RoomAgent.XApi;

/// <summary>What became of a call.</summary>
/// <param name="Fault">Why it was not done; <see cref="RpcFault.None"/> when it was.</param>
/// <param name="Message">Why not and what to do, in a sentence; empty when it was.</param>
/// <param name="Result">What it gave, an object of JSON; empty for nothing.</param>
public sealed record RpcReply(RpcFault Fault, string Message = "", ReadOnlyMemory<byte> Result = default)
{
    private static readonly JsonDocumentOptions s_reading = new() { MaxDepth = 16 };

    /// <summary>Done, and nothing more to say.</summary>
    public static RpcReply Done { get; } = new(RpcFault.None);

    /// <summary>Writes the reply.</summary>
    /// <param name="id">The name of the call, as it came; <see langword="null"/> when it could not be read.</param>
    public byte[] Write(string? id)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            json.WriteString("jsonrpc", "2.0");
            json.WritePropertyName("id");
            json.WriteRawValue(id ?? "null");
            if (Fault == RpcFault.None)
            {
                json.WritePropertyName("result");
                json.WriteRawValue(Result.IsEmpty ? """{"status":"OK"}"""u8 : Result.Span);
            }
            else
            {
                json.WriteStartObject("error");
                json.WriteNumber("code", (int)Fault);
                json.WriteString("message", Message);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        return text.WrittenSpan.ToArray();
    }

    /// <summary>Reads a reply; <see langword="null"/> when these bytes are none.</summary>
    /// <param name="text">Bytes from anybody; how many there may be is for the caller to bound.</param>
    public static RpcReply? Read(ReadOnlyMemory<byte> text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text, s_reading);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                return null;
            if (root.TryGetProperty("result", out JsonElement result))
                return new RpcReply(RpcFault.None, "", JsonSerializer.SerializeToUtf8Bytes(result, RoomJson.Default.JsonElement));
            if (!root.TryGetProperty("error", out JsonElement error) || error.ValueKind != JsonValueKind.Object)
                return null;
            if (!error.TryGetProperty("code", out JsonElement code) || code.ValueKind != JsonValueKind.Number || !code.TryGetInt32(out int number) || number == 0)
                return null;

            string message = error.TryGetProperty("message", out JsonElement words) && words.ValueKind == JsonValueKind.String ? words.GetString()! : "";
            return new RpcReply((RpcFault)number, message);
        }
        catch (Exception refusal) when (refusal is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
