using System.Text.Json;
using RoomAgent.Agent.Ports;

namespace RoomAgent.Cloud.Calls;

/// <summary>An answer of the hub, of bounded size; or that there is none.</summary>
public sealed class HubAnswer
{
    private static readonly TimeSpan s_longestWait = TimeSpan.FromHours(1);

    internal HubAnswer(HubFault fault) => Fault = fault;

    internal HubAnswer(HttpResponseMessage response, byte[] body, DateTimeOffset now)
    {
        Status = (int)response.StatusCode;
        Body = body;
        ContentType = response.Content.Headers.ContentType?.MediaType ?? "";
        Date = response.Headers.Date;
        Nonce = NonceOf(response.Headers.TryGetValues("DPoP-Nonce", out IEnumerable<string>? values) ? values : []);
        RetryAfter = WaitOf(response.Headers.RetryAfter, Date ?? now);
        Tag = response.Headers.ETag?.ToString() is { Length: <= 128 } tag ? tag : null;
        Json = ContentType == "application/json" ? Calls.Json.Object(body) : null;
        Error = Json is { } json ? Calls.Json.Ascii(json, "error", 100) : null;
    }

    /// <summary>Why there is no answer; <see cref="HubFault.None"/> when there is one.</summary>
    public HubFault Fault { get; }

    /// <summary>The HTTP status; 0 without an answer.</summary>
    public int Status { get; }

    /// <summary>Whether it is an answer with a status from 200 to 299.</summary>
    public bool IsGood => Status is >= 200 and < 300;

    /// <summary>The content.</summary>
    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>The media type of the content, without parameters.</summary>
    public string ContentType { get; } = "";

    /// <summary>The word for what is wrong (RFC 6749 section 5.2), when the hub says one.</summary>
    public string? Error { get; }

    /// <summary>How long the hub wants to be left alone.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>The tag of the content (RFC 9110 section 8.8.3), when it has one of a size that is worth sending back.</summary>
    public string? Tag { get; }

    internal JsonElement? Json { get; }

    internal DateTimeOffset? Date { get; }

    internal string? Nonce { get; }

    /// <summary>The nonce among the values of a header: exactly one, printable, of a size that is worth sending back.</summary>
    internal static string? NonceOf(IEnumerable<string> values) =>
        values.ToArray() is [{ Length: > 0 and <= 256 } nonce] && !nonce.AsSpan().ContainsAnyExceptInRange('!', '~') ? nonce : null;

    private static TimeSpan? WaitOf(System.Net.Http.Headers.RetryConditionHeaderValue? header, DateTimeOffset now)
    {
        TimeSpan? wait = header?.Delta ?? (header?.Date is { } date ? date - now : null);
        return wait is { } wish ? TimeSpan.FromTicks(Math.Clamp(wish.Ticks, 0, s_longestWait.Ticks)) : null;
    }
}
