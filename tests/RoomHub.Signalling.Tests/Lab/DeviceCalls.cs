using System.Net;
using RoomAgent.Cloud;

namespace RoomAgent.Hub.Tests;

/// <summary>The calls of a test device.</summary>
public sealed class DeviceCalls(TestDevice device, TestHub hub) : IHubCalls
{
    public Uri Hub { get; } = new(hub.Address.Url);

    public HttpMessageInvoker Invoker => hub.Http;

    public Task<IReadOnlyDictionary<string, string>> AuthorizeAsync(HttpMethod method, string path, CancellationToken cancel) =>
        Task.FromResult<IReadOnlyDictionary<string, string>>(new Dictionary<string, string>
        {
            ["Authorization"] = $"DPoP {device.AccessToken}",
            ["DPoP"] = device.Proof(method.Method, path, device.AccessToken),
        });

    public bool Learn(HttpStatusCode status, IEnumerable<KeyValuePair<string, IEnumerable<string>>> headers)
    {
        string? nonce = headers.FirstOrDefault(header => header.Key.Equals("DPoP-Nonce", StringComparison.OrdinalIgnoreCase)).Value?.FirstOrDefault();
        bool isNew = nonce is not null && nonce != device.Nonce;
        device.Nonce = nonce ?? device.Nonce;
        return isNew && status == HttpStatusCode.Unauthorized;
    }
}
