using System.Net;
using System.Text.Json.Nodes;

namespace RoomAgent.Hub.Testing;

/// <summary>An answer of the hub.</summary>
public sealed record Answer(HttpStatusCode Status, JsonNode? Body, HttpResponseMessage Response)
{
    /// <summary>The word for what is wrong (RFC 6749 section 5.2).</summary>
    public string? Error => Body is JsonObject ? (string?)Body["error"] : null;

    public string Text(string member) => (string?)Body?[member] ?? throw new InvalidOperationException($"{Status}: no {member} in {Body}");

    public long Number(string member) => (long?)Body?[member] ?? throw new InvalidOperationException($"{Status}: no {member} in {Body}");

    public string? Header(string name) => Response.Headers.TryGetValues(name, out IEnumerable<string>? values) ? values.Single() : null;

    public static async Task<Answer> ReadAsync(HttpResponseMessage response)
    {
        string text = await response.Content.ReadAsStringAsync();
        bool isJson = response.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.Ordinal) == true;
        return new Answer(response.StatusCode, isJson && text.Length > 0 ? JsonNode.Parse(text) : null, response);
    }
}
