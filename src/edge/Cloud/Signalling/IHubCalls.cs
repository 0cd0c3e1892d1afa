using System.Net;

namespace RoomAgent.Cloud;

/// <summary>Calls at the hub as somebody. A port: whoever keeps token and key signs, and trusts the hub or not.</summary>
public interface IHubCalls
{
    /// <summary>Where the hub is: scheme, host and port.</summary>
    Uri Hub { get; }

    /// <summary>Sends requests to the hub and to nobody else who answers in its place. HTTP/1.1 and WebSockets go through it; the port's owner disposes of it.</summary>
    HttpMessageInvoker Invoker { get; }

    /// <summary>The headers with which one request is authorised, such as <c>Authorization</c> and <c>DPoP</c> (RFC 9449 section 7.1). They are good once.</summary>
    /// <param name="method">The method of the request.</param>
    /// <param name="path">Its path, from the first slash on.</param>
    /// <param name="cancel">Gives up.</param>
    Task<IReadOnlyDictionary<string, string>> AuthorizeAsync(HttpMethod method, string path, CancellationToken cancel);

    /// <summary>Learns from an answer: the nonce for the next proof, the hub's time, that a token is worth nothing any more.</summary>
    /// <param name="status">The status of the answer.</param>
    /// <param name="headers">Its headers; names in any case.</param>
    /// <returns>Whether the same request may succeed now, with new headers.</returns>
    bool Learn(HttpStatusCode status, IEnumerable<KeyValuePair<string, IEnumerable<string>>> headers);
}
