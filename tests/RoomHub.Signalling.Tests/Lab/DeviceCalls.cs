using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using RoomAgent.Agent.Ports;
using RoomAgent.Cloud.Calls;
using RoomAgent.Hub.Testing;

namespace RoomAgent.Hub.Tests;

/// <summary>The calls of a test device.</summary>
public sealed class DeviceCalls(TestDevice device, TestHub hub) : IHubCalls
{
    private const int Attempts = 3;

    public async Task<HubAnswer> CallAsync(HubRequest request, CancellationToken cancel)
    {
        for (int attempt = 1; ; attempt++)
        {
            using var message = new HttpRequestMessage(request.Method, request.Path);
            if (request.Content is { } content)
                message.Content = new ReadOnlyMemoryContent(content) { Headers = { ContentType = new MediaTypeHeaderValue(request.ContentType) } };
            foreach ((string name, string value) in Authorization(request.Method, request.Path))
                message.Headers.TryAddWithoutValidation(name, value);
            try
            {
                using HttpResponseMessage response = await hub.Http.SendAsync(message, cancel);
                byte[] body = await response.Content.ReadAsByteArrayAsync(cancel);
                if (!Learn(response.StatusCode, response.Headers) || attempt == Attempts)
                    return new HubAnswer(response, body, DateTimeOffset.UtcNow);
            }
            catch (HttpRequestException)
            {
                return new HubAnswer(HubFault.NoConnection);
            }
        }
    }

    public async Task<HubSocket> OpenSocketAsync(string path, CancellationToken cancel)
    {
        for (int attempt = 1; ; attempt++)
        {
            var socket = new ClientWebSocket();
            socket.Options.CollectHttpResponseDetails = true;
            foreach ((string name, string value) in Authorization(HttpMethod.Get, path))
                socket.Options.SetRequestHeader(name, value);
            try
            {
                await socket.ConnectAsync(new UriBuilder(hub.Address.Of(path)) { Scheme = "wss" }.Uri, hub.Http, cancel);
                return new HubSocket(socket, HubFault.None, 101);
            }
            catch (WebSocketException)
            {
                bool mayTryAgain = socket.HttpResponseHeaders is { } headers && Learn(socket.HttpStatusCode, headers);
                int status = (int)socket.HttpStatusCode;
                socket.Dispose();
                if (!mayTryAgain || attempt == Attempts)
                    return new HubSocket(null, status == 0 ? HubFault.NoConnection : HubFault.None, status);
            }
        }
    }

    private Dictionary<string, string> Authorization(HttpMethod method, string path) => new()
    {
        ["Authorization"] = $"DPoP {device.AccessToken}",
        ["DPoP"] = device.Proof(method.Method, path, device.AccessToken),
    };

    // Whether the same call may succeed now, with the nonce that came.
    private bool Learn(HttpStatusCode status, IEnumerable<KeyValuePair<string, IEnumerable<string>>> headers)
    {
        string? nonce = headers.FirstOrDefault(header => header.Key.Equals("DPoP-Nonce", StringComparison.OrdinalIgnoreCase)).Value?.FirstOrDefault();
        bool isNew = nonce is not null && nonce != device.Nonce;
        device.Nonce = nonce ?? device.Nonce;
        return isNew && status == HttpStatusCode.Unauthorized;
    }
}
