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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TheFirstLinkIsShownAtATerminalAndNotInAJournal(bool isJournal)
    {
        using var folder = new TemporaryFolder();
        string before;
        await using (HubProgram hub = HubProgram.Start(folder.Words(), isJournal ? s_journal : s_terminal))
        {
            await hub.UntilSaidAsync("This hub is new.");
            await hub.UntilSaidAsync(isJournal ? "roomhub admin reset" : "/invitation/");
            before = hub.Said;
            Assert.Equal(!isJournal, before.Contains("/invitation/", StringComparison.Ordinal));
        }

        // It was killed, and the next start says it again.
        await using HubProgram again = HubProgram.Start(folder.Words(), isJournal ? s_journal : s_terminal);
        await again.UntilSaidAsync("This hub is new.");
    }

    private static readonly Dictionary<string, string> s_journal = new() { ["JOURNAL_STREAM"] = "8:1" };

    private static readonly Dictionary<string, string> s_terminal = new() { ["JOURNAL_STREAM"] = "" };
}
