using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using RoomAgent.Hub.Operations;
using RoomAgent.Hub.Testing;

namespace RoomAgent.Hub.Tests;

/// <summary>The metrics: their form (OpenMetrics 1.0), what is in them and who may read them.</summary>
public sealed partial class MetricsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TheyAreOpenMetricsAndCountWhatHappens()
    {
        await using RunningHub hub = await RunningHub.StartAsync();
        for (int i = 0; i < 3; i++)
            (await hub.Http.GetAsync("/hub/identity", Cancel)).Dispose();
        (await hub.Http.PostAsync("/hub/time", new StringContent("nonsense"), Cancel)).Dispose();

        using HttpResponseMessage answer = await hub.Http.GetAsync("https://127.0.0.1/metrics", Cancel);
        string text = await answer.Content.ReadAsStringAsync(Cancel);

        Assert.Equal("application/openmetrics-text; version=1.0.0; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        Dictionary<string, double> samples = Parse(text);
        Assert.Equal(3, samples["http_server_request_duration_seconds_count{http_request_method=\"GET\",http_response_status_code=\"200\",http_route=\"/hub/identity\"}"]);
        Assert.True(samples["roomhub_refusals_total{error=\"invalid_request\"}"] >= 1);
        Assert.True(samples["roomhub_store_duration_seconds_count{operation=\"write\",outcome=\"ok\"}"] >= 1);
        Assert.True(samples["dotnet_process_memory_working_set_bytes"] > 1_000_000);
        Assert.Equal(1, samples["roomhub_media_nodes"]);
        Assert.Equal((0, 0), (samples["roomhub_meetings"], samples["roomhub_connections"]));
        Assert.Equal(0, samples["roomhub_media_legs"]);
        Assert.DoesNotContain("127.0.0.1", text);
        Assert.DoesNotContain("hub.example.org", text);
    }

    [Fact]
    public async Task NobodyElseReadsThem()
    {
        await using RunningHub hub = await RunningHub.StartAsync();

        Assert.Equal(HttpStatusCode.NotFound, await AskAsync(hub, "https://hub.example.org/metrics"));
        Assert.Equal(HttpStatusCode.NotFound, await AskAsync(hub, "https://127.0.0.1/metrics", request => request.Headers.Add("X-Forwarded-For", "192.0.2.1")));
        Assert.Equal(HttpStatusCode.NotFound, await AskAsync(hub, "https://127.0.0.1/metrics", request => request.Headers.Add("Forwarded", "for=192.0.2.1")));
        Assert.Equal(HttpStatusCode.NotFound, await AskAsync(hub, "https://hub.example.org/metrics", request => request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "")));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(hub, "https://localhost/metrics"));
    }

    [Fact]
    public async Task WhoHasTheTokenReadsThemFromAnywhere()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["token"], "0123456789abcdef0123456789abcdef\n", Cancel);
        await using RunningHub hub = await RunningHub.StartAsync(change: settings => settings with { MetricsToken = folder["token"] });

        Assert.Equal(HttpStatusCode.OK, await AskAsync(hub, "https://hub.example.org/metrics", request => request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "0123456789abcdef0123456789abcdef")));
        Assert.Equal(HttpStatusCode.NotFound, await AskAsync(hub, "https://hub.example.org/metrics", request => request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "0123456789abcdef0123456789abcdee")));
        Assert.Equal(HttpStatusCode.NotFound, await AskAsync(hub, "https://hub.example.org/metrics", request => request.Headers.Authorization = new AuthenticationHeaderValue("Basic", "0123456789abcdef0123456789abcdef")));
    }

    [Fact]
    public void AShortTokenIsNoToken()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["token"], "secret");

        Assert.Throws<IOException>(() => MetricsToken.Read(folder["token"]));
    }

    [Fact]
    public void WhatStandsInALabelIsEscaped()
    {
        var text = new System.Text.StringBuilder();
        OpenMetrics.AppendLabel(text, "a.b", "x\"y\\z\nw");

        Assert.Equal("a_b=\"x\\\"y\\\\z\\nw\"", text.ToString());
    }

    [Fact]
    public void AHistogramAddsUp()
    {
        var family = new MetricFamily("x_seconds", MetricKind.Histogram, "seconds", "", [0.1, 1], isObserved: false);
        foreach (double value in (double[])[0.05, 0.5, 5])
            family.Record("", value);

        Dictionary<string, double> samples = Parse(OpenMetrics.Write([family]));

        Assert.Equal((1, 2, 3, 3, 5.55), (samples["x_seconds_bucket{le=\"0.1\"}"], samples["x_seconds_bucket{le=\"1.0\"}"], samples["x_seconds_bucket{le=\"+Inf\"}"], samples["x_seconds_count"], samples["x_seconds_sum"]));
    }

    // Every line is one of the format's, each family stands together under its type, and the last line is the end.
    private static Dictionary<string, double> Parse(string text)
    {
        Assert.EndsWith("# EOF\n", text);
        var samples = new Dictionary<string, double>();
        var seen = new HashSet<string>();
        (string Name, string Type) family = ("", "");
        foreach (string line in text[..^"# EOF\n".Length].Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (Type().Match(line) is { Success: true } type)
            {
                family = (type.Groups[1].Value, type.Groups[2].Value);
                Assert.True(seen.Add(family.Name), $"twice: {family.Name}");
                continue;
            }

            if (Unit().Match(line) is { Success: true } unit)
            {
                Assert.Equal(family.Name, unit.Groups[1].Value);
                Assert.EndsWith("_" + unit.Groups[2].Value, family.Name);
                continue;
            }

            if (line.StartsWith($"# HELP {family.Name} ", StringComparison.Ordinal))
                continue;

            Match sample = Sample().Match(line);
            Assert.True(sample.Success, line);
            string suffix = sample.Groups["name"].Value[family.Name.Length..];
            Assert.StartsWith(family.Name, sample.Groups["name"].Value);
            Assert.Contains(suffix, family.Type switch { "counter" => ["_total"], "gauge" => new[] { "" }, _ => ["_bucket", "_count", "_sum"] });
            samples.Add(sample.Groups["name"].Value + sample.Groups["labels"].Value, double.Parse(sample.Groups["value"].Value));
        }

        return samples;
    }

    private static async Task<HttpStatusCode> AskAsync(RunningHub hub, string address, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        change?.Invoke(request);
        using HttpResponseMessage answer = await hub.Http.SendAsync(request, Cancel);
        return answer.StatusCode;
    }

    [GeneratedRegex("^# TYPE ([a-z][a-z0-9_]*) (counter|gauge|histogram)$")]
    private static partial Regex Type();

    [GeneratedRegex("^# UNIT ([a-z][a-z0-9_]*) ([a-z]+)$")]
    private static partial Regex Unit();

    [GeneratedRegex("""^(?<name>[a-z][a-z0-9_]*)(?<labels>\{[a-z_][a-z0-9_]*="([^"\\\n]|\\["\\n])*"(,[a-z_][a-z0-9_]*="([^"\\\n]|\\["\\n])*")*\})? (?<value>-?[0-9.]+(E[-+]?[0-9]+)?)$""")]
    private static partial Regex Sample();
}
