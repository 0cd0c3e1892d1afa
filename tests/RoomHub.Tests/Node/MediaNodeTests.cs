using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using RoomAgent.Hub.MediaNode;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Net;
using RoomAgent.Rtp;
using RoomAgent.Testing;

namespace RoomHub.Tests.Node;

/// <summary>The node with real sockets: every transport, one SRTP state over all of them, and an end that leaves nothing behind.</summary>
[Trait("Category", "Peer")]
public sealed class MediaNodeTests
{
    private static readonly IPAddress s_address = IPAddress.Parse("127.0.0.41");
    private static readonly ConferenceId s_meeting = new(new Guid(9, 0, 0, new byte[8]));
    private static readonly NodeSettings s_settings = new() { Listen = [s_address], UdpPorts = [0, 0], TcpPort = 0, Loops = 2, Lease = TimeSpan.FromMinutes(1) };
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(30);
    private static readonly X509Certificate2 s_certificate = Certificate();
    private static readonly TransportSettings s_transport = new() { TrustAnchors = [s_certificate] };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TwoRoomsHearEachOtherOverUdpOnBothPorts()
    {
        await using MediaNode node = Start();
        MediaNodeAddress address = AddressOf(node);
        for (int meeting = 0; meeting < 4; meeting++)
        {
            // Four meetings, so that both loops have some.
            var conference = new ConferenceId(new Guid(meeting, 0, 0, new byte[8]));
            await using Guest anna = await Guest.JoinAsync(node, 2 * meeting, conference);
            await using Guest bela = await Guest.JoinAsync(node, (2 * meeting) + 1, conference);
            await anna.UseAsync(address, TransportKind.Udp, s_transport);
            await bela.UseAsync(address, TransportKind.UdpAlternative, s_transport);
            bela.Speak();

            Assert.True(await bela.HearsAsync(anna));
            Assert.True(await anna.HearsAsync(bela));
        }
    }

    [Fact]
    public async Task ARoomMovesFromUdpToTcpAndBackWithTheSameKeys()
    {
        await using MediaNode node = Start();
        MediaNodeAddress address = AddressOf(node);
        await using Guest anna = await Guest.JoinAsync(node, 1, s_meeting);
        await using Guest bela = await Guest.JoinAsync(node, 2, s_meeting);
        await bela.UseAsync(address, TransportKind.Udp, s_transport);
        bela.Speak();

        foreach (TransportKind kind in (TransportKind[])[TransportKind.Udp, TransportKind.Tcp, TransportKind.Udp])
        {
            IMediaTransport? before = await anna.UseAsync(address, kind, s_transport);
            Assert.True(await bela.HearsAsync(anna), $"{kind}");
            Assert.True(await anna.HearsAsync(bela), $"{kind}");
            if (before is not null)
                await before.DisposeAsync();
        }
    }

    [Fact]
    public async Task ARoomBehindAProxyTakesTheWebSocket()
    {
        await using MediaNode node = Start();
        await using WebApplication hub = await StartHubAsync(node);
        MediaNodeAddress address = AddressOf(node) with { WebSocket = new Uri(hub.Urls.Single().Replace("https", "wss", StringComparison.Ordinal) + "/media") };
        await using Guest anna = await Guest.JoinAsync(node, 1, s_meeting);
        await using Guest bela = await Guest.JoinAsync(node, 2, s_meeting);
        await anna.UseAsync(address, TransportKind.Tls, s_transport);
        await bela.UseAsync(address, TransportKind.Udp, s_transport);
        bela.Speak();

        Assert.True(await bela.HearsAsync(anna));
        Assert.True(await anna.HearsAsync(bela));
        Assert.Equal(1, node.Load.Connections);

        Assert.True(await node.RevokeAsync(anna.Id));
        Assert.NotEqual(CloseReason.ByOwner, await anna.Closed.WaitAsync(s_soon, Cancel));
    }

