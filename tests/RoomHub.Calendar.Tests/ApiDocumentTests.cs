using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing;
using RoomAgent.Hub.Testing;

namespace RoomAgent.Hub.Tests;

/// <summary>The document of the API says what there is (issue 6, L15).</summary>
public sealed class ApiDocumentTests
{
    [Fact]
    public async Task EveryEndpointOfTheApiIsInTheDocumentWithItsAnswers()
    {
        await using RunningHub hub = await RunningHub.StartAsync();
        JsonNode document = JsonNode.Parse(await hub.Http.GetStringAsync("/openapi/v1.json"))!;
        Assert.StartsWith("3.1", (string)document["openapi"]!, StringComparison.Ordinal);

        RouteEndpoint[] endpoints = [.. hub.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Where(endpoint => endpoint.RoutePattern.RawText!.StartsWith("/api", StringComparison.Ordinal))];
        Assert.True(endpoints.Length >= 30, $"{endpoints.Length} endpoints");
        foreach (RouteEndpoint endpoint in endpoints)
        {
            // {id:guid} is {id} in the document.
            string path = System.Text.RegularExpressions.Regex.Replace(endpoint.RoutePattern.RawText!, ":[a-z]+}", "}");
            string method = endpoint.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods.Single();
            JsonNode operation = document["paths"]![path]?[method.ToLowerInvariant()] ?? throw new InvalidOperationException($"{method} {path} is not in the document.");

            Assert.NotEmpty((string)operation["operationId"]!);
            Assert.NotEmpty((string)operation["summary"]!);
            JsonObject answers = operation["responses"]!.AsObject();
            Assert.Contains(answers, answer => answer.Key[0] == '2');
            Assert.True(answers.ContainsKey("401") && answers.ContainsKey("403"), $"{method} {path}: who may not is not said");
            if (path.Contains('{', StringComparison.Ordinal) || operation["requestBody"] is not null)
                Assert.True(answers.Any(answer => answer.Key is "404" or "400"), $"{method} {path}: no refusal is said");
            if (method is "POST" or "PUT" && !path.EndsWith("reset-access", StringComparison.Ordinal))
                Assert.NotNull(operation["requestBody"]);
        }

        // Bodies are there by the names that are on the wire.
        string text = document.ToJsonString();
        Assert.Contains("\"join_before_host\"", text, StringComparison.Ordinal);
        Assert.Contains("\"device_serial\"", text, StringComparison.Ordinal);
        Assert.Contains("/join/{secret}", text, StringComparison.Ordinal);
        Assert.Contains("/calendar\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NobodyWithoutATokenReadsACalendar()
    {
        await using RunningHub hub = await RunningHub.StartAsync();

        foreach (string path in new[] { "/calendar", "/api/rooms", "/api/meetings", "/api/calendar/feeds" })
            Assert.Equal(System.Net.HttpStatusCode.Unauthorized, (await hub.Http.GetAsync(path)).StatusCode);
    }
}
