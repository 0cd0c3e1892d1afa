using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using RoomAgent.Enrolment;
using RoomAgent.Hub.Hosting;
using RoomAgent.Hub.Hosting.Commands;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Testing;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Tests;

/// <summary>A hub is killed in any moment while devices are paired: what was answered is there afterwards, and what was not can be done again with the same code.</summary>
public sealed class KillTests
{
    private const int Devices = 4;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // More rounds for ./measure --soak.
    private static int Rounds => int.TryParse(Environment.GetEnvironmentVariable("ROOMHUB_KILLS"), out int rounds) ? rounds : 4;

    [Fact]
    public async Task NoPairingThatWasAnsweredIsLost()
    {
        using var folder = new TemporaryFolder();
        var answered = new List<string>();
        var organisation = OrganisationId.New();
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");

        for (int round = 0; round <= Rounds; round++)
        {
            await using HubProgram hub = HubProgram.Start(folder.Words().Select(word => word == "127.0.0.1:0" ? $"127.0.0.1:{s_port}" : word));
            await hub.UntilSaidAsync("RoomHub ");
            await hub.UntilSaidAsync("its identity");
            IReadOnlyList<ActivationCode> codes = await CodesAsync(folder, organisation);
            Assert.Equal(answered.Order(), (await AccountsAsync(folder)).Intersect(answered).Order());

            Task<string?>[] pairings = [.. codes.Select(code => Task.Run(() => PairAsync(code)))];
            await Task.Delay(random.Next(5, 400), Cancel);
            hub.Kill();
            answered.AddRange((await Task.WhenAll(pairings)).OfType<string>());
        }

        Assert.Equal(answered.Order(), (await AccountsAsync(folder)).Intersect(answered).Order());
    }

    private static readonly int s_port = FreePort();

    private static async Task<IReadOnlyList<ActivationCode>> CodesAsync(TemporaryFolder folder, OrganisationId organisation)
    {
        await using OpenHub beside = await OpenHub.OpenAsync(Settings(folder), Cancel);
        var codes = new List<ActivationCode>();
        for (int i = 0; i < Devices; i++)
            codes.Add((await beside.Accounts.MakeSetupCodeAsync(organisation, "School", "Room", "test", TimeSpan.FromDays(1), Cancel))!.Code);
        return codes;
    }

    private static async Task<List<string>> AccountsAsync(TemporaryFolder folder)
    {
        await using OpenHub beside = await OpenHub.OpenAsync(Settings(folder), Cancel);
        return await beside.Database.ReadAsync(transaction => transaction.AllAsync($"SELECT device FROM machine_account", row => DeviceId.Of(row.Bytes(0)).ToString(), Cancel), Cancel);
    }

    private static HubSettings Settings(TemporaryFolder folder) => new() { Data = folder["data"], Address = HubAddress.Read("https://hub.example.org")! };

    // Registers (RFC 7591) with the code and a proof (RFC 9449); gives the account, or null when no answer came.
    private static async Task<string?> PairAsync(ActivationCode code)
    {
        using var handler = new SocketsHttpHandler { UseProxy = false };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, presented, _, _) => presented is not null;
        using var http = new HttpClient(handler) { BaseAddress = new Uri($"https://127.0.0.1:{s_port}") };
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string? nonce = null;
        try
        {
            for (int attempt = 0; attempt < 3; attempt++)
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, "/oauth/register");
                request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {code.Reveal()}");
                request.Headers.Add("DPoP", Proof(key, nonce));
                request.Content = new StringContent(Metadata(key), Encoding.UTF8, "application/json");
                using HttpResponseMessage answer = await http.SendAsync(request, Cancel);
                if (answer.StatusCode == HttpStatusCode.Created)
                    return (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancel))!["client_id"];

                nonce = answer.Headers.GetValues("DPoP-Nonce").Single();
            }

            throw new InvalidOperationException("The hub refuses a good registration.");
        }
        catch (HttpRequestException)
        {
            // Killed before it answered.
            return null;
        }
    }

    private static JsonObject Jwk(ECDsa key)
    {
        ECParameters parameters = key.ExportParameters(includePrivateParameters: false);
        return new JsonObject { ["kty"] = "EC", ["crv"] = "P-256", ["x"] = Base64UrlText.Encode(parameters.Q.X), ["y"] = Base64UrlText.Encode(parameters.Q.Y) };
    }

    private static string Metadata(ECDsa key) => new JsonObject
    {
        ["jwks"] = new JsonObject { ["keys"] = new JsonArray(Jwk(key)) },
        ["token_endpoint_auth_method"] = "private_key_jwt",
        ["dpop_bound_access_tokens"] = true,
        ["software_version"] = "46.11",
        ["device_serial"] = "SN-1",
        ["device_model"] = "Pi 5",
    }.ToJsonString();

    private static string Proof(ECDsa key, string? nonce)
    {
        var header = new JsonObject { ["typ"] = "dpop+jwt", ["alg"] = "ES256", ["jwk"] = Jwk(key) };
        var claims = new JsonObject { ["jti"] = Guid.NewGuid().ToString("N"), ["htm"] = "POST", ["htu"] = "https://hub.example.org/oauth/register", ["iat"] = DateTimeOffset.UtcNow.ToUnixTimeSeconds() };
        if (nonce is not null)
            claims["nonce"] = nonce;
        string text = $"{Base64UrlText.Encode(Encoding.UTF8.GetBytes(header.ToJsonString()))}.{Base64UrlText.Encode(Encoding.UTF8.GetBytes(claims.ToJsonString()))}";
        return $"{text}.{Base64UrlText.Encode(key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation))}";
    }

    private static int FreePort()
    {
        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