    [Fact]
    public async Task WhoIsRevokedLosesItsConnectionAndHearsNothingMore()
    {
        const int Late = 77;
        await using MediaNode node = Start();
        MediaNodeAddress address = AddressOf(node);
        await using Guest anna = await Guest.JoinAsync(node, 1, s_meeting);
        await using Guest bela = await Guest.JoinAsync(node, 2, s_meeting);
        await anna.UseAsync(address, TransportKind.Tcp, s_transport);
        await bela.UseAsync(address, TransportKind.Udp, s_transport);
        bela.Speak();
        Assert.True(await bela.HearsAsync(anna));

        Assert.True(await node.RevokeAsync(anna.Id));

        Assert.NotEqual(CloseReason.ByOwner, await anna.Closed.WaitAsync(s_soon, Cancel));
        await anna.UseAsync(address, TransportKind.Udp, s_transport);
        for (int i = 0; i < 5; i++)
        {
            anna.Speak(Late);
            bela.Speak(Late);
        }

        // What was on its way when it was revoked may still come; what was sent after that may not.
        await Task.Delay(50, Cancel);
        Assert.False(bela.HasGot(Late));
        Assert.False(anna.HasGot(Late));
        Assert.False(await node.RevokeAsync(anna.Id));
        Assert.Equal(Renewal.Unknown, await node.RenewAsync(anna.Id));
        Assert.Equal(Renewal.Renewed, await node.RenewAsync(bela.Id));
    }

    [Fact]
    public async Task ARoomThatDoesNotReadHoldsNobodyBack()
    {
        await using MediaNode node = Start();
        MediaNodeAddress address = AddressOf(node);
        await using Guest anna = await Guest.JoinAsync(node, 1, s_meeting);
        await using Guest bela = await Guest.JoinAsync(node, 2, s_meeting);
        await using Guest slow = await Guest.JoinAsync(node, 3, s_meeting);
        await anna.UseAsync(address, TransportKind.Udp, s_transport);
        await bela.UseAsync(address, TransportKind.Udp, s_transport);
        bela.Speak();

        // A connection whose other end reads nothing: its first packet admits it, and then its queues fill.
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4_096 };
        await socket.ConnectAsync(node.Tcp.Single(), Cancel);
        socket.Send(slow.Frame());
        for (int i = 0; i < 2_000; i++)
        {
            anna.Speak(1_100);
            if (i % 100 == 0)
                await Task.Delay(5, Cancel);
        }

