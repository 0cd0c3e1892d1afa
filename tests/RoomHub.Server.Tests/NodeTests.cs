using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RoomAgent.Crypto;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.MediaNode;
using RoomAgent.Hub.MediaNode.Alone;
using RoomAgent.Hub.Store;
using RoomAgent.Hub.Testing;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Rtp;

namespace RoomAgent.Hub.Tests;

/// <summary>Media nodes that run alone: real processes, killed and revoked, and some that are not what they say.</summary>
public sealed class NodeTests
{
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AMeetingIsOnANodeThatRunsAloneUntilThatIsKilledAndThenElsewhere()
    {
        using var folder = new TemporaryFolder();
        int port = FreePort();
        await using RunningHub hub = await StartAsync(port, own: 0);
        await IssueAsync(hub, "one", folder["one"]);
        await using HubProgram node = StartNode(folder, "one", port);
        NodePool pool = hub.Get<NodePool>();
        await node.UntilAsync(() => pool.Load.MostLegs > 0, "the node is here");

        // The hub's own node takes no legs, so it is the other one that answers.
        LegId anna = NewLeg(), bela = NewLeg();
        var meeting = new ConferenceId(Guid.NewGuid());
        Assert.True(await OfferAsync(pool, anna, meeting));
        Assert.True(await OfferAsync(pool, bela, meeting));
        Assert.Equal(Renewal.Renewed, await pool.RenewAsync(anna));
        Assert.True(await pool.RevokeAsync(bela));
        Assert.Equal(Renewal.Unknown, await pool.RenewAsync(bela));

        await IssueAsync(hub, "two", folder["two"]);
        await using HubProgram other = StartNode(folder, "two", port);
        await other.UntilAsync(() => pool.Load.MostLegs > 4_000, "the other node is here");
        node.Kill();
        await other.UntilAsync(() => pool.Load.MostLegs <= 4_000, "the killed node is gone");

        Assert.Equal(Renewal.Unknown, await pool.RenewAsync(anna));
        Assert.True(await OfferAsync(pool, anna, meeting));
        Assert.Equal(Renewal.Renewed, await pool.RenewAsync(anna));
        Assert.True(await pool.RevokeAsync(anna));
        Assert.Equal(0, await other.EndAsync());
    }

    [Fact]
    public async Task ANodeIsHereAgainWhenTheHubBeginsAnewAndItsLegsLiveOn()
    {
        using var folder = new TemporaryFolder();
        int port = FreePort();
        RunningHub hub = await StartAsync(port, own: 0);
        await IssueAsync(hub, "one", folder["one"]);
        await using HubProgram node = StartNode(folder, "one", port);
        NodePool pool = hub.Get<NodePool>();
        await node.UntilAsync(() => pool.Load.MostLegs > 0, "the node is here");
        var meeting = new ConferenceId(Guid.NewGuid());
        LegId leg = NewLeg();
        Assert.True(await OfferAsync(pool, leg, meeting));

        await using RunningHub again = await hub.RestartAsync();
        NodePool after = again.Get<NodePool>();

        // It waits for the node that has the meeting.
        Assert.True(await OfferAsync(after, leg, meeting));
        await node.UntilAsync(() => after.Load.Legs == 1, "the leg is told");
    }

    [Fact]
    public async Task WhoseCertificateIsRevokedIsCutOffAndNotLetInAgain()
    {
        using var folder = new TemporaryFolder();
        int port = FreePort();
        await using RunningHub hub = await StartAsync(port, own: 0);
        await IssueAsync(hub, "one", folder["one"]);
        await using HubProgram node = StartNode(folder, "one", port);
        NodePool pool = hub.Get<NodePool>();
        await node.UntilAsync(() => pool.Load.MostLegs > 0, "the node is here");

        (int code, string output, string errors) = await HubProgram.RunAsync(["node-revoke", "one", "--data", hub.Settings.Data]);

        Assert.Equal((0, ""), (code, errors));
        Assert.Contains("one", output);
        await node.UntilAsync(() => pool.Load.MostLegs == 0, "it is cut off");
        await node.UntilSaidAsync("403");
        Assert.Equal(0, pool.Load.MostLegs);
    }

