using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using RoomAgent.Crypto;
using RoomAgent.Enrolment;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Hosting.Commands;
using RoomAgent.Hub.Operations;
using RoomAgent.Hub.Testing;
using RoomAgent.Native.OpenSsl;

namespace RoomAgent.Hub.Tests;

/// <summary>The commands beside a hub, as an administrator calls them.</summary>
public sealed class CommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ABackupBecomesTheSameHubOnAnotherMachineAndAtAnotherAddress()
    {
        await using RunningHub hub = await RunningHub.StartAsync();
        JsonNode before = await IdentityAsync(hub);
        string[] data = ["--data", hub.Settings.Data, "--address", hub.Address.Url];

        // The first backup tells the key, the second does not.
        (int code, string told, string errors) = await HubProgram.RunAsync(["backup", _folder["first"], .. data]);
        Assert.Equal((0, ""), (code, errors));
        string key = told.Split('\n').Single(line => line.StartsWith("    ", StringComparison.Ordinal)).Trim();
        (code, told, _) = await HubProgram.RunAsync(["backup", _folder["second"], .. data]);
        Assert.Equal(0, code);
        Assert.DoesNotContain(key, told);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder["second"]));
        Assert.Equal(1, (await HubProgram.RunAsync(["backup", _folder["second"], .. data])).Code);

        // Of both the key is the same; another opens neither, and leaves nothing behind that would be in the way.
        string[] there = ["--data", _folder["there"], "--address", "https://new.example.org"];
        using Secret other = Secret.Generate(OpenSslRandom.Instance, 32);
        (code, _, errors) = await HubProgram.RunAsync(["restore", _folder["second"], .. there], RecoveryKey.Reveal(other) + "\n");
        Assert.Equal(1, code);
        Assert.Contains("recovery key is another one", errors);
        Assert.Equal(1, (await HubProgram.RunAsync(["restore", _folder["second"], .. there], key[..^1] + "\n")).Code);
        string[] fresh = ["--data", _folder["fresh"], "--address", "https://new.example.org"];
        (code, told, errors) = await HubProgram.RunAsync(["restore", _folder["second"], .. fresh], key.ToLowerInvariant() + "\n");
        Assert.Equal((0, ""), (code, errors));
        Assert.Contains("has moved to https://new.example.org (move 1)", told);
        Assert.Equal(1, (await HubProgram.RunAsync(["restore", _folder["second"], .. fresh], key + "\n")).Code);

        await using RunningHub moved = await RunningHub.StartAsync(change: settings => settings with { Data = _folder["fresh"], Address = HubAddress.Read("https://new.example.org")! });
        JsonNode after = await IdentityAsync(moved);
        Assert.Equal((string?)before["identity_key"], (string?)after["identity_key"]);
        Assert.Null(before["move"]);
        JsonNode move = after["move"]!;
        Assert.Equal((1, "https://new.example.org"), ((long)move["number"]!, (string)move["address"]!));
        VerifyingKey identity = OpenSslCrypto.Instance.ImportVerifyingKey(SignatureScheme.EcdsaSecp256r1Sha256, Point(after))!;
        HubStatement statement = HubStatement.Move(1, HubAddress.Read("https://new.example.org")!, DateTimeOffset.FromUnixTimeSeconds((long)move["since"]!));
        Assert.True(statement.IsSignedBy(identity, Convert.FromBase64String((string)move["signature"]!)));
    }

    [Fact]
    public async Task AnAlteredBackupIsNotRestored()
    {
        await using RunningHub hub = await RunningHub.StartAsync();
        (_, string told, _) = await HubProgram.RunAsync(["backup", _folder["backup"], "--data", hub.Settings.Data]);
        string key = told.Split('\n').Single(line => line.StartsWith("    ", StringComparison.Ordinal)).Trim();
        await File.WriteAllTextAsync(_folder["key"], key, Cancel);
        byte[] bytes = await File.ReadAllBytesAsync(_folder["backup"], Cancel);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(_folder["backup"], bytes, Cancel);

        (int code, _, string errors) = await HubProgram.RunAsync(["restore", _folder["backup"], "--key-file", _folder["key"], "--data", _folder["there"]]);

        Assert.Equal(1, code);
        Assert.Contains("altered or cut off", errors);
        Assert.False(File.Exists(Path.Combine(_folder["there"], "hub-secret")));
    }

    [Fact]
    public void ARecoveryKeyIsReadAsPeopleTypeItAndNotWithASlip()
    {
        for (int i = 0; i < 100; i++)
        {
            using Secret key = Secret.Generate(OpenSslRandom.Instance, 32);
            string text = RecoveryKey.Reveal(key);
            using Secret read = RecoveryKey.Read(" " + text.Replace("0", "o").Replace('1', 'l').ToLowerInvariant().Replace("-", "  ") + "\n")!;
            Assert.True(key.Bytes.SequenceEqual(read.Bytes));

            string slip = string.Concat(text.Select((letter, at) => at == 7 ? (letter == '7' ? '8' : '7') : letter));
            Assert.Null(RecoveryKey.Read(slip));
            Assert.Null(RecoveryKey.Read(text[..^1]));
            Assert.Null(RecoveryKey.Read(text + "0"));
        }

        Assert.Null(RecoveryKey.Read(null));
        Assert.Null(RecoveryKey.Read(new string('0', 10_000)));
        Assert.Null(RecoveryKey.Read("é"));
    }

    [Fact]
    public async Task ASetupCodeIsOneLineThatADeviceReads()
    {
        await using RunningHub hub = await RunningHub.StartAsync();
        string[] words = ["setup-code", "--name", "Room 1", "--data", hub.Settings.Data, "--address", hub.Address.Url];
        Accounts accounts = hub.Get<Accounts>();
        Assert.Equal(0, (await HubProgram.RunAsync(words)).Code);
        Assert.Equal(0, (await HubProgram.RunAsync(["admin", "add-organisation", "School", .. words[3..]])).Code);
        Assert.Contains("--organisation", (await HubProgram.RunAsync(words)).Errors);

        (int code, string output, string errors) = await HubProgram.RunAsync([.. words, "--organisation", "School"]);

        Assert.Equal((0, ""), (code, errors));
        SetupCode setup = SetupCode.Read(output, OpenSslCrypto.Instance)!;
        Assert.Equal(hub.Address.Url, setup.Address.Url);
        Assert.True(setup.KeyHash.SequenceEqual(accounts.Identity.KeyHash));
        Assert.Contains("School", (await HubProgram.RunAsync([.. words, "--organisation", "Factory"])).Errors);
        Assert.Equal(64, (await HubProgram.RunAsync([.. words, "--days", "31"])).Code);
    }

    [Fact]
    [Trait("Category", "Peer")]
    public async Task ACameraReadsTheCodeInTheTerminal()
    {
        const string text = "roomagent-setup:1:KQ3M8N5T0XWZP4HV7:0123456789abcdefghijklmnopqrstuvwxyzABCDEFG:9c41f00b:https://hub.example.org";
        Assert.True(QrCode.TryDraw(text, out string? picture));

        // Two modules a character, four pixels a module.
        string[] rows = [.. picture!.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(row => row.Replace("\e[30;107m", "").Replace("\e[0m", ""))];
        bool[][] modules = [.. rows.SelectMany(row => new[] { row.Select(letter => letter is '█' or '▀').ToArray(), row.Select(letter => letter is '█' or '▄').ToArray() })];
        IEnumerable<string> lines = modules.SelectMany(row => Enumerable.Repeat(string.Join(" ", row.SelectMany(dark => Enumerable.Repeat(dark ? "1" : "0", 4))), 4));
        await File.WriteAllTextAsync(_folder["code.pbm"], $"P1\n{modules[0].Length * 4} {modules.Length * 4}\n{string.Join('\n', lines)}\n", Cancel);

        using Process camera = Process.Start(new ProcessStartInfo("zbarimg", ["--quiet", "--raw", _folder["code.pbm"]]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string read = await camera.StandardOutput.ReadToEndAsync(Cancel);
        await camera.WaitForExitAsync(Cancel);

        Assert.Equal(text, read.TrimEnd());
    }

    [Fact]
    public async Task CheckSaysWhatIsWrongAndChangesNothing()
    {
        await using RunningHub hub = await RunningHub.StartAsync();
        string[] good = ["check", "--data", hub.Settings.Data, "--address", "https://hub.example.org", "--listen", $"{hub.EndPoint}", "--media-listen", "127.0.0.1", "--media-udp", "0", "--media-tcp", "0"];

        (int code, string output, _) = await HubProgram.RunAsync(good);
        Assert.True(code == 0, output);

        await File.WriteAllTextAsync(_folder["none.pem"], "", Cancel);
        (code, output, _) = await HubProgram.RunAsync([.. good[3..], "check", "--data", _folder["nowhere"], "--certificate", _folder["none.pem"], "--certificate-key", _folder["none.pem"]]);
        Assert.Equal(1, code);
        Assert.Contains("BAD   folder", output);
        Assert.Contains("BAD   database", output);
        Assert.Contains("BAD   certificate", output);
        Assert.False(Directory.Exists(_folder["nowhere"]));
    }

    [Fact]
    public async Task CheckTakesPortsInUseForTheHubsOwnWhileOneRunsHereAndForAnothersOtherwise()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await using RunningHub hub = await RunningHub.StartAsync();
        string[] words = ["check", "--data", hub.Settings.Data, "--address", "https://hub.example.org", "--media-listen", "127.0.0.1", "--media-udp", $"{((IPEndPoint)taken.LocalEndPoint!).Port}", "--media-tcp", "0", "--listen"];

        (int code, string output, _) = await HubProgram.RunAsync([.. words, $"{hub.EndPoint}"]);
        Assert.True(code == 0, output);

        (code, output, _) = await HubProgram.RunAsync([.. words, "127.0.0.1:0"]);
        Assert.Equal(1, code);
        Assert.Contains("/udp: another program has it", output);
    }

    [Fact]
    public async Task PortsTellsTheNetworkWhatItIsToLetThrough()
    {
        (int code, string output, _) = await HubProgram.RunAsync(["ports", "--address", "https://hub.example.org", "--media-advertise", "192.0.2.7", "--media-udp", "5004,9000", "--node-listen", "[::]:5443"]);

        Assert.Equal(0, code);
        foreach ((string host, string port) in (ReadOnlySpan<(string, string)>)[("hub.example.org", "443/tcp"), ("192.0.2.7", "5004/udp"), ("192.0.2.7", "9000/udp"), ("192.0.2.7", "5004/tcp"), ("hub.example.org", "5443/tcp")])
            Assert.Matches($@"{Regex.Escape(host)} +{port}", output);

        await using RunningHub hub = await RunningHub.StartAsync();
        JsonNode told = JsonNode.Parse(await hub.Http.GetStringAsync("/hub/network", Cancel))!;
        Assert.Equal("hub.example.org", (string?)told["needs"]![0]!["to"]);
    }

    [Fact]
    public async Task WhereThereIsNoHubNoneIsMade()
    {
        foreach (string[] words in (string[][])[["identity"], ["backup", _folder["x"]], ["setup-code", "--name", "x"], ["move"], ["node-revoke", "x"], ["node-credentials", "x", _folder["y"]], ["admin", "reset"], ["admin", "add-organisation", "x"]])
        {
            (int code, _, string errors) = await HubProgram.RunAsync([.. words, "--data", _folder["none"]]);
            Assert.Equal(1, code);
            Assert.Contains("there is no hub here", errors);
        }

        Assert.False(Directory.Exists(_folder["none"]));
    }

    private static async Task<JsonNode> IdentityAsync(RunningHub hub) => JsonNode.Parse(await hub.Http.GetStringAsync("/hub/identity", Cancel))!;

    // The point at the end of a P-256 SubjectPublicKeyInfo.
    private static byte[] Point(JsonNode identity) => Convert.FromBase64String((string)identity["identity_key"]!)[^65..];
}
