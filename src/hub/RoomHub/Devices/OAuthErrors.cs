using System.Diagnostics.Metrics;
using System.Text.Json;
using System.Text.Json.Serialization;
using RoomAgent.Hub.Operations;

namespace RoomAgent.Hub.Devices;

/// <summary>A refusal in the form of RFC 6749 section 5.2, which RFC 7591, 8628 and 9449 share.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Error">The word of the standard.</param>
/// <param name="Description">A sentence for the one who writes the client. Never anything that came in, never a secret.</param>
internal sealed record OAuthError(int Status, string Error, string Description)
{
    public static OAuthError InvalidRequest(string description) => new(400, "invalid_request", description);

    public static OAuthError TooLarge { get; } = new(413, "invalid_request", "the request is larger than any good one");

    public static OAuthError InvalidClient { get; } = new(401, "invalid_client", "the client is not known, has no access any more, or has not shown that it is the one");

    public static OAuthError InvalidGrant { get; } = new(400, "invalid_grant", "what was presented is not known, has expired, was used, or belongs to another key");

    public static OAuthError UnsupportedGrant { get; } = new(400, "unsupported_grant_type", "there is no such grant type here");

    public static OAuthError InvalidScope { get; } = new(400, "invalid_scope", "that is more than this client may have");

    public static OAuthError UnauthorizedClient { get; } = new(400, "unauthorized_client", "this client is not for that");

    public static OAuthError InvalidToken { get; } = new(401, "invalid_token", "the token is not known, has expired, was revoked, or belongs to another key");

    public static OAuthError InvalidMetadata(string description) => new(400, "invalid_client_metadata", description);

    public static OAuthError Busy { get; } = new(429, "temporarily_unavailable", "too many requests; Retry-After says when to come back");

    public static OAuthError NoDatabase { get; } = new(503, "temporarily_unavailable", "the hub cannot decide at the moment; ask again");

    public static OAuthError GoesAway { get; } = new(503, "temporarily_unavailable", "the hub is about to end; ask again, of another one or in a moment");

    /// <summary>What is wrong with a proof.</summary>
    public static OAuthError Of(DpopFault fault) => fault switch
    {
        DpopFault.Nonce => new OAuthError(400, "use_dpop_nonce", "the proof must have the nonce of the header DPoP-Nonce"),
        DpopFault.Busy => Busy,
        _ => new OAuthError(400, "invalid_dpop_proof", fault switch
        {
            DpopFault.Malformed => "there must be one proof, of type dpop+jwt, signed with ES256 by the key in it",
            DpopFault.OtherRequest => "the proof is for another method or address",
            DpopFault.Clock => "the proof is of another time; the header Date says how late it is",
            DpopFault.OtherToken => "the proof is for another token",
            _ => "the proof was used before",
        }),
    };
}

/// <summary>Answers of these endpoints: JSON that nobody caches (RFC 6749 section 5.1), with our time and a fresh nonce.</summary>
internal static class OAuthAnswers
{
    private static readonly Counter<long> s_refusals = HubMeter.Meter.CreateCounter<long>("roomhub.refusals", "{refusal}", "Calls of devices that were refused, by the word of the answer.");

    private static readonly JsonSerializerOptions s_json = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>An answer.</summary>
    public static async Task AnswerAsync(HttpContext context, int status, object body)
    {
        Prepare(context, status);
        await context.Response.WriteAsJsonAsync(body, s_json, context.RequestAborted);
    }

    /// <summary>A refusal.</summary>
    public static Task RefuseAsync(HttpContext context, OAuthError error, TimeSpan? retryAfter = null)
    {
        s_refusals.Add(1, new KeyValuePair<string, object?>("error", error.Error));
        if (retryAfter is { } wait)
            context.Response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString();
        if (error.Status == 401)
            context.Response.Headers.WWWAuthenticate = $"DPoP algs=\"ES256\", error=\"{error.Error}\", error_description=\"{error.Description}\"";
        return AnswerAsync(context, error.Status, new { error = error.Error, error_description = error.Description });
    }

    /// <summary>Status and headers, for an answer without content.</summary>
    public static void Prepare(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        context.Response.Headers.CacheControl = "no-store";
    }
}