    [Fact]
    public async Task OnlyACertificateThatWasMadeForANodeOpensTheDoor()
    {
        using var folder = new TemporaryFolder();
        int port = FreePort();
        await using RunningHub hub = await StartAsync(port, own: 0);
        await IssueAsync(hub, "good", folder["good"]);
        using NodeFiles good = NodeFiles.Read(folder["good"]);

        // Of the same authority, but for a hub; of another authority; expired; replaced by a newer one; none.
        using HubSecret secret = HubSecret.LoadOrCreate(Path.Combine(hub.Settings.Data, "hub-secret"));
        using NodeAuthority authority = await NodeAuthority.OpenAsync(new KeyStore(hub.Get<Database>()), secret, TimeProvider.System, Cancel);
        using X509Certificate2 ofHub = authority.Hub.TargetCertificate;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 ownMade = new CertificateRequest("CN=good", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using X509Certificate2 expired = X509CertificateLoader.LoadCertificate(authority.CertifyNode("good", key, DateTimeOffset.UtcNow.AddDays(-400))).CopyWithPrivateKey(key);
        using X509Certificate2 unknown = X509CertificateLoader.LoadCertificate(authority.CertifyNode("good", key, DateTimeOffset.UtcNow)).CopyWithPrivateKey(key);

        Assert.Equal(HttpStatusCode.UpgradeRequired, await KnockAsync(port, good.Certificate));
        Assert.Null(await KnockAsync(port, ofHub));
        Assert.Null(await KnockAsync(port, ownMade));
        Assert.Null(await KnockAsync(port, expired));
        Assert.Null(await KnockAsync(port, null));
        Assert.Equal(HttpStatusCode.Forbidden, await KnockAsync(port, unknown));
        await IssueAsync(hub, "good", folder["newer"]);
        Assert.Equal(HttpStatusCode.Forbidden, await KnockAsync(port, good.Certificate));

        // And what is at one door is not at the other.
        using NodeFiles newer = NodeFiles.Read(folder["newer"]);
        Assert.Equal(HttpStatusCode.NotFound, await KnockAsync(port, newer.Certificate, "/hub/identity"));
        using HttpResponseMessage answer = await hub.Http.GetAsync("/node", Cancel);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("63")]
    [InlineData("1101")]
    [InlineData("110200002710")]
    [InlineData("110100000000")]
    [InlineData("110100002710 12")]
    [InlineData("110100002710 1200000000000000010000000000000000000000000000000000000000ffffffffffffffff")]
    [InlineData("110100002710 14000000010f")]
    [InlineData("110100002710 13000000")]
    [InlineData("110100002710 010000000100000000000000000000000000000000")]
    public async Task ANodeThatTalksNonsenseIsCutOffAndHarmsNobody(string hex)
    {
        using var folder = new TemporaryFolder();
        int port = FreePort();
        await using RunningHub hub = await StartAsync(port, own: 10);
        await IssueAsync(hub, "odd", folder["odd"]);
        using ClientWebSocket odd = await ConnectAsync(port, folder["odd"]);

        foreach (string message in hex.Split(' '))
            await odd.SendAsync(Convert.FromHexString(message), WebSocketMessageType.Binary, endOfMessage: true, Cancel);

        await AssertCutOffAsync(odd);
        Assert.True(await OfferAsync(hub.Get<NodePool>(), NewLeg(), new ConferenceId(Guid.NewGuid())));
    }

    [Fact]
    public async Task AMessageWithoutEndIsNotAwaited()
    {
        using var folder = new TemporaryFolder();
        int port = FreePort();
        await using RunningHub hub = await StartAsync(port, own: 10);
        await IssueAsync(hub, "odd", folder["odd"]);
        using ClientWebSocket odd = await ConnectAsync(port, folder["odd"]);

        try
        {
            for (int i = 0; i < 100; i++)
                await odd.SendAsync(new byte[10_000], WebSocketMessageType.Binary, endOfMessage: false, Cancel);
        }
        catch (WebSocketException)
        {
            // Cut off on the way.
        }

        await AssertCutOffAsync(odd);
    }

    [Fact]
    public async Task ANodeThatDoesNotAnswerIsGivenUpAndTheOfferGoesElsewhere()
    {
        using var folder = new TemporaryFolder();
        int port = FreePort();
        await using RunningHub hub = await StartAsync(port, own: 10);
        await IssueAsync(hub, "mute", folder["mute"]);
        NodePool pool = hub.Get<NodePool>();
        using ClientWebSocket mute = await ConnectAsync(port, folder["mute"]);
        await mute.SendAsync(NodeMessage.OfHello(TimeSpan.FromSeconds(1)), WebSocketMessageType.Binary, endOfMessage: true, Cancel);
        await mute.SendAsync(NodeMessage.OfLoad(new NodeLoad(0, 1_000_000, 0, [new ShardLoad(0, 0, 0, 0, 0)])), WebSocketMessageType.Binary, endOfMessage: true, Cancel);
        await UntilAsync(() => pool.Load.MostLegs > 1_000_000);

        // Our own node is made the busier one, so that the mute one is asked.
        var own = new ConferenceId(Guid.NewGuid());
        Assert.True((await hub.Get<MediaNode.MediaNode>().OfferAsync(NewLeg(), own, Offer())).Answer is not null);
        await UntilAsync(() => hub.Get<MediaNode.MediaNode>().Load.Legs == 1);

        Assert.True(await OfferAsync(pool, NewLeg(), new ConferenceId(Guid.NewGuid())));
        await UntilAsync(() => pool.Load.MostLegs == 10);
    }

    [Fact]
    public void NoMessageOfAnyLengthIsMoreThanRefused()
    {
        byte[] offer = NodeMessage.OfOffer(7, NewLeg(), new ConferenceId(Guid.NewGuid()), "v=0"u8);
        byte[] load = NodeMessage.OfLoad(new NodeLoad(1, 2, 3, [new ShardLoad(1, 0.5, 4, 5, 6)]));
        byte[] result = NodeMessage.OfResult(NodeMessage.Renewed, 7, 1);

        for (int length = 0; length < offer.Length - 3; length++)
            Assert.False(NodeMessage.TryReadCall(offer.AsMemory(0, length), out _, out _, out _, out _, out _));
        for (int length = 0; length < load.Length; length++)
            Assert.Null(NodeMessage.ReadLoad(load.AsSpan(0, length)));
        for (int length = 0; length < result.Length; length++)
            Assert.False(NodeMessage.TryReadResult(result.AsSpan(0, length), out _, out _, out _, out _));
        NodeLoad read = NodeMessage.ReadLoad(load)!;
        Assert.Equal((1, 2, 3, 0.5), (read.Legs, read.MostLegs, read.Connections, read.Busy));
        Assert.Equal(new ShardLoad(1, 0.5, 4, 5, 6), read.Loops.Single());
    }

    [Fact]
    public async Task OfTwoHubsThatWantAMeetingOneNodeGetsIt()
    {
        using var folder = new TemporaryFolder();
        await using Database database = Database.Sqlite(folder["places.db"]);
        await database.MigrateAsync(DateTimeOffset.UtcNow, Cancel);
        var clock = new SteppingClock();
        var places = new NodePlaces(database, clock);
        var meeting = new ConferenceId(Guid.NewGuid());

        Assert.Equal("one", await places.TakeAsync(meeting, "one", Cancel));
        Assert.Equal("one", await places.TakeAsync(meeting, "two", Cancel));
        Assert.False(await places.RenewAsync(meeting, "two", Cancel));
        Assert.Equal("two", await places.MoveAsync(meeting, "one", "two", Cancel));
        Assert.Equal("two", await places.MoveAsync(meeting, "one", "three", Cancel));
        clock.Step(TimeSpan.FromSeconds(20));
        Assert.True(await places.RenewAsync(meeting, "two", Cancel));
        clock.Step(TimeSpan.FromSeconds(20));
        Assert.Equal("two", await places.TakeAsync(meeting, "one", Cancel));
        clock.Step(TimeSpan.FromSeconds(31));
        Assert.Equal("one", await places.TakeAsync(meeting, "one", Cancel));
    }

    private static Task<RunningHub> StartAsync(int port, int own) => RunningHub.StartAsync(change: settings => settings with
    {
        NodeListen = new IPEndPoint(IPAddress.Loopback, port),
        Media = settings.Media with { MostLegs = own },
    });

    private static async Task IssueAsync(RunningHub hub, string name, string folder)
    {
        (int code, _, string errors) = await HubProgram.RunAsync(["node-credentials", name, folder, "--data", hub.Settings.Data, "--node-listen", "127.0.0.1:5443"]);
        Assert.Equal((0, ""), (code, errors));
    }

    private static HubProgram StartNode(TemporaryFolder folder, string name, int port) => HubProgram.Start(
        ["node", "--hub", $"https://127.0.0.1:{port}", "--credentials", folder[name], "--media-listen", "127.0.0.1", "--media-udp", "0", "--media-tcp", "0"]);

    private static async Task<bool> OfferAsync(NodePool pool, LegId leg, ConferenceId conference)
    {
        OfferResult result = await pool.OfferAsync(leg, conference, Offer()).WaitAsync(s_soon, Cancel);
        if (result.Answer is not { } answer)
            throw new InvalidOperationException(result.Refusal);

        using (answer)
        {
            bool isRead = SessionDescription.TryParse(answer.Bytes, out SessionDescription? read, out _);
            read?.Dispose();
            return isRead;
        }
    }

    private static byte[] Offer()
    {
        MediaDescription voice = MeetingMedia.Medium(isVideo: false, isContent: false, "0", MediaDirection.SendReceive, SFrameMode.PerFrame);
        using var offer = new SessionDescription
        {
            Origin = new SessionOrigin(1, Version: 1),
            Groups = [new MediaGroup(MediaGroup.Bundle, ["0"])],
            Media = [voice with { Crypto = new SuitePolicy().Offer(OpenSslRandom.Instance) }],
        };
        using Secret text = offer.Write();
        return text.Bytes.ToArray();
    }

    private static LegId NewLeg() => new(Guid.NewGuid());

    private static async Task<HttpStatusCode?> KnockAsync(int port, X509Certificate2? certificate, string path = "/node")
    {
        using var handler = new SocketsHttpHandler { UseProxy = false };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, presented, _, _) => presented is not null;
        if (certificate is not null)
            handler.SslOptions.ClientCertificateContext = System.Net.Security.SslStreamCertificateContext.Create(certificate, [], offline: true);
        using var http = new HttpClient(handler);
        try
        {
            using HttpResponseMessage answer = await http.GetAsync($"https://127.0.0.1:{port}{path}", Cancel);
            return answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static async Task<ClientWebSocket> ConnectAsync(int port, string folder)
    {
        using NodeFiles files = NodeFiles.Read(folder);
        using var handler = new SocketsHttpHandler { UseProxy = false };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, presented, _, _) => presented is not null;
        handler.SslOptions.ClientCertificateContext = System.Net.Security.SslStreamCertificateContext.Create(files.Certificate, [], offline: true);
        using var invoker = new HttpMessageInvoker(handler, disposeHandler: false);
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"wss://127.0.0.1:{port}/node"), invoker, Cancel);
        return socket;
    }

    private static async Task AssertCutOffAsync(ClientWebSocket socket)
    {
        byte[] buffer = new byte[1_000];
        try
        {
            ValueWebSocketReceiveResult received = await socket.ReceiveAsync(buffer.AsMemory(), Cancel).AsTask().WaitAsync(s_soon, Cancel);
            Assert.Equal(WebSocketMessageType.Close, received.MessageType);
        }
        catch (WebSocketException)
        {
            // Without a goodbye.
        }
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        using var limit = new CancellationTokenSource(s_soon);
        while (!isSo())
            await Task.Delay(20, limit.Token);
    }

    private static int FreePort()
    {
        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
