using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;

namespace RoomAgent.LocalApi.Tests;

/// <summary>Who comes in by which door, and what the doors bear.</summary>
public sealed class DoorTests
{
    private const string Unmute = """{"jsonrpc":"2.0","id":1,"method":"xCommand/Audio/Microphones/Unmute"}""";

    [Fact]
    public async Task OnlyItsOwnerMayOpenTheSocket()
    {
        await using OpenDoor door = await OpenDoor.OpenAsync();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(door.Settings.SocketPath));
    }

    [Fact]
    public async Task ASocketThatNobodyListensAtIsReplacedAndOneThatIsInUseIsNot()
    {
        string folder = Directory.CreateTempSubdirectory("door-").FullName;
        var settings = new LocalSettings { SocketPath = Path.Combine(folder, "local.sock") };
        using (var left = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
            left.Bind(new UnixDomainSocketEndPoint(settings.SocketPath));

        await using (LocalServer first = await StartAsync(settings))
        {
            await Assert.ThrowsAnyAsync<IOException>(() => StartAsync(settings));
            Assert.True(File.Exists(settings.SocketPath));
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task APageThatOtherMachinesCouldReachIsRefused()
    {
        var settings = new LocalSettings { SocketPath = "/nowhere/local.sock", Page = new IPEndPoint(IPAddress.Any, 8080) };

        await Assert.ThrowsAsync<ArgumentException>(() => StartAsync(settings));
    }

    [Fact]
    public async Task WhoLooksCanDoNothingAndMostOfAllUnmuteNothing()
    {
        await using OpenDoor door = await OpenDoor.OpenAsync();

        foreach (string command in Commands.CommandTable.All.Where(one => one.Least == Doors.Caller.InTheRoom).Select(one => one.Name))
        {
            var reply = await OpenDoor.CallAsync(door.Page, $$"""{"jsonrpc":"2.0","id":1,"method":"{{command}}"}""");
            Assert.Equal((int)XApi.RpcFault.NotPermitted, (int)reply["error"]!["code"]!);
        }

        Assert.True(door.Room.Status is { IsMuted: true, IsCameraOff: true });
        Assert.NotNull((await OpenDoor.CallAsync(door.Page, """{"jsonrpc":"2.0","id":1,"method":"xCommand/Bookings/List"}"""))["result"]);
        Assert.NotNull((await OpenDoor.CallAsync(door.Socket, Unmute))["result"]);
        Assert.False(door.Room.Status.IsMuted);
    }

    [Theory]
    [InlineData("evil.example", null, null)]
    [InlineData("127.0.0.1", null, null)] // without the port
    [InlineData(null, "http://evil.example", null)]
    [InlineData(null, "null", null)]
    [InlineData(null, null, "cross-site")]
    [InlineData(null, null, "same-site")]
    public async Task AnotherSiteInTheSameBrowserGetsNothing(string? host, string? origin, string? site)
    {
        await using OpenDoor door = await OpenDoor.OpenAsync();
        foreach (string path in (string[])["/", "/status", "/display.png"])
        {
            var request = new HttpRequestMessage(HttpMethod.Get, path);
            if (host is not null)
                request.Headers.Host = host;
            if (origin is not null)
                request.Headers.Add("Origin", origin);
            if (site is not null)
                request.Headers.Add("Sec-Fetch-Site", site);

            using HttpResponseMessage response = await door.Page.SendAsync(request);

            Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
            Assert.Empty(await response.Content.ReadAsByteArrayAsync());
        }
    }

    [Fact]
    public async Task EveryAnswerTellsBrowsersToBeStrict()
    {
        await using OpenDoor door = await OpenDoor.OpenAsync();
        foreach (string path in (string[])["/", "/style.css", "/status", "/nothing"])
        {
            using HttpResponseMessage response = await door.Page.GetAsync(path);

            Assert.StartsWith("default-src 'none'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
            Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
            Assert.Equal("no-store", response.Headers.GetValues("Cache-Control").Single());
            Assert.False(response.Headers.Contains("Access-Control-Allow-Origin"));
            Assert.Empty(response.Headers.Server);
        }
    }

    [Fact]
    public async Task AFormOfAnotherSiteHasTheWrongType()
    {
        await using OpenDoor door = await OpenDoor.OpenAsync();

        using HttpResponseMessage response = await door.Socket.PostAsync("/rpc", new StringContent(Unmute, Encoding.UTF8, "text/plain"));

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.True(door.Room.Status.IsMuted);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ABodyThatIsTooLargeIsRefusedWhetherItSaysSoOrNot(bool saysSo)
    {
        await using OpenDoor door = await OpenDoor.OpenAsync();
        byte[] body = Encoding.UTF8.GetBytes(new string(' ', door.Settings.LargestBody) + Unmute);
        HttpContent content = saysSo ? new ByteArrayContent(body) : new PushedContent(body);
        content.Headers.ContentType = new("application/json");

        using HttpResponseMessage response = await door.Socket.PostAsync("/rpc", content);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.True(door.Room.Status.IsMuted);
    }

    [Fact]
    public async Task WhoAsksTooOftenIsToldToWaitAndTheOtherDoorIsAsItWas()
    {
        await using OpenDoor door = await OpenDoor.OpenAsync(settings => settings with { RequestsPerSecond = 10 });

        var seen = new List<HttpStatusCode>();
        for (int i = 0; i < 80; i++)
        {
            using HttpResponseMessage response = await door.Page.GetAsync("/status");
            seen.Add(response.StatusCode);
        }

        Assert.Contains(HttpStatusCode.TooManyRequests, seen);
        Assert.Contains(HttpStatusCode.OK, seen);
        Assert.NotNull((await door.CallAsync("xCommand/Audio/Microphones/Mute"))["result"]);
    }

    [Fact]
    public async Task ThoseWhoLookAndSayNothingDoNotShutThoseInTheRoomOut()
    {
        await using OpenDoor door = await OpenDoor.OpenAsync();
        var silent = new List<Socket>();
        for (int i = 0; i < door.Settings.MostOnlookers + 10; i++)
        {
            var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
            silent.Add(client);
            try
            {
                await client.ConnectAsync(door.Settings.Page!);
            }
            catch (SocketException)
            {
                // One too many, and hung up on before it had noticed that it was connected.
            }
        }

        Assert.NotNull((await door.CallAsync("xCommand/Audio/Microphones/Unmute"))["result"]);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => door.Page.GetStringAsync("/status"));

        silent.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task AMistakeWithOneCallIsAnAnswerAndTheDoorStaysOpen()
    {
        await using OpenDoor door = await OpenDoor.OpenAsync();
        door.Room.Mistake = new InvalidOperationException("secret");

        var reply = await door.CallAsync("xCommand/Audio/Microphones/Unmute");

        Assert.Equal((int)XApi.RpcFault.Mistake, (int)reply["error"]!["code"]!);
        Assert.DoesNotContain("secret", reply.ToJsonString(), StringComparison.Ordinal);
        door.Room.Mistake = null;
        Assert.NotNull((await door.CallAsync("xCommand/Audio/Microphones/Unmute"))["result"]);
    }

    private static Task<LocalServer> StartAsync(LocalSettings settings) => LocalServer.StartAsync(new TestRoom(), () => null, settings, TimeProvider.System, NullLoggerFactory.Instance);

    // In pieces, without saying how much there will be.
    private sealed class PushedContent(byte[] body) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context) => await stream.WriteAsync(body);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
