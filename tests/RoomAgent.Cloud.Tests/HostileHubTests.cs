using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.AspNetCore.Http;
using RoomAgent.Agent.Ports;
using RoomAgent.Cloud.Account;
using RoomAgent.Cloud.Calls;
using RoomAgent.Cloud.Trust;
using RoomAgent.Enrolment;
using RoomAgent.Native.OpenSsl;

namespace RoomAgent.Cloud.Tests;

/// <summary>Answers of whoever sits at the hub's address: bounded in size and time, refused without an exception, and nothing comes of them.</summary>
public sealed class HostileHubTests : IAsyncLifetime
{
    private static readonly string[] s_paths = ["/hub/identity", "/hub/time", "/oauth/device_authorization", "/oauth/register", "/oauth/token"];

    private Lab _lab = null!;

    public static TheoryData<string> Paths => [.. s_paths];

    public async ValueTask InitializeAsync() => _lab = await Lab.StartAsync();

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task AnAnswerWithoutEndIsCutOff(string path)
    {
        byte[] megabyte = new byte[1024 * 1024];
        HubFault fault = await FaultOfAsync(path, async context =>
        {
            while (!context.RequestAborted.IsCancellationRequested)
                await context.Response.Body.WriteAsync(megabyte, context.RequestAborted);
        });

        Assert.Equal(HubFault.TooLarge, fault);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task AnAnswerThatIsAnnouncedTooLargeIsNotRead(string path)
    {
        HubFault fault = await FaultOfAsync(path, async context =>
        {
            context.Response.ContentLength = long.MaxValue;
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });

        Assert.Equal(HubFault.TooLarge, fault);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task AnAnswerThatTricklesIsGivenUp(string path)
    {
        HubFault fault = await FaultOfAsync(path, async context =>
        {
            while (true)
            {
                await context.Response.WriteAsync(" ", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                await Task.Delay(20, context.RequestAborted);
            }
        });

        Assert.Equal(HubFault.TooSlow, fault);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task SilenceIsGivenUp(string path) => Assert.Equal(HubFault.TooSlow, await FaultOfAsync(path, context => Task.Delay(Timeout.Infinite, context.RequestAborted)));

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task AnAnswerThatBreaksOffIsNone(string path) => Assert.Equal(HubFault.NoConnection, await FaultOfAsync(path, async context =>
    {
        context.Response.ContentLength = 100;
        await context.Response.WriteAsync("{\"a\":");
        await context.Response.Body.FlushAsync();
        context.Abort();
    }));

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task HeadersWithoutEndAreCutOff(string path)
    {
        HubFault fault = await FaultOfAsync(path, context =>
        {
            for (int i = 0; i < 40; i++)
                context.Response.Headers[$"X-{i}"] = new string('x', 1_000);
            return Task.CompletedTask;
        });

        Assert.NotEqual(HubFault.None, fault);
    }

    // Nobody is led anywhere: not with a proof, not with a code.
    [Theory]
    [MemberData(nameof(Paths))]
    public async Task ARedirectionIsNotFollowed(string path)
    {
        _lab.Network["elsewhere.example.org"] = () => throw new InvalidOperationException("The device went there.");
        Room room = await StartAsync(path, context =>
        {
            context.Response.StatusCode = 307;
            context.Response.Headers.Location = $"https://elsewhere.example.org{path}";
            return Task.CompletedTask;
        });

        await room.UntilAsync<CloudState.Unreachable>();
    }

    // Random changes of good answers, at each endpoint in turn: the device neither fails nor becomes a member by them.
    [Fact]
    public async Task ChangedAnswersAreRefusedWithoutHarm()
    {
        var random = new Random(20261125);
        foreach (string path in s_paths)
        {
            for (int round = 0; round < 8; round++)
            {
                Room room = await StartAsync(path, spoil: body => Spoil(body, random));
                for (int steps = 0; steps < 6; steps++)
                {
                    TimeSpan pause = await room.Membership.StepAsync(CancellationToken.None);
                    Assert.True(pause >= TimeSpan.Zero || pause == Timeout.InfiniteTimeSpan);
                    _lab.Hub.Clock.Advance(pause == Timeout.InfiniteTimeSpan ? TimeSpan.FromMinutes(1) : pause + TimeSpan.FromSeconds(10));
                }
            }
        }
    }

    // The same without a network, many more.
    [Fact]
    public void NoJsonBreaksTheReaders()
    {
        using IDeviceKey key = new VaultKeys(new MemoryVault()).Create(1);
        HubKey hub = HubKey.Read(HubKeyBytes())!;
        DateTimeOffset now = DateTimeOffset.UnixEpoch.AddYears(56);

        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            var random = new Random(seed);
            HubAnswer answer = AnswerOf(Spoil(s_allMembers.DeepClone().AsObject(), random), random);
            HubEndpoints.ReadShown(answer, key, now);
            HubEndpoints.ReadRight(answer);
            HubEndpoints.ReadAccount(answer);
            HubEndpoints.ReadTokens(answer, null, now);
            HubEndpoints.ReadTime(answer, new byte[32], hub);
            if (answer.Json is { } json)
                HubDescription.Read(json);
            return answer.RetryAfter is null || (answer.RetryAfter >= TimeSpan.Zero && answer.RetryAfter <= TimeSpan.FromHours(1));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3_000));
    }

    [Fact]
    public void NoBytesBreakTheReaders() => Prop.ForAll<byte[]>(bytes =>
    {
        using var response = new HttpResponseMessage { Content = new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } } };
        HubAnswer answer = new(response, bytes, DateTimeOffset.UnixEpoch);
        return answer.Json is null && HubKey.Read(bytes) is null;
    }).QuickCheckThrowOnFailure();

