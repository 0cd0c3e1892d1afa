using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using RoomAgent.Hub.Operations;
using RoomAgent.Hub.Store;
using RoomAgent.Hub.Testing;

namespace RoomAgent.Hub.Tests;

/// <summary>What a hub says of how it is, and how it ends.</summary>
public sealed class HealthTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AHubThatIsWellIsLiveAndReady()
    {
        await using RunningHub hub = await RunningHub.StartAsync();

        (HttpStatusCode live, _) = await AskAsync(hub, "/health/live");
        (HttpStatusCode ready, JsonNode body) = await AskAsync(hub, "/health/ready");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (live, ready));
        Assert.All(body["checks"]!.AsObject(), check => Assert.Equal("ok", (string?)check.Value));
    }

    [Fact]
    public async Task WithoutItsDatabaseItIsLiveAndNotReady()
    {
        RunningHub hub = await RunningHub.StartAsync();
        await hub.Get<Database>().DisposeAsync();

        (HttpStatusCode live, _) = await AskAsync(hub, "/health/live");
        (HttpStatusCode ready, JsonNode body) = await AskAsync(hub, "/health/ready");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable), (live, ready));
        Assert.NotEqual("ok", (string?)body["checks"]!["database"]);
        await hub.DisposeAsync();
    }

    [Fact]
    public async Task WhileItDrainsItIsNotReadyAndTakesNoCallsButSaysSo()
    {
        await using RunningHub hub = await RunningHub.StartAsync();

        await hub.Get<Drain>().StoppingAsync(Cancel);

        (HttpStatusCode ready, JsonNode body) = await AskAsync(hub, "/health/ready");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "it is about to end"), (ready, (string?)body["checks"]!["process"]));
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(hub, "/health/live")).Status);
        using HttpResponseMessage refused = await hub.Http.GetAsync("/hub/identity", Cancel);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.True(refused.Headers.ConnectionClose);
    }

    [Fact]
    public async Task ClientsHaveTimeToGoAndNoMore()
    {
        var clock = new SteppingClock();
        var quick = new Part();
        var stubborn = new Part { Goes = new TaskCompletionSource().Task };
        await using ServiceProvider services = new ServiceCollection().AddSingleton<IDrain>(quick).AddSingleton<IDrain>(stubborn).BuildServiceProvider();
        using var drain = new Drain(services, clock, Microsoft.Extensions.Logging.Abstractions.NullLogger<Drain>.Instance);

        Task end = drain.StoppingAsync(Cancel);
        Assert.True(drain.HasBegun);
        Assert.False(end.IsCompleted);
        Assert.False(drain.IsOver.IsCancellationRequested);
        clock.Step(Drain.Limit);
        await end.WaitAsync(TimeSpan.FromSeconds(30), Cancel);

        Assert.True(drain.IsOver.IsCancellationRequested);
        Assert.Equal((1, 1), (quick.Asked, stubborn.Asked));
    }

    [Fact]
    public void OnlyTheProcessThatIsMeantFeedsTheWatchdog()
    {
        Assert.Equal(TimeSpan.FromSeconds(10), SystemdNotifier.FeedingFrom("30000000", null));
        Assert.Equal(TimeSpan.FromSeconds(10), SystemdNotifier.FeedingFrom("30000000", $"{Environment.ProcessId}"));
        Assert.Null(SystemdNotifier.FeedingFrom("30000000", "1"));
        Assert.Null(SystemdNotifier.FeedingFrom(null, null));
        Assert.Null(SystemdNotifier.FeedingFrom("-5", null));
        Assert.Null(SystemdNotifier.FeedingFrom("soon", null));
    }

    [Fact]
    public async Task TheProgramTellsSystemdThatItIsReadyLivesAndStops()
    {
        using var folder = new TemporaryFolder();
        using var systemd = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Dgram, System.Net.Sockets.ProtocolType.Unspecified);
        string path = Path.Combine(folder.Path, "notify");
        systemd.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(path));
        await using HubProgram hub = HubProgram.Start(folder.Words(), new Dictionary<string, string> { ["NOTIFY_SOCKET"] = path, ["WATCHDOG_USEC"] = "600000", ["JOURNAL_STREAM"] = "8:1" });

        Assert.Equal("READY=1", await NextAsync(systemd));
        Assert.Equal("WATCHDOG=1", await NextAsync(systemd));
        Assert.Equal(0, await hub.EndAsync());
        string last = await NextAsync(systemd);
        while (last == "WATCHDOG=1")
            last = await NextAsync(systemd);
        Assert.Equal("STOPPING=1", last);
        Assert.Contains("<6>RoomAgent.Hub.Hosting.HubServer[4001]", hub.Said);
    }

    [Fact]
    [Trait("Category", "Peer")]
    public async Task TheUnitIsExposedNoMoreThanTheThresholdAllows()
    {
        string unit = Path.Combine(RoomAgent.Testing.Repository.Root, "systemd", "roomhub.service");
        using System.Diagnostics.Process analyze = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("systemd-analyze", ["security", "--offline=true", "--threshold=20", "--no-pager", unit]) { RedirectStandardOutput = true })!;
        string verdict = await analyze.StandardOutput.ReadToEndAsync(Cancel);
        await analyze.WaitForExitAsync(Cancel);

        Assert.True(analyze.ExitCode == 0, verdict);
    }

    private static async Task<(HttpStatusCode Status, JsonNode Body)> AskAsync(RunningHub hub, string path)
    {
        using HttpResponseMessage answer = await hub.Http.GetAsync(path, Cancel);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancel))!);
    }

    private static async Task<string> NextAsync(System.Net.Sockets.Socket socket)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        byte[] buffer = new byte[1000];
        return System.Text.Encoding.ASCII.GetString(buffer, 0, await socket.ReceiveAsync(buffer, limit.Token));
    }

    private sealed class Part : IDrain
    {
        public int Asked { get; private set; }

        public Task Goes { get; init; } = Task.CompletedTask;

        public Task DrainAsync(CancellationToken cancel)
        {
            Asked++;
            return Goes;
        }
    }
}
