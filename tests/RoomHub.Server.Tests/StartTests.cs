using System.Text.Json.Nodes;
using RoomAgent.Hub.Testing;

namespace RoomAgent.Hub.Tests;

/// <summary>The first and the second start of a hub.</summary>
public sealed class StartTests
{
    [Fact]
    public async Task WithoutAnySettingItHasAnIdentityAndACertificateAndKeepsThem()
    {
        RunningHub hub = await RunningHub.StartAsync();
        JsonNode first = JsonNode.Parse(await hub.Http.GetStringAsync("/hub/identity", TestContext.Current.CancellationToken))!;

        await using RunningHub again = await hub.RestartAsync();
        JsonNode second = JsonNode.Parse(await again.Http.GetStringAsync("/hub/identity", TestContext.Current.CancellationToken))!;

        Assert.Equal((string?)first["identity_key"], (string?)second["identity_key"]);
        Assert.Equal((string?)first["tls_key"]!["spki_sha256"], (string?)second["tls_key"]!["spki_sha256"]);
    }
}