        Assert.True(await bela.HearsAsync(anna));
        Assert.True(await anna.HearsAsync(bela));
        Assert.True(await node.RevokeAsync(slow.Id).WaitAsync(s_soon, Cancel));
    }

    [Fact]
    public async Task EveryRefusalSaysWhy()
    {
        await using MediaNode node = Start(s_settings with { MostLegs = 1 });
        using var offered = Guest.Offer();
        using var offer = offered.WriteOffer();
        string good = System.Text.Encoding.UTF8.GetString(offer.Bytes);
        using var weak = Guest.Offer(new SuitePolicy(AllowAesCm: true));
        using var weakOffer = weak.WriteOffer();
        string onlyAesCm = string.Join("\r\n", System.Text.Encoding.UTF8.GetString(weakOffer.Bytes).Split("\r\n").Where(line => !line.Contains("AEAD", StringComparison.Ordinal)));

        string keys = string.Concat(good.Split("\r\n").Where(line => line.StartsWith("a=crypto", StringComparison.Ordinal)).Select(line => line + "\r\n"));
        string unbundled = string.Join("m=", WithoutLines(good, "a=group", "a=crypto").Split("m=").Select((part, i) => i == 0 ? part : part + keys));

        Assert.Equal("The offer is no bundle of a meeting's media with the numbers that all meetings use.", await RefusalOf(good.Replace("111", "112", StringComparison.Ordinal)));
        Assert.Equal("The offer is no bundle of a meeting's media with the numbers that all meetings use.", await RefusalOf(unbundled));
        Assert.Equal("The offer is no bundle of a meeting's media with the numbers that all meetings use.", await RefusalOf(WithoutLines(good, "a=content")));
        Assert.Contains("NoCommonSuite", await RefusalOf(WithoutLines(good, "a=crypto")), StringComparison.Ordinal);
        Assert.Contains("NoCommonSuite", await RefusalOf(onlyAesCm), StringComparison.Ordinal);
        Assert.Contains("NoCommonSFrame", await RefusalOf(WithoutLines(good, "a=sframe")), StringComparison.Ordinal);
        foreach (string garbage in (string[])["", "v=0", "hello\r\n", new string('v', 100_000), good[..(good.Length / 2)]])
            Assert.NotEmpty(await RefusalOf(garbage));

        await using Guest anna = await Guest.JoinAsync(node, 1, s_meeting);
        Assert.Equal("This node has its 1 legs: ask another one.", await RefusalOf(good));
        await using Guest again = await Guest.JoinAsync(node, 1, s_meeting);

        async Task<string> RefusalOf(string text)
        {
            OfferResult result = await node.OfferAsync(Guest.Name(77), s_meeting, System.Text.Encoding.UTF8.GetBytes(text));
            Assert.Null(result.Answer);
            return result.Refusal!;
        }
    }

    [Fact]
    public async Task AesCmIsTakenWhenTheSwitchIsOn()
    {
        await using MediaNode node = Start(s_settings with { AllowAesCm = true });
        using var weak = Guest.Offer(new SuitePolicy(AllowAesCm: true));
        using var offer = weak.WriteOffer();
        string onlyAesCm = WithoutLines(System.Text.Encoding.UTF8.GetString(offer.Bytes), "a=crypto:1", "a=crypto:2");

        OfferResult result = await node.OfferAsync(Guest.Name(1), s_meeting, System.Text.Encoding.UTF8.GetBytes(onlyAesCm));

        Assert.Null(result.Refusal);
        result.Answer!.Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(int.MaxValue)]
    public async Task AnOfferOfHoweverFewBitsIsAnswered(int bitRate)
    {
        await using MediaNode node = Start();
        using var offered = Guest.Offer();
        using var offer = offered.WriteOffer();
        string[] lines = System.Text.Encoding.UTF8.GetString(offer.Bytes).Split("\r\n");
        string narrow = string.Join("\r\n", lines.SelectMany(line => line.StartsWith("m=", StringComparison.Ordinal) ? [line, "c=IN IP4 0.0.0.0", $"b=TIAS:{bitRate}"] : line.StartsWith("c=", StringComparison.Ordinal) ? (string[])[] : [line]));

        OfferResult result = await node.OfferAsync(Guest.Name(1), s_meeting, System.Text.Encoding.UTF8.GetBytes(narrow));

        Assert.True(result.Refusal is null || bitRate == 0, result.Refusal);
        result.Answer?.Dispose();
        await using Guest after = await Guest.JoinAsync(node, 2, s_meeting);
    }

    [Fact]
    public async Task LegsThatNobodyRenewsGiveTheirPlacesBack()
    {
        await using MediaNode node = Start(s_settings with { MostLegs = 1, Lease = TimeSpan.FromMilliseconds(200) });
        await using Guest anna = await Guest.JoinAsync(node, 1, s_meeting);
        using var offered = Guest.Offer();
        using var offer = offered.WriteOffer();
        byte[] text = offer.Bytes.ToArray();

        OfferResult result;
        do
        {
            await Task.Delay(50, Cancel);
            result = await node.OfferAsync(Guest.Name(2), s_meeting, text);
        }
        while (result.Answer is null);
        result.Answer.Dispose();
    }

    [Fact]
    public async Task ALegThatGoesToAnotherMeetingLeavesTheFirst()
    {
        await using MediaNode node = Start();
        MediaNodeAddress address = AddressOf(node);
        await using Guest bela = await Guest.JoinAsync(node, 2, s_meeting);
        await bela.UseAsync(address, TransportKind.Udp, s_transport);
        await using Guest old = await Guest.JoinAsync(node, 1, s_meeting);
        await old.UseAsync(address, TransportKind.Udp, s_transport);
        bela.Speak();
        Assert.True(await bela.HearsAsync(old));

        await using Guest anna = await Guest.JoinAsync(node, 1, new ConferenceId(new Guid(10, 0, 0, new byte[8])));

        Assert.False(await bela.HearsAsync(old, tries: 5));
        Assert.True(await node.RevokeAsync(anna.Id));
        Assert.False(await node.RevokeAsync(anna.Id));
    }

    [Fact]
    public async Task ItsLoadIsReported()
    {
        await using MediaNode node = Start();
        await using Guest anna = await Guest.JoinAsync(node, 1, s_meeting);
        await using Guest bela = await Guest.JoinAsync(node, 2, s_meeting);
        await anna.UseAsync(AddressOf(node), TransportKind.Tcp, s_transport);
        await bela.UseAsync(AddressOf(node), TransportKind.Udp, s_transport);
        bela.Speak();
        Assert.True(await bela.HearsAsync(anna));

        NodeLoad load;
        do
        {
            await Task.Delay(50, Cancel);
            load = node.Load;
        }
        while (load.Legs < 2 || load.Loops.Sum(loop => loop.Forwarded) == 0);

        Assert.Equal(4_000, load.MostLegs);
        Assert.Equal(1, load.Connections);
        Assert.Equal(2, load.Loops.Count);
        Assert.True(load.Loops.Sum(loop => loop.Received) >= 2);
        Assert.InRange(load.Busy, 0, 1);
    }

    [Fact]
    public async Task EveryPortIsFreeAgainWhenItHasEnded()
    {
        MediaNode node = Start();
        IPEndPoint[] udp = [.. node.Udp];
        IPEndPoint[] tcp = [.. node.Tcp];
        await using Guest anna = await Guest.JoinAsync(node, 1, s_meeting);
        await anna.UseAsync(AddressOf(node), TransportKind.Tcp, s_transport);
        anna.Speak();
        Task<Renewal>[] renewals = [.. Enumerable.Range(0, 100).Select(_ => node.RenewAsync(anna.Id))];

        await node.DisposeAsync().AsTask().WaitAsync(s_soon, Cancel);
        await node.DisposeAsync().AsTask().WaitAsync(s_soon, Cancel);

        foreach (Task<Renewal> renewal in renewals)
            Assert.Equal(Renewal.Renewed, await renewal.WaitAsync(s_soon, Cancel));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => node.RenewAsync(anna.Id).WaitAsync(s_soon, Cancel));
        await anna.Closed.WaitAsync(s_soon, Cancel);
        foreach (IPEndPoint endPoint in udp)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(s_address, endPoint.Port));
        }

        foreach (IPEndPoint endPoint in tcp)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(endPoint);
            socket.Listen();
        }
    }

    [Fact]
    public async Task ANodeThatFindsAPortTakenLeavesTheOthersFree()
    {
        await using MediaNode node = Start();
        int taken = node.Tcp.Single().Port;

        Assert.ThrowsAny<SocketException>(() => Start(s_settings with { Listen = [IPAddress.Parse("127.0.0.42"), s_address], UdpPorts = [node.Udp[0].Port + 1], TcpPort = taken }));

        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.42"), taken));
        socket.Listen();
    }

    private static MediaNode Start(NodeSettings? settings = null) => MediaNode.Start(settings ?? s_settings, OpenSslCrypto.Instance, new SeededRandom(5), TimeProvider.System);

    private static MediaNodeAddress AddressOf(MediaNode node) =>
        new(s_address.ToString(), WebSocket: null, node.Udp[0].Port, node.Udp[^1].Port, node.Tcp.SingleOrDefault()?.Port ?? 0);

    private static string WithoutLines(string text, params string[] starts) =>
        string.Join("\r\n", text.Split("\r\n").Where(line => !starts.Any(start => line.StartsWith(start, StringComparison.Ordinal))));

    private static async Task<WebApplication> StartHubAsync(MediaNode node)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(s_address, 0, listen => listen.UseHttps(s_certificate)));
        WebApplication hub = builder.Build();
        hub.UseWebSockets();
        hub.MapMedia("/media", node.Connections);
        await hub.StartAsync();
        return hub;
    }

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=hub", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(s_address);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}