    // A person at the device does not wait for a hub that says nothing.
    [Fact]
    public async Task AVerbInterruptsAStepThatHangs()
    {
        Room room = _lab.NewRoom();
        await room.Membership.UseHubAsync(HubAddress.Read($"https://{Lab.Host}")!);
        var asked = new TaskCompletionSource();
        _lab.Hub.Between = async (context, _) =>
        {
            asked.TrySetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        };
        Task<TimeSpan> step = room.Membership.StepAsync(CancellationToken.None);
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(10));

        var setup = new SetupCode(_lab.Hub.Address, new byte[32], ActivationCode.Generate(ActivationCodeForm.Letters, OpenSslRandom.Instance));
        Assert.True(await room.Membership.UseSetupCodeAsync(setup).WaitAsync(TimeSpan.FromSeconds(10)));

        Assert.Equal(TimeSpan.Zero, await step);
    }

    [Theory]
    [InlineData("")]
    [InlineData("no JSON")]
    [InlineData("null")]
    [InlineData("{\"Hub\":\"http://hub.example.org\"}")]
    [InlineData("{\"Hub\":\"https://hub.example.org\",\"HubKeyHash\":\"AAAA\"}")]
    [InlineData("{\"Hub\":\"https://hub.example.org\",\"Tokens\":{\"Access\":\"a\",\"From\":\"2026-01-01T00:00:00Z\",\"Until\":\"2026-01-01T00:00:00Z\",\"Refresh\":\"r\"}}")]
    [InlineData("{\"Hub\":\"https://hub.example.org\",\"Account\":{\"Client\":null}}")]
    public async Task ARecordThatIsSpoiltIsAsNone(string content)
    {
        var vault = new MemoryVault();
        vault.Write("cloud", Encoding.UTF8.GetBytes(content));
        Room room = _lab.NewRoom(vault: vault);

        await room.Membership.StepAsync(CancellationToken.None);

        Assert.IsType<CloudState.NoHub>(room.State);
    }

    // What people are shown has one line and says what it says.
    [Theory]
    [InlineData("School\u202eloohcS")]
    [InlineData("School\nof Rogues")]
    [InlineData("\u200b")]
    public void NamesThatHideSomethingAreNotShown(string name)
    {
        JsonElement json = JsonSerializer.SerializeToElement(new { name });

        Assert.Null(Json.Label(json, "name"));
    }

    private static readonly JsonObject s_allMembers = new()
    {
        ["identity_key"] = Convert.ToBase64String(HubKeyBytes()),
        ["address"] = "https://hub.example.org",
        ["tls_key"] = new JsonObject { ["spki_sha256"] = Convert.ToBase64String(new byte[32]), ["not_before"] = 1, ["not_after"] = 2, ["signature"] = "MAYCAQECAQE=" },
        ["move"] = new JsonObject { ["number"] = 1, ["address"] = "https://new.example.org", ["since"] = 1, ["signature"] = "MAYCAQECAQE=" },
        ["milliseconds"] = 1_700_000_000_000,
        ["signature"] = "MAYCAQECAQE=",
        ["device_code"] = "x",
        ["user_code"] = "BCDF-GHJK",
        ["verification_uri"] = "https://hub.example.org/pair",
        ["verification_uri_complete"] = "https://hub.example.org/pair?user_code=x",
        ["expires_in"] = 600,
        ["interval"] = 5,
        ["confirmation_nonce"] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        ["access_token"] = "a",
        ["token_type"] = "DPoP",
        ["refresh_token"] = "r",
        ["organisation_name"] = "School",
        ["organisation_id"] = "o",
        ["client_id"] = "00000000-0000-0000-0000-000000000001",
        ["registration_access_token"] = "t",
        ["dns_name"] = "d.devices.example.org",
        ["pairing_grant"] = "g",
    };

    private static byte[] HubKeyBytes()
    {
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        return key.ExportSubjectPublicKeyInfo();
    }

    private static HubAnswer AnswerOf(JsonNode body, Random random)
    {
        using var response = new HttpResponseMessage(random.Next(4) == 0 ? HttpStatusCode.Created : HttpStatusCode.OK)
        {
            Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"),
        };
        response.Headers.TryAddWithoutValidation("Retry-After", random.Next(3) switch { 0 => "-1", 1 => "99999999999", _ => "Wed, 25 Nov 2099 08:00:00 GMT" });
        response.Headers.TryAddWithoutValidation("Date", random.Next(2) == 0 ? "yesterday" : "Fri, 31 Dec 9999 23:59:59 GMT");
        response.Headers.TryAddWithoutValidation("DPoP-Nonce", new string('n', random.Next(1_000)));
        return new HubAnswer(response, Encoding.UTF8.GetBytes(body.ToJsonString()), DateTimeOffset.UnixEpoch);
    }

    private static JsonObject Spoil(JsonObject body, Random random)
    {
        for (int i = random.Next(1, 4); i > 0 && body.Count > 0; i--)
        {
            string name = body.ElementAt(random.Next(body.Count)).Key;
            if (body[name] is JsonObject inner && random.Next(2) == 0)
            {
                Spoil(inner, random);
                continue;
            }

            body[name] = random.Next(12) switch
            {
                0 => null,
                1 => "",
                2 => new string('x', random.Next(1, 20_000)),
                3 => -1,
                4 => ulong.MaxValue,
                5 => 1e300,
                6 => new JsonArray(1, "x"),
                7 => new JsonObject { ["x"] = name },
                8 => true,
                9 => "\u0000\ud7ff\u202e",
                10 => "https://evil.example.org",
                _ => Convert.ToBase64String(Encoding.ASCII.GetBytes(name + random.Next())),
            };
        }

        return body;
    }

    private async Task<HubFault> FaultOfAsync(string path, Func<HttpContext, Task> answer)
    {
        Room room = await StartAsync(path, answer);
        CloudState.Unreachable reached = await room.UntilAsync<CloudState.Unreachable>(TimeSpan.FromMinutes(10));
        Assert.Empty(await _lab.ActiveAccountsAsync());
        return reached.Why;
    }

    // A device whose way to a membership leads by that path, where something else answers.
    private async Task<Room> StartAsync(string path, Func<HttpContext, Task>? answer = null, Func<JsonObject, JsonObject>? spoil = null)
    {
        _lab.Hub.Between = null;
        Room room = _lab.NewRoom(change: settings => settings with { CallTimeout = TimeSpan.FromMilliseconds(path is "/hub/identity" or "/hub/time" ? 1_500 : 1_000) });
        if (path is "/oauth/register")
            await room.Membership.UseSetupCodeAsync(await _lab.MakeSetupCodeAsync());
        else
            await PairingTests.TrustByWordsAsync(room);

        _lab.Hub.Between = async (context, next) =>
        {
            if (context.Request.Path != path)
            {
                await next(context);
                return;
            }

            try
            {
                if (answer is not null)
                {
                    context.Response.ContentType = "application/json";
                    await answer(context);
                    return;
                }

                Stream body = context.Response.Body;
                using var buffer = new MemoryStream();
                context.Response.Body = buffer;
                await next(context);
                context.Response.Body = body;
                JsonObject good = JsonNode.Parse(buffer.ToArray())!.AsObject();
                await context.Response.WriteAsync(spoil!(good).ToJsonString());
            }
            catch (OperationCanceledException)
            {
                // The device has hung up.
            }
        };
        room.Restart();
        return room;
    }
}
